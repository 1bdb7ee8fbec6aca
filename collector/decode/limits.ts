/** Limits of every edge. A body above the first is refused, above the second its connection is closed. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;
export const MAX_PACKET_PAYLOAD_BYTES = 8 * 1024 * 1024;

/** Nested objects and arrays, the message's own included. */
export const MAX_DEPTH = 32;
export const MAX_ROWS = 10_000;
export const MAX_SAMPLES = 1000;
export const MAX_LABELS = 64;
export const MAX_KEY_CHARACTERS = 200;
export const MAX_LABEL_CHARACTERS = 4096;
export const MAX_DEVICE_CHARACTERS = 200;

/**
 * How an adapter tells what a person running it should know: an event name and fields, never secrets. `info` is news (a table was made, partitions
 * were assigned), anything else trouble. The composition root gives it to the log.
 */
export type Tell = (event: string, fields?: Readonly<Record<string, unknown>>, level?: "info" | "warn") => void;

/** An MQTT PUBLISH whose payload is beyond what is read. */
export interface OversizePublish {
  readonly topic: string;
  readonly qos: number;
  /** 0 for QoS 0. */
  readonly packetId: number;
  readonly payloadBytes: number;
}

export type ScanStep =
  /** Hand these bytes on. */
  | { readonly kind: "pass"; readonly bytes: Uint8Array }
  /** A large packet begins; its bytes follow once there is room for so many. */
  | { readonly kind: "large"; readonly bytes: number }
  | { readonly kind: "oversize"; readonly publish: OversizePublish }
  /** Not MQTT, or a packet that no client needs to send. */
  | { readonly kind: "broken"; readonly detail: string };

const PUBLISH = 3;
const MAX_LENGTH_BYTES = 4;
/** A will may be 64 KiB; all else is shorter. */
const MAX_CONTROL_BYTES = 256 * 1024;
/** Remaining length from which on a publish counts as large. */
export const LARGE_BYTES = 64 * 1024;

/**
 * Follows the packets of one direction of a connection by their fixed headers alone, so that a payload of any size is known before it
 * is read. The head of a publish that may be too large is held back until its topic is complete; once refused, the rest is skipped.
 */
export class PacketScanner {
  readonly #maxPayloadBytes: number;
  /** The start of a packet that was cut before it could be judged. */
  #head: Buffer = Buffer.alloc(0);
  /** Bytes of the packet in hand that are still to come. */
  #left = 0;
  #skipping = false;

  constructor(maxPayloadBytes: number) {
    this.#maxPayloadBytes = maxPayloadBytes;
  }

  /** What to do with a chunk, step by step; the steps' bytes, in order, are the stream without what was skipped. */
  *scan(chunk: Buffer): Generator<ScanStep> {
    const bytes = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
    this.#head = Buffer.alloc(0);
    // Packets that need no judging are handed on together: everything from `from` to `at`.
    let from = 0;
    let at = this.#advance(bytes, 0);
    if (this.#skipping) from = at;
    while (at < bytes.length) {
      const packet = this.#judge(bytes, at);
      if (packet === "cut") break;
      if (packet.step !== undefined) {
        if (at > from) yield { kind: "pass", bytes: bytes.subarray(from, at) };
        from = at;
        yield packet.step;
        if (packet.step.kind === "broken") return;
      }
      this.#left = packet.bytes;
      this.#skipping = packet.step?.kind === "oversize";
      at = this.#advance(bytes, at);
      if (this.#skipping) from = at;
    }
    if (at > from) yield { kind: "pass", bytes: bytes.subarray(from, at) };
    this.#head = bytes.subarray(at);
  }

  #advance(bytes: Buffer, at: number): number {
    const taken = Math.min(bytes.length - at, this.#left);
    this.#left -= taken;
    return at + taken;
  }

  #judge(bytes: Buffer, at: number): "cut" | { readonly bytes: number; readonly step?: ScanStep } {
    const fixed = fixedHeader(bytes, at);
    if (fixed === undefined) return "cut";
    if (fixed === "broken") return { bytes: 0, step: { kind: "broken", detail: "the length of a packet is not valid" } };
    const { start, length } = fixed;
    const whole = start - at + length;
    const type = (bytes[at] ?? 0) >> 4;
    if (type !== PUBLISH && length > MAX_CONTROL_BYTES) return { bytes: 0, step: { kind: "broken", detail: `a packet of type ${type} and ${length} bytes` } };
    if (type === PUBLISH && length > this.#maxPayloadBytes) {
      const publish = oversizeOf(bytes, { at, start, length });
      if (publish === undefined) return "cut";
      if (publish.payloadBytes > this.#maxPayloadBytes) return { bytes: whole, step: { kind: "oversize", publish } };
    }
    return type === PUBLISH && length > LARGE_BYTES ? { bytes: whole, step: { kind: "large", bytes: whole } } : { bytes: whole };
  }
}

/** Where a packet's body starts and how long it is. */
function fixedHeader(bytes: Buffer, at: number): { readonly start: number; readonly length: number } | "broken" | undefined {
  let length = 0;
  for (let digit = 0; digit < MAX_LENGTH_BYTES; digit++) {
    const byte = bytes[at + 1 + digit];
    if (byte === undefined) return undefined;
    length += (byte & 127) * 128 ** digit;
    if (byte < 128) return { start: at + 2 + digit, length };
  }
  return "broken";
}

function oversizeOf(bytes: Buffer, { at, start, length }: { readonly at: number; readonly start: number; readonly length: number }): OversizePublish | undefined {
  if (bytes.length < start + 2) return undefined;
  const qos = ((bytes[at] ?? 0) >> 1) & 3;
  const idAt = start + 2 + bytes.readUInt16BE(start);
  const bodyAt = qos === 0 ? idAt : idAt + 2;
  if (bytes.length < bodyAt) return undefined;
  return { topic: bytes.toString("utf8", start + 2, idAt), qos, packetId: qos === 0 ? 0 : bytes.readUInt16BE(idAt), payloadBytes: length - (bodyAt - start) };
}

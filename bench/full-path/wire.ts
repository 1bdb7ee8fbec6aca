/* The little of MQTT 3.1.1 that a publisher needs, so that the load costs its cores as little as can be. */

const PUBLISH_QOS_1 = 0x32;
const PUBACK = 0x40;
const PUBACK_BYTES = 4;

/** CONNECT with a clean session and no keep-alive. */
export function connectPacket(clientId: string): Buffer {
  const id = Buffer.from(clientId);
  const rest = Buffer.concat([Buffer.from([0, 4]), Buffer.from("MQTT"), Buffer.from([4, 2, 0, 0, id.length >> 8, id.length & 255]), id]);
  return Buffer.concat([Buffer.from([0x10]), lengthBytes(rest.length), rest]);
}

/** Everything of a device's PUBLISH but its length, packet id and payload. */
export function topicBytes(topic: string): Buffer {
  const text = Buffer.from(topic);
  return Buffer.concat([Buffer.from([text.length >> 8, text.length & 255]), text]);
}

/** Writes a PUBLISH of QoS 1 into `into` at `at`; gives where it ends. The payload is ASCII. */
export function writePublish(into: Buffer, at: number, { topic, packetId, payload }: { readonly topic: Buffer; readonly packetId: number; readonly payload: string }): number {
  let left = topic.length + 2 + payload.length;
  into[at++] = PUBLISH_QOS_1;
  do {
    const digit = left & 127;
    left >>= 7;
    into[at++] = left > 0 ? digit | 128 : digit;
  } while (left > 0);
  topic.copy(into, at);
  at += topic.length;
  into[at++] = packetId >> 8;
  into[at++] = packetId & 255;
  return at + into.write(payload, at, "latin1");
}

/** Reads the packet ids of a stream that holds nothing but a CONNACK and PUBACKs, in whatever pieces it comes. */
export class AckReader {
  #rest: Buffer = Buffer.alloc(0);

  /** Calls `acknowledged` with each packet id; throws at any other packet. */
  read(chunk: Buffer, acknowledged: (packetId: number) => void): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    for (; at + PUBACK_BYTES <= bytes.length; at += PUBACK_BYTES) {
      const kind = bytes[at];
      if (bytes[at + 1] !== 2 || (kind !== PUBACK && kind !== 0x20)) throw new Error(`the broker sent 0x${kind?.toString(16) ?? ""}, which is no acknowledgement`);
      if (kind === PUBACK) acknowledged(bytes.readUInt16BE(at + 2));
      else if (bytes[at + 3] !== 0) throw new Error(`the broker refused the connection: ${bytes[at + 3]}`);
    }
    this.#rest = bytes.subarray(at);
  }
}

function lengthBytes(length: number): Buffer {
  const bytes: number[] = [];
  do {
    const digit = length & 127;
    length >>= 7;
    bytes.push(length > 0 ? digit | 128 : digit);
  } while (length > 0);
  return Buffer.from(bytes);
}

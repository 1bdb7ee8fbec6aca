/** A place in every partition of a topic: the offset to read next in each. Opaque to clients. */
export type LivePosition = readonly number[];

const VERSION = 1;
const MAX_PARTITIONS = 1024;
const MAX_TEXT = 8 * MAX_PARTITIONS;

/** base64url of a version, the number of partitions and each offset, as variable-length integers of seven bits a byte. */
export function writePosition(position: LivePosition): string {
  const bytes: number[] = [VERSION];
  for (const number of [position.length, ...position]) {
    let rest = number;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
    bytes.push(rest);
  }
  return Buffer.from(bytes).toString("base64url");
}

/** Undefined for what `writePosition` did not write. */
export function readPosition(text: string): LivePosition | undefined {
  if (text.length > MAX_TEXT || !/^[\w-]+$/.test(text)) return undefined;
  const bytes = Buffer.from(text, "base64url");
  if (bytes[0] !== VERSION) return undefined;
  const numbers: number[] = [];
  let number = 0;
  let scale = 1;
  for (const byte of bytes.subarray(1)) {
    number += (byte & 0x7f) * scale;
    scale *= 0x80;
    if (!Number.isSafeInteger(number)) return undefined;
    if (byte >= 0x80) continue;
    numbers.push(number);
    number = 0;
    scale = 1;
  }
  const [count, ...offsets] = numbers;
  return scale === 1 && count === offsets.length && count <= MAX_PARTITIONS ? offsets : undefined;
}

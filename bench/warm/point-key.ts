import { createHash } from "node:crypto";

const known = new Map<string, Buffer>();

/** Sixteen bytes for a point, made once. */
export function pointKey(client: string, point: string): Buffer {
  const text = `${client}\0${point}`;
  let key = known.get(text);
  if (key === undefined) known.set(text, (key = createHash("sha256").update(text).digest().subarray(0, 16)));
  return key;
}

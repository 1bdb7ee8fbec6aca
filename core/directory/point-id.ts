import { createHash } from "node:crypto";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const ID_CHARACTERS = 20;

/** Opaque, URL-safe, the same for the same (client, device, channel) for ever: a replay gives the same points. 100 bits. */
export function pointIdOf(client: string, device: string, channel = ""): string {
  const hash = createHash("sha256").update(JSON.stringify([client, device, channel])).digest();
  let id = "";
  for (let index = 0; index < ID_CHARACTERS; index++) {
    const bit = index * 5;
    const byte = bit >> 3;
    const pair = ((hash[byte] ?? 0) << 8) | (hash[byte + 1] ?? 0);
    id += ALPHABET[(pair >> (11 - (bit & 7))) & 31];
  }
  return id;
}

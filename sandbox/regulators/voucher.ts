import { createHash } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** 32 letters of both cases and digits, which follow from a text alone. */
export function voucherOf(text: string): string {
  return [...createHash("sha256").update(text).digest()].map((byte) => ALPHABET[byte % ALPHABET.length]).join("");
}

import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

const PREFIX = "cdl_";
const SECRET_BYTES = 32;
const tokenForm = /^cdl_[A-Za-z0-9_-]{43}$/;

/** A new token, shown to a person once, and what is stored of it. */
export function createToken(): { readonly token: string; readonly hash: string } {
  const token = PREFIX + randomBytes(SECRET_BYTES).toString("base64url");
  return { token, hash: hashToken(token) };
}

/** SHA-256 of the token in lower-case hex. Tokens hold 256 random bits, so no salt and no slow hash is needed. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** True for text of a token's form; says nothing of whether it is valid. */
export function isTokenText(value: string): boolean {
  return tokenForm.test(value);
}

/** Compares two hashes in a time that does not depend on where they differ. */
export function sameHash(a: string, b: string): boolean {
  const left = Buffer.from(a, "utf8");
  const right = Buffer.from(b, "utf8");
  return left.length === right.length && timingSafeEqual(left, right);
}

import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { SecretsKey } from "./secrets-key.ts";

/** A text under AES-256-GCM; all parts in base64. */
export interface SealedText {
  readonly keyId: string;
  readonly nonce: string;
  readonly tag: string;
  readonly text: string;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** `about` says what the text belongs to: it opens for nothing else. */
export function seal(text: string, about: readonly string[], { id, key }: SecretsKey): SealedText {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(boundTo(about, id));
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return { keyId: id, nonce: nonce.toString("base64"), tag: cipher.getAuthTag().toString("base64"), text: sealed.toString("base64") };
}

/** Undefined when it was changed, or is about something else, or the key is another. */
export function unseal({ nonce, tag, text }: SealedText, about: readonly string[], { id, key }: SecretsKey): string | undefined {
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"), { authTagLength: TAG_BYTES });
    decipher.setAAD(boundTo(about, id));
    decipher.setAuthTag(Buffer.from(tag, "base64"));
    return Buffer.concat([decipher.update(Buffer.from(text, "base64")), decipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}

function boundTo(about: readonly string[], keyId: string): Buffer {
  return Buffer.from(JSON.stringify(["caudal-sealed-1", keyId, ...about]));
}

import { createHash, randomBytes, randomUUID } from "node:crypto";
import { link, mkdir, open, readFile, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { CaudalError } from "@caudal/core";

const SECRETS_KEY_BYTES = 32;

/** A key that secrets at rest are sealed under, and the name that stands beside what it sealed. */
export interface SecretsKey {
  /** Begins the key's SHA-256: tells keys apart, and tells nothing of them. */
  readonly id: string;
  readonly key: Uint8Array;
}

/** Of 32 bytes. Throws RangeError for any other length. */
export function secretsKey(key: Uint8Array): SecretsKey {
  if (key.length !== SECRETS_KEY_BYTES) throw new RangeError(`a key has ${SECRETS_KEY_BYTES} bytes`);
  return { id: createHash("sha256").update("caudal secrets key").update(key).digest("hex").slice(0, 16), key };
}

/** 32 bytes written as base64, with or without its padding or as base64url; undefined for anything else. */
export function readSecretsKey(written: string): Uint8Array | undefined {
  const text = written.trim();
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return undefined;
  return new Uint8Array(Buffer.from(text, "base64"));
}

/**
 * The key that was given, else that of the file, which is made with mode 0600 when there is none. Whoever makes it at the same time ends with the same key. A
 * backup does not hold the file: it is kept apart, or passwords are set anew. Fails with "setting" when the file holds something else or cannot be read.
 */
export async function openSecretsKey({ given, file }: { readonly given: Uint8Array | undefined; readonly file: string }): Promise<SecretsKey> {
  if (given !== undefined) return secretsKey(given);
  const found = await readKeyFile(file);
  if (found !== undefined) return found;
  await makeKeyFile(file);
  const made = await readKeyFile(file);
  if (made === undefined) throw new CaudalError("setting", `${file} was removed while it was made; set CAUDAL_SECRETS_KEY or start again`);
  return made;
}

async function readKeyFile(file: string): Promise<SecretsKey | undefined> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown reason";
    if (code === "ENOENT") return undefined;
    throw new CaudalError("setting", `${file} cannot be read (${code}); it holds the key of stored passwords`, { cause });
  });
  if (text === undefined) return undefined;
  const key = readSecretsKey(text);
  if (key === undefined) throw new CaudalError("setting", `${file} holds no key of ${SECRETS_KEY_BYTES} bytes in base64; put the key back, or remove the file and set every password anew`);
  return secretsKey(key);
}

/** Whole before it has its name, so that nobody reads half of it; a name that is there already stays. */
async function makeKeyFile(file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const half = `${file}.${randomUUID()}`;
  const handle = await open(half, "wx", 0o600);
  try {
    await handle.writeFile(`${randomBytes(SECRETS_KEY_BYTES).toString("base64")}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(half, file);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    await unlink(half);
  }
  const folder = await open(dirname(file), "r");
  await folder.sync().finally(() => folder.close());
}

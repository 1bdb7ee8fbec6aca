import { createPrivateKey, generateKeyPairSync, randomUUID } from "node:crypto";
import { link, mkdir, open, readFile, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { CaudalError } from "@caudal/core";

/**
 * The key that signs daily roots, as PKCS 8 in PEM. Where the file is missing one is made and kept there, readable by its owner alone; of two processes that make one at once both get the
 * same. CaudalError "setting" for a file that holds no Ed25519 key.
 */
export async function keptRootKey(path: string): Promise<string> {
  return checked(path, (await readIfThere(path)) ?? (await made(path)));
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (hasErrno(error, "ENOENT")) return undefined;
    throw new CaudalError("setting", `the key ${path} cannot be read`, { cause: error });
  }
}

async function made(path: string): Promise<string> {
  const pem = generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const unfinished = `${path}.${randomUUID()}`;
  const file = await open(unfinished, "wx", 0o600);
  try {
    await file.writeFile(pem);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    // A link takes no name that is taken, and shows no half of a file.
    await link(unfinished, path);
  } catch (error) {
    if (!hasErrno(error, "EEXIST")) throw error;
  } finally {
    await unlink(unfinished);
  }
  const names = await open(folder, "r");
  try {
    await names.sync();
  } finally {
    await names.close();
  }
  return readFile(path, "utf8");
}

function checked(path: string, pem: string): string {
  let type: string | undefined;
  try {
    type = createPrivateKey(pem).asymmetricKeyType;
  } catch (error) {
    throw new CaudalError("setting", `${path} holds no private key in PEM`, { cause: error });
  }
  if (type !== "ed25519") throw new CaudalError("setting", `${path} holds a key of ${type}, not of Ed25519`);
  return pem;
}

function hasErrno(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

import { createHash } from "node:crypto";

const MAX_BYTES = 150;

/** Gives each document of a tree a name of its own, also where letters' case does not count. Asked in the same order it gives the same names. */
export function createFileNames(): (client: string, device: string | undefined) => string {
  const taken = new Set<string>();
  return (client, device) => {
    const plain = device === undefined ? "client" : escaped(device);
    const isLong = Buffer.byteLength(plain) > MAX_BYTES;
    const begin = `${client}/${isLong ? begun(plain) : plain}`;
    const isTaken = taken.has(`${begin}.yaml`.toLowerCase()) || (device !== undefined && plain.toLowerCase() === "client");
    const path = isLong || isTaken ? `${begin}~${createHash("sha256").update(device ?? "").digest("hex").slice(0, 8)}.yaml` : `${begin}.yaml`;
    taken.add(path.toLowerCase());
    return path;
  };
}

/** Letters, digits, dots inside, dashes and underscores stay; all else as its bytes in UTF-8, so that two names never become one. */
function escaped(name: string): string {
  const text = [...name].map((letter) => (/[\p{L}\p{N}._-]/u.test(letter) ? letter : bytesOf(letter))).join("");
  return text.startsWith(".") ? `%2E${text.slice(1)}` : text;
}

/** As much of a name as a file's name has room for. */
function begun(name: string): string {
  let bytes = 0;
  return [...name].filter((letter) => (bytes += Buffer.byteLength(letter)) <= MAX_BYTES).join("");
}

function bytesOf(letter: string): string {
  return [...Buffer.from(letter, "utf8")].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
}

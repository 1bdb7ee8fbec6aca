import { createHash } from "node:crypto";

/** JSON as RFC 8785 writes it. Throws a TypeError for what JSON cannot hold, half surrogate pairs among it. */
export function canonical(value: unknown): string {
  if (value === null || value === true || value === false) return String(value);
  if (typeof value === "number") return numberText(value);
  if (typeof value === "string") return stringText(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item)).join(",")}]`;
  if (typeof value !== "object") throw new TypeError(`no JSON: ${typeof value}`);
  const members = Object.entries(value);
  // By UTF-16 code units, which is how JavaScript compares texts.
  members.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${members.map(([name, member]) => `${stringText(name)}:${canonical(member)}`).join(",")}}`;
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError("no JSON: a number that is not finite");
  // ECMAScript's own text of a number is what RFC 8785 asks for; -0 is written 0.
  return value === 0 ? "0" : `${value}`;
}

const short: Readonly<Record<string, string>> = { "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\" };

function stringText(text: string): string {
  let written = '"';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xd800 && code <= 0xdfff) throw new TypeError("no JSON: half a surrogate pair");
    written += short[character] ?? (code < 0x20 ? `\\u${code.toString(16).padStart(4, "0")}` : character);
  }
  return `${written}"`;
}

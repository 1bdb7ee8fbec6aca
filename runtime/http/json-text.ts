import { jsonFault } from "./json-place.ts";

/** Levels of nesting that any JSON from outside may have. */
export const MAX_JSON_DEPTH = 64;

export type ParsedJson =
  | { readonly ok: true; readonly value: unknown; readonly text: string }
  | { readonly ok: false; readonly why: "empty" | "invalid-utf8" | "too-deep" | "malformed-json"; readonly detail: string };

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The text of bytes from outside, a byte order mark taken off; undefined when they are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Parses JSON from outside, for every edge alike. Never throws. */
export function parseJsonBytes(bytes: Uint8Array, maxDepth = MAX_JSON_DEPTH): ParsedJson {
  const text = decodeUtf8(bytes);
  if (text === undefined) return { ok: false, why: "invalid-utf8", detail: "the bytes are not UTF-8" };
  return parseJsonText(text, maxDepth);
}

export function parseJsonText(text: string, maxDepth = MAX_JSON_DEPTH): ParsedJson {
  if (text.trim() === "") return { ok: false, why: "empty", detail: "there is nothing to read" };
  if (deeperThan(text, maxDepth)) return { ok: false, why: "too-deep", detail: `more than ${maxDepth} levels of nesting` };
  try {
    return { ok: true, value: JSON.parse(text) as unknown, text };
  } catch {
    return { ok: false, why: "malformed-json", detail: placed(text) };
  }
}

/** Scans without recursion: a parser that recurses must not see what would exhaust its stack. */
export function deeperThan(text: string, maxDepth: number): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === 0x5c) index++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > maxDepth) return true;
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return false;
}

/** Only the place is told: the text may hold a secret. */
function placed(text: string): string {
  const fault = jsonFault(text) ?? text.length;
  const before = text.slice(0, fault);
  const line = before.split("\n").length;
  const column = before.length - before.lastIndexOf("\n");
  return `${fault >= text.trimEnd().length ? "ends too early, at" : "not JSON at"} line ${line} column ${column}`;
}

import { isMap, isScalar, LineCounter, parseDocument, type Document } from "yaml";
import type { DocumentText } from "./yaml-files.ts";

export type FieldPath = readonly (string | number)[];

/** A place of a file as editors take it: `file:line:column`. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export type Parsed = { readonly ok: true; readonly content: unknown } | { readonly ok: false; readonly faults: readonly { readonly place: Place; readonly code: string }[] };

const MAX_ALIASES = 100;

/** What a document says, or where it is no YAML. Says nothing of what stands there. */
export function parseText(source: DocumentText): Parsed {
  const { document, placeAt } = read(source);
  const faults = [...document.errors, ...document.warnings].map(({ code, pos }) => ({ place: placeAt(pos[0]), code: code.toLowerCase().replaceAll("_", " ") }));
  if (faults.length > 0) return { ok: false, faults };
  try {
    return { ok: true, content: document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown };
  } catch {
    return { ok: false, faults: [{ place: placeAt(0), code: "too many aliases" }] };
  }
}

/** Where a field stands: its name, else its value, else the nearest field around it. Reads the text again: places are needed for what is wrong alone. */
export function placeOf(source: DocumentText, path: FieldPath): Place {
  const { document, placeAt } = read(source);
  for (let length = path.length; length > 0; length--) {
    const start = startOf(document, path.slice(0, length));
    if (start !== undefined) return placeAt(start);
  }
  return placeAt(0);
}

function read(source: DocumentText): { readonly document: Document; placeAt(offset: number): Place } {
  const counter = new LineCounter();
  const document = parseDocument(source.text, { lineCounter: counter, prettyErrors: false, uniqueKeys: true });
  return {
    document,
    placeAt: (offset) => {
      const { line, col } = counter.linePos(offset);
      return { file: source.file, line: Math.max(1, line) + source.line - 1, column: Math.max(1, col) };
    },
  };
}

function startOf(document: Document, path: FieldPath): number | undefined {
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const key = isMap(parent) ? parent.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(path.at(-1)))?.key : undefined;
  if (isScalar(key)) return key.range?.[0];
  const node = document.getIn(path, true);
  return typeof node === "object" && node !== null && "range" in node ? (node.range as readonly number[] | null | undefined)?.[0] : undefined;
}

import { isMap, isScalar, LineCounter, parseDocument, type Document } from "yaml";
import type { FieldPath, Finding, Places } from "./finding.ts";

const MAX_CHARACTERS = 4 * 1024 * 1024;

export type ReadDocument = { readonly ok: true; readonly content: unknown; readonly places: Places } | { readonly ok: false; readonly findings: readonly Finding[] };

/** A YAML text with the line of each field. What is wrong with the YAML itself is said without quoting it: the line may hold what should not be shown. */
export function readDocument(text: string): ReadDocument {
  if (text.length > MAX_CHARACTERS) return { ok: false, findings: [{ line: 1, field: "", detail: `expected at most ${MAX_CHARACTERS} characters, met ${text.length}` }] };
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, uniqueKeys: true });
  const findings = [...document.errors, ...document.warnings].map(({ code, pos }) => ({ line: counter.linePos(pos[0]).line, field: "", detail: `this is no YAML that can be read: ${code.toLowerCase().replaceAll("_", " ")}` }));
  if (findings.length > 0) return { ok: false, findings };
  try {
    return { ok: true, content: document.toJS({ maxAliasCount: 100 }) as unknown, places: placesOf(document, counter) };
  } catch {
    return { ok: false, findings: [{ line: 1, field: "", detail: "aliases (*name) stand for too much: expected at most 100" }] };
  }
}

function placesOf(document: Document, counter: LineCounter): Places {
  const startOf = (path: FieldPath): number | undefined => {
    const parent = document.getIn(path.slice(0, -1), true);
    const name = path.at(-1);
    // A field's line is its name's: its value may begin on the line after.
    const key = isMap(parent) ? parent.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(name))?.key : undefined;
    if (isScalar(key)) return key.range?.[0];
    const node = document.getIn(path, true);
    return typeof node === "object" && node !== null && "range" in node ? (node.range as readonly number[] | null | undefined)?.[0] : undefined;
  };
  return {
    lineOf(path) {
      for (let length = path.length; length > 0; length--) {
        const start = startOf(path.slice(0, length));
        if (start !== undefined) return counter.linePos(start).line;
      }
      return 1;
    },
    valueAt(path) {
      const node = document.getIn(path);
      return typeof node === "object" && node !== null && "toJSON" in node ? (node as { toJSON(): unknown }).toJSON() : node;
    },
  };
}

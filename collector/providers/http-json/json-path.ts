import { query, type JsonValue } from "jsonpath-rfc9535";
import parse from "jsonpath-rfc9535/parser";
import { isObject, member } from "../../decode/object-reader.ts";

/** Names that a path may hold in place of a member's: `$['{variable}'][*]`. */
export type PathNames = Readonly<Partial<Record<"variable" | "device", string>>>;

/** A JSONPath (RFC 9535), read once. */
export interface JsonPath {
  readonly text: string;
  /** True when the path has `{variable}` for a name. */
  readonly byVariable: boolean;
  /** All that the path finds, in the document's order. */
  all(root: unknown, names?: PathNames): readonly unknown[];
  /** The first that the path finds; undefined for none. */
  first(root: unknown, names?: PathNames): unknown;
}

type Step = { readonly name: string } | { readonly index: number } | "every";
type Selector = { readonly type: string; readonly value?: unknown };

const PLACE = /\{(?:variable|device)\}/;

/** Throws an Error that says where the text stops being a path. */
export function compilePath(text: string): JsonPath {
  const steps = stepsOf(text);
  // Rows are asked for the same plain paths thousands of times a page: those are walked, filters and slices are left to the library.
  if (steps === undefined && PLACE.test(text)) throw new Error("{variable} and {device} stand only for a whole name, in a path of names, indexes and [*]");
  const all = steps === undefined
    ? (root: unknown): readonly unknown[] => query(root as JsonValue, text)
    : (root: unknown, names?: PathNames): readonly unknown[] => walk(root, steps, names);
  const byVariable = steps?.some((step) => step !== "every" && "name" in step && step.name === "{variable}") ?? false;
  return { text, byVariable, all, first: (root, names) => all(root, names)[0] };
}

function stepsOf(text: string): readonly Step[] | undefined {
  let segments: readonly { readonly type: string; readonly node: Selector & { readonly selectors?: readonly Selector[] } }[];
  try {
    segments = parse(text).segments;
  } catch (error) {
    throw new Error(`"${text.slice(0, 80)}" is no JSONPath: ${whereOf(error)}`, { cause: error });
  }
  const steps: Step[] = [];
  for (const { type, node } of segments) {
    const selectors = node.selectors ?? [node];
    const step = type === "ChildSegment" && selectors.length === 1 ? stepOf(selectors[0]) : undefined;
    if (step === undefined) return undefined;
    steps.push(step);
  }
  return steps;
}

function stepOf(selector: Selector | undefined): Step | undefined {
  if (selector?.type === "WildcardSelector") return "every";
  if (selector?.type === "IndexSelector") return { index: Number(selector.value) };
  if (selector?.type === "NameSelector" || selector?.type === "MemberNameShorthand") return { name: String(selector.value) };
  return undefined;
}

function whereOf(error: unknown): string {
  const { location, message } = error as { location?: { start?: { column?: number } }; message?: string };
  const column = location?.start?.column;
  return `${column === undefined ? "" : `at character ${column}: `}${(message ?? "unreadable").slice(0, 160)}`;
}

function walk(root: unknown, steps: readonly Step[], names: PathNames | undefined): readonly unknown[] {
  let found: readonly unknown[] = [root];
  for (const step of steps) {
    if (found.length === 0) break;
    found = found.flatMap((value) => taken(value, step, names));
  }
  return found;
}

function taken(value: unknown, step: Step, names: PathNames | undefined): readonly unknown[] {
  if (Array.isArray(value)) {
    if (step === "every") return value;
    if (!("index" in step)) return [];
    const at = step.index < 0 ? value.length + step.index : step.index;
    return at >= 0 && at < value.length ? [value[at]] : [];
  }
  if (!isObject(value)) return [];
  if (step === "every") return Object.values(value);
  if (!("name" in step)) return [];
  const name = nameOf(step.name, names);
  return Object.hasOwn(value, name) ? [member(value, name)] : [];
}

function nameOf(name: string, names: PathNames | undefined): string {
  if (name === "{variable}") return names?.variable ?? name;
  return name === "{device}" ? (names?.device ?? name) : name;
}

import type { z } from "zod";
import { fieldsAt, nearest } from "./known-fields.ts";

export type FieldPath = readonly PropertyKey[];

/** One thing that is wrong with the file. Never holds what a secret is. */
export interface Finding {
  readonly line: number;
  /** Dotted, from the file's root. */
  readonly field: string;
  /** What was met and what is expected, in words. */
  readonly detail: string;
}

/** Where a field stands in the file, and what stands there. */
export interface Places {
  lineOf(path: FieldPath): number;
  valueAt(path: FieldPath): unknown;
}

const SENSITIVE = /secret|password|token|key$|auth|credential/i;

/** What zod found, one finding a field, with the line to mend. `at` is where the checked value stands in the file. */
export function findingsOf(error: z.core.$ZodError, schema: z.ZodType, { at, places }: { readonly at: FieldPath; readonly places: Places }): readonly Finding[] {
  return error.issues.flatMap((issue) => findingsOfIssue(issue, [], { schema, at, places }));
}

/** One finding of our own at a field. */
export function finding(path: FieldPath, detail: string, places: Places): Finding {
  return { line: places.lineOf(path), field: path.map(String).join("."), detail };
}

interface Checked {
  readonly schema: z.ZodType;
  readonly at: FieldPath;
  readonly places: Places;
}

function findingsOfIssue(issue: z.core.$ZodIssue, within: FieldPath, checked: Checked): readonly Finding[] {
  const inner = [...within, ...issue.path];
  const path = [...checked.at, ...inner];
  if (issue.code === "unrecognized_keys") {
    const known = fieldsAt(checked.schema, inner);
    return issue.keys.map((key) => finding([...path, key], `is unknown here${suggestion(key, known)}`, checked.places));
  }
  // Of the shapes that a value may have, the one that it comes nearest to is meant.
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const closest = issue.errors.reduce((best, branch) => (weightOf(branch) < weightOf(best) ? branch : best));
    return closest.flatMap((each) => findingsOfIssue(each, inner, checked));
  }
  return [finding(path, `${expectedOf(issue)}, met ${metAt(path, checked.places)}`, checked.places)];
}

function weightOf(issues: readonly z.core.$ZodIssue[]): number {
  return issues.reduce((sum, issue) => sum + (issue.code === "unrecognized_keys" ? issue.keys.length : 1) + (issue.path.length === 0 ? 2 : 0), 0);
}

/** Says what names there are, the nearest first. */
export function suggestion(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  if (near !== undefined) return `: did you mean ${near}?`;
  return known.length === 0 ? "" : `: expected one of ${[...known].sort().join(", ")}`;
}

const typeWords: Readonly<Record<string, string>> = { string: "a text", number: "a number", int: "a whole number", boolean: "true or false", array: "a list", object: "fields", record: "fields" };

function expectedOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type") return `expected ${typeWords[issue.expected] ?? issue.expected}`;
  if (issue.code === "invalid_value" && issue.message.startsWith("Invalid")) return `expected ${issue.values.map(String).join(", ")}`;
  if (issue.code === "too_small") return `expected at least ${String(issue.minimum)}${lengthOf(issue.origin)}`;
  if (issue.code === "too_big") return `expected at most ${String(issue.maximum)}${lengthOf(issue.origin)}`;
  if (issue.code === "invalid_union") return `expected ${"options" in issue && Array.isArray(issue.options) ? `one of ${issue.options.map(String).join(", ")}` : "another kind"}`;
  return issue.message;
}

function lengthOf(origin: string): string {
  return origin === "string" ? " characters" : origin === "array" ? " items" : "";
}

/** What stands there, in few words; of what may be a secret, only its kind. */
export function metAt(path: FieldPath, places: Places): string {
  const value = places.valueAt(path);
  if (value === undefined) return "nothing";
  if (value === null) return "nothing after the colon";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "fields";
  if (path.some((name) => SENSITIVE.test(String(name)))) return typeof value === "string" ? "a text (not shown here)" : `a ${typeof value} (not shown here)`;
  // A URL may carry a credential before its host, or behind its path.
  const text = String(value).replace(/\/\/[^/\s]*@/g, "//…@").replace(/(:\/\/[^?#\s]*)[?#].*$/, "$1?…");
  return typeof value === "string" ? `"${text.length > 60 ? `${text.slice(0, 60)}…` : text}"` : text;
}

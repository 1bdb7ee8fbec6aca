import { CaudalError } from "@caudal/core";
import { isObject } from "../../decode/object-reader.ts";

/** What may stand in braces in a request. Nothing else is read in them, and what is put in is never read again. */
export const placeholderNames = ["device", "variable", "variables", "from", "to", "page", "offset", "limit"] as const;
export type PlaceholderName = (typeof placeholderNames)[number];

/** What stands for each name in one request. */
export interface TemplateValues {
  readonly device: string;
  readonly variables: readonly string[];
  readonly from?: string | number;
  readonly to?: string | number;
  readonly page?: string | number;
  readonly offset?: number;
  readonly limit: number;
  /** Throws when the secret is missing. */
  readonly secret: (name: string) => string;
}

const PLACE = /\{([^{}]*)\}/g;
const WHOLE = /^\{([^{}]*)\}$/;
const SECRET = /^secret\.([A-Za-z][A-Za-z0-9_-]*)$/;
export const EACH_VARIABLE = "{variables*}";

/** Names in braces in a text, or in all texts of a JSON value. */
export function placesIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [...value.matchAll(PLACE)].map(([, name]) => name ?? "");
  if (Array.isArray(value)) return value.flatMap(placesIn);
  return isObject(value) ? Object.values(value).flatMap(placesIn) : [];
}

/** The texts of a request or login in which braces count. */
export function textsOf(part: unknown): readonly unknown[] {
  if (!isObject(part)) return [];
  return ["path", "query", "headers", "json", "form"].map((name) => part[name]).filter((text) => text !== undefined);
}

/** The secret that a place names; undefined for other places. `{token}` is the secret `token`. */
export function secretOfPlace(name: string): string | undefined {
  return name === "token" ? "token" : SECRET.exec(name)?.[1];
}

/** True for what may stand in braces. */
export function isPlace(name: string): boolean {
  return (placeholderNames as readonly string[]).includes(name) || secretOfPlace(name) !== undefined;
}

/** A text with its places filled; each value is encoded by itself, so that it cannot be anything but a value. */
export function fillText(text: string, values: TemplateValues, encode: (value: string) => string = String): string {
  return text.replace(PLACE, (_, name: string) => encode(String(valueOf(name, values))));
}

/** One segment or more of a path. A value that would climb out of its folder is refused: URLs read dots even when they are encoded. */
export function fillPath(text: string, values: TemplateValues): string {
  return fillText(text, values, (value) => {
    if (value === "" || value === "." || value === "..") throw new CaudalError("setting", `"${value}" cannot stand in the path ${text}`);
    return encodeURIComponent(value);
  });
}

/** A JSON value with its texts filled. A text that is one place and nothing else becomes what stands for it: a number, or the list of variables. */
export function fillJson(value: unknown, values: TemplateValues): unknown {
  if (typeof value === "string") {
    const name = WHOLE.exec(value)?.[1];
    if (name === undefined) return fillText(value, values);
    return name === "variables" ? [...values.variables] : valueOf(name, values);
  }
  if (Array.isArray(value)) return value.map((item) => fillJson(item, values));
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillJson(item, values)])) : value;
}

function valueOf(name: string, values: TemplateValues): string | number {
  const secret = secretOfPlace(name);
  if (secret !== undefined) return values.secret(secret);
  if (name === "variable") return values.variables[0] ?? "";
  if (name === "variables") return values.variables.join(",");
  return values[name as Exclude<PlaceholderName, "variable" | "variables">] ?? "";
}

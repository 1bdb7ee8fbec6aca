import { parseJsonBytes } from "@caudal/runtime";
import type { Answer, Failure } from "./provider.ts";

/** What a JSON answer holds, or that it holds none. */
export type ReadAnswer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly failure: Failure };

/**
 * The JSON of a 2xx answer. Numbers with more digits than a double keeps come back as text with all of them. Never throws; what is no JSON is
 * `bad_payload`, and its detail says what was met.
 */
export function readJsonAnswer(answer: Answer): ReadAnswer {
  const json = parseJsonBytes(answer.body);
  if (json.ok) return { ok: true, value: withAllDigits(json.text, json.value) };
  return badPayload(answer, looksLikeHtml(answer.body) ? "an HTML page where JSON was expected" : json.why === "empty" ? "an empty body" : `no JSON: ${json.detail}`);
}

export function badPayload(answer: Answer, detail: string): { readonly ok: false; readonly failure: Failure } {
  return { ok: false, failure: { kind: "bad_payload", detail, status: answer.status } };
}

/** A value's kind in words, for details that quote nothing of it. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return { object: "an object", string: "a text", number: "a number", boolean: "true or false" }[typeof value as string] ?? "nothing";
}

const HTML = /^\s*<(?:!doctype|html|head|body|\?xml)/i;

function looksLikeHtml(body: Uint8Array): boolean {
  return HTML.test(Buffer.from(body.buffer, body.byteOffset, Math.min(body.byteLength, 256)).toString("latin1").replace(/^ï»¿/, ""));
}

/** As many digits in a row, the point not counted, as may be more than a double keeps. */
const MANY_DIGITS = /\d(?:\.?\d){15}/;

type Revive = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

function withAllDigits(text: string, value: unknown): unknown {
  if (!MANY_DIGITS.test(text)) return value;
  const revive: Revive = (_key, read, { source }) => (typeof read === "number" && source !== undefined && !keepsDigits(read, source) ? source : read);
  return JSON.parse(text, revive as (key: string, value: unknown) => unknown) as unknown;
}

/** True when the double, written again, has the same digits at the same place. */
function keepsDigits(value: number, source: string): boolean {
  return !Number.isFinite(value) || canonical(String(value)) === canonical(source);
}

/** A decimal as digits and exponent, without zeros that say nothing. */
function canonical(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) return text;
  const fraction = match[3] ?? "";
  const digits = `${match[2] ?? ""}${fraction}`.replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  return `${match[1] ?? ""}${significant}e${Number(match[4] ?? 0) - fraction.length + digits.length - significant.length}`;
}

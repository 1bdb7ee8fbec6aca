import { isObject, member } from "../../decode/object-reader.ts";
import { badPayload, kindOf, readJsonAnswer } from "../answer-json.ts";
import { mayContinue } from "../full-page.ts";
import { PageRows } from "../page-rows.ts";
import type { Answer, Normalised, PageAsk } from "../provider.ts";
import { writtenUtcTime, type RowTime } from "../row-time.ts";
import { missingSpec, variablesOf } from "./client.ts";
import { messageFailure } from "./message.ts";
import type { TagoioSettings } from "./settings.ts";
import { leftAfter, spansOf } from "./spans.ts";

/** Reads `{"status": true, "result": [{"variable", "value", "unit", "time"}]}`. A false status is a failure whatever HTTP says. */
export function normalise(answer: Answer, ask: PageAsk<TagoioSettings>): Normalised {
  const json = readJsonAnswer(answer);
  if (!json.ok) return json.failure;
  if (!isObject(json.value)) return badPayload(answer, `${kindOf(json.value)} where an object of status and result was expected`).failure;
  const status = member(json.value, "status");
  if (status === false) return messageFailure(member(json.value, "message"), answer.status);
  const result = member(json.value, "result");
  if (Object.keys(json.value).length === 0) return { kind: "no_data", detail: "an empty object" };
  if (status !== true || !Array.isArray(result)) return badPayload(answer, status === true ? `${kindOf(result)} where a list of rows was expected` : `${kindOf(status)} where a true or false status was expected`).failure;
  const rows = result.map((row: unknown) => readRow(row, ask.nowUs));
  return ask.window === undefined ? newestOf(rows, ask) : historyOf(rows, answer, ask);
}

interface ReadRow {
  readonly row: unknown;
  readonly variable: unknown;
  readonly time: RowTime;
  /** What tells it from all other rows; a row that was corrected is another. */
  readonly print: string;
}

function newestOf(rows: readonly ReadRow[], { keys, page }: PageAsk<TagoioSettings>): Normalised {
  const variables = variablesOf(keys, page);
  const taken = new PageRows();
  const newest = new Map<unknown, ReadRow>();
  for (const row of rows) {
    const known = newest.get(row.variable);
    if (!row.time.ok || !variables.includes(row.variable as string)) takeRow(taken, row, variables);
    else if (known === undefined || !known.time.ok || row.time.timeUs > known.time.timeUs) newest.set(row.variable, row);
  }
  for (const row of newest.values()) takeRow(taken, row, variables);
  const missing = page === undefined ? variables.filter((variable) => !newest.has(variable)) : missingSpec.parse(page).missing.slice(1);
  // Some kinds of query divide the quantity among the variables: one that others crowded out is asked for alone.
  const crowded = page === undefined && rows.length >= variables.length && rows.filter(({ variable }) => newest.has(variable)).length > newest.size;
  const next = missing.length > 0 && (page !== undefined || crowded) ? { missing } : undefined;
  return taken.done(next, `no values of ${variables.join(", ")}`);
}

function historyOf(rows: readonly ReadRow[], answer: Answer, { keys, window, page, settings }: PageAsk<TagoioSettings>): Normalised {
  if (window === undefined) return badPayload(answer, "no window").failure;
  const left = spansOf(page, window);
  const seen = new Set(left.seen);
  const taken = new PageRows();
  for (const row of rows) if (!seen.has(row.print)) takeRow(taken, row, keys);
  const empty = `no rows of ${keys.join(", ")}`;
  if (!mayContinue(rows.length, settings.pageLimit)) return taken.done(left.spans.length > 1 ? { spans: left.spans.slice(1), seen: left.seen } : undefined, empty);
  const next = leftAfter(left, rows.flatMap(({ time, print }) => (time.ok ? [{ timeUs: time.timeUs, print }] : [])), rows.length);
  return next === undefined ? badPayload(answer, `${rows.length} rows that bring the reading no further`).failure : taken.done(next, empty);
}

function readRow(row: unknown, nowUs: number): ReadRow {
  if (!isObject(row)) return { row, variable: undefined, time: { ok: false, why: "wrong-type", detail: `${kindOf(row)} where a row was expected` }, print: JSON.stringify(row) };
  const print = JSON.stringify([member(row, "id"), member(row, "variable"), member(row, "time"), member(row, "value")]);
  return { row, variable: member(row, "variable"), time: writtenUtcTime(member(row, "time"), nowUs), print };
}

function takeRow(page: PageRows, { row, variable, time }: ReadRow, variables: readonly string[]): void {
  if (typeof variable !== "string") return page.refuse(row, "wrong-type", "the row does not name its variable");
  if (!variables.includes(variable)) return page.refuse(row, "wrong-type", "the row is of a variable that was not asked for");
  const unit = isObject(row) ? member(row, "unit") : undefined;
  page.take({ key: variable, value: isObject(row) ? member(row, "value") : undefined, time, unit: typeof unit === "string" && unit !== "" ? unit : null, raw: row });
}

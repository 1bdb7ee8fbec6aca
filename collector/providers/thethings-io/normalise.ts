import { isObject, member } from "../../decode/object-reader.ts";
import { badPayload, kindOf, readJsonAnswer } from "../answer-json.ts";
import { mayContinue } from "../full-page.ts";
import { PageRows } from "../page-rows.ts";
import type { Answer, Failure, Normalised, PageAsk } from "../provider.ts";
import { writtenUtcTime, type RowTime } from "../row-time.ts";
import { pageBefore, pageOf } from "./history-page.ts";
import type { ThethingsSettings } from "./settings.ts";

/** Reads a list of `{key, value, datetime}`, newest first. `datetime` is UTC, also where it does not say so. */
export function normalise(answer: Answer, { keys, window, page, settings, nowUs }: PageAsk<ThethingsSettings>): Normalised {
  const json = readJsonAnswer(answer);
  if (!json.ok) return json.failure;
  if (!Array.isArray(json.value)) {
    const isEmpty = isObject(json.value) && Object.keys(json.value).length === 0;
    return isEmpty ? { kind: "no_data", detail: "an empty object" } : errorOf(json.value) ?? badPayload(answer, `${kindOf(json.value)} where a list of rows was expected`).failure;
  }
  const key = keys[0] ?? "";
  const rows = json.value.map((row: unknown) => readRow(row, nowUs));
  const taken = new PageRows();
  if (window === undefined) {
    for (const row of newestOf(rows)) takeRow(taken, key, row);
    return taken.done(undefined, `no value of ${key}`);
  }
  const asked = pageOf(page, window, settings.pageLimit);
  const seen = new Set(asked.seen);
  for (const row of rows) if (!seen.has(row.print)) takeRow(taken, key, row);
  const empty = `no rows of ${key}`;
  if (!mayContinue(rows.length, asked.limit)) return taken.done(undefined, empty);
  const next = pageBefore(asked, rows.flatMap(({ time, print }) => (time.ok ? [{ timeUs: time.timeUs, print }] : [])), settings.pageLimit);
  if (next === undefined) return badPayload(answer, `${rows.length} rows that bring the reading no further`).failure;
  // A page of whole hundreds that was not full need not be asked for again when it lies within one second.
  return taken.done(next.endS === asked.endS && rows.length < asked.limit ? undefined : next, empty);
}

interface ReadRow {
  readonly row: unknown;
  readonly time: RowTime;
  /** What tells it from the other rows of its key. */
  readonly print: string;
}

function readRow(row: unknown, nowUs: number): ReadRow {
  const time: RowTime = isObject(row) ? writtenUtcTime(member(row, "datetime"), nowUs) : { ok: false, why: "wrong-type", detail: `${kindOf(row)} where a row was expected` };
  return { row, time, print: isObject(row) ? JSON.stringify([member(row, "datetime"), member(row, "value")]) : JSON.stringify(row) };
}

/** The newest row, wherever it stands, and those that have no time. */
function newestOf(rows: readonly ReadRow[]): readonly ReadRow[] {
  let newest: ReadRow | undefined;
  for (const row of rows) if (row.time.ok && (newest === undefined || !newest.time.ok || row.time.timeUs > newest.time.timeUs)) newest = row;
  return [...rows.filter(({ time }) => !time.ok), ...(newest === undefined ? [] : [newest])];
}

function takeRow(page: PageRows, key: string, { row, time }: ReadRow): void {
  const named = isObject(row) ? member(row, "key") : undefined;
  if (named !== undefined && named !== key) return page.refuse(row, "wrong-type", `the row is of another key than ${key}`);
  const raw = isObject(row) ? { key, ...row } : row;
  page.take({ key, value: isObject(row) ? member(row, "value") : undefined, time, raw });
}

/** An error that came as a 2xx: the platform's own form of them is an object with status, code and message. */
function errorOf(body: unknown): Failure | undefined {
  if (!isObject(body) || member(body, "status") !== "error") return undefined;
  const code = member(body, "code");
  const status = typeof code === "number" && Number.isSafeInteger(code) ? code : 200;
  const detail = `an error under a good status: ${messageOf(body).slice(0, 200)}`;
  if (status === 401) return { kind: "auth_failed", detail, status };
  if (status === 403) return refusal(messageOf(body));
  if (status === 429) return { kind: "rate_limited", detail, status };
  return { kind: status >= 400 && status < 500 ? "config_error" : "request_failed", detail, status };
}

const OF_ACCESS = /token|permi|access|unauthori|not allowed|credential/i;
const OF_RATE = /rate|limit|too many|quota|exceed/i;

/** 403 is documented for both: access that is not allowed, and too many calls. Only a message that speaks of access alone is the first. */
export function classify(answer: Answer): Failure | undefined {
  if (answer.status !== 403) return undefined;
  const json = readJsonAnswer(answer);
  return refusal(json.ok && isObject(json.value) ? messageOf(json.value) : "");
}

function refusal(message: string): Failure {
  if (OF_ACCESS.test(message) && !OF_RATE.test(message)) return { kind: "auth_failed", detail: `access refused: ${message.slice(0, 200)}`, status: 403 };
  return { kind: "rate_limited", detail: message === "" ? "403 without a reason, which also means too many calls" : `too many calls: ${message.slice(0, 200)}`, status: 403 };
}

function messageOf(body: Readonly<Record<string, unknown>>): string {
  const message = member(body, "message");
  return typeof message === "string" ? message : "";
}

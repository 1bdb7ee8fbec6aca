import { isObject, member, type JsonObject } from "../../decode/object-reader.ts";
import { badPayload, kindOf, readJsonAnswer } from "../answer-json.ts";
import { PageRows } from "../page-rows.ts";
import type { Answer, Normalised, PageAsk, Window } from "../provider.ts";
import { epochMsTime, type RowTime } from "../row-time.ts";
import { isTokenError, tokenFailure } from "./error-body.ts";
import { joined, spansOf, unreadAfter, type Span } from "./spans.ts";

type TelemetryAsk = PageAsk<{ readonly pageLimit: number }>;

/**
 * Reads `{"key": [{"ts": ms, "value": …}]}` of ThingsBoard and its relatives. A key that is missing or has an empty list has no data. The
 * newest is the greatest `ts`, wherever it stands.
 */
export function readTelemetry(answer: Answer, ask: TelemetryAsk): Normalised {
  const json = readJsonAnswer(answer);
  if (!json.ok) return json.failure;
  if (!isObject(json.value)) {
    const isEmptyList = Array.isArray(json.value) && json.value.length === 0;
    return isEmptyList ? { kind: "no_data", detail: "an empty list" } : badPayload(answer, `${kindOf(json.value)} where an object of lists was expected`).failure;
  }
  if (isTokenError(json.value)) return tokenFailure(json.value, answer.status);
  return ask.window === undefined ? newestOf(json.value, answer, ask) : historyOf(json.value, answer, ask, ask.window);
}

interface TelemetryRow {
  readonly row: unknown;
  readonly time: RowTime;
  readonly value: unknown;
}

function newestOf(body: JsonObject, answer: Answer, { keys, nowUs }: TelemetryAsk): Normalised {
  const lists = listsOf(body, keys, nowUs);
  if (typeof lists === "string") return badPayload(answer, lists).failure;
  const page = new PageRows();
  for (const [key, rows] of lists) {
    let newest: TelemetryRow | undefined;
    for (const row of rows) {
      if (!row.time.ok) takeRow(page, key, row);
      // Of two rows at one time the later in the list was written later.
      else if (newest === undefined || !newest.time.ok || row.time.timeUs >= newest.time.timeUs) newest = row;
    }
    if (newest !== undefined) takeRow(page, key, newest);
  }
  return page.done(undefined, `no values of ${keys.join(", ")}`);
}

function historyOf(body: JsonObject, answer: Answer, ask: TelemetryAsk, window: Window): Normalised {
  const [span, ...others] = spansOf(ask.page, window, ask.keys);
  const lists = listsOf(body, span.keys, ask.nowUs);
  if (typeof lists === "string") return badPayload(answer, lists).failure;
  const page = new PageRows();
  const unread: Span[] = [];
  for (const [key, rows] of lists) {
    for (const row of rows) takeRow(page, key, row);
    const times = rows.flatMap(({ time }) => (time.ok ? [time.timeUs / 1000] : []));
    const left = unreadAfter(times, rows.length, span, ask.settings.pageLimit);
    if (left === undefined) return badPayload(answer, `a full page of ${key} that brings the reading no further: the asked times were ignored`).failure;
    unread.push(...left.map((bounds) => ({ keys: [key], ...bounds })));
  }
  const spans = [...others, ...joined(unread)];
  return page.done(spans.length === 0 ? undefined : { spans }, `no rows of ${span.keys.join(", ")}`);
}

/** The lists of the keys that are there, or what is wrong with the shape of all. One odd key does not cost the others theirs. */
function listsOf(body: JsonObject, keys: readonly string[], nowUs: number): readonly (readonly [key: string, rows: readonly TelemetryRow[]])[] | string {
  const asked = keys.flatMap((key) => {
    const list = member(body, key);
    return list === undefined || list === null ? [] : [[key, list] as const];
  });
  const members = asked.length > 0 ? asked : Object.entries(body);
  const odd = members.find(([, list]) => !Array.isArray(list));
  if (odd !== undefined && (asked.length === 0 || !members.some(([, list]) => Array.isArray(list)))) return `${kindOf(odd[1])} where a list of values was expected`;
  return asked.map(([key, list]) => [key, Array.isArray(list) ? list.map((row: unknown) => rowOf(row, nowUs)) : [oddRow(list)]] as const);
}

function rowOf(row: unknown, nowUs: number): TelemetryRow {
  return isObject(row) ? { row, time: epochMsTime(member(row, "ts"), nowUs), value: member(row, "value") } : oddRow(row);
}

function oddRow(row: unknown): TelemetryRow {
  return { row, time: { ok: false, why: "wrong-type", detail: `${kindOf(row)} where an object of ts and value was expected` }, value: undefined };
}

function takeRow(page: PageRows, key: string, { row, time, value }: TelemetryRow): void {
  const raw = { [key]: [row] };
  // For a key that never had a value some versions answer null at the server's own time: nothing was measured then.
  if (value === null && time.ok) return;
  if (typeof value !== "string") return page.take({ key, value, time, raw });
  if (/^\s*[[{]/.test(value) && time.ok) return page.refuse(raw, "wrong-type", "the value is a JSON document kept as text");
  // Without strict types everything is text; true and false are the two texts that still mean something else.
  page.take({ key, value: value === "true" ? true : value === "false" ? false : value, time, raw });
}

import { formatInstant, type WrittenTime } from "@caudal/core";
import type { Refusal } from "../../decode/decoded.ts";
import { readJsonAnswer } from "../answer-json.ts";
import type { Answer, Failure, Normalised, PageAsk, RefusedRow, TimedSample } from "../provider.ts";
import type { HttpJsonSettings } from "./block.ts";
import { rowGroups, type Cell, type Row } from "./cells.ts";
import { planOf, type Plan } from "./client.ts";
import { nextPage, pageOf } from "./paging.ts";
import { RowClock } from "./row-clock.ts";

const MAX_ROWS = 50_000;
const MAX_AHEAD_US = 86_400_000_000;
const MAX_QUOTED = 200;

/** What the answer to `request` says. Nothing is made up: a value without a time, or a text that is no number, is never a sample. */
export function normalise(answer: Answer, ask: PageAsk<HttpJsonSettings>): Normalised {
  const { settings } = ask;
  if (answer.status === 204) return { kind: "no_data", detail: "the service answered 204: there is nothing" };
  const json = readJsonAnswer(answer);
  if (!json.ok) return json.failure;
  const failed = failureIn(json.value, settings, answer.status);
  if (failed !== undefined) return failed;
  const plan = planOf(settings, ask.window, ask.nowUs);
  const groups = rowGroups(json.value, plan, { settings, keys: ask.keys, device: ask.device.remote });
  const count = groups.reduce((sum, { rows }) => sum + rows.length, 0);
  if (count > MAX_ROWS) return { kind: "config_error", detail: `the answer has more than ${MAX_ROWS} rows: ask for fewer at once by limit` };
  const reading = new PageReading(ask, plan);
  const read = groups.map(({ rows }) => reading.takeGroup(rows));
  return withNext(reading.done(count, plan), { plan, ask, content: { groups: read, token: tokenIn(json.value, plan) } });
}

function withNext(done: Normalised, { plan: { history, window }, ask, content }: { readonly plan: Plan; readonly ask: PageAsk<HttpJsonSettings>; readonly content: Parameters<typeof nextPage>[2]["content"] }): Normalised {
  if (history === undefined || window === undefined || (done.kind !== "ok" && done.kind !== "no_data")) return done;
  const next = nextPage(history, pageOf(ask.page), { window, content });
  if (next.kind === "stuck") return { kind: "config_error", detail: next.why };
  return next.kind === "last" ? done : { ...done, next: next.page };
}

function failureIn(body: unknown, { failure }: HttpJsonSettings, status: number): Failure | undefined {
  if (failure === undefined) return undefined;
  const found = failure.path.all(body).find((value) => value !== null && value !== false && value !== "");
  if (found === undefined) return undefined;
  const said = typeof found === "string" ? found : JSON.stringify(found);
  return { kind: failure.kind, detail: `the service says at ${failure.path.text}: ${said.slice(0, MAX_QUOTED)}`, status };
}

function tokenIn(body: unknown, { history }: Plan): unknown {
  return history?.paging.kind === "token" ? history.paging.next.first(body) : undefined;
}

/** Turns rows into samples and refused rows, oldest first, so that the clock sees them in their order. */
class PageReading {
  readonly #samples: TimedSample[] = [];
  readonly #refused: RefusedRow[] = [];
  readonly #timeless: Row[] = [];
  readonly #clocks = new Map<string, RowClock>();
  readonly #ask: PageAsk<HttpJsonSettings>;
  readonly #plan: Plan;

  constructor(ask: PageAsk<HttpJsonSettings>, plan: Plan) {
    this.#ask = ask;
    this.#plan = plan;
  }

  takeGroup(rows: readonly Row[]): { readonly rows: number; readonly newestUs: number | undefined; readonly oldestUs: number | undefined } {
    let newestUs: number | undefined;
    let oldestUs: number | undefined;
    for (const row of isNewestFirst(rows) ? rows.toReversed() : rows) {
      for (const us of this.#takeRow(row)) {
        newestUs = Math.max(newestUs ?? us, us);
        oldestUs = Math.min(oldestUs ?? us, us);
      }
    }
    return { rows: rows.length, newestUs, oldestUs };
  }

  done(count: number, { samples: { text } }: Plan): Normalised {
    const samples = this.#samples;
    if (samples.length > 0 || this.#refused.length > 0) {
      for (const row of this.#timeless) this.#refuse(row.raw, { why: "wrong-type", detail: "there is a value and no time" });
      return { kind: "ok", samples, ...(this.#refused.length === 0 ? {} : { refused: this.#refused }) };
    }
    if (this.#timeless.length > 0) return { kind: "no_data", detail: `${this.#timeless.length} rows have a value and no time` };
    return { kind: "no_data", detail: count === 0 ? `there is nothing at ${text}` : `none of ${count} rows is of ${this.#ask.keys.join(", ") || "a variable"}` };
  }

  /** Times that could be read, whatever the values. */
  #takeRow(row: Row): readonly number[] {
    const times: number[] = [];
    let refusal: Refusal | undefined = row.problem === undefined ? undefined : { why: "wrong-type", detail: row.problem };
    let isTimeless = false;
    for (const cell of row.cells) {
      const { time, value } = cell;
      if (!time.ok) refusal ??= time.refusal;
      else if (time.value === null) isTimeless ||= !value.ok || value.value !== null;
      else {
        const timeUs = this.#instantOf(cell, time.value);
        if (typeof timeUs !== "number") {
          refusal ??= timeUs;
          continue;
        }
        times.push(timeUs);
        if (value.ok) this.#samples.push({ key: cell.key, value: value.value, unit: cell.unit, timeUs });
        else refusal ??= { ...value.refusal, detail: `${cell.key}: ${value.refusal.detail}` };
      }
    }
    if (refusal !== undefined) this.#refuse(row.raw, refusal);
    else if (isTimeless) this.#timeless.push(row);
    return times;
  }

  #instantOf({ zone, key }: Cell, written: WrittenTime): number | Refusal {
    if (written.offsetUs === null && zone === undefined) return { why: "wrong-type", detail: "the time has no offset, and the block names no zone for it" };
    const timeUs = this.#clockOf(zone ?? "UTC").instantUs(written, key);
    if (timeUs <= this.#ask.nowUs + MAX_AHEAD_US) return timeUs;
    return { why: "implausible-time", detail: `${formatInstant(timeUs)} is more than 24 h ahead` };
  }

  #clockOf(zone: string): RowClock {
    let clock = this.#clocks.get(zone);
    if (clock === undefined) {
      const afterUs = pageOf(this.#ask.page).lastUs;
      this.#clocks.set(zone, (clock = new RowClock({ zone, window: this.#ask.window, afterUs: this.#plan.history === undefined ? undefined : afterUs, nowUs: this.#ask.nowUs })));
    }
    return clock;
  }

  #refuse(raw: unknown, { why, detail }: Refusal): void {
    const known = why === "not-finite" || why === "implausible-time" || why === "malformed-json" ? why : "wrong-type";
    this.#refused.push({ raw: Buffer.from(JSON.stringify(raw) ?? "null"), why: known, detail });
  }
}

/** By the first and the last time that can be read. */
function isNewestFirst(rows: readonly Row[]): boolean {
  const first = rows.map(civilOf).find((us) => us !== undefined);
  const last = rows.findLast((row) => civilOf(row) !== undefined);
  return first !== undefined && last !== undefined && first > (civilOf(last) ?? first);
}

function civilOf({ cells }: Row): number | undefined {
  for (const { time } of cells) if (time.ok && time.value !== null) return time.value.civilUs - (time.value.offsetUs ?? 0);
  return undefined;
}

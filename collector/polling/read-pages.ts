import { isDeepStrictEqual } from "node:util";
import { atStep, retry } from "@caudal/runtime";
import type { Kept } from "../edge/edge.ts";
import type { Calls } from "../outbound/calls.ts";
import type { AccountDevice } from "../providers/account.ts";
import type { Answer, Failure, Normalised, PageAsk, ProviderRequest, TimedSample, Window } from "../providers/provider.ts";
import { chooseRows, newestMarks } from "./choose-rows.ts";
import { namedRows } from "./named-rows.ts";
import { addRows, noRows, publishedRows, type OutcomeKind, type RowCounts } from "./outcome.ts";
import { contentTypeOf, pageReadings, refusedAnswer, refusedRows, type PageOptions } from "./page-readings.ts";
import type { PollTools } from "./poll-tools.ts";
import { idOf, type DeviceName, type Mark } from "./watermarks.ts";

/** What one window (or the newest) of some keys of a device gave. */
export interface PagesRead {
  readonly kind: OutcomeKind;
  readonly detail: string;
  /** False: there is more than one read takes, or it failed on the way. What was published stays published. */
  readonly complete: boolean;
  readonly rows: RowCounts;
  /** The newest of each key. */
  readonly newest: ReadonlyMap<string, Mark>;
  readonly calls: number;
}

export interface ReadOptions {
  readonly tools: PollTools;
  readonly device: AccountDevice;
  readonly keys: readonly string[];
  /** Undefined reads the newest. */
  readonly window: Window | undefined;
  readonly signal: AbortSignal;
  /** The account's when absent. */
  readonly calls?: Calls;
  /** False counts what there is, and publishes nothing. True when absent. */
  readonly publish?: boolean;
  /** Whether new rows are a sign of life: those of the newest are, those that fill the past are not. */
  readonly heard: boolean;
  /** Before a page's rows are published. */
  readonly before?: (samples: readonly TimedSample[]) => Promise<void>;
}

const MAX_PAGES = 500;
const MAX_BYTES = 256 * 1024 * 1024;
/** Rows further ahead are published, and leave the watermark where it is. */
const MARK_AHEAD_US = 300 * 1_000_000;

/** Reads page after page, each published before the next is asked for. Never rejects for what a provider does; rejects as the log does, and when its signal ends it. */
export async function readPages(options: ReadOptions): Promise<PagesRead> {
  const { tools: { account, clock, faults, redactor }, device, keys, window, signal, publish = true } = options;
  const calls = options.calls ?? options.tools.calls;
  let page: unknown;
  let rows = noRows;
  let bytes = 0;
  const newest = new Map<string, Mark>();
  for (let asked = 1; ; asked += 1) {
    const end = (kind: OutcomeKind, detail: string, complete: boolean): PagesRead => ({ kind, detail: redactor.text(detail).slice(0, 500), complete, rows, newest, calls: asked });
    const ask: PageAsk<unknown> = { settings: account.settings, secrets: account.secrets, device, keys, window, page, nowUs: clock.nowUs() };
    const request = requestOf(options, ask);
    if ("failure" in request) return end("config_error", request.failure, false);
    const answered = await atStep(faults, "collector/polling.fetch", () => calls.call(request.request, signal));
    const received: PageOptions = { edge: options.tools.edge, account, device, redactor, receivedAtUs: options.tools.receipts.at(clock.nowUs()) };
    if (!answered.ok) {
      if (answered.failure.kind === "bad_payload" && publish) await park(options, [refusedAnswer(answered.body ?? new Uint8Array(), "application/octet-stream", answered.failure.detail, received)]);
      return end(answered.failure.kind, answered.failure.detail, false);
    }
    const normalised = normalise(options, answered.answer, ask);
    if (normalised.kind !== "ok" && normalised.kind !== "no_data") {
      if (normalised.kind === "bad_payload" && publish) await park(options, [refusedAnswer(answered.answer.body, contentTypeOf(answered.answer), normalised.detail, received)]);
      return end(normalised.kind, normalised.detail, false);
    }
    if (normalised.kind === "ok") {
      const taken = await takePage(options, { answer: answered.answer, normalised, received });
      rows = addRows(rows, taken.rows);
      for (const [key, mark] of taken.newest) if (mark.timeUs >= (newest.get(key)?.timeUs ?? -Infinity)) newest.set(key, mark);
    }
    bytes += answered.answer.body.length;
    if (normalised.next === undefined) return end(kindOf(rows), normalised.kind === "no_data" && publishedRows(rows) === 0 ? normalised.detail : "", true);
    if (isDeepStrictEqual(normalised.next, page)) return end("bad_payload", "the page after a page is the same page", false);
    if (asked >= MAX_PAGES || bytes >= MAX_BYTES) return end(kindOf(rows), `more than ${MAX_PAGES} pages or ${MAX_BYTES} bytes`, false);
    page = normalised.next;
  }
}

interface PageTaken {
  readonly answer: Answer;
  readonly normalised: Extract<Normalised, { readonly kind: "ok" }>;
  readonly received: PageOptions;
}

async function takePage(options: ReadOptions, { answer, normalised, received }: PageTaken): Promise<{ readonly rows: RowCounts; readonly newest: ReadonlyMap<string, Mark> }> {
  const { tools: { account, score, seen, watermarks }, device, publish = true, heard } = options;
  const { samples, implausible } = namedRows(normalised.samples, device, received.receivedAtUs);
  const refused = [...(normalised.refused ?? []), ...implausible];
  if (publish) await options.before?.(samples);
  const id = idOf({ account: account.id, device: device.device });
  const { forward, corrected, late, repeated, stale } = chooseRows(samples, { device: id, marks: watermarks.of(deviceNameOf(options)).marks, seen });
  const labels = normalised.labels ?? {};
  if (publish) {
    const news = forward.length === 0 ? nothing : pageReadings(answer, { samples: forward, maybeAgain: false, heard, labels }, received);
    const again = [...corrected, ...late, ...repeated];
    const olds = again.length === 0 ? nothing : pageReadings(answer, { samples: again, maybeAgain: true, heard: false, labels }, received);
    const kept = [...news.kept, ...olds.kept, ...refusedRows(refused, contentTypeOf(answer), received)];
    await put(options, [...olds.prepared, ...news.prepared], kept);
    seen.note(id, [...forward, ...again]);
    if (heard && forward.length > 0) score.delay((received.receivedAtUs - Math.max(...forward.map(({ timeUs }) => timeUs))) / 1000);
  }
  return {
    rows: { forward: forward.length, corrected: corrected.length, late: late.length, repeated: repeated.length, stale, refused: refused.length },
    newest: newestMarks(samples, received.receivedAtUs + MARK_AHEAD_US),
  };
}

const nothing = { prepared: [], kept: [] } as const;

export function deviceNameOf({ tools: { account }, device }: Pick<ReadOptions, "tools" | "device">): DeviceName {
  return { client: account.client, account: account.id, device: device.device };
}

function park(options: ReadOptions, kept: readonly Kept[]): Promise<void> {
  return put(options, [], kept);
}

/** Resolves when all is durable; only then may a watermark move. */
async function put({ tools: { edge, faults, sleep }, signal }: ReadOptions, prepared: Parameters<PollTools["edge"]["publish"]>[0], kept: readonly Kept[]): Promise<void> {
  if (prepared.length === 0 && kept.length === 0) return;
  await atStep(faults, "collector/polling.publish", () => retry(() => edge.publish(prepared, kept), { signal, sleep, repeatUnknown: true }));
}

function requestOf({ tools: { account } }: ReadOptions, ask: PageAsk<unknown>): { readonly request: ProviderRequest } | { readonly failure: string } {
  try {
    return { request: account.provider.request(ask) };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : "no request can be made" };
  }
}

/** A provider's code that fails on an answer costs that answer, and nobody else's. */
function normalise({ tools: { account, logger } }: ReadOptions, answer: Answer, ask: PageAsk<unknown>): Normalised {
  try {
    return account.provider.normalise(answer, ask);
  } catch (error) {
    logger.error("poll.normalise-failed", { account: account.id, device: ask.device.device, why: error instanceof Error ? error.name : "unknown" });
    return { kind: "bad_payload", detail: "the answer has a shape that nobody expected" } satisfies Failure;
  }
}

function kindOf(rows: RowCounts): OutcomeKind {
  if (publishedRows(rows) > 0) return "ok";
  return rows.stale > 0 ? "stale" : rows.refused > 0 ? "ok" : "no_data";
}

import type { Reading } from "@caudal/schemas";
import type { LogEntry, Sandbox } from "../../../sandbox/index.ts";
import type { AccountDevice } from "../../../collector/providers/account.ts";

export interface Judged {
  /** Rows of the truth that should be there. */
  readonly rows: number;
  /** Of these, rows whose value was corrected after it was first given. */
  readonly corrected: number;
  /** Samples that are there. */
  readonly samples: number;
  /** Rows of which no sample is there. */
  readonly lost: readonly string[];
  /** Rows whose newest sample is not the newest value that could be seen. */
  readonly outdated: readonly string[];
  /** Samples that the sandbox never gave. */
  readonly invented: readonly string[];
}

export interface JudgeAsk {
  readonly sandbox: Sandbox;
  readonly accounts: readonly { readonly devices: readonly Pick<AccountDevice, "device" | "keys" | "names">[] }[];
  readonly readings: readonly Reading[];
  readonly given: GivenValues;
  /** Rows of these times, as they could be seen at `asOfMs`, must be there. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly asOfMs: number;
}

/** Every value that answers gave, by device, key and time. */
export class GivenValues {
  readonly #values = new Map<string, Set<string>>();

  listener(): (entry: LogEntry) => void {
    return ({ rows }) => {
      for (const { device, key, timeUs, value } of rows) this.#note(`${device} ${key} ${timeUs}`, value);
    };
  }

  has(device: string, key: string, timeUs: number, value: unknown): boolean {
    return this.#values.get(`${device} ${key} ${timeUs}`)?.has(writtenValue(value)) ?? false;
  }

  #note(row: string, value: unknown): void {
    const values = this.#values.get(row) ?? new Set();
    this.#values.set(row, values.add(writtenValue(value)));
  }
}

/** What the log holds against what the sandbox knows and what it gave. Knows nothing of polls, pages or watermarks. */
export function judge({ sandbox, accounts, readings, given, fromMs, toMs, asOfMs }: JudgeAsk): Judged {
  const providerKeys = new Map(accounts.flatMap(({ devices }) => devices.map(({ device, keys, names }) => [device, new Map(keys.map((key) => [names[key] ?? key, key]))] as const)));
  const newest = new Map<string, unknown>();
  const truths = new Map<string, readonly { readonly value: unknown; readonly visibleAt: number }[]>();
  for (const row of sandbox.truth({ fromMs: fromMs - 10 * 86_400_000, toMs: toMs + 10 * 86_400_000 })) truths.set(`${row.device} ${row.key} ${row.timeUs}`, row.revisions);
  const invented: string[] = [];
  let samples = 0;
  for (const reading of readings) {
    for (const { key: name, timeUs, value } of reading.samples) {
      samples += 1;
      const key = providerKeys.get(reading.device)?.get(name) ?? `?${name}`;
      const id = `${reading.device} ${key} ${timeUs}`;
      newest.set(id, value);
      // Whole lines of a stream that was cut count, though its log entry has no rows: these must be true, and visible by then.
      const isTrue = truths.get(id)?.some((revision) => writtenValue(revision.value) === writtenValue(value) && revision.visibleAt * 1000 <= reading.receivedAtUs) ?? false;
      const ofCutStream = reading.source === "things-stack";
      if (!isTrue || !(ofCutStream || given.has(reading.device, key, timeUs ?? Number.NaN, value))) invented.push(`${reading.source} ${id} ${String(value)}`);
    }
  }
  const lost: string[] = [];
  const outdated: string[] = [];
  let rows = 0;
  let corrected = 0;
  for (const row of sandbox.truth({ fromMs, toMs, asOfMs })) {
    const id = `${row.device} ${row.key} ${row.timeUs}`;
    rows += 1;
    if (row.revisions.length > 1) corrected += 1;
    if (!newest.has(id)) lost.push(`${row.provider} ${id} ${String(row.value)} visible ${new Date(row.firstVisibleAt).toISOString()} ${row.marks.join()}`);
    else if (writtenValue(newest.get(id)) !== writtenValue(row.value) && !isLater(truths.get(id) ?? [], newest.get(id), asOfMs)) outdated.push(`${row.provider} ${id} has ${String(newest.get(id))}, not ${String(row.value)}`);
  }
  return { rows, corrected, samples, lost, outdated, invented };
}

/** A correction that could be seen only after the instant that is asked for may be there already. */
function isLater(revisions: readonly { readonly value: unknown; readonly visibleAt: number }[], value: unknown, asOfMs: number): boolean {
  return revisions.some((revision) => revision.visibleAt > asOfMs && writtenValue(revision.value) === writtenValue(value));
}

/** A number as text is the same number. */
export function writtenValue(value: unknown): string {
  return typeof value === "string" && Number.isFinite(Number(value)) && value.trim() !== "" ? String(Number(value)) : String(value);
}

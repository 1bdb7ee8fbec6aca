import { createReadStream, createWriteStream, type WriteStream } from "node:fs";
import { once } from "node:events";
import { finished } from "node:stream/promises";
import { formatInstant } from "@caudal/core";
import { changeReasons, type Change, type ChangeReason, type FactState } from "./change.ts";
import { VariableFindings, type VariableSummary } from "./variable-findings.ts";

const EXAMPLES = 20;
const MAX_POINTS = 1000;
const MAX_BYTES = 2 * 1024 * 1024 * 1024;

/** A change as people and programs read it. */
export interface ChangeText {
  readonly client: string;
  readonly point: string;
  readonly time: string;
  readonly variable: string;
  readonly reason: ChangeReason;
  readonly before: StateText | null;
  readonly after: StateText | null;
}
type StateText = Omit<FactState, "knownAtUs"> & { readonly knownAt: string };

export type ReasonCounts = Readonly<Record<ChangeReason, number>>;

export interface FindingsSummary {
  readonly changes: number;
  readonly byReason: ReasonCounts;
  /** Of the points with most changes; `points` says how many have any. */
  readonly points: number;
  readonly byPoint: readonly ({ readonly client: string; readonly point: string; readonly changes: number } & ReasonCounts)[];
  /** Of the variables with most changes. */
  readonly byVariable: readonly VariableSummary[];
  readonly examples: readonly ChangeText[];
}

const none = (): Record<ChangeReason, number> => ({ lost: 0, altered: 0, unconfirmed: 0, appears: 0, disappears: 0 });

/** What a replay finds: every change as a line of a file, counts and some examples in memory. */
export class Findings {
  readonly path: string;
  readonly #file: WriteStream;
  readonly #byReason = none();
  readonly #byPoint = new Map<string, { readonly client: string; readonly point: string; readonly counts: Record<ChangeReason, number> }>();
  readonly #byVariable = new VariableFindings();
  readonly #examples: ChangeText[] = [];
  #points = 0;
  #lastPoint = "";
  #bytes = 0;
  #failed: Error | undefined;

  constructor(path: string) {
    this.path = path;
    this.#file = createWriteStream(path, { flags: "w", mode: 0o600 });
    this.#file.on("error", (error) => (this.#failed = error));
  }

  /** Changes of a point come one after the other. Rejects when the disk does not take them. */
  async add(change: Change): Promise<void> {
    if (this.#failed !== undefined) throw this.#failed;
    const { client, point, reason } = change;
    this.#byReason[reason] += 1;
    if (point !== this.#lastPoint) this.#points += 1;
    this.#lastPoint = point;
    const counted = this.#byPoint.get(point) ?? { client, point, counts: none() };
    counted.counts[reason] += 1;
    this.#byVariable.add(change);
    if (this.#byPoint.size < MAX_POINTS) this.#byPoint.set(point, counted);
    const text = changeText(change);
    if (this.#examples.length < EXAMPLES) this.#examples.push(text);
    const line = `${JSON.stringify(text)}\n`;
    this.#bytes += line.length;
    if (this.#bytes > MAX_BYTES) throw new RangeError("a replay found more than 2 GiB of changes: ask for less at a time");
    if (!this.#file.write(line)) await Promise.race([once(this.#file, "drain"), once(this.#file, "error")]);
  }

  async close(): Promise<void> {
    this.#file.end();
    await finished(this.#file);
  }

  /** Ends the file without waiting for what does not fit the disk. */
  discard(): void {
    this.#file.destroy();
  }

  summary(): FindingsSummary {
    const byPoint = [...this.#byPoint.values()].map(({ client, point, counts }) => ({ client, point, changes: total(counts), ...counts })).sort((a, b) => b.changes - a.changes).slice(0, EXAMPLES);
    return { changes: total(this.#byReason), byReason: { ...this.#byReason }, points: this.#points, byPoint, byVariable: this.#byVariable.summary(), examples: [...this.#examples] };
  }
}

/** The lines that a replay wrote. */
export function readFindings(path: string): AsyncIterable<Uint8Array> {
  return createReadStream(path, { highWaterMark: 65_536 });
}

function total(counts: ReasonCounts): number {
  return changeReasons.reduce((sum, reason) => sum + counts[reason], 0);
}

function changeText({ client, point, instantUs, variable, reason, before, after }: Change): ChangeText {
  return { client, point, time: formatInstant(instantUs), variable, reason, before: stateText(before), after: stateText(after) };
}

function stateText(state: FactState | null): StateText | null {
  if (state === null) return null;
  const { knownAtUs, ...rest } = state;
  return { ...rest, knownAt: formatInstant(knownAtUs) };
}

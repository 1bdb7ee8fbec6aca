import { setTimeout as wait } from "node:timers/promises";
import { groups } from "@caudal/core";
import type { Fleet } from "./fleet.ts";

const EVERY_MS = 500;
const ANSWER_MS = 2000;
/** Archiving commits behind whole segments: some seconds of records there are no delay. */
const behindOnPurpose: readonly string[] = [groups.archiveReadings, groups.archivePoints];

/** Records behind, by group. */
export type Lags = Readonly<Record<string, number>>;

/** What was seen from outside while a scenario ran. */
export interface Observed {
  /** Share of looks in which the collector was ready to take readings, and in which a history was answered. */
  readonly intakeReady: number;
  readonly answersReady: number;
  /** Records behind at most, by group. */
  readonly mostBehind: Readonly<Record<string, number>>;
  /** Resident memory at most, in MB, by process. */
  readonly mostMb: Readonly<Record<string, number>>;
  readonly looks: number;
}

/** Looks at a fleet twice a second: lag by group, whether it takes and answers, memory. */
export class Watch {
  readonly #fleet: Fleet;
  readonly #stop = new AbortController();
  readonly #mostBehind = new Map<string, number>();
  readonly #mostMb = new Map<string, number>();
  readonly #running: Promise<void>;
  #looks = 0;
  #intake = 0;
  #answers = 0;

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
    this.#running = this.#run();
  }

  async end(): Promise<Observed> {
    this.#stop.abort();
    await this.#running;
    const share = (count: number): number => (this.#looks === 0 ? 1 : count / this.#looks);
    return { intakeReady: share(this.#intake), answersReady: share(this.#answers), mostBehind: Object.fromEntries(this.#mostBehind), mostMb: Object.fromEntries(this.#mostMb), looks: this.#looks };
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const [lags, intake, answers] = await Promise.all([lagsOf(this.#fleet), answersAt(this.#fleet.url("collector"), "/readyz"), answersAt(this.#fleet.url("analytics"), "/api/v1/analytics/latest?limit=1")]);
      this.#looks += 1;
      this.#intake += intake ? 1 : 0;
      this.#answers += answers ? 1 : 0;
      for (const [group, lag] of Object.entries(lags ?? {})) raise(this.#mostBehind, group, lag);
      for (const [name, megabytes] of this.#fleet.memoryMb()) raise(this.#mostMb, name, megabytes);
      await wait(EVERY_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
  }
}

function raise(most: Map<string, number>, name: string, value: number): void {
  most.set(name, Math.max(most.get(name) ?? 0, value));
}

async function answersAt(origin: string | undefined, path: string): Promise<boolean> {
  if (origin === undefined) return false;
  return fetch(new URL(path, origin), { signal: AbortSignal.timeout(ANSWER_MS) }).then(async (response) => {
    await response.arrayBuffer();
    return response.ok;
  }, () => false);
}

/** Stretches of buckets that analytics has yet to compute; undefined while it cannot be asked. */
export async function marksOf(fleet: Fleet): Promise<number | undefined> {
  const origin = fleet.url("analytics");
  if (origin === undefined) return undefined;
  const text = await fetch(new URL("/metrics", origin), { signal: AbortSignal.timeout(ANSWER_MS) }).then((response) => response.text(), () => "");
  const marks = /^caudal_rollup_marks ([\d.]+)$/m.exec(text)?.[1];
  return marks === undefined ? undefined : Number(marks);
}

/** Undefined while nobody can say: the log or the process that asks it is away. */
export async function lagsOf(fleet: Fleet): Promise<Lags | undefined> {
  const origin = fleet.url("web");
  if (origin === undefined) return undefined;
  try {
    const response = await fetch(new URL("/api/v1/status", origin), { signal: AbortSignal.timeout(ANSWER_MS) });
    if (!response.ok) return undefined;
    const { lag } = (await response.json()) as { lag: Lags };
    return Object.fromEntries(Object.entries(lag).filter(([group]) => !behindOnPurpose.includes(group)));
  } catch {
    return undefined;
  }
}

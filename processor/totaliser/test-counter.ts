import assert from "node:assert/strict";
import { configurationBody, type LimitPeriod, type PointSettings, type VariableConfig } from "@caudal/core";
import type { Measurement, PointEvent } from "@caudal/schemas";
import { judgeEvent, type Judgement } from "../judging/judge-event.ts";
import { PointState } from "../judging/point-state.ts";
import { wordBody, type WordChange } from "./word.ts";

export const S = 1_000_000;
export const H = 3600;
export const T0 = 1_772_366_400 * S;

/** A row as a source sends it: seconds since the start, and the value. */
export type Row = readonly [atS: number, value: number | null];

let serial = 0;

function event(more: Partial<PointEvent>): PointEvent {
  serial += 1;
  return {
    eventId: `e${serial}`, client: "acme", point: "p", kind: "samples", device: "d", channel: "", source: "s", transport: "t", observedAtUs: null, receivedAtUs: T0 + 1e6 * S + serial * S,
    causeId: `c${serial}`, causePartition: 0, causeOffset: serial, samples: [], withdrawn: [], body: null, labels: {}, ...more,
  };
}

export function sampleEvent(variable: string, [atS, value]: Row, more: Partial<PointEvent> = {}): PointEvent {
  return event({ samples: [{ variable, key: variable, value, timeUs: T0 + atS * S, timeFrom: "source", reasons: value === null ? ["sentinel"] : [] }], ...more });
}

export interface Period {
  readonly fromS: number | null;
  readonly values: { readonly [N in keyof PointSettings]?: PointSettings[N] | null };
}

/** Limits of a variable from a second on; null: from the first reading. */
export interface Limited {
  readonly variable: string;
  readonly fromS: number | null;
  readonly values: LimitPeriod["values"];
}

/** Limits with their instants, and nothing else that a point has. */
export function limitsEvent(...limits: readonly Limited[]): PointEvent {
  const periods = limits.map(({ variable, fromS, values }) => ({ variable, validFromUs: fromS === null ? null : T0 + fromS * S, values, changedAtUs: T0, changedBy: "Ana" }));
  return event({ kind: "configuration", device: "", causePartition: -1, causeOffset: -1, body: configurationBody({ variables: {}, limits: periods }) });
}

export function configurationEvent(periods: readonly Period[], variables: Readonly<Record<string, VariableConfig>> = {}): PointEvent {
  const settings = periods.map(({ fromS, values }) => ({ validFromUs: fromS === null ? null : T0 + fromS * S, values, changedAtUs: T0, changedBy: "Ana" }));
  return event({ kind: "configuration", device: "", causePartition: -1, causeOffset: -1, body: configurationBody({ variables, settings }) });
}

type Said<T> = T extends unknown ? Omit<T, "timeUs" | "author" | "reason"> & { readonly atS: number } : never;

export function wordEvent({ atS, ...word }: Said<WordChange>): PointEvent {
  const change = { ...word, timeUs: T0 + atS * S, author: "Ana", reason: "seen on site" } as WordChange;
  return event({ kind: "decision", device: "", causePartition: -1, causeOffset: -1, body: wordBody(change) });
}

/** What a tier holds: of each fact the greatest revision, without what was taken back. */
export class Held {
  readonly #facts = new Map<string, { readonly value: number | null; readonly flag: number; readonly reasons: readonly string[]; readonly knownAtUs: number }>();

  take(measurements: readonly Measurement[]): void {
    for (const { instantUs, knownAtUs, facts } of measurements) {
      for (const { variable, value, flag, reasons } of facts) {
        const key = `${variable} ${String((instantUs - T0) / S).padStart(12)}`;
        const known = this.#facts.get(key);
        assert.ok(known === undefined || knownAtUs >= known.knownAtUs, "revisions grow");
        this.#facts.set(key, { value, flag, reasons, knownAtUs });
      }
    }
  }

  /** [seconds, value, flag, reasons …] of a variable, in time order. */
  of(variable: string): unknown[] {
    return [...this.#facts].filter(([key, { reasons }]) => key.startsWith(`${variable} `) && !reasons.includes("withdrawn")).sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, { value, flag, reasons }]) => [Number(key.slice(variable.length)), value, flag, ...reasons]);
  }

  all(): unknown[] {
    return [...this.#facts].filter(([, { reasons }]) => !reasons.includes("withdrawn")).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, { value, flag, reasons }]) => [key, value, flag, reasons]);
  }

  values(variable: string): unknown[] {
    return this.of(variable).map((fact) => (fact as unknown[])[1]);
  }
}

/** A point that judges what it is told, and a tier behind it. */
export class Bench {
  readonly state: PointState;
  readonly held = new Held();
  readonly decisions: Judgement["decisions"][number][] = [];

  constructor(settings?: PointSettings, { most, variables }: { readonly most?: number; readonly variables?: Readonly<Record<string, VariableConfig>> } = {}) {
    this.state = new PointState("acme", "p", most);
    if (settings !== undefined || variables !== undefined) this.tell(configurationEvent(settings === undefined ? [] : [{ fromS: null, values: settings }], variables));
  }

  tell(...events: readonly PointEvent[]): this {
    for (const one of events) {
      const outcome = judgeEvent(this.state, one);
      if (outcome.kind === "drop") continue;
      assert.equal(outcome.kind, "keep", JSON.stringify(outcome));
      if (outcome.kind !== "keep") continue;
      this.held.take(outcome.value.measurements);
      this.decisions.push(...outcome.value.decisions);
    }
    return this;
  }

  rows(variable: string, ...rows: readonly Row[]): this {
    return this.tell(...rows.map((row) => sampleEvent(variable, row)));
  }

  /** Decisions that hold, by id. */
  standing(): string[] {
    const found = new Map<string, string>();
    for (const { id, state } of this.decisions) {
      if (state === "made") found.set(id, id.replace(/^p\//, "").replace(/@(\d+)/, (_, us: string) => `@${(Number(us) - T0) / S}`));
      else found.delete(id);
    }
    return [...found.values()].sort();
  }
}

import { configurationBody, pointIdOf, wordBody, type DirectoryEntry, type PointSettings, type VariableConfig, type WordChange } from "@caudal/core";
import { residualOf, Tally } from "@caudal/runtime";
import type { Measurement, PointEvent, Reading } from "@caudal/schemas";
import { judgeEvent } from "../../processor/judging/judge-event.ts";
import { PointState } from "../../processor/judging/point-state.ts";
import { DeviceState } from "../../processor/mapping/device-state.ts";
import { mapReading } from "../../processor/mapping/map-reading.ts";
import { Mapping } from "../../processor/mapping/mapping.ts";

const CLIENT = "quality";
const DEVICE = "meter";
const DELAY_US = 60_000_000;

/** What a source sent at one instant. */
export interface Sent {
  readonly timeUs: number;
  readonly values: Readonly<Record<string, number | string | null>>;
  /** A minute after `timeUs` unless said. */
  readonly receivedAtUs?: number;
}

/** How a point is set up before its first reading. */
export interface SetUp {
  /** Variable and unit of each key, as a person confirmed them. */
  readonly keys: Readonly<Record<string, { readonly variable: string; readonly unit: string }>>;
  readonly settings?: PointSettings;
  readonly limits?: Readonly<Record<string, VariableConfig>>;
  readonly words?: readonly WordChange[];
}

export interface ReplayedFact {
  readonly timeUs: number;
  readonly value: number | null;
  readonly flag: number;
  readonly reasons: readonly string[];
  readonly knownAtUs: number;
}

/** What a tier holds at the end, and what became of every sample. */
export interface Replayed {
  /** Facts of a variable in time order, without those that were taken back. */
  of(variable: string): ReplayedFact[];
  at(variable: string, timeUs: number): ReplayedFact | undefined;
  readonly dropped: Readonly<Record<string, number>>;
  readonly samples: number;
}

/**
 * Takes the rows, in the order of arrival, through what the processor does with a device's readings: mapping (values, units, duplicates), then judging with the totaliser.
 * These are the processor's own functions; only logs and stores are left out, whose part other tests have. Throws when a sample is not accounted for.
 * `hear` is told every measurement in the order in which it was published.
 */
export function replaySeries(sent: Iterable<Sent>, { keys, settings = {}, limits = {}, words = [] }: SetUp, hear: (measurement: Measurement) => void = () => undefined): Replayed {
  const point = pointIdOf(CLIENT, DEVICE);
  const entries: DirectoryEntry[] = Object.entries(keys).map(([key, meaning]) => ({ key, channel: "", point, ...meaning, guessed: false, validFromUs: null }));
  const device = new DeviceState({ id: `${CLIENT}/${DEVICE}`, client: CLIENT, device: DEVICE, partition: 0 }, new Mapping(1, entries));
  const state = new PointState(CLIENT, point);
  const facts: Held = new Map();
  const tally = new Tally();
  const admit = (key: string, timeUs: number, value: number): boolean => device.memory.admit(key, timeUs, value, () => undefined);
  const judge = (event: PointEvent): void => {
    const outcome = judgeEvent(state, event);
    if (outcome.kind !== "keep") throw new Error(`not judged: ${JSON.stringify(outcome)}`);
    for (const measurement of outcome.value.measurements) {
      hold(facts, measurement);
      hear(measurement);
    }
  };
  judge(told(point, "configuration", configurationBody({ variables: limits, settings: [{ validFromUs: null, values: settings, changedAtUs: 0, changedBy: "Ana" }] })));
  for (const word of words) judge(told(point, "decision", wordBody(word)));
  let offset = 0;
  for (const one of sent) {
    offset += 1;
    for (const event of mapReading({ reading: readingOf(one, offset), place: { partition: 0, offset } }, device.mapping, admit, tally)) judge(event);
  }
  const counted = tally.body();
  if (residualOf(counted) !== 0) throw new Error(`samples went astray: ${JSON.stringify(counted)}`);
  return {
    of: (variable) => [...(facts.get(variable)?.values() ?? [])].filter(({ reasons }) => !reasons.includes("withdrawn")).sort((a, b) => a.timeUs - b.timeUs),
    at: (variable, timeUs) => facts.get(variable)?.get(timeUs),
    dropped: Object.fromEntries(Object.entries(counted.out).flatMap(([key, count]) => (key.startsWith("dropped ") ? [[key.slice(8), count]] : []))),
    samples: counted.in,
  };
}

/** By variable and instant. */
export type Held = Map<string, Map<number, ReplayedFact>>;

/** Keeps of each fact the greatest revision, as a tier does. */
export function hold(facts: Held, { instantUs, knownAtUs, facts: told }: Measurement): void {
  for (const { variable, value, flag, reasons } of told) {
    let known = facts.get(variable);
    if (known === undefined) facts.set(variable, (known = new Map()));
    const before = known.get(instantUs);
    if (before === undefined || knownAtUs >= before.knownAtUs) known.set(instantUs, { timeUs: instantUs, value, flag, reasons, knownAtUs });
  }
}

function readingOf({ timeUs, values, receivedAtUs = timeUs + DELAY_US }: Sent, offset: number): Reading {
  return {
    eventId: `r${offset}`, client: CLIENT, device: DEVICE, source: "replay", transport: "file", origin: "regression/quality", observedAtUs: null, receivedAtUs,
    samples: Object.entries(values).map(([key, value]) => ({ key, value, unit: null, timeUs })), contentType: "text/csv", raw: NOTHING, rawSha256: NOTHING, labels: {},
  };
}

const NOTHING = Buffer.alloc(0);

function told(point: string, kind: string, body: string): PointEvent {
  return {
    eventId: `${kind}-0`, client: CLIENT, point, kind, device: "", channel: "", source: "", transport: "", observedAtUs: null, receivedAtUs: 1, causeId: "", causePartition: -1, causeOffset: -1,
    samples: [], withdrawn: [], body, labels: {},
  };
}

import type { CollectionSpec, LimitPeriod, NewDocument, PointPeriod, StoredDocument, VariableConfig } from "@caudal/core";
import type { StateForm } from "../state/state-cache.ts";
import { trace } from "../totaliser/counter.ts";
import type { Word } from "../totaliser/word.ts";
import type { Corrected } from "./corrections.ts";
import { PointState, type DeviceProgress } from "./point-state.ts";
import { SAMPLE_CELLS, WINDOW } from "./ring.ts";

export const pointStateCollection: CollectionSpec = { name: "judging-points", tenant: true };

interface PackedVariable {
  readonly name: string;
  readonly newestUs: number | null;
  readonly remap: string;
  readonly complete: boolean;
  readonly cells: number;
  /** Numbers a sample; absent in states of before counters had their own. */
  readonly width?: number;
  /** What a counter carried up to the oldest sample. */
  readonly base?: { readonly baseline: number; readonly baselineUs: number; readonly offsetM3: number; readonly waiting: number };
}

export interface PointStateBody {
  readonly client: string;
  readonly asOfOffset: number;
  readonly knownAtUs: number | null;
  readonly config: Readonly<Record<string, VariableConfig>>;
  readonly periods?: readonly PointPeriod[];
  readonly limits?: readonly LimitPeriod[];
  readonly words?: readonly Word[];
  readonly corrections?: { readonly values: readonly Corrected[]; readonly events: readonly string[] };
  readonly behindUs?: number | null;
  readonly devices: readonly DeviceProgress[];
  /** `cells` numbers each of the blob, in this order. */
  readonly variables: readonly PackedVariable[];
}

/** A point's state as a document: rings as one blob of doubles. */
export const pointForm: StateForm<PointState, PointStateBody> = formOf(WINDOW);

/** The same for states that keep `most` samples of each variable. */
export function formOf(most: number): StateForm<PointState, PointStateBody> {
  return { toDocument, fromDocument: (document) => fromDocument(document, most) };
}

function toDocument(state: PointState): NewDocument<PointStateBody> {
  const packed = [...state.variables.values()].map((variable) => ({ variable, cells: variable.ring.pack() }));
  const all = new Float64Array(packed.reduce((total, { cells }) => total + cells.length, 0));
  let at = 0;
  for (const { cells } of packed) {
    all.set(cells, at);
    at += cells.length;
  }
  const corrections = state.corrections.toJson();
  return {
    id: state.id,
    body: {
      client: state.client,
      asOfOffset: state.asOfOffset,
      knownAtUs: state.knownAtUs ?? null,
      config: state.config,
      ...(state.periods.length === 0 ? {} : { periods: state.periods }),
      ...(state.limits.length === 0 ? {} : { limits: state.limits }),
      ...(state.words.length === 0 ? {} : { words: state.words }),
      ...(corrections.events.length === 0 ? {} : { corrections }),
      ...(Number.isNaN(state.behindUs) ? {} : { behindUs: state.behindUs }),
      devices: [...state.devices.values()].map((progress) => ({ ...progress })),
      variables: packed.map(({ variable: { name, newestUs, remap, ring, counter }, cells }) => ({
        name, newestUs: Number.isNaN(newestUs) ? null : newestUs, remap, complete: ring.complete, cells: cells.length, width: ring.width,
        ...(counter === undefined || Number.isNaN(counter.base.baseline) ? {} : { base: { ...counter.base } }),
      })),
    },
    blob: new Uint8Array(all.buffer),
  };
}

function fromDocument({ id, body, blob }: StoredDocument<PointStateBody>, most: number): PointState {
  const state = new PointState(body.client, id, most);
  state.asOfOffset = body.asOfOffset;
  state.knownAtUs = body.knownAtUs ?? undefined;
  state.configure(body.config, body.periods, body.limits);
  state.heed(body.words ?? []);
  if (body.corrections !== undefined) state.corrections.restore(body.corrections);
  state.behindUs = body.behindUs ?? NaN;
  for (const progress of body.devices) state.devices.set(progress.device, { ...progress });
  // A copy, because a blob may start anywhere in its buffer.
  const all = new Float64Array(new Uint8Array(blob ?? []).buffer);
  let at = 0;
  for (const { name, newestUs, remap, complete, cells, width = SAMPLE_CELLS, base } of body.variables) {
    const variable = state.variable(name);
    variable.newestUs = newestUs ?? NaN;
    variable.remap = remap;
    variable.ring.unpack(all.subarray(at, at + cells), complete, width);
    if (variable.counter !== undefined) {
      if (base !== undefined) variable.counter.base = { ...base };
      if (width !== variable.ring.width) trace(variable.ring, variable.counter, { from: 0, changedTo: variable.ring.count }, () => undefined);
    }
    at += cells;
  }
  return state;
}

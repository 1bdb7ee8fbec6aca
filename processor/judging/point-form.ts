import type { CollectionSpec, NewDocument, StoredDocument, VariableConfig } from "@caudal/core";
import type { StateForm } from "../state/state-cache.ts";
import { PointState, type DeviceProgress } from "./point-state.ts";
import { Ring } from "./ring.ts";

export const pointStateCollection: CollectionSpec = { name: "judging-points", tenant: true };

export interface PointStateBody {
  readonly client: string;
  readonly asOfOffset: number;
  readonly knownAtUs: number | null;
  readonly config: Readonly<Record<string, VariableConfig>>;
  readonly devices: readonly DeviceProgress[];
  /** `cells` numbers each of the blob, in this order. */
  readonly variables: readonly { readonly name: string; readonly newestUs: number | null; readonly remap: string; readonly complete: boolean; readonly cells: number }[];
}

/** A point's state as a document: rings as one blob of doubles. */
export const pointForm: StateForm<PointState, PointStateBody> = {
  toDocument(state): NewDocument<PointStateBody> {
    const packed = [...state.variables.values()].map((variable) => ({ variable, cells: variable.ring.pack() }));
    const all = new Float64Array(packed.reduce((total, { cells }) => total + cells.length, 0));
    let at = 0;
    for (const { cells } of packed) {
      all.set(cells, at);
      at += cells.length;
    }
    return {
      id: state.id,
      body: {
        client: state.client,
        asOfOffset: state.asOfOffset,
        knownAtUs: state.knownAtUs ?? null,
        config: state.config,
        devices: [...state.devices.values()].map((progress) => ({ ...progress })),
        variables: packed.map(({ variable: { name, newestUs, remap, ring }, cells }) => ({
          name, newestUs: Number.isNaN(newestUs) ? null : newestUs, remap, complete: ring.complete, cells: cells.length,
        })),
      },
      blob: new Uint8Array(all.buffer),
    };
  },

  fromDocument({ id, body, blob }: StoredDocument<PointStateBody>): PointState {
    const state = new PointState(body.client, id);
    state.asOfOffset = body.asOfOffset;
    state.knownAtUs = body.knownAtUs ?? undefined;
    state.configure(body.config);
    for (const progress of body.devices) state.devices.set(progress.device, { ...progress });
    // A copy, because a blob may start anywhere in its buffer.
    const all = new Float64Array(new Uint8Array(blob ?? []).buffer);
    let at = 0;
    for (const { name, newestUs, remap, complete, cells } of body.variables) {
      const variable = state.variable(name);
      variable.newestUs = newestUs ?? NaN;
      variable.remap = remap;
      variable.ring = Ring.unpack(all.subarray(at, at + cells), complete);
      at += cells;
    }
    return state;
  },
};

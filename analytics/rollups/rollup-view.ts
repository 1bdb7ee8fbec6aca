import { partitionOf, type PointKey, type Scope } from "@caudal/core";
import type { Span } from "../buckets/calendar.ts";
import type { TierPositions } from "../tiers/positions.ts";
import { quarterUs } from "./level.ts";
import type { MarkedPoints } from "./marked-points.ts";
import { marksOf, type MarkStore } from "./mark-store.ts";
import type { Marks } from "./marks.ts";

export interface RollupViewOptions {
  readonly store: MarkStore;
  readonly positions: TierPositions;
  readonly partitions: () => Promise<number>;
  /** Partitions that are marked in this process: their marks are known to the last record. */
  readonly owned: () => ReadonlyMap<number, MarkedPoints>;
}

export interface MarkedSpans {
  /** In order and apart. */
  readonly spans: readonly Span[];
  /** True when a tier may hold facts that nobody marked yet. */
  readonly isBehind: boolean;
}

/** What a reader must know of rollups before it trusts them. */
export class RollupView {
  readonly #options: RollupViewOptions;

  constructor(options: RollupViewOptions) {
    this.#options = options;
  }

  async marked(scope: Scope, key: PointKey): Promise<MarkedSpans> {
    const { positions, partitions, owned, store } = this.#options;
    const partition = partitionOf(key.point, await partitions());
    await positions.refresh();
    const points = owned().get(partition);
    if (points !== undefined) return { spans: spansOf(points.marksOf(key.point)), isBehind: points.handled < positions.newest(partition) };
    const stored = await store.get(scope, key.point);
    return { spans: stored === undefined ? [] : spansOf(marksOf(stored)), isBehind: positions.areRollupsBehind(partition) };
  }
}

function spansOf(marks: Marks): Span[] {
  return marks.map(({ from, to }) => ({ fromUs: from * quarterUs, toUs: to * quarterUs }));
}

import type { PointKey } from "@caudal/core";
import type { Cluster } from "../cluster/cluster.ts";
import { textOf, type KnownPoint } from "./known-point.ts";
import { Pace } from "./pace.ts";
import type { PointHeads } from "./point-heads.ts";

/** What another process changed of a point (floor, width, erased) is noticed after this. */
const TRUSTED_MS = 60_000;

/** The points that the writer remembers, least recently used first, and whose turn it is to write to one. */
export class KnownPoints {
  readonly #cluster: Cluster;
  readonly #heads: PointHeads;
  readonly #maxPoints: number;
  readonly #retentionUs: number;
  readonly #points = new Map<string, KnownPoint>();
  readonly #lastTurns = new Map<string, Promise<unknown>>();

  constructor(cluster: Cluster, heads: PointHeads, options: { readonly maxPoints: number; readonly retentionUs: number }) {
    this.#cluster = cluster;
    this.#heads = heads;
    this.#maxPoints = options.maxPoints;
    this.#retentionUs = options.retentionUs;
  }

  /** Runs what changes a point after all that was asked before for it. */
  async inTurn<T>(key: PointKey, work: () => Promise<T>): Promise<T> {
    const text = textOf(key);
    const before = this.#lastTurns.get(text);
    const late = (): Promise<T> => {
      this.#cluster.refuseWhileAway();
      return work();
    };
    const turn = before === undefined ? work() : before.then(late, late);
    this.#lastTurns.set(text, turn);
    try {
      return await turn;
    } finally {
      if (this.#lastTurns.get(text) === turn) this.#lastTurns.delete(text);
    }
  }

  /** The point, which gets its floor when this is its first fact. To be called in turn. */
  async begun(key: PointKey, receivedAtUs: number): Promise<KnownPoint> {
    const text = textOf(key);
    const known = this.#points.get(text);
    this.#points.delete(text);
    const isFresh = known !== undefined && performance.now() - known.loadedAtMs < TRUSTED_MS;
    const point = isFresh ? known : await this.#load(key, receivedAtUs, known?.pace);
    this.keep(key, point);
    return point;
  }

  keep(key: PointKey, point: KnownPoint): void {
    this.#points.set(textOf(key), point);
    for (const oldest of this.#points.keys()) {
      if (this.#points.size <= this.#maxPoints) return;
      this.#points.delete(oldest);
    }
  }

  forget(key: PointKey): void {
    this.#points.delete(textOf(key));
  }

  async #load(key: PointKey, receivedAtUs: number, pace = new Pace()): Promise<KnownPoint> {
    const floorUs = receivedAtUs - this.#retentionUs;
    for (;;) {
      const loadedAtMs = performance.now();
      const found = await this.#heads.findWithNewest(key);
      if (found?.head.begun === true) return { ...found.head, newest: found.newest, spans: new Set(), pace, loadedAtMs };
      if (found === undefined) await this.#heads.add(key, floorUs, true);
      else await this.#heads.begin(key, found.head, floorUs);
    }
  }
}

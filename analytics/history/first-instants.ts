import { hasCode, type PointKey, type Scope } from "@caudal/core";
import { edgeTime } from "../tiers/edge-values.ts";
import type { RowSeries } from "../tiers/point-series.ts";

const MOST_KEPT = 20_000;

/** When each point's series begins: asked anew each time, since a late reading may be older, and remembered for when it cannot be asked. */
export class FirstInstants {
  readonly #series: RowSeries;
  readonly #known = new Map<string, number>();

  constructor(series: RowSeries) {
    this.#series = series;
  }

  /**
   * Undefined for a point without rows. While the tier that holds the oldest cannot be read: what was known before, else the first row that can be
   * read, which is as good for a range that begins where those tiers do; CaudalError "unavailable" for one that begins earlier.
   */
  async of(scope: Scope, key: PointKey, fromUs: number): Promise<number | undefined> {
    const read = this.#series.read.bind(this.#series);
    const id = `${key.client}\0${key.point}`;
    try {
      const firstUs = await edgeTime(read, { scope, key }, { fromUs: -Infinity, toUs: Infinity }, "ascending");
      if (this.#known.size >= MOST_KEPT) this.#known.clear();
      if (firstUs !== undefined) this.#known.set(id, firstUs);
      return firstUs;
    } catch (error) {
      if (!hasCode(error, "unavailable")) throw error;
      const known = this.#known.get(id);
      if (known !== undefined) return known;
      const reachUs = await this.#series.reachUs(scope, key);
      if (reachUs === undefined || fromUs < reachUs) throw error;
      return edgeTime(read, { scope, key }, { fromUs: reachUs, toUs: Infinity }, "ascending");
    }
  }
}

import { crc32 } from "node:zlib";
import type { PointKey } from "@caudal/core";
import type { Cluster } from "../cluster/cluster.ts";
import { addNewest, headOf, type PointHead } from "./known-point.ts";
import type { NewestFact } from "./newest-cell.ts";
import type { PointStatements } from "./statements.ts";

/** Partitions that the index of a client's points is spread over. */
export const CLIENT_SHARDS = 16;

export function shardOf(point: string): number {
  return crc32(point) % CLIENT_SHARDS;
}

/**
 * Floors and widths of points. They change by conditional writes only, so that processes agree whoever comes first; each such write is
 * followed by reading what stands there then.
 */
export class PointHeads {
  readonly #cluster: Cluster;
  readonly #statements: PointStatements;

  constructor(cluster: Cluster, statements: PointStatements) {
    this.#cluster = cluster;
    this.#statements = statements;
  }

  async find(key: PointKey): Promise<PointHead | undefined> {
    return headOf((await this.#cluster.query(this.#statements.head(key)))[0]);
  }

  async findWithNewest(key: PointKey): Promise<{ readonly head: PointHead; readonly newest: Map<string, NewestFact> } | undefined> {
    const newest = new Map<string, NewestFact>();
    const statement = this.#statements.point(key);
    let head: PointHead | undefined;
    let from: string | undefined;
    do {
      const page = await this.#cluster.page(statement, { fetchSize: 5000, from });
      head ??= headOf(page.rows[0]);
      if (head === undefined) return undefined;
      addNewest(newest, page.rows, head.era);
      from = page.next;
    } while (from !== undefined);
    return { head, newest };
  }

  /** Adds the point unless it is there. */
  async add(key: PointKey, floorUs: number, begun: boolean): Promise<void> {
    // Before the point itself, so that no process may end between and leave a point that erasing its client would not find.
    await this.#cluster.batch([this.#statements.addToClient(key.client, shardOf(key.point), key.point)]);
    const era = BigInt(Date.now()) * 1000n + BigInt(Math.floor(Math.random() * 1000));
    await this.#cluster.query(this.#statements.addPoint(key, era, floorUs, begun));
  }

  /** Ends the time before the first fact. */
  async begin(key: PointKey, head: PointHead, floorUs: number): Promise<void> {
    await this.#cluster.query(this.#statements.begin(key, Math.max(head.floorUs, floorUs), head.floorUs));
  }

  /** From then on the point's facts have partitions of a day; the first who says so decides. */
  async splitDays(key: PointKey, fromUs: number): Promise<number> {
    await this.#cluster.query(this.#statements.splitDays(key, BigInt(fromUs), null));
    return (await this.find(key))?.daysFromUs ?? Infinity;
  }

  /** Raises the floor, adding the point where it is new; the floor that stands then. */
  async raise(key: PointKey, floorUs: number): Promise<number> {
    for (;;) {
      const head = await this.find(key);
      if (head === undefined) await this.add(key, floorUs, false);
      else if (head.floorUs >= floorUs) return head.floorUs;
      else await this.#cluster.query(this.#statements.moveFloor(key, floorUs, head.floorUs));
    }
  }

  /** Forgets the point with its newest facts. */
  async remove(key: PointKey): Promise<void> {
    const head = await this.find(key);
    if (head === undefined) return;
    // Newest facts carry their instant as time of writing, which may lie ahead.
    await this.#cluster.batch([this.#statements.removeNewest(key, 1n << 62n, head.era)]);
    await this.#cluster.query(this.#statements.removeHead(key, head.era));
  }
}

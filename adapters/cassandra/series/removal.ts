import type { PointKey } from "@caudal/core";
import type { Cluster } from "../cluster/cluster.ts";
import type { FactReader } from "./fact-reader.ts";
import { int64 } from "./fact-rows.ts";
import { CLIENT_SHARDS, type PointHeads } from "./point-heads.ts";
import { dayStart, FIRST_US, LAST_US, monthOf } from "./span.ts";
import type { PointStatements } from "./statements.ts";

const POINTS_PAGE = 500;

/** Removes facts by whole partitions and ranges of them, never one by one: each removal is one tombstone. */
export class Removal {
  readonly #cluster: Cluster;
  readonly #statements: PointStatements;
  readonly #reader: FactReader;
  readonly #heads: PointHeads;

  constructor(parts: { readonly cluster: Cluster; readonly statements: PointStatements; readonly reader: FactReader; readonly heads: PointHeads }) {
    this.#cluster = parts.cluster;
    this.#statements = parts.statements;
    this.#reader = parts.reader;
    this.#heads = parts.heads;
  }

  /** Removes a point's facts below an instant. The list of partitions goes last, so that what was cut short is done again. */
  async below(key: PointKey, instantUs: number): Promise<void> {
    const toUs = Math.min(Math.ceil(instantUs), LAST_US + 1);
    if (toUs <= FIRST_US) return;
    for (const span of await this.#reader.spans(key, FIRST_US, toUs)) {
      // A day that lies partly below stays packed whole: nobody is shown what lies below.
      await this.#cluster.batch([this.#statements.removeChunksBelow(key, monthOf(span.fromUs).text, int64(dayStart(toUs)))]);
      if (span.toUs > toUs) {
        await this.#cluster.batch([this.#statements.removeFactsBelow(key, span.text, int64(toUs))]);
      } else {
        await this.#cluster.batch([this.#statements.removeFacts(key, span.text)]);
        await this.#cluster.batch([this.#statements.removeSpan(key, span.text)]);
      }
    }
  }

  /** Removes all points of a client; says how many. `around` runs each, so that it waits for the point's writes. */
  async client(client: string, around: (key: PointKey, work: () => Promise<void>) => Promise<void>): Promise<number> {
    let points = 0;
    for (let shard = 0; shard < CLIENT_SHARDS; shard++) {
      let from: string | undefined;
      do {
        const page = await this.#cluster.page(this.#statements.pointsOfClient(client, shard), { fetchSize: POINTS_PAGE, from });
        const keys = page.rows.map((row) => ({ client, point: row["point"] as string }));
        await Promise.all(keys.map((key) => around(key, () => this.#point(key, shard))));
        points += keys.length;
        from = page.next;
      } while (from !== undefined);
    }
    return points;
  }

  /** The index goes last, so that an erasure that was cut short finds the point again. */
  async #point(key: PointKey, shard: number): Promise<void> {
    for (const { text, fromUs } of await this.#reader.spans(key, FIRST_US, LAST_US)) {
      await this.#cluster.batch([this.#statements.removeFacts(key, text)]);
      await this.#cluster.batch([this.#statements.removeChunks(key, monthOf(fromUs).text)]);
    }
    await this.#cluster.batch([this.#statements.removeSpans(key)]);
    await this.#heads.remove(key);
    await this.#cluster.batch([this.#statements.removeFromClient(key.client, shard, key.point)]);
  }
}

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { hasCode, systemScope, Words, type SeriesTier } from "@caudal/core";
import type { Measurement } from "@caudal/schemas";
import { withEngine } from "../../../tools/engines/for-tests.ts";
import { Cluster, type Statement } from "../cluster/cluster.ts";
import { readClusterUrl } from "../cluster/cluster-url.ts";
import { tablesOf } from "../migrations/tables.ts";
import { bareClient, dropKeyspace, testKeyspace } from "../test-keyspace.ts";
import { DayPacker } from "./day-packer.ts";
import { FactReader } from "./fact-reader.ts";
import { rowStatements } from "./fact-rows.ts";
import { KnownPoints } from "./known-points.ts";
import { openCassandraTier } from "./open-tier.ts";
import { PackedDays } from "./packed-days.ts";
import { PointHeads } from "./point-heads.ts";
import { PointWriter } from "./point-writer.ts";
import { pointStatements } from "./statements.ts";

const DAY_US = 86_400_000_000;
const START_US = Date.UTC(2026, 2, 10) * 1000;
const MINUTE_US = 60_000_000;
const CLIENT = "packed-client";

withEngine("cassandra", (serverUrl) => {
  describe("packing of days", () => {
    const { url, keyspace } = testKeyspace(serverUrl, "packing");
    const address = readClusterUrl(url);
    let tier: SeriesTier;
    let other: SeriesTier;
    let cluster: Cluster;
    const count = async (table: string, point: string, month = "2026-03"): Promise<number> => {
      const column = table === "facts" ? "span" : "month";
      const rows = await cluster.query({ query: `SELECT count(*) AS n FROM ${keyspace}.cold_${table} WHERE client = ? AND point = ? AND ${column} = ?`, params: [CLIENT, point, month] });
      return Number(rows[0]!["n"]);
    };
    before(async () => {
      tier = await openCassandraTier({ url, name: "cold" });
      other = await openCassandraTier({ url, name: "cold" });
      cluster = await Cluster.connect(address, undefined);
    });
    after(async () => {
      await Promise.all([tier.close(), other.close(), cluster.close()]);
      await dropKeyspace(serverUrl, keyspace);
    });

    it("leaves one chunk and no row, in fewer bytes, and a row that came with another clock", async () => {
      await tier.write(series("one", 1440));
      const client = await bareClient(serverUrl);
      const ahead = BigInt(Date.now() + 600_000) * 1000n;
      await client.execute(`INSERT INTO ${keyspace}.cold_facts (client, point, span, at, authority, known_at, variables, facts) VALUES (?, ?, ?, ?, 0, 7, '["flow"]', ?) USING TIMESTAMP ?`,
        [CLIENT, "one", "2026-03", BigInt(START_US), Buffer.from("003ff0000000000000", "hex"), ahead], { prepare: true });
      await client.shutdown();
      const { facts, left, bytesBefore, bytesAfter } = await tier.pack!(key("one"), START_US);
      assert.deepEqual([facts, left, await count("facts", "one"), await count("chunks", "one")], [1440, 1, 1, 1]);
      assert.ok(bytesAfter * 4 < bytesBefore, `${bytesBefore} bytes became ${bytesAfter}`);
      assert.equal((await values(other, "one")).size, 1440);
      assert.equal((await tier.write(series("one", 1440))).duplicate, 1440);
    });

    it("ends at any step without a change, and goes on the next time", async () => {
      await tier.write(series("steps", 50));
      const expected = await tier.digest(systemScope, key("steps"), START_US);
      let isDone = false;
      const chunks: number[] = [];
      for (let step = 1; !isDone; step++) {
        assert.ok(step < 30);
        for (const isApplied of [false, true]) {
          const late = series("steps", 2, START_US + step * MINUTE_US * 60 + (isApplied ? 7 : 3));
          await other.write(late);
          const digest = await tier.digest(systemScope, key("steps"), START_US);
          isDone = await packer(failingAt(cluster, step, isApplied)).pack(key("steps"), START_US).then(() => true, (error: Error) => {
            assert.equal(error.message, "gone");
            return false;
          });
          assert.deepEqual(await tier.digest(systemScope, key("steps"), START_US), digest, `step ${step}`);
          assert.equal((await tier.write(series("steps", 50))).failed.length, 0);
          assert.deepEqual(await other.digest(systemScope, key("steps"), START_US), digest, `a redelivery after step ${step}`);
          chunks.push(await count("chunks", "steps"));
        }
      }
      assert.ok(chunks.includes(0) && chunks.includes(1), chunks.join());
      await tier.pack!(key("steps"), START_US);
      assert.equal(await count("facts", "steps"), 0);
      assert.notDeepEqual(await tier.digest(systemScope, key("steps"), START_US), expected);
    });

    it("by two processes while others write loses no row that was acknowledged, at no moment", { timeout: 60_000 }, async () => {
      const point = "raced";
      const acknowledged = new Map<number, number>();
      const writers = await Promise.all([1, 2, 3].map(() => openCassandraTier({ url, name: "cold" })));
      let isOver = false;
      let [packed, looks] = [0, 0];
      const writing = Promise.all(writers.map(async (writer, w) => {
        for (let round = 0; round < 60; round++) {
          // Single facts in no order, and now and then one that is there already.
          const minutes = Array.from({ length: 3 }, (_, i) => (w * 480 + ((round * 3 + i) * 161) % 480));
          const again = [...acknowledged.keys()][round * 7];
          const batch = minutes.map((minute) => reading(point, START_US + minute * MINUTE_US, minute));
          await writer.write(again === undefined ? batch : [...batch, reading(point, again, acknowledged.get(again)!)]);
          for (const { instantUs, facts } of batch) acknowledged.set(instantUs, facts[0]!.value!);
        }
      })).finally(() => (isOver = true));
      const packing = [tier, other].map(async (one) => {
        while (!isOver) packed += (await one.pack!(key(point), START_US)).facts;
      });
      const looking = (async () => {
        while (!isOver) {
          const known = new Map(acknowledged);
          const order = looks++ % 2 === 0 ? "ascending" as const : "descending" as const;
          const found = await values(writers[looks % 3]!, point, order);
          for (const [instantUs, value] of known) assert.equal(found.get(instantUs), value, `look ${looks}`);
        }
      })();
      await Promise.all([writing, ...packing, looking]);
      await tier.pack!(key(point), START_US);
      assert.deepEqual(await values(tier, point), new Map([...acknowledged].sort(([a], [b]) => a - b)));
      assert.ok(packed > 0 && looks > 3, `${packed} facts packed, ${looks} looks`);
      assert.equal(await count("facts", point), 0);
      await Promise.all(writers.map((writer) => writer.close()));
    });

    describe("at the worst moment", () => {
      const partsOf = (of: Cluster) => {
        const statements = pointStatements(tablesOf(address.keyspace, "cold"));
        const [packed, heads] = [new PackedDays(of, statements), new PointHeads(of, statements)];
        const reader = new FactReader({ cluster: of, statements, packed, table: `${keyspace}.cold_facts` });
        return { cluster: of, statements, packed, heads, reader, factTable: `${keyspace}.cold_facts`, points: new KnownPoints(of, heads, { maxPoints: 10, retentionUs: Infinity }) };
      };
      const late = (point: string): Measurement => reading(point, START_US + 5 * MINUTE_US + 1, 5);

      it("rows whose time of writing lies before a fence arrive when the day was packed", async () => {
        await tier.write(series("slow-write", 20));
        const slow = around(cluster, ({ query }) => query.startsWith("INSERT") && query.includes("cold_facts"), "before", () => other.pack!(key("slow-write"), START_US));
        await new PointWriter(partsOf(slow)).write(key("slow-write"), [late("slow-write")]);
        assert.equal((await values(tier, "slow-write")).size, 21);
      });

      it("a redelivery finds a row that nobody acknowledged, which is removed a moment later", async () => {
        await tier.write(series("redelivered", 20));
        const earlierUs = cluster.timestampUs();
        const [batch] = rowStatements(`${keyspace}.cold_facts`).batches(key("redelivered"), "2026-03", [{ ...late("redelivered") }]);
        const slow = around(cluster, ({ query }) => query.startsWith("DELETE"), "before", async () => {
          await cluster.batch(batch!, earlierUs);
          await other.write([late("redelivered")]);
        });
        await packer(slow).pack(key("redelivered"), START_US);
        assert.equal((await values(tier, "redelivered")).size, 21);
      });

      it("a day is packed between the pages of a read, in both directions", async () => {
        for (const order of ["ascending", "descending"] as const) {
          const point = `read-${order}`;
          await tier.write(series(point, 40));
          const slow = around(cluster, ({ query }) => query.includes("cold_facts"), "after", () => other.pack!(key(point), START_US));
          const found = new Set<number>();
          for await (const { facts, start, end } of partsOf(slow).reader.runs(key(point), { fromUs: START_US - DAY_US, toUs: START_US + DAY_US, descending: order === "descending", maxRows: 4 }, new Words())) {
            for (let i = start; i < end; i++) found.add(facts.instants[i]!);
          }
          assert.equal(found.size, 40, order);
        }
      });

      it("a client is erased while one of its days is packed", async () => {
        await tier.write(series("erased", 20).map((one) => ({ ...one, client: "erased-client" })));
        const erased = { client: "erased-client", point: "erased" };
        const slow = around(cluster, ({ query }) => query.startsWith("INSERT") && query.includes("chunk)"), "before", () => other.eraseClient("erased-client"));
        await packer(slow).pack(erased, START_US);
        const rows = await cluster.query({ query: `SELECT chunk FROM ${keyspace}.cold_chunks WHERE client = ? AND point = ? AND month = ?`, params: [erased.client, erased.point, "2026-03"] });
        assert.deepEqual(rows.filter((row) => row["chunk"] !== null), []);
      });
    });

    it("goes day by day, and a month that is packed whole is read as it was", async () => {
      const firstUs = Date.UTC(2026, 3, 1) * 1000;
      for (let day = 0; day < 30; day++) await tier.write(series("month", 20, firstUs + day * DAY_US));
      const all = await values(tier, "month");
      const days: number[] = [];
      for (let day = await tier.unpackedDay!(key("month"), -Infinity, Infinity); day !== undefined; day = await tier.unpackedDay!(key("month"), -Infinity, Infinity)) {
        days.push(day);
        await tier.pack!(key("month"), day);
      }
      assert.deepEqual(days, Array.from({ length: 30 }, (_, day) => firstUs + day * DAY_US));
      assert.deepEqual([await count("facts", "month", "2026-04"), await count("chunks", "month", "2026-04")], [0, 30]);
      assert.deepEqual(await values(other, "month"), all);
      assert.deepEqual([...await values(other, "month", "descending")].reverse(), [...all]);
    });

    it("says which day is damaged, and does not remove rows for bytes that it cannot read", async () => {
      await tier.write(series("damaged", 20));
      await tier.pack!(key("damaged"), START_US);
      await cluster.query({ query: `UPDATE ${keyspace}.cold_chunks SET chunk = ? WHERE client = ? AND point = ? AND month = ? AND day = ?`, params: [Buffer.from("damaged"), CLIENT, "damaged", "2026-03", BigInt(START_US)] });
      await tier.write(series("damaged", 1, START_US + 20 * MINUTE_US));
      const isCorrupt = (error: unknown): boolean => hasCode(error, "corrupt") && (error as Error).message.includes("2026-03-10");
      await assert.rejects(values(tier, "damaged"), isCorrupt);
      await assert.rejects(tier.pack!(key("damaged"), START_US), isCorrupt);
      assert.equal(await count("facts", "damaged"), 1);
    });

    function packer(of: Cluster): DayPacker {
      const statements = pointStatements(tablesOf(address.keyspace, "cold"));
      const packed = new PackedDays(of, statements);
      return new DayPacker({ cluster: of, statements, packed, heads: new PointHeads(of, statements), reader: new FactReader({ cluster: of, statements, packed, table: `${keyspace}.cold_facts` }) });
    }
  });
});

/** The same cluster, of which the n-th request never comes back: before it was applied, or after. */
function failingAt(cluster: Cluster, n: number, isApplied: boolean): Cluster {
  let requests = 0;
  return new Proxy(cluster, {
    get: (target, property: keyof Cluster) => {
      const member = target[property] as unknown;
      if (typeof member !== "function") return member;
      const method = (member as (...given: unknown[]) => unknown).bind(target);
      if (property !== "query" && property !== "page" && property !== "batch") return method;
      return async (...given: unknown[]) => {
        const isLast = ++requests === n;
        if (isLast && !isApplied) throw new Error("gone");
        const answer = await method(...given);
        if (isLast) throw new Error("gone");
        return answer;
      };
    },
  });
}

/** The same cluster, where something else happens before or after the first request that is meant. */
function around(cluster: Cluster, isMeant: (statement: Statement) => boolean, when: "before" | "after", happens: () => Promise<unknown>): Cluster {
  let isOver = false;
  return new Proxy(cluster, {
    get: (target, property: keyof Cluster) => {
      const member = target[property] as unknown;
      if (typeof member !== "function") return member;
      const method = (member as (...given: unknown[]) => unknown).bind(target);
      if (property !== "query" && property !== "page" && property !== "batch") return method;
      return async (given: Statement | readonly Statement[], ...more: unknown[]) => {
        const isNow = !isOver && isMeant(Array.isArray(given) ? (given as Statement[])[0]! : (given as Statement));
        isOver ||= isNow;
        if (isNow && when === "before") await happens();
        const answer = await method(given, ...more);
        if (isNow && when === "after") await happens();
        return answer;
      };
    },
  });
}

const key = (point: string): { readonly client: string; readonly point: string } => ({ client: CLIENT, point });

function reading(point: string, instantUs: number, value: number): Measurement {
  return {
    ...key(point), eventId: String(instantUs), device: "", channel: "", source: "test", transport: "test", instantUs, observedAtUs: null, receivedAtUs: instantUs, authority: 0,
    knownAtUs: instantUs, causeId: "", labels: {}, facts: [{ variable: "flow", value, flag: 1, reasons: [] }],
  };
}

function series(point: string, length: number, fromUs = START_US): Measurement[] {
  return Array.from({ length }, (_, i) => reading(point, fromUs + i * MINUTE_US, i / 10));
}

async function values(tier: SeriesTier, point: string, order: "ascending" | "descending" = "ascending"): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  for await (const { timesUs, columns } of tier.read(systemScope, { ...key(point), fromUs: -Infinity, toUs: Infinity, order })) timesUs.forEach((timeUs, row) => found.set(timeUs, columns[0]!.values[row]!));
  return found;
}

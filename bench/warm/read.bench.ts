import { openMongoTier } from "@caudal/mongo";
import { systemScope, type SeriesTier } from "@caudal/core";
import type { Collection } from "mongodb";
import { defineBenchmark, type Contender } from "../harness/benchmark.ts";
import { makeCollection, openDatabase } from "./database.ts";
import { plainId, toPlain, type PlainDocument } from "./plain-documents.ts";
import { CLIENT, instantUs, liveBatch, pointName, POINTS, RETENTION_MS } from "./traffic.ts";

/** A day of a reading each 36 s; a tenth of the points is enough to read from. */
const STEPS = 2400;
const READ_POINTS = 100;
const HOUR_STEPS = 100;

export const benchmark = defineBenchmark({
  name: "warm-read",
  about: "Warm tier reads against the bare driver finding the same measurements as plain documents, in time order: a day and an hour of one point, and the newest facts of 1,000 points against a find each of a point's newest document, sixteen at once. Both sides read what they have read before: the server's cache, and the buckets that the tier keeps unpacked.",
  needs: ["mongo"],
  async run(context) {
    const { database, url } = await openDatabase(context, "read");
    const plain = await makeCollection<PlainDocument>(database, "plain");
    const tier = await openMongoTier({ url, name: "warm", retentionMs: RETENTION_MS });
    context.closing(() => tier.close());
    context.print(`  filling ${(STEPS * READ_POINTS).toLocaleString("en")} measurements`);
    for (let step = 0; step < STEPS; step += 10) {
      const batch = Array.from({ length: 10 }, (_, i) => liveBatch(step + i).slice(0, READ_POINTS)).flat();
      await Promise.all([tier.write(batch), plain.insertMany(batch.map(toPlain), { ordered: false })]);
    }
    await context.compare({ name: "a day of one point (2,400 rows)", unit: "measurements", ours: tierRange(tier, STEPS), baseline: bareRange(plain, STEPS), leastRatio: 0.8 });
    await context.compare({ name: "an hour of one point (100 rows)", unit: "measurements", ours: tierRange(tier, HOUR_STEPS), baseline: bareRange(plain, HOUR_STEPS), leastRatio: 0.8 });
    for (let step = STEPS; step < STEPS + 5; step++) {
      const batch = liveBatch(step);
      await Promise.all([tier.write(batch), plain.insertMany(batch.map(toPlain), { ordered: false })]);
    }
    await context.compare({ name: "the newest of 1,000 points", unit: "points", ours: tierLatest(tier), baseline: bareLatest(plain), leastRatio: 0.8 });
  },
});

/** Ranges of the points in turn, beginning at another step each time. */
function ranges(steps: number): () => { readonly point: string; readonly fromUs: number; readonly toUs: number } {
  let turn = 0;
  return () => {
    turn += 1;
    const point = (turn * 7) % READ_POINTS;
    const first = (turn * 37) % (STEPS - steps + 1);
    return { point: pointName(point), fromUs: instantUs(point, first), toUs: instantUs(point, first + steps) };
  };
}

function tierRange(tier: SeriesTier, steps: number): Contender {
  const next = ranges(steps);
  return {
    name: "the tier", inFlight: 2,
    async batch() {
      let rows = 0;
      for await (const block of tier.read(systemScope, { client: CLIENT, ...next() })) rows += block.rows;
      if (rows !== steps) throw new Error(`${rows} rows instead of ${steps}`);
      return rows;
    },
  };
}

function bareRange(plain: Collection<PlainDocument>, steps: number): Contender {
  const next = ranges(steps);
  return {
    name: "bare find", inFlight: 2,
    async batch() {
      const { point, fromUs, toUs } = next();
      const rows = await plain.find({ _id: { $gte: plainId(CLIENT, point, fromUs), $lt: plainId(CLIENT, point, toUs) } }).sort({ _id: 1 }).toArray();
      if (rows.length !== steps) throw new Error(`${rows.length} rows instead of ${steps}`);
      return rows.length;
    },
  };
}

function tierLatest(tier: SeriesTier): Contender {
  const keys = Array.from({ length: POINTS }, (_, point) => ({ client: CLIENT, point: pointName(point) }));
  return {
    name: "the tier", inFlight: 2,
    async batch() {
      const facts = await tier.latest(systemScope, keys);
      if (facts.length !== POINTS * 3) throw new Error(`${facts.length} facts`);
      return POINTS;
    },
  };
}

/** One find of one document each, sixteen at once: the driver's pool. */
function bareLatest(plain: Collection<PlainDocument>): Contender {
  const newest = (point: number): Promise<PlainDocument | null> => {
    const range = { $gte: plainId(CLIENT, pointName(point), 0), $lt: plainId(CLIENT, pointName(point), Number.MAX_SAFE_INTEGER) };
    return plain.find({ _id: range }).sort({ _id: -1 }).limit(1).next() as Promise<PlainDocument | null>;
  };
  return {
    name: "bare find a point", inFlight: 1,
    async batch() {
      let next = 0;
      await Promise.all(Array.from({ length: 16 }, async () => {
        while (next < POINTS) if ((await newest(next++)) === null) throw new Error("a point has no newest document");
      }));
      return POINTS;
    },
  };
}

import type { Client } from "cassandra-driver";
import { until } from "../../caudal/test-parts/until.ts";
import type { BenchContext } from "../harness/benchmark.ts";
import { startBento } from "../peers/bento.ts";
import { bentoTopic, intakeStream, storesStream, type BentoPlaces } from "./bento-streams.ts";
import { openStores } from "./engine-data.ts";
import type { EngineSide } from "./engine-side.ts";
import { KafkaTopic } from "./kafka-topic.ts";

const PARTITIONS = 6;
const COMMIT_MS = 300_000;
const LOOK_EVERY_MS = 100;
const AT_ONCE = 16;

/** Starts Bento's two streams on stores of their own, which go when the benchmark ends. */
export async function openBentoSide(context: BenchContext, places: BentoPlaces, devices: readonly string[]): Promise<EngineSide> {
  const { name } = places;
  const topic = await KafkaTopic.open(places.kafka, name);
  context.closing(() => topic.close());
  const { redis, mongo, cassandra } = await openStores(context, name);
  await topic.create(PARTITIONS);
  await cassandra.execute(`CREATE KEYSPACE ${name} WITH replication = { 'class': 'SimpleStrategy', 'replication_factor': 1 }`);
  await cassandra.execute(`CREATE TABLE ${name}.readings (point text, at bigint, total double, flow double, level double, PRIMARY KEY (point, at))`);
  const running = [];
  for (const config of [intakeStream(places), storesStream(places)]) {
    const one = await startBento(config);
    context.closing(() => one.stop());
    running.push(one);
  }
  return {
    name: "Bento", pids: running.map(({ pid }) => pid), topic: bentoTopic(name),
    arrived: () => topic.records(),
    async through() {
      await until("Bento has committed all", async () => {
        if ((await topic.committed(name)) >= (await topic.records())) return true;
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
        return undefined;
      }, COMMIT_MS);
    },
    async stored() {
      const lengths = await Promise.all(devices.map((device) => redis.llen(`${name}:${device}`)));
      return new Map([["redis", lengths.reduce((sum, length) => sum + length, 0)], ["mongo", await mongo.db(name).collection("readings").countDocuments()], ["cassandra", await rowsOf(cassandra, name, devices)]]);
    },
  };
}

async function rowsOf(cassandra: Client, name: string, devices: readonly string[]): Promise<number> {
  const left = devices.values();
  let rows = 0;
  const worker = async (): Promise<void> => {
    for (const device of left) {
      const found = await cassandra.execute(`SELECT COUNT(*) FROM ${name}.readings WHERE point = ?`, [device], { prepare: true });
      rows += Number(found.rows[0]?.["count"] ?? 0);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return rows;
}

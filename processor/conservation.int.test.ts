import assert from "node:assert/strict";
import { test } from "node:test";
import { REPLAY_HEADER, topics, type CollectionSpec, type Documents, type EventLog, type LogRecord } from "@caudal/core";
import { disagreements, Findings, handoverDifferences, readLines, silentLogger } from "@caudal/runtime";
import { openStation, reading, until, withStation, type Station } from "./test-station.ts";
import type { ProcessorOptions } from "./index.ts";

const quick: Partial<ProcessorOptions> = { auditEveryMs: 30, ledgerPace: { everyMs: 20 } };

/** The same object, but for what is given in its place. */
function but<T extends object>(real: T, given: (name: string | symbol) => unknown): T {
  return new Proxy(real, {
    get: (target, name) => {
      const own: unknown = given(name) ?? target[name as keyof T];
      return typeof own === "function" && given(name) === undefined ? own.bind(target) : own;
    },
  });
}

/** The same log, but for what it makes of one publish. */
function logThat(log: EventLog, publish: (topic: string, records: readonly LogRecord[]) => Promise<void>): EventLog {
  return but(log, (name) => (name === "publish" ? publish : undefined));
}

/** Changes the first publish to a topic that carries at least three records. */
function once(log: EventLog, topic: string, change: (records: readonly LogRecord[]) => readonly LogRecord[]): EventLog {
  let done = false;
  return logThat(log, (to, records) => {
    if (to !== topic || done || records.length < 3) return log.publish(to, records);
    done = true;
    return log.publish(to, change(records));
  });
}

const send = (station: Station, from: number, count: number): Promise<void> =>
  station.send(...Array.from({ length: count }, (_, at) => reading(`w${at % 5}`, from + at, { flow: at, level: 3 })));

async function look(station: Station): Promise<void> {
  const lines = await readLines(station.documents);
  for (const residual of [...disagreements(lines), ...handoverDifferences(lines, lines)]) await findingsOf(station).report(residual);
}
const findingsOf = ({ documents, metrics }: Station): Findings => new Findings({ documents, metrics, logger: silentLogger });
const found = async (station: Station): Promise<readonly (readonly [string, string, number])[]> => (await findingsOf(station).open()).map(({ body: { check, group, missing } }) => [check, group, missing] as const);

/** Everything is handled, stored and looked at. */
async function quiet(station: Station): Promise<void> {
  await station.settled();
  await until("lines are compared at the ends", async () => {
    const lines = await readLines(station.documents);
    const ends = await station.log.bounds(topics.measurements);
    const points = await station.log.bounds(topics.points);
    const published = lines.filter((line) => line.published !== undefined);
    return published.length === 2 && published.every(({ partition, published: made, offset }) => made?.checkpoints.at(-1)?.[0] === ends[partition]?.endOffset && offset === points[partition]?.endOffset)
      && lines.filter((line) => line.handedOver !== undefined).every(({ offset, handedOver }) => handedOver?.checkpoints.at(-1)?.[0] === offset);
  });
}

withStation("a measurement that judging published and the log does not hold is found", async (station) => {
  await station.start({ ...quick, log: once(station.log, topics.measurements, (records) => records.slice(1)) });
  await send(station, 0, 40);
  await until("it is found", async () => (await found(station)).length > 0);
  assert.deepEqual(await found(station), [["published", "processor-judging", 1]]);
});

withStation("a measurement that stands twice is found", async (station) => {
  await station.start({ ...quick, log: once(station.log, topics.measurements, (records) => [...records.slice(0, 2), records[1]!, ...records.slice(2)]) });
  await send(station, 0, 40);
  await until("it is found", async () => (await found(station)).length > 0);
  assert.deepEqual(await found(station), [["published", "processor-judging", -1]]);
});

withStation("a publish that is repeated whole, and what is replayed for one group, are no finding", async (station) => {
  let repeats = 2;
  const log = logThat(station.log, async (to, records) => {
    await station.log.publish(to, records);
    if (to === topics.measurements && repeats-- > 0) {
      await station.log.publish(to, records);
      await station.log.publish(to, [{ ...records[0]!, headers: { [REPLAY_HEADER]: "processor-warm" } }]);
    }
  });
  await station.start({ ...quick, log });
  for (let round = 0; round < 3; round++) {
    await send(station, round * 50, 50);
    await quiet(station);
  }
  await look(station);
  assert.deepEqual(await found(station), []);
});

withStation("samples that mapping handed over and judging never saw are found", async (station) => {
  await station.start({ ...quick, log: once(station.log, topics.points, (records) => records.slice(1)) });
  await send(station, 0, 40);
  await station.settled();
  await until("it is found", async () => {
    await look(station);
    return (await found(station)).length > 0;
  });
  assert.deepEqual(await found(station), [["handover", "processor-mapping", 2]]);
});

/** Documents that stop taking some writes, as a process that is killed stops making them. */
function losing(documents: Documents, lost: (name: string) => boolean): Documents {
  return but(documents, (name) => (name !== "collection" ? undefined : async (spec: CollectionSpec) =>
    but(await documents.collection<object>(spec), (call) => ((call === "replace" || call === "putMany") && lost(spec.name) ? () => Promise.reject(new Error("killed")) : undefined))));
}

const crashes: readonly (readonly [what: string, lost: (name: string) => boolean])[] = [
  ["before states are stored", (name) => name !== "conservation-findings"],
  ["between states and heads", (name) => name === "processor-heads"],
  ["before ledgers are stored", (name) => name === "conservation-ledgers"],
];

for (const [what, lost] of crashes) {
  test(`killed ${what}, again and again: no residual and no finding`, async (context) => {
    const station = await openStation();
    context.after(() => station.close());
    for (let round = 0; round < 3; round++) {
      let killed = false;
      const processor = await station.start({ ...quick, documents: losing(station.documents, (name) => killed && lost(name)) });
      await send(station, round * 100, 40);
      await quiet(station);
      await look(station);
      killed = true;
      const before = (await station.measurements()).length;
      await send(station, round * 100 + 40, 30);
      // Judged and published; what would be stored of it is not.
      await until("it is published", async () => (await station.measurements()).length >= before + 30);
      await processor.stop(500);
    }
    await station.start(quick);
    await send(station, 1000, 40);
    await quiet(station);
    await look(station);
    assert.deepEqual(await found(station), []);
    for (const { tally } of await readLines(station.documents)) assert.equal(tally.in, Object.values(tally.out).reduce((sum, count) => sum + count, 0));
    const ledgers = (await readLines(station.documents)).filter(({ group }) => group === "processor-hot");
    const logged = (await station.measurements()).reduce((sum, { facts }) => sum + facts.length, 0);
    assert.equal(ledgers.reduce((sum, { tally }) => sum + tally.in, 0), logged, "each record of the log is counted once");
  });
}

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { parseInstant, systemScope, type Documents, type Scope } from "@caudal/core";
import { openEmbeddedDocuments } from "@caudal/embedded";
import { createHeldClock, silentLogger } from "@caudal/runtime";
import { payloadBytes, type TestMetric } from "../../test-parts/sparkplug-payload.ts";
import type { MqttOutcome } from "../decode-mqtt.ts";
import { parseMappings } from "../mapping-file.ts";
import { MappingTable } from "../mapping-table.ts";
import { BirthStore } from "./birth-store.ts";
import { datatypes as types } from "./metric-value.ts";
import { parsePayload } from "./payload.ts";
import { RebirthRate } from "./rebirth.ts";
import { Sparkplug } from "./sparkplug.ts";

const NOON_MS = (parseInstant("2026-03-01T12:00:00Z") ?? 0) / 1000;
const mappings = new MappingTable(parseMappings(`
mappings:
  - { name: node, topic: "spBv1.0/{group}/{type}/{node}", format: sparkplug-b, client: acme, device: "{node}" }
  - { name: device, topic: "spBv1.0/{group}/{type}/{node}/{device}", format: sparkplug-b, client: acme, device: "{node}.{device}" }
  - { name: quiet, topic: "spBv1.0/quiet/{type}/{node}", format: sparkplug-b, device: "{node}", rebirth: false }
`));

/** What became of a message, in few words. */
function brief(outcome: MqttOutcome | undefined): unknown {
  if (outcome?.kind !== "readings") return outcome?.kind;
  return {
    ...(outcome.readings.length === 0 ? {} : { values: outcome.readings.flatMap(({ device, row }) => row.samples.map(({ key, value }) => `${device} ${key} ${String(value)}`)) }),
    ...(outcome.words.length === 0 ? {} : { words: outcome.words.map(({ device, word }) => `${device} ${word}`) }),
    ...(outcome.refused.length === 0 ? {} : { parked: outcome.refused.map(({ refusal }) => refusal.why) }),
  };
}

describe("Sparkplug B", () => {
  let folder: string;
  let documents: Documents;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "caudal-sparkplug-"));
    documents = await openEmbeddedDocuments({ directory: folder });
  });
  after(async () => {
    await documents.close();
    await rm(folder, { recursive: true, force: true });
  });

  class Host {
    readonly asked: string[] = [];
    readonly clock = createHeldClock();
    readonly sparkplug: Sparkplug;
    #tick = 0;

    private constructor(store: BirthStore, options: { isShared: boolean; waitMs: number }) {
      this.sparkplug = new Sparkplug({ store, mappings, clock: this.clock, logger: silentLogger, ...options, send: (_broker, topic, payload) => {
        const command = parsePayload(payload);
        assert.ok(command.ok && command.value.metrics[0]?.name === "Node Control/Rebirth" && command.value.metrics[0].value?.kind === "boolean");
        this.asked.push(topic);
      } });
    }

    /** A collector that just started over the documents that are there. */
    static async start(options: { isShared?: boolean; waitMs?: number } = {}): Promise<Host> {
      return new Host(await BirthStore.open(documents, { isShared: options.isShared ?? false }), { isShared: false, waitMs: 30, ...options });
    }

    offer(topic: string, seq: number | undefined, metrics: readonly TestMetric[], atMs = NOON_MS + 1000 * this.#tick++): Promise<unknown> {
      return this.raw(topic, payloadBytes({ timestamp: atMs, ...(seq === undefined ? {} : { seq }), metrics }));
    }

    async raw(topic: string, payload: Uint8Array, scope: Scope = systemScope): Promise<unknown> {
      const message = { topic, payload, receivedAtUs: (NOON_MS + 3_600_000) * 1000, retained: false, broker: "built-in", scope };
      assert.equal(this.sparkplug.takes(topic), true);
      return new Promise((resolve, reject) => this.sparkplug.resolve(message, (outcome, error) => (outcome === undefined ? reject(error as Error) : resolve(brief(outcome)))));
    }

    async again(topic: string, metrics: readonly TestMetric[], atMs: number, reason = "awaits-birth"): Promise<unknown> {
      const payload = payloadBytes({ timestamp: atMs, seq: 1, metrics });
      return brief(await this.sparkplug.again({ topic, payload, receivedAtUs: (NOON_MS + 3_600_000) * 1000, retained: false }, { client: "acme", reason }));
    }
  }

  const flow = (value: number): TestMetric => ({ name: "flow", alias: 1, datatype: types.Double, doubleValue: value });
  const bdSeq = (value: number): TestMetric => ({ name: "bdSeq", datatype: types.UInt64, longValue: value });
  const byAlias = (value: number, alias = 1): TestMetric => ({ alias, doubleValue: value });

  test("births, data by alias, devices, and deaths as words of presence", async () => {
    const host = await Host.start();
    assert.deepEqual(await host.offer("spBv1.0/g/NBIRTH/n1", 0, [bdSeq(7), flow(1)]), { values: ["n1 flow 1"], words: ["n1 online"] });
    assert.deepEqual(await host.offer("spBv1.0/g/DBIRTH/n1/pump", 1, [{ name: "level", alias: 2, datatype: types.Double, doubleValue: 5 }]), { values: ["n1.pump level 5"], words: ["n1.pump online"] });
    assert.deepEqual(await host.offer("spBv1.0/g/NDATA/n1", 2, [byAlias(2)]), { values: ["n1 flow 2"] });
    assert.deepEqual(await host.offer("spBv1.0/g/DDATA/n1/pump", 3, [byAlias(6, 2)]), { values: ["n1.pump level 6"] });
    assert.deepEqual(await host.offer("spBv1.0/g/DDEATH/n1/pump", 4, []), { words: ["n1.pump offline"] });
    assert.deepEqual(await host.offer("spBv1.0/g/DBIRTH/n1/pump", 5, [{ name: "level", alias: 2, datatype: types.Double, doubleValue: 5 }]), { values: ["n1.pump level 5"], words: ["n1.pump online"] });
    assert.deepEqual(await host.offer("spBv1.0/g/NDEATH/n1", undefined, [bdSeq(7)]), { words: ["n1 offline", "n1.pump offline"] });
    assert.deepEqual(host.asked, []);
  });

  test("trap 17: a sequence that wraps from 255 to 0 is no gap", async () => {
    const host = await Host.start();
    await host.offer("spBv1.0/g/NBIRTH/wrap", 0, [bdSeq(1), flow(1)]);
    for (let n = 1; n <= 300; n++) assert.deepEqual(await host.offer("spBv1.0/g/NDATA/wrap", n % 256, [byAlias(n)]), { values: [`wrap flow ${n}`] });
    assert.deepEqual(host.asked, []);
  });

  test("trap 17: the will of a session before the last birth is ignored", async () => {
    const host = await Host.start();
    await host.offer("spBv1.0/g/NBIRTH/late", 0, [bdSeq(7), flow(1)]);
    await host.offer("spBv1.0/g/NBIRTH/late", 0, [bdSeq(8), flow(1)]);
    assert.deepEqual(await host.offer("spBv1.0/g/NDEATH/late", undefined, [bdSeq(7)]), {}, "the node is there, under bdSeq 8");
    assert.deepEqual(await host.offer("spBv1.0/g/NDATA/late", 1, [byAlias(2)]), { values: ["late flow 2"] });
    assert.deepEqual(await host.offer("spBv1.0/g/NDEATH/late", undefined, [bdSeq(8)]), { words: ["late offline"] });
  });

  test("trap 17: data before its birth asks for one and waits; the birth explains it", async () => {
    const host = await Host.start({ waitMs: 5000 });
    const early = host.offer("spBv1.0/g/NDATA/early", 4, [byAlias(3)]);
    const second = host.offer("spBv1.0/g/NDATA/early", 5, [byAlias(4)]);
    const birth = await host.offer("spBv1.0/g/NBIRTH/early", 0, [bdSeq(1), flow(5)]);
    assert.deepEqual([birth, await early, await second], [{ values: ["early flow 5"], words: ["early online"] }, { values: ["early flow 3"] }, { values: ["early flow 4"] }]);
    assert.deepEqual(host.asked, ["spBv1.0/g/NCMD/early"], "once, at a limited rate");
  });

  test("without a birth it is parked after a while, and read once the birth is known", async () => {
    const host = await Host.start();
    assert.deepEqual(await host.offer("spBv1.0/g/NDATA/silent", 4, [byAlias(3)], NOON_MS), { parked: ["awaits-birth"] });
    assert.deepEqual(await host.again("spBv1.0/g/NDATA/silent", [byAlias(3)], NOON_MS), { parked: ["awaits-birth"] });
    await host.offer("spBv1.0/g/NBIRTH/silent", 0, [bdSeq(1), flow(5)], NOON_MS + 60_000);
    assert.deepEqual(await host.again("spBv1.0/g/NDATA/silent", [byAlias(3)], NOON_MS), { values: ["silent flow 3"] });
  });

  test("after a gap aliases are not trusted until the rebirth says what they are", async () => {
    const host = await Host.start({ waitMs: 5000 });
    await host.offer("spBv1.0/g/NBIRTH/gap", 0, [bdSeq(1), flow(1)]);
    const waiting = host.offer("spBv1.0/g/NDATA/gap", 3, [byAlias(9)]);
    const named = await host.offer("spBv1.0/g/NDATA/gap", 4, [{ name: "flow", datatype: types.Double, doubleValue: 10 }]);
    assert.deepEqual(named, { values: ["gap flow 10"] }, "what names itself needs no trust");
    await host.offer("spBv1.0/g/NBIRTH/gap", 0, [bdSeq(1), flow(2)]);
    assert.deepEqual(await waiting, { values: ["gap flow 9"] });
    assert.deepEqual(host.asked, ["spBv1.0/g/NCMD/gap"]);
  });

  test("after a gap over which the aliases changed, data from between is parked and never read as another metric", async () => {
    const host = await Host.start({ waitMs: 5000 });
    await host.offer("spBv1.0/g/NBIRTH/moved", 0, [bdSeq(1), flow(1)], NOON_MS);
    const waiting = host.offer("spBv1.0/g/NDATA/moved", 3, [byAlias(9)], NOON_MS + 2000);
    await host.offer("spBv1.0/g/NBIRTH/moved", 0, [bdSeq(1), { name: "level", alias: 1, datatype: types.Double, doubleValue: 4 }], NOON_MS + 5000);
    assert.deepEqual(await waiting, { parked: ["awaits-birth"] });
    assert.deepEqual(await host.again("spBv1.0/g/NDATA/moved", [byAlias(9)], NOON_MS + 2000), { parked: ["awaits-birth"] });
    assert.deepEqual(await host.again("spBv1.0/g/NDATA/moved", [byAlias(9)], NOON_MS + 2000, "device-quota"), { values: ["moved flow 9"] }, "parked for another reason, no message was missing");
  });

  test("a node that is born again takes its devices' births with it", async () => {
    const host = await Host.start({ waitMs: 5000 });
    const level = { name: "level", alias: 2, datatype: types.Double, doubleValue: 5 };
    await host.offer("spBv1.0/g/NBIRTH/twice", 0, [bdSeq(1), flow(1)]);
    await host.offer("spBv1.0/g/DBIRTH/twice/d", 1, [level]);
    await host.offer("spBv1.0/g/NBIRTH/twice", 0, [bdSeq(2), flow(1)]);
    const waiting = host.offer("spBv1.0/g/DDATA/twice/d", 1, [byAlias(6, 2)]);
    await host.offer("spBv1.0/g/DBIRTH/twice/d", 2, [level]);
    assert.deepEqual(await waiting, { values: ["twice.d level 6"] });
  });

  test("aliases outlive a restart: a birth is asked for, and where none comes the stored one counts", async () => {
    const first = await Host.start();
    await first.offer("spBv1.0/g/NBIRTH/kept", 0, [bdSeq(1), flow(1)]);
    const next = await Host.start();
    assert.deepEqual(await next.offer("spBv1.0/g/NDATA/kept", 17, [byAlias(2)]), { values: ["kept flow 2"] });
    assert.deepEqual(next.asked, ["spBv1.0/g/NCMD/kept"]);
    assert.deepEqual(await next.offer("spBv1.0/g/NDATA/kept", 18, [byAlias(3)]), { values: ["kept flow 3"] });
    assert.deepEqual(await next.offer("spBv1.0/g/NDEATH/kept", undefined, [bdSeq(1)]), { words: ["kept offline"] });
  });

  test("several collectors share births through the documents", async () => {
    const [one, other] = [await Host.start({ isShared: true }), await Host.start({ isShared: true })];
    await one.offer("spBv1.0/g/NBIRTH/shared", 0, [bdSeq(1), flow(1)], NOON_MS);
    assert.deepEqual(await other.offer("spBv1.0/g/NDATA/shared", 9, [byAlias(2)], NOON_MS + 1000), { values: ["shared flow 2"] }, "no sequence is followed: others get part of it");
    await Promise.all([one, other].map((host, at) => host.offer(`spBv1.0/g/DBIRTH/shared/d${at}`, 1, [{ name: "level", alias: 5 + at, datatype: types.Double, doubleValue: 1 }], NOON_MS + 2000)));
    assert.deepEqual(await one.offer("spBv1.0/g/DDATA/shared/d1", 4, [byAlias(3, 6)], NOON_MS + 3000), { values: ["shared.d1 level 3"] });
    assert.deepEqual([one.asked, other.asked], [[], []]);
  });

  test("nodes of two clients that have one name keep their births apart", async () => {
    const host = await Host.start();
    const of = (client: string, type: string, metrics: readonly TestMetric[]): Promise<unknown> => host.raw(`spBv1.0/quiet/${type}/n9`, payloadBytes({ timestamp: NOON_MS, metrics }), { clients: [client] });
    await of("one", "NBIRTH", [flow(1)]);
    await of("two", "NBIRTH", [{ name: "level", alias: 1, datatype: types.Double, doubleValue: 5 }]);
    assert.deepEqual([await of("one", "NDATA", [byAlias(2)]), await of("two", "NDATA", [byAlias(3)])], [{ values: ["n9 flow 2"] }, { values: ["n9 level 3"] }]);
  });

  test("nodes that may not be asked are not, and what they say is read as it comes", async () => {
    const host = await Host.start();
    assert.deepEqual(await host.offer("spBv1.0/quiet/NDATA/n", 1, [byAlias(1)]), { parked: ["awaits-birth"] });
    await host.offer("spBv1.0/quiet/NBIRTH/n", 0, [flow(1)]);
    assert.deepEqual(await host.offer("spBv1.0/quiet/NDATA/n", 7, [byAlias(2)]), { values: ["n flow 2"] });
    assert.deepEqual(host.asked, []);
  });

  test("what is bad is parked whole, what is a command is not ours, and an end parks what waits", async () => {
    const host = await Host.start({ waitMs: 60_000 });
    assert.deepEqual(await host.raw("spBv1.0/g/NBIRTH/bad", Buffer.from("no")), { parked: ["malformed-binary"] });
    assert.equal(host.sparkplug.takes("spBv1.0/g/NCMD/n1"), false);
    assert.deepEqual(await host.raw("spBv1.0/g/NDATA/big", Buffer.alloc(1024 * 1024 + 1)), { parked: ["too-large"] });
    const waiting = host.offer("spBv1.0/g/NDATA/ending", 1, [byAlias(1)]);
    await host.sparkplug.drained();
    assert.deepEqual(await waiting, { parked: ["awaits-birth"] });
  });

  test("nodes are asked with pauses that double, all together not too often", async () => {
    const clock = createHeldClock();
    const rate = new RebirthRate(clock);
    assert.deepEqual([rate.mayAsk("a"), rate.mayAsk("a"), rate.mayAsk("b")], [true, false, true]);
    await clock.advance(10_000);
    assert.deepEqual([rate.mayAsk("a"), rate.mayAsk("a")], [true, false]);
    await clock.advance(10_000);
    assert.equal(rate.mayAsk("a"), false, "twenty seconds by now");
    await clock.advance(10_000);
    assert.equal(rate.mayAsk("a"), true);
    const many = Array.from({ length: 300 }, (_, n) => rate.mayAsk(`n${n}`)).filter(Boolean).length;
    assert.ok(many < 101, String(many));
  });
});

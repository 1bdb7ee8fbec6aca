import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { Measurement } from "@caudal/schemas";
import { TierStore, type TierStoreOptions } from "./tier-store.ts";
import { packBatch } from "./write-batch.ts";

const POINTS = 300;
const MINUTE_US = 60_000_000;

async function storeOptions(t: TestContext, changes: Partial<TierStoreOptions> = {}): Promise<TierStoreOptions> {
  const directory = await mkdtemp(join(tmpdir(), "caudal-store-"));
  t.after(() => rm(directory, { recursive: true }));
  return { name: "warm", directory, retentionMs: null, revisions: "latest", maxBytes: undefined, maxPendingFacts: POINTS, maxKnownPoints: undefined, ...changes };
}

/** One measurement a point at the minute. */
function batchAt(minute: number, knownAtUs = 0): Uint8Array {
  return new Uint8Array(packBatch(Array.from({ length: POINTS }, (_, p): Measurement => ({
    eventId: "e", client: "c", point: `p${p}`, device: "", channel: "", source: "", transport: "", instantUs: minute * MINUTE_US, observedAtUs: null, receivedAtUs: 0,
    authority: 0, knownAtUs, causeId: "", facts: [{ variable: "flow", value: minute * 1000 + p + knownAtUs / 10, flag: 1, reasons: [] }], labels: {},
  }))));
}

function flows(store: TierStore, point: string): number[] {
  const { rows } = store.read({ key: { client: "c", point }, fromUs: -Infinity, toUs: Infinity, variables: undefined, descending: false, maxRows: 8192, asOfUs: undefined });
  return [...rows.numbers.subarray(rows.rows, rows.rows * 2)];
}

for (const revisions of ["latest", "all"] as const) {
  test(`a fold that was cut off after any slice goes on where it was, revisions ${revisions}`, async (t) => {
    for (let slices = 0; slices <= 5; slices++) {
      const options = await storeOptions(t, { revisions });
      let store = new TierStore(options);
      // The third write finds the active facts full and freezes them; closing leaves everything as a crash would.
      for (const batch of [batchAt(0), batchAt(2), batchAt(1), batchAt(0, 5)]) store.write([batch]);
      let more = true;
      for (let slice = 0; slice < slices; slice++) more = store.idle();
      assert.equal(more, slices < 5, `${slices} slices`);
      store.close();
      store = new TierStore(options);
      for (const p of [0, 63, 64, POINTS - 1]) assert.deepEqual(flows(store, `p${p}`), [p + 0.5, 1000 + p, 2000 + p], `point ${p} after ${slices} slices`);
      const [again, lesser] = store.write([batchAt(1), batchAt(0, 3)]);
      assert.deepEqual([again?.duplicate, lesser?.superseded], [POINTS, POINTS]);
      assert.equal(store.latest([{ client: "c", point: "p7" }]).numbers[1], 2007);
      while (store.idle());
      assert.deepEqual(flows(store, "p7"), [7.5, 1007, 2007]);
      store.close();
    }
  });
}

test("points beyond those kept in memory are read from the file again", async (t) => {
  const store = new TierStore(await storeOptions(t, { maxKnownPoints: 10 }));
  for (let minute = 0; minute < 5; minute++) {
    store.write([batchAt(minute)]);
    while (store.idle());
  }
  assert.deepEqual(flows(store, "p123"), [123, 1123, 2123, 3123, 4123]);
  assert.equal(store.write([batchAt(1)])[0]?.duplicate, POINTS);
  store.close();
});

test("a fold that finds no room waits, and writes say so only when there is none for them either", async (t) => {
  const store = new TierStore(await storeOptions(t, { maxBytes: 250_000 }));
  let minute = 0;
  assert.throws(() => {
    for (;; minute++) {
      store.write([batchAt(minute)]);
      while (store.idle());
    }
  }, { code: "storage-full" });
  assert.deepEqual(flows(store, "p5"), Array.from({ length: minute }, (_, i) => i * 1000 + 5));
  assert.equal(store.idle(), false, "it does not try in circles");
  assert.throws(() => store.write([batchAt(minute)]), { code: "storage-full" });
  store.close();
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reading } from "@caudal/schemas";
import { openSandbox, type TruthRow } from "../../../sandbox/index.ts";
import { GivenValues, judge, type Judged } from "./judge.ts";

const NOW_MS = Date.UTC(2026, 2, 1, 12);
const HOUR_MS = 3_600_000;

test("planted faults are found and named: a row that is not there, a value that nobody gave, a correction that was not seen, a row of another time", async () => {
  const sandbox = await openSandbox({ seed: "judge", devices: { tdata: 1 }, everyMs: [600_000], days: 3, quirks: { all: { "late-corrections": 0.5 } }, nowMs: () => NOW_MS });
  try {
    const ask = { fromMs: NOW_MS - 24 * HOUR_MS, toMs: NOW_MS, asOfMs: NOW_MS };
    const truth = [...sandbox.truth(ask)];
    const given = new GivenValues();
    const rowsGiven = truth.flatMap(({ device, key, ts, timeUs, revisions }) => revisions.map(({ value }, revision) => ({ device, key, ts, timeUs, value, revision })));
    given.listener()({ number: 1, atMs: NOW_MS, provider: "tdata", account: "a", credential: "", device: undefined, method: "GET", route: "", status: 200, quirks: [], limit: undefined, rows: rowsGiven });
    const read = ({ device, key, timeUs }: TruthRow, value: TruthRow["value"]): Reading => ({ source: "tdata", device, receivedAtUs: NOW_MS * 1000, samples: [{ key, timeUs, value, unit: null }] }) as unknown as Reading;
    const whole = truth.flatMap((row) => row.revisions.map(({ value }) => read(row, value)));
    const judged = (readings: readonly Reading[]): Judged => judge({ sandbox, accounts: [{ devices: sandbox.accounts()[0]!.devices.map(({ device, keys }) => ({ device, keys: keys.map(({ key }) => key), names: {} })) }], readings, given, ...ask });
    const counts = ({ lost, outdated, invented }: Judged): readonly number[] => [lost.length, outdated.length, invented.length];
    const good = judged(whole);
    assert.deepEqual(counts(good), [0, 0, 0]);
    assert.ok(good.corrected > 10 && good.rows === truth.length);
    const [first, corrected] = [truth[0]!, truth.find(({ revisions }) => revisions.length > 1)!];
    const without = (row: TruthRow): readonly Reading[] => whole.filter(({ device, samples: [sample] }) => device !== row.device || sample?.key !== row.key || sample.timeUs !== row.timeUs);
    assert.deepEqual(counts(judged(without(first))), [1, 0, 0]);
    assert.deepEqual(counts(judged([...whole, read(first, 123_456_789)])), [0, 1, 1]);
    assert.deepEqual(counts(judged([...without(corrected), read(corrected, corrected.revisions[0]!.value)])), [0, 1, 0]);
    assert.deepEqual(counts(judged([...whole, read({ ...first, timeUs: first.timeUs + 1 }, first.value)])), [0, 0, 1]);
    assert.deepEqual(counts(judged([...whole, { ...whole[0]!, receivedAtUs: (first.firstVisibleAt - 1) * 1000 }])), [0, 0, 1]);
  } finally {
    await sandbox.close();
  }
});

import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { suite, test } from "node:test";
import type { Benchmark, Contender } from "./benchmark.ts";
import { compare } from "./compare.ts";
import { cpuInMachineStat, cpuInStat, listeningInodes } from "./process-cpu.ts";
import { readOptions } from "./options.ts";
import { runBenchmark } from "./run.ts";

const quiet = { seconds: 0.01, servers: [], print: () => undefined };

/** Notes its name at each call. */
function contender(name: string, calls: string[], more: Partial<Contender> = {}): Contender {
  return {
    name,
    async batch() {
      if (calls.at(-1) !== name) calls.push(name);
      await setImmediate();
      return 1;
    },
    ...more,
  };
}

suite("comparing in turns", () => {
  test("the contenders take turns, after a round that warms up", async () => {
    const calls: string[] = [];
    const result = await compare({ name: "x", unit: "calls", ours: contender("ours", calls), baseline: contender("bare", calls), rounds: 3 }, quiet);
    assert.deepEqual(calls, ["ours", "bare", "ours", "bare", "ours", "bare", "ours", "bare"]);
    assert.deepEqual(result.contenders.map(({ name, rates }) => [name, rates.length]), [["ours", 3], ["bare", 3]]);
    assert.equal(result.contenders[1]?.ratio.median, 1);
    assert.equal(result.ok, true);
  });

  test("a ratio below the limit is a miss", async () => {
    const ours = contender("ours", []);
    const result = await compare({ name: "x", unit: "calls", ours, baseline: { ...ours, batch: async () => 100 * (await ours.batch()) }, leastRatio: 0.5 }, quiet);
    assert.equal(result.ok, false);
  });

  test("nothing left ends the slice, settling counts, and as many batches run as asked", async () => {
    let running = 0;
    let most = 0;
    let left = 0;
    const ours: Contender = {
      name: "ours", inFlight: 4, before: () => void (left = 20), settle: async () => 5,
      async batch() {
        most = Math.max(most, ++running);
        await setImmediate();
        running -= 1;
        return left-- > 0 ? 1 : 0;
      },
    };
    const { contenders } = await compare({ name: "x", unit: "calls", ours, baseline: { ...ours, inFlight: 1 }, rounds: 1 }, { ...quiet, seconds: 60 });
    assert.equal(most, 4);
    assert.ok(contenders.every(({ rates }) => (rates[0] ?? 0) > 0));
  });

  test("a contender that does nothing is an error", async () => {
    const idle: Contender = { name: "idle", batch: async () => 0 };
    await assert.rejects(compare({ name: "x", unit: "calls", ours: idle, baseline: idle }, quiet), /"idle" did nothing/);
  });
});

suite("running one benchmark", () => {
  test("what it opened is closed in reverse, also after an error, which the report tells", async () => {
    const closed: string[] = [];
    const benchmark: Benchmark = {
      name: "x", about: "x", needs: [],
      async run(context) {
        context.closing(() => void closed.push("first"));
        context.closing(() => void closed.push("second"));
        context.figure({ name: "f", value: context.seconds, unit: "s" });
        context.note("n");
        context.engine("redis");
      },
    };
    const report = await runBenchmark(benchmark, { open: async () => new Map(), print: () => undefined, seconds: 3 });
    assert.deepEqual(closed, ["second", "first"]);
    assert.deepEqual(report.figures, [{ name: "f", value: 3, unit: "s" }]);
    assert.match(report.failure ?? "", /asks for redis/);
  });
});

suite("what the command line asks", () => {
  test("names, seconds and files", () => {
    assert.deepEqual(readOptions(["a", "--seconds", "2.5", "b", "--json", "out.json"]), { names: ["a", "b"], list: false, own: false, compare: false, keep: false, targets: false, seconds: 2.5, json: "out.json" });
    assert.deepEqual(readOptions(["a", "--compare", "--keep"]), { names: ["a"], list: false, own: false, compare: true, keep: true, targets: false });
    assert.throws(() => readOptions(["--seconds", "no"]), /above 0/);
    assert.throws(() => readOptions(["--what"]));
  });
});

suite("CPU time of other processes", () => {
  test("is read past a program name with blanks and brackets", () => {
    assert.equal(cpuInStat("12 (a b) c) S 1 12 12 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 1 0"), 3_000_000);
  });

  test("of the whole machine leaves out what is idle", () => {
    assert.equal(cpuInMachineStat("cpu  100 10 50 9000 800 5 3 2 7 0\ncpu0 1 1 1 1"), 1_700_000);
    assert.ok(Number.isNaN(cpuInMachineStat("")));
  });

  test("a listener is found by its port", () => {
    const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:18EB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1
   1: 0100007F:18EB 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 4712 1
   2: 0100007F:9999 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1
`;
    assert.deepEqual(listeningInodes(table, 0x18eb), ["4711"]);
  });
});

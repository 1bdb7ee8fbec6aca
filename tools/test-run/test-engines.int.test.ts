import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { withEngine } from "../engines/for-tests.ts";
import { tcpExchange } from "../engines/tcp-exchange.ts";
import { fetchEstimate, TestEngines } from "./test-engines.ts";

withEngine("redis", (url) => {
  // The run that we are in told us its own.
  before(() => void delete process.env["CAUDAL_TEST_REDIS"]);
  after(() => void (process.env["CAUDAL_TEST_REDIS"] = url));

  test("an engine is started for the tests, told to them, counted and ended", async () => {
    const printed: string[] = [];
    const engines = new TestEngines({ print: (line) => void printed.push(line) });
    try {
      await engines.start(["redis"], { fetch: false, evenWithLittleMemory: true });
      const own = new URL(process.env["CAUDAL_TEST_REDIS"] ?? assert.fail("not told"));
      assert.equal((await tcpExchange({ host: own.hostname, port: Number(own.port), send: Buffer.from("PING\r\n") })).toString(), "+PONG\r\n");
      assert.match(printed.join("\n"), /^engine: redis … ready in [\d.]+ s \(.+\)$/);
      const [head, row, ...more] = engines.costLines();
      assert.match(head ?? "", /engine +fetch +on disk +start +memory +data +server/);
      assert.match(row ?? "", /redis .* \d+ MB/);
      assert.equal(more.length, 0);

      await engines.start(["redis"], { fetch: false, evenWithLittleMemory: true });
      assert.match(printed.at(-1) ?? "", /the one that CAUDAL_TEST_REDIS names/);
      await engines.stop();
      await assert.rejects(tcpExchange({ host: own.hostname, port: Number(own.port), send: Buffer.from("PING\r\n") }));
    } finally {
      await engines.stop();
      delete process.env["CAUDAL_TEST_REDIS"];
    }
  });

  test("with too little memory an engine is left out, and says so", async () => {
    const engines = new TestEngines({ print: () => undefined, availableMb: () => 1_000 });
    await engines.start(["redis"], { fetch: false, evenWithLittleMemory: false });
    assert.deepEqual(engines.leftOut, [{ name: "redis", reason: "1000 MB of memory are free, and it wants 1600 MB with the tests" }]);
    assert.equal(process.env["CAUDAL_TEST_REDIS_MISSING"], engines.leftOut[0]?.reason);
    delete process.env["CAUDAL_TEST_REDIS_MISSING"];
    assert.deepEqual(engines.costLines(), []);
  });

  test("what is here already needs no fetch", () => assert.deepEqual(fetchEstimate(["redis"]), { names: [], downloadMb: 0, seconds: 0 }));
});

test("an engine that is neither here nor to be fetched is left out, and says so", async () => {
  const kept = { cache: process.env["CAUDAL_ENGINES_CACHE"], kafka: process.env["CAUDAL_TEST_KAFKA"] };
  process.env["CAUDAL_ENGINES_CACHE"] = "/nonexistent/caudal-engines";
  delete process.env["CAUDAL_TEST_KAFKA"];
  try {
    const engines = new TestEngines({ print: () => undefined });
    await engines.start(["kafka"], { fetch: false, evenWithLittleMemory: true });
    assert.deepEqual(engines.leftOut, [{ name: "kafka", reason: "neither on this machine nor fetched yet" }]);
    assert.deepEqual(fetchEstimate(["kafka"]).names, ["kafka"]);
  } finally {
    for (const [name, value] of [["CAUDAL_ENGINES_CACHE", kept.cache], ["CAUDAL_TEST_KAFKA", kept.kafka], ["CAUDAL_TEST_KAFKA_MISSING", undefined]] as const) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
});

import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { openFaultProxy } from "../../tools/fault-proxy/fault-proxy.ts";
import { runSimulation } from "../run/run-simulation.ts";
import { openCollector, sentSamples } from "../test-parts/collector.ts";
import { folderFor, readTruth, type SentLine } from "../test-parts/truth-files.ts";

const fleet = { seed: "senders", devices: 24, startUs: Date.UTC(2026, 2, 1) * 1000 };

function expectedParked(sent: readonly SentLine[]): readonly string[] {
  return sent.flatMap(({ expect }) => (expect.startsWith("parked:") ? [expect.slice("parked:".length)] : [])).sort();
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

describe("into the real collector", () => {
  test("by all three ways at once: every sample once and as it was sent, what is malformed where it was expected", async (context) => {
    const collector = await openCollector(context);
    const truthDir = await folderFor(context);
    const result = await runSimulation({
      fleet, truthDir, messages: 2500,
      destinations: [{ over: "mqtt", url: collector.mqtt }, { over: "http", url: collector.http, rowsPerRequest: 60 }, { over: "drop", folder: collector.drop, rowsPerFile: 100 }],
    }).done;
    const { sent, acknowledged } = await readTruth(truthDir);
    assert.deepEqual([result.unknown, result.refusals], [0, []]);
    assert.deepEqual(new Set(sent.map(({ transport }) => transport)), new Set(["mqtt", "http", "drop"]));
    assert.deepEqual((await collector.samples()).toSorted(), sentSamples(sent).toSorted());
    assert.deepEqual((await collector.parked()).toSorted(), expectedParked(sent));
    const refused = new Map(acknowledged.filter(({ outcome }) => outcome === "refused").map(({ seq, why }) => [seq, why]));
    const dropped = sent.filter(({ transport, expect }) => transport === "http" && expect.startsWith("dropped:") && expect !== "dropped:duplicate");
    assert.deepEqual(new Set(refused.keys()), new Set(dropped.map(({ seq }) => seq)));
    assert.ok(dropped.length > 0 && expectedParked(sent).length > 0);
    assert.ok(sent.some(({ transport, repeats }) => repeats !== undefined && sent[repeats - 1]?.transport !== transport), "a repetition went another way");
  });

  test("by MQTT over connections that are cut, that go silent, and then from another port", async (context) => {
    const collector = await openCollector(context);
    const truthDir = await folderFor(context);
    const target = { host: "127.0.0.1", port: portOf(collector.mqtt) };
    const [first, second] = [await openFaultProxy({ target }), await openFaultProxy({ target })];
    context.after(async () => {
      await first.close();
      await second.close();
    });
    let proxy = first;
    const simulation = runSimulation({ fleet, truthDir, messages: 4000, ratePerS: 2000, destinations: [{ over: "mqtt", url: () => `mqtt://127.0.0.1:${proxy.port}`, connections: 2, ackTimeoutMs: 400 }] });
    const reached = async (count: number): Promise<void> => {
      while (simulation.counters().acknowledged < count) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    for (const count of [300, 600, 900]) {
      await reached(count);
      first.cut();
    }
    await reached(1300);
    first.halfOpen();
    await new Promise<void>((resolve) => {
      const look = setInterval(() => {
        if (first.taken < 10) return;
        clearInterval(look);
        resolve();
      }, 5);
    });
    proxy = second;
    await first.refuse();
    const result = await simulation.done;
    assert.deepEqual([result.acknowledged, result.unknown], [4000, 0]);
    assert.ok(result.sentAgain > 0 && second.taken > 0);
    const { sent } = await readTruth(truthDir);
    const [stored, expected] = [await collector.samples(), sentSamples(sent)];
    // What was durable before its connection broke comes twice.
    assert.deepEqual(new Set(stored), new Set(expected));
    assert.ok(stored.length >= expected.length);
  });

  test("by HTTP over connections that are cut", async (context) => {
    const collector = await openCollector(context);
    const truthDir = await folderFor(context);
    const proxy = await openFaultProxy({ target: { host: "127.0.0.1", port: portOf(collector.http) } });
    context.after(() => proxy.close());
    const simulation = runSimulation({ fleet, truthDir, messages: 3000, destinations: [{ over: "http", url: `http://127.0.0.1:${proxy.port}/`, rowsPerRequest: 50 }] });
    for (let cuts = 0; cuts < 4; cuts++) {
      const before = simulation.counters().acknowledged;
      while (simulation.counters().acknowledged === before) await new Promise((resolve) => setTimeout(resolve, 2));
      proxy.cut();
    }
    const result = await simulation.done;
    assert.equal(result.unknown, 0);
    assert.ok(result.sentAgain > 0);
    const { sent } = await readTruth(truthDir);
    // The same request under the same key is the same events; the log may still hold a reading of one twice, never one that was not sent.
    assert.deepEqual(new Set(await collector.samples()), new Set(sentSamples(sent)));
  });
});

describe("answers of an HTTP server", () => {
  async function serve(context: TestContext, answer: RequestListener): Promise<string> {
    const server = createServer(answer).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    context.after(() => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  async function rowsOf(request: IncomingMessage): Promise<number> {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    return body.split("\n").length;
  }

  const accepted = (rows: number): string => JSON.stringify({ items: Array.from({ length: rows }, (_, index) => ({ index, status: "accepted" })) });
  const few = { fleet: { ...fleet, troubles: [] }, messages: 20 };

  test("503 with Retry-After is obeyed, 429 and no answer at all are sent again with the same key", async (context) => {
    const calls: { readonly atMs: number; readonly key: string }[] = [];
    const url = await serve(context, (request, response) => {
      calls.push({ atMs: performance.now(), key: String(request.headers["idempotency-key"]) });
      if (calls.length === 1) return void response.writeHead(503, { "retry-after": "1" }).end();
      if (calls.length === 2) return void response.writeHead(429, { "retry-after": new Date(Date.now() - 1000).toUTCString() }).end();
      if (calls.length === 3) return void request.socket.destroy();
      if (calls.length === 4) return void response.writeHead(202).end("no JSON");
      void rowsOf(request).then((rows) => response.writeHead(202).end(accepted(rows)));
    });
    const { acknowledged, sentAgain } = await runSimulation({ ...few, destinations: [{ over: "http", url, requests: 1, rowsPerRequest: 20 }] }).done;
    assert.deepEqual([acknowledged, sentAgain], [20, 80]);
    assert.ok(calls[1]!.atMs - calls[0]!.atMs >= 990);
    assert.equal(new Set(calls.map(({ key }) => key)).size, 1);
  });

  test("a refusal of the request refuses its rows; a row that the answer leaves out is unknown", async (context) => {
    const refuses = await serve(context, (_request, response) => void response.writeHead(401).end(JSON.stringify({ title: "No token", detail: "send one" })));
    const result = await runSimulation({ ...few, destinations: [{ over: "http", url: refuses, token: "caudal_test" }] }).done;
    assert.deepEqual([result.refused, result.refusals], [20, ["HTTP 401: No token: send one"]]);
    const forgets = await serve(context, (request, response) => void rowsOf(request).then((rows) => response.writeHead(202).end(accepted(rows === 1 ? 1 : rows - 1))));
    const again = await runSimulation({ ...few, destinations: [{ over: "http", url: forgets, requests: 1 }] }).done;
    assert.deepEqual([again.acknowledged, again.sentAgain], [20, 1]);
  });

  test("a timeout, and the end of the run, leave it unknown", async (context) => {
    const silent = await serve(context, () => {});
    const result = await runSimulation({ ...few, drainMs: 300, destinations: [{ over: "http", url: silent, timeoutMs: 100, idempotencyKeys: false }] }).done;
    assert.equal(result.unknown, 20);
    assert.ok(result.sentAgain > 0);
  });
});

describe("where nobody is", () => {
  test("a broker that is not there, and a folder that nobody reads, are unknown", async (context) => {
    const folder = await folderFor(context);
    const result = await runSimulation({
      fleet: { ...fleet, troubles: [] }, messages: 40, drainMs: 300,
      destinations: [{ over: "mqtt", url: "mqtt://127.0.0.1:1", connections: 1 }, { over: "drop", folder, pollMs: 10 }],
    }).done;
    assert.deepEqual([result.acknowledged, result.unknown], [0, 40]);
  });
});

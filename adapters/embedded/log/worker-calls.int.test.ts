import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageChannel, Worker } from "node:worker_threads";
import { CaudalError } from "@caudal/core";
import { serveCalls, WorkerClient } from "./worker-calls.ts";

type Calls = { echo: { request: string; reply: string }; fail: { request: "known" | "bug"; reply: undefined } };

test("replies, known errors and bugs find their caller", async () => {
  const { port1, port2 } = new MessageChannel();
  let served = 0;
  serveCalls<Calls>(port2, {
    echo: (request) => ({ reply: request }),
    fail: (request) => {
      if (request === "known") throw new CaudalError("storage-full", "no room", { retry: "unknown" });
      throw new TypeError("a bug");
    },
  }, () => {
    served += 1;
  });
  const client = new WorkerClient<Calls>(port1 as unknown as Worker);
  assert.deepEqual(await Promise.all([client.call("echo", "a"), client.call("echo", "b")]), ["a", "b"]);
  const known = await client.call("fail", "known").catch((error: unknown) => error);
  assert.ok(known instanceof CaudalError && known.code === "storage-full" && known.retry === "unknown" && known.message === "no room");
  await assert.rejects(client.call("fail", "bug"), (error) => !(error instanceof CaudalError) && error instanceof Error && error.message === "a bug");
  await assert.rejects((client as unknown as WorkerClient<{ other: { request: number; reply: number } }>).call("other", 1), { message: "no such call: other" });
  assert.equal(served, 5);
  port1.close();
});

test("a thread that dies fails what waits for it as unknown, and refuses what comes later", async () => {
  const client = new WorkerClient<Calls>(new Worker("require('node:worker_threads').parentPort.once('message', () => { throw new Error('out of luck'); })", { eval: true }));
  await assert.rejects(client.call("echo", "a"), (error) => error instanceof CaudalError && error.code === "unavailable" && error.retry === "unknown" && /out of luck/.test(error.message));
  await assert.rejects(client.call("echo", "b"), (error) => error instanceof CaudalError && error.code === "unavailable" && error.retry === "yes");
  await client.ended(1000);
});

test("a thread that hangs is ended in time", async () => {
  const client = new WorkerClient<Calls>(new Worker("setInterval(() => undefined, 1000)", { eval: true }));
  const started = performance.now();
  await client.ended(20);
  assert.ok(performance.now() - started < 3000);
});

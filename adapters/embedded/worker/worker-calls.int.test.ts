import assert from "node:assert/strict";
import { test } from "node:test";
import { CaudalError, hasCode } from "@caudal/core";
import { fromFailure, toFailure } from "./call.ts";
import { Room } from "./room.ts";
import { WorkerCalls } from "./worker-calls.ts";

const answerCalls = new URL("./answer-calls.ts", import.meta.url);

/** A worker of a few lines: "sum" shows which calls came in together, "throw" fails, "exit" ends the thread. */
function startWorker(): WorkerCalls {
  const code = `
    import { parentPort } from "node:worker_threads";
    import { answerCalls } from ${JSON.stringify(answerCalls.href)};
    let slices = 3;
    answerCalls(parentPort, {
      handle(calls) {
        for (const call of calls) {
          if (call.body === "exit") process.exit(7);
          else if (call.body === "throw") call.fail(new TypeError("a bug"));
          else if (call.body === "slices") call.answer(slices);
          else call.answer({ echo: call.body, together: calls.length });
        }
      },
      idle: () => --slices > 0,
    });`;
  return new WorkerCalls(new URL(`data:text/javascript,${encodeURIComponent(code)}`), undefined);
}

test("calls are answered in groups, and idle work fills the time between", async () => {
  const calls = startWorker();
  const answers = await Promise.all([1, 2, 3].map((body) => calls.call<{ echo: number; together: number }>(body)));
  assert.deepEqual(answers.map(({ echo }) => echo), [1, 2, 3]);
  while ((await calls.call<number>("slices")) > 0) await new Promise(setImmediate);
  await calls.terminate();
});

test("an error keeps its code, a bug its stack", async () => {
  const calls = startWorker();
  await assert.rejects(calls.call("throw"), (error) => error instanceof Error && error.message === "a bug" && error.stack?.includes("TypeError") === true);
  await calls.terminate();
  const crossed = fromFailure(structuredClone(toFailure(new CaudalError("storage-full", "no room"))));
  assert.ok(crossed instanceof CaudalError && crossed.code === "storage-full" && crossed.retry === "yes" && crossed.message === "no room");
  assert.equal(fromFailure(toFailure("words")).message, "words");
});

test("a thread that dies fails open and later calls, and nobody knows what it did", async () => {
  const calls = startWorker();
  const isUnknown = (error: unknown): boolean => hasCode(error, "unavailable") && error instanceof CaudalError && error.retry === "unknown";
  await assert.rejects(calls.call("exit"), isUnknown);
  await assert.rejects(calls.call(1), isUnknown);
  await calls.terminate();
});

test("a room lets so many run and the others wait in order", async () => {
  const room = new Room(2);
  const running: number[] = [];
  const ends: (() => void)[] = [];
  const enter = (id: number): Promise<void> => room.use(1, async () => {
    running.push(id);
    await new Promise<void>((resolve) => ends.push(resolve));
  });
  const all = [1, 2, 3].map(enter);
  await new Promise(setImmediate);
  assert.deepEqual(running, [1, 2]);
  ends[0]!();
  await all[0];
  await new Promise(setImmediate);
  assert.deepEqual(running, [1, 2, 3]);
  ends.slice(1).forEach((end) => end());
  await Promise.all(all);
  await room.use(5, async () => undefined);
  await room.use(1, async () => undefined);
});

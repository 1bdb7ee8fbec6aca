import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { setImmediate as turn, setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { gunzip, gzip, zstdCompress, zstdDecompressSync } from "node:zlib";
import { createSocket } from "node:dgram";
import { test } from "node:test";
import { Random } from "./random.ts";
import { takeOver, within } from "./take-over.ts";
import { running } from "./virtual-time.ts";

takeOver();
const START_US = Date.UTC(2026, 0, 1) * 1000;
const run = <T>(seed: string, work: () => Promise<T>): Promise<T> => within({ seed, startUs: START_US, maxTurns: 10_000 }, work);

test("an hour passes at once, in order, and clocks and timers agree", async () => {
  const realMs = performance.now();
  const seen = await run("hour", async () => {
    const order: string[] = [];
    const beganMs = performance.now();
    setTimeout(() => order.push("second"), 2000);
    setTimeout(() => order.push("first"), 1000);
    const stopped = setTimeout(() => order.push("never"), 1500);
    clearTimeout(stopped);
    let ticks = 0;
    const interval = setInterval(() => (ticks += 1), 60_000);
    await pause(3_600_000);
    clearInterval(interval);
    assert.equal(performance.now() - beganMs, 3_600_000);
    assert.equal(Date.now(), START_US / 1000 + 3_600_000);
    await turn();
    return { order, ticks: ticks >= 59 && ticks <= 60 };
  });
  assert.deepEqual(seen, { order: ["first", "second"], ticks: true });
  assert.ok(performance.now() - realMs < 60_000);
});

test("virtual time stands still for work of the machine, which has Node's own timers, clocks and randomness; several are under way at once", async () => {
  const startMs = Date.now();
  const seen = await within({ seed: "machine", startUs: START_US, maxTurns: 10_000 }, async (time) => {
    let ticks = 0;
    const interval = setInterval(() => (ticks += 1), 1000);
    const beganMs = performance.now();
    const underWay = { now: 0, most: 0 };
    const works = await Promise.all([0, 1, 2].map(async (at) => {
      await pause(5 * at + 1);
      return time.machine(async () => {
        underWay.most = Math.max(underWay.most, (underWay.now += 1));
        const realMs = performance.now();
        await turn();
        await pause(40);
        await new Promise<void>((resolve) => void setTimeout(resolve, 1));
        assert.ok(Date.now() >= startMs && Math.random() < 1);
        await promisify(randomBytes)(4);
        underWay.now -= 1;
        return performance.now() - realMs;
      });
    }));
    const stoodMs = performance.now() - beganMs;
    assert.equal(Math.floor(Date.now() / 1000), START_US / 1_000_000);
    clearInterval(interval);
    return { ticks, stoodMs, works, most: underWay.most };
  });
  assert.ok(seen.works.every((ms) => ms >= 39), JSON.stringify(seen));
  assert.ok(seen.stoodMs <= 60 && seen.ticks === 0, JSON.stringify(seen));
  assert.equal(seen.most, 3);
});

test("a call of the machine that fails tells its caller, and time goes on", async () => {
  await within({ seed: "fails", startUs: START_US, maxTurns: 10_000 }, async (time) => {
    await assert.rejects(time.machine(() => Promise.reject(new Error("away"))), /away/);
    await pause(60_000);
    assert.equal(Date.now(), START_US / 1000 + 60_000);
  });
});

test("those that are due at once go in an order that the seed decides", async () => {
  const orderOf = (seed: string): Promise<string> => run(seed, async () => {
    const order: number[] = [];
    for (let i = 0; i < 8; i += 1) setTimeout(() => order.push(i), 10);
    await pause(20);
    return order.join("");
  });
  const orders = await Promise.all(["a"].map(orderOf));
  assert.equal(await orderOf("a"), orders[0]);
  assert.notEqual(await orderOf("b"), orders[0]);
});

test("randomness follows from the seed, and is Node's own outside of a run", async () => {
  const drawn = (): Promise<string> => run("dice", async () => [Math.random(), randomUUID(), randomBytes(4).toString("hex")].join());
  assert.equal(await drawn(), await drawn());
  assert.match((await drawn()).split(",")[1] ?? "", /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.notEqual(randomUUID(), randomUUID());
});

test("what zlib does in a thread is done within the run", async () => {
  const text = Buffer.from("water ".repeat(100));
  const unpacked = await run("zlib", async () => [zstdDecompressSync(await promisify(zstdCompress)(text)), await promisify(gunzip)(await promisify(gzip)(text))]);
  for (const each of unpacked) assert.deepEqual(each, text);
});

test("a run that waits for nothing is told as stalled, and one that never ends as well", async () => {
  await assert.rejects(run("stalled", () => new Promise(() => undefined)), { name: "Stalled" });
  await assert.rejects(run("endless", async () => {
    for (;;) await turn();
  }), { name: "Stalled", message: /did not end within 10000 turns/ });
});

test("a run that waits for the machine fails", async (context) => {
  const socket = createSocket("udp4");
  context.after(() => socket.close());
  await assert.rejects(run("machine", async () => {
    socket.bind(0, "127.0.0.1");
    for (;;) await turn();
  }), /must not wait for the machine/);
});

test("timers of an owner that ended never fire, and those of a held one wait", async () => {
  const fired = await run("owners", async () => {
    const seen: string[] = [];
    const [gone, held] = [{ alive: true, heldUntilMs: 0 }, { alive: true, heldUntilMs: 0 }];
    running.run(gone, () => setTimeout(() => seen.push("gone"), 5));
    running.run(held, () => setTimeout(() => seen.push(`held ${performance.now()}`), 5));
    gone.alive = false;
    held.heldUntilMs = 50;
    await pause(100);
    return seen;
  });
  assert.deepEqual(fired, ["held 50"]);
});

test("a pause ends when its signal aborts", async () => {
  await run("aborted", async () => {
    const ended = new AbortController();
    setTimeout(() => ended.abort(), 10);
    await assert.rejects(pause(60_000, undefined, { signal: ended.signal }), { name: "AbortError" });
    await assert.rejects(pause(1, undefined, { signal: ended.signal }), { name: "AbortError" });
    assert.ok(performance.now() < 100);
  });
});

test("a stream of numbers has its bounds, and streams of two names differ", () => {
  const random = new Random("bounds");
  for (let i = 0; i < 1000; i += 1) {
    const [next, whole, between] = [random.next(), random.whole(3, 5), random.between(1, 2)];
    assert.ok(next >= 0 && next < 1 && whole >= 3 && whole <= 5 && between >= 1 && between < 2);
  }
  assert.notEqual(random.stream("a").next(), random.stream("b").next());
  assert.equal(new Random("x").next(), new Random("x").next());
  assert.throws(() => random.pick([]), RangeError);
});

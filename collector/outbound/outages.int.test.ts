import assert from "node:assert/strict";
import { test } from "node:test";
import { createHeldClock } from "@caudal/runtime";
import { accountOf, never, opened, providerOf, read } from "./test-parts/account.ts";
import { json, startProviderServer } from "./test-parts/provider-server.ts";
import { until, untilSettled } from "./test-parts/waits.ts";

const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));
const device = (name: string, secrets: Record<string, string> = {}) => ({ device: name, remote: name, secrets, keys: [], cadence: { kind: "every", ms: 60_000 }, names: {}, units: {}, sentinels: [], live: false }) as const;
const devices = [device("a"), device("b"), device("c"), device("d")];

test("after 429 the whole account waits as long as it was told, and a storm of them is one wait", async (t) => {
  const clock = createHeldClock();
  let storm = true;
  const server = await startProviderServer(t, (_arrival, response) => (storm ? json(response, 429, {}, { "retry-after": "90" }) : json(response, 200, {})), () => clock.monotonicMs());
  const { calls, lines } = opened(t, accountOf(server.url, { devices, concurrency: 8 }), { clock, sleep: clock.sleep });
  const settled: string[] = [];
  const all = many(100, () => calls.call(read, never).then((answered) => void settled.push(answered.ok ? "ok" : answered.failure.kind)));
  await until(() => settled.length === 8);
  storm = false;
  assert.equal(server.arrivals.length, 8, "those under way were told; nobody went out after");
  const outage = calls.outage();
  assert.deepEqual([outage?.failure.kind, outage?.failure.retryAfterMs, outage!.retryAtUs - clock.nowUs()], ["rate_limited", 90_000, 90e6]);
  assert.deepEqual(settled, many(8, () => "rate_limited"));
  await clock.advance(89_999);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(server.arrivals.length, 8);
  await clock.advance(1);
  await Promise.all(all);
  assert.equal(settled.filter((kind) => kind === "ok").length, 92);
  assert.equal(calls.outage(), undefined);
  assert.equal(lines.filter(({ event }) => event === "provider.rate-limited").length, 1);
  assert.equal(lines.filter(({ event }) => event === "provider.down").length, 0);
});

test("a rate limit that does not say for how long is waited for ever longer, also where a provider says it with 403", async (t) => {
  const clock = createHeldClock();
  const server = await startProviderServer(t, (_arrival, response) => json(response, 403, {}), () => clock.monotonicMs());
  const provider = providerOf({ classify: ({ status }) => (status === 403 ? { kind: "rate_limited", detail: "too many" } : undefined) });
  const { calls } = opened(t, accountOf(server.url, { provider, devices, concurrency: 1 }), { clock, sleep: clock.sleep });
  const holds: number[] = [];
  for (let call = 0; call < 4; call++) {
    const calling = calls.call(read, never);
    await until(async () => {
      if (server.arrivals.length > call) return true;
      await clock.advance(100);
      return false;
    });
    const answered = await calling;
    assert.ok(!answered.ok && answered.failure.kind === "rate_limited");
    holds.push((calls.outage()!.retryAtUs - clock.nowUs()) / 1000);
  }
  assert.deepEqual(holds, [1000, 2000, 4000, 8000]);
});

test("an outage is one line when it begins and one when it ends, whoever asks meanwhile", async (t) => {
  const clock = createHeldClock();
  let down = true;
  const server = await startProviderServer(t, (_arrival, response) => json(response, down ? 503 : 200, {}), () => clock.monotonicMs());
  const { calls, lines, metrics } = opened(t, accountOf(server.url, { devices, concurrency: 16 }), { clock, sleep: clock.sleep });
  const storm = Promise.all(many(1000, () => calls.call(read, never)));
  await untilSettled(storm, clock);
  assert.ok(server.arrivals.length <= 20 + 16, `${server.arrivals.length} went out`);
  const refused = await calls.call(read, never);
  assert.ok(!refused.ok && refused.failure.status === 503);
  const sent = server.arrivals.length;
  await clock.advance(10_000);
  // One probe for all who ask.
  await untilSettled(Promise.all(many(50, () => calls.call(read, never))), clock);
  assert.equal(server.arrivals.length, sent + 1);
  down = false;
  await clock.advance(20_000);
  assert.ok((await calls.call(read, never)).ok);
  assert.ok((await Promise.all(many(20, () => calls.call(read, never)))).every(({ ok }) => ok));
  assert.equal(calls.outage(), undefined);
  const told = lines.filter(({ event }) => String(event).startsWith("provider."));
  assert.deepEqual(told.map(({ event, level, account, provider }) => [event, level, account, provider]), [["provider.down", "warn", "acme-1", "acme"], ["provider.up", "info", "acme-1", "acme"]]);
  assert.equal((told[1]!["heldBack"] as number) > 1000 - 36, true);
  assert.equal(await metrics.sum("caudal_provider_up", { account: "acme-1", provider: "acme" }), 1);
  await calls.close();
  assert.ok(!(await metrics.text()).includes("caudal_provider_up{"), "nobody is told of an account that is not called from here");
});

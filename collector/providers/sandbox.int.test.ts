import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR, NOON, opened } from "../../sandbox/test-parts/opened.ts";
import { findProvider } from "./providers.ts";
import { readServer, tokenFrom } from "./test-parts/ask-server.ts";

/** What changes an answer without making it a failure. */
const habits = { "text-numbers": 0.3, duplicates: 0.3, "out-of-order": 0.3, "naive-time": 0.3, "offset-time": 0.3, "moving-pages": 0.3, "nan-text": 0.05, "negative-status": 0.1, sentinels: 0.1, "truncated-digits": 0.1 } as const;

for (const id of ["tdata", "thethings-io", "tagoio", "thingsboard"] as const) {
  for (const pageLimit of [10, 64, 1000]) {
    test(`${id}: a sandbox with every habit gives all that it has, and nothing else, in pages of ${pageLimit}`, async (context) => {
      const { sandbox, account } = await opened(context, { seed: `providers-${id}-${pageLimit}`, devices: { [id]: 2 }, everyMs: [300_000], days: 3, quirks: { [id]: { ...habits } }, limits: { [id]: "" } });
      const provider = findProvider(id);
      assert.ok(provider !== undefined);
      const { baseUrl, secrets, devices } = account(id);
      const token = provider.login === undefined ? undefined : await tokenFrom(baseUrl, provider.login, secrets);
      const [fromMs, toMs] = [NOON - 30 * HOUR, NOON - HOUR];
      for (const { device, remote, secrets: own, keys } of devices) {
        const groups: readonly (readonly string[])[] = provider.keysPerCall === "one" ? keys.map(({ key }) => [key]) : [keys.map(({ key }) => key)];
        const got: string[] = [];
        for (const group of groups) {
          const ask = { settings: provider.settings.parse({ pageLimit }), secrets, device: { device, remote, secrets: own }, keys: group, window: { fromUs: fromMs * 1000, toUs: toMs * 1000 }, nowUs: NOON * 1000 };
          const read = await readServer(provider, ask, { baseUrl, token });
          assert.equal(read.refused, 0);
          for (const { key, timeUs, value } of read.samples) if (timeUs < toMs * 1000) got.push(`${key} ${timeUs} ${String(value)}`);
        }
        const truth = [...sandbox.truth({ fromMs, toMs, provider: id, device })].map(({ key, ts, timeUs, value }) => `${key} ${id === "tdata" || id === "thingsboard" ? ts * 1000 : timeUs} ${String(value)}`);
        assert.ok(truth.length > 300, `${truth.length} rows`);
        assert.deepEqual([...new Set(got)].sort(), truth.sort());
      }
    });
  }

  test(`${id}: the newest of a sandbox is the newest that it has, in one call a device or key`, async (context) => {
    const { sandbox, account } = await opened(context, { seed: `newest-${id}`, devices: { [id]: 2 }, days: 1, quirks: { [id]: { ...habits } }, limits: { [id]: "" } });
    const provider = findProvider(id);
    assert.ok(provider !== undefined);
    const { baseUrl, secrets, devices } = account(id);
    const token = provider.login === undefined ? undefined : await tokenFrom(baseUrl, provider.login, secrets);
    for (const { device, remote, secrets: own, keys } of devices) {
      const groups: readonly (readonly string[])[] = provider.keysPerCall === "one" ? keys.map(({ key }) => [key]) : [keys.map(({ key }) => key)];
      for (const group of groups) {
        const { samples, calls } = await readServer(provider, { settings: provider.settings.parse({}), secrets, device: { device, remote, secrets: own }, keys: group, window: undefined, nowUs: NOON * 1000 }, { baseUrl, token });
        assert.equal(calls, 1);
        assert.deepEqual(samples.map(({ key }) => key).sort(), [...group].sort());
        for (const { key, timeUs } of samples) {
          const rows = [...sandbox.truth({ fromMs: NOON - 24 * HOUR, toMs: NOON + 1, provider: id, device })].filter((row) => row.key === key);
          assert.equal(Math.floor(timeUs / 1000), rows.at(-1)?.ts, key);
        }
      }
    }
  });
}

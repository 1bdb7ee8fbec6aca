import { setTimeout as wait } from "node:timers/promises";
import { groups, type GroupName } from "@caudal/core";
import type { EngineName } from "../../../tools/engines/engine.ts";
import type { Scenario } from "../scenario.ts";

const CUT_EVERY_MS = 2000;
const SLOW_MS = 100;

/** What hurts when the network to an engine is bad. Documents are everybody's, so MongoDB delays all. */
const engines: readonly { readonly engine: EngineName; readonly mayDelay: readonly GroupName[] | "all" }[] = [
  { engine: "kafka", mayDelay: "all" },
  { engine: "redis", mayDelay: [groups.hot] },
  { engine: "mongo", mayDelay: "all" },
  { engine: "cassandra", mayDelay: [groups.cold] },
  { engine: "mosquitto", mayDelay: [] },
];

/** Slow, cut again and again, and half-open for one node of three (or the only one), each engine in turn. */
export const networkScenarios: readonly Scenario[] = engines.flatMap(({ engine, mayDelay }): Scenario[] => [
  {
    name: `${engine}-slow`, what: `every answer and request of ${engine} is ${SLOW_MS} ms late`, mayDelay, lastsMs: 15_000,
    async run({ stages }, forMs) {
      const { proxies } = stages[engine];
      for (const proxy of proxies) proxy.set({ delayMs: SLOW_MS });
      await wait(forMs);
      for (const proxy of proxies) await proxy.heal();
    },
  },
  {
    name: `${engine}-cut`, what: `all connections to ${engine} are reset every ${CUT_EVERY_MS / 1000} s`, mayDelay, lastsMs: 15_000,
    async run({ stages }, forMs) {
      for (let passedMs = 0; passedMs < forMs; passedMs += CUT_EVERY_MS) {
        for (const proxy of stages[engine].proxies) proxy.cut();
        await wait(CUT_EVERY_MS);
      }
    },
  },
  {
    name: `${engine}-half-open`, what: `the first node of ${engine} is gone without a word: connections hang`, mayDelay, lastsMs: 20_000,
    async run({ stages }, forMs) {
      const [first] = stages[engine].proxies;
      first?.halfOpen();
      await wait(forMs);
      await first?.heal();
    },
  },
]);

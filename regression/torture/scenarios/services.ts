import { setTimeout as wait } from "node:timers/promises";
import { groups, type GroupName } from "@caudal/core";
import type { ServiceName } from "../fleet.ts";
import type { Scenario } from "../scenario.ts";

const groupsOf: Readonly<Record<Exclude<ServiceName, "web">, readonly GroupName[] | "all">> = {
  collector: [],
  processor: "all",
  archiver: [groups.cold, groups.archiveReadings, groups.archivePoints],
  analytics: [groups.rollups],
  business: [groups.devices, groups.parked],
};

/** kill -9 of each service; a supervisor starts it again. */
export const serviceScenarios: readonly Scenario[] = (Object.keys(groupsOf) as (keyof typeof groupsOf)[]).map((service) => ({
  name: `kill-${service}`, what: `kill -9 of the ${service}, started again after 3 s`, mayDelay: groupsOf[service], lastsMs: 3000,
  async run({ fleet }, forMs) {
    const member = fleet.first(service);
    await fleet.kill(member);
    await wait(forMs);
    await fleet.start(member);
  },
}));

/** Members of a group that come, go and stand still. */
export const memberScenarios: readonly Scenario[] = [
  {
    name: "join-and-leave", what: "a second processor joins under load, works, and leaves in order", mayDelay: "all", lastsMs: 10_000,
    async run({ fleet }, forMs) {
      const second = await fleet.join("processor");
      await wait(forMs);
      await fleet.leave(second);
    },
  },
  {
    name: "processor-paused", what: "SIGSTOP of one of two processors for 60 s: the other takes over, the old owner comes back to a world that went on", mayDelay: "all", lastsMs: 60_000,
    async run({ fleet }, forMs) {
      const second = await fleet.join("processor");
      const { process: held } = second;
      if (held === undefined) throw new Error("the second processor does not run");
      await wait(5000);
      process.kill(held.pid, "SIGSTOP");
      await wait(forMs);
      process.kill(held.pid, "SIGCONT");
      await wait(5000);
      await fleet.leave(second);
    },
  },
];

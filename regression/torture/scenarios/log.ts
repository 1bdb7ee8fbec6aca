import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { groups, systemScope, topics } from "@caudal/core";
import type { EngineNode } from "../../../tools/engines/engine.ts";
import type { Scenario } from "../scenario.ts";
import type { Stage } from "../stage.ts";

/** The leader of the controllers' quorum, as the nodes have noted it: a client is told of any broker. */
function controllerOf({ engine }: Stage): EngineNode {
  const notes = engine.nodes.map(({ folder }) => JSON.parse(readFileSync(join(folder, "data", "__cluster_metadata-0", "quorum-state"), "utf8")) as { leaderId: number; leaderEpoch: number });
  const newest = notes.reduce((best, note) => (note.leaderId >= 0 && note.leaderEpoch > best.leaderEpoch ? note : best), { leaderId: -1, leaderEpoch: -1 });
  const node = engine.nodes[newest.leaderId - 1];
  if (node === undefined) throw new Error("the quorum has no leader");
  return node;
}

function otherThan(stage: Stage, node: EngineNode): EngineNode {
  const found = stage.engine.nodes.find((each) => each !== node);
  if (found === undefined) throw new Error("one node only");
  return found;
}

/** Groups that one service alone consumes: it is stopped while their offsets are put back. */
const reset = [
  { topic: topics.measurements, group: groups.hot, service: "processor" },
  { topic: topics.measurements, group: groups.warm, service: "processor" },
  { topic: topics.measurements, group: groups.cold, service: "archiver" },
  { topic: topics.measurements, group: groups.rollups, service: "analytics" },
] as const;

/** What happens to the log and to the groups' places in it. */
export const logScenarios: readonly Scenario[] = [
  {
    name: "broker-killed", what: "kill -9 of one broker of three, started again after 5 s", mayDelay: "all", lastsMs: 5000,
    async run({ stages }, forMs) {
      const node = otherThan(stages.kafka, controllerOf(stages.kafka));
      await node.kill();
      await wait(forMs);
      await node.start();
    },
  },
  {
    name: "broker-gone", what: "one broker of three killed and gone for 60 s", mayDelay: "all", lastsMs: 60_000,
    async run({ stages }, forMs) {
      const node = otherThan(stages.kafka, controllerOf(stages.kafka));
      await node.kill();
      await wait(forMs);
      await node.start();
    },
  },
  {
    name: "controller-killed", what: "kill -9 of the controller, started again after 15 s", mayDelay: "all", lastsMs: 15_000,
    async run({ stages }, forMs) {
      const node = controllerOf(stages.kafka);
      await node.kill();
      await wait(forMs);
      await node.start();
    },
  },
  {
    name: "log-directory-full", what: "the disk of one broker of three has no byte left for 15 s; the broker is started again once it has", mayDelay: "all", lastsMs: 15_000,
    async run({ stages, note }, forMs) {
      const { disk, engine } = stages.kafka;
      const node = engine.nodes.at(-1);
      if (disk === undefined || node === undefined) return note("skipped: this machine does not let us mount a small disk (needs root)");
      disk.fill();
      await wait(forMs);
      disk.free();
      await node.kill();
      await node.start();
    },
  },
  {
    name: "offsets-reset", what: "the offsets of hot, warm, cold and rollups are put back to the earliest: everything is delivered again", mayDelay: "all", lastsMs: 0,
    async run({ fleet, withPorts }) {
      const stopped = (["processor", "archiver", "analytics"] as const).map((service) => fleet.first(service));
      await Promise.all(stopped.map(async (member) => {
        await member.process?.stop();
        member.process = undefined;
      }));
      await withPorts(async ({ log, documents }) => {
        const ledgers = await documents.collection<object>({ name: "conservation-ledgers", tenant: false });
        for (const { topic, group } of reset) {
          for (const { partition, startOffset } of await log.bounds(topic)) {
            await log.setOffset(topic, group, partition, startOffset);
            // The offset in the ledger is the truth; without one the group begins where the log says.
            await ledgers.remove(systemScope, `${group}.${partition}`);
          }
        }
      });
      for (const member of stopped) await fleet.start(member);
    },
  },
];

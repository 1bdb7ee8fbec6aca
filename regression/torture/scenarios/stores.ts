import { setTimeout as wait } from "node:timers/promises";
import { groups } from "@caudal/core";
import { MongoClient } from "mongodb";
import type { EngineNode } from "../../../tools/engines/engine.ts";
import type { Scenario } from "../scenario.ts";
import type { Stage } from "../stage.ts";

async function asked<T>(node: EngineNode, work: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(`mongodb://${node.host}:${node.port}/?directConnection=true`, { serverSelectionTimeoutMS: 2000 });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

async function primaryOf({ engine }: Stage): Promise<EngineNode> {
  for (const node of engine.nodes) {
    const hello = await asked(node, (client) => client.db("admin").command({ hello: 1 })).catch(() => undefined);
    if (hello?.["isWritablePrimary"] === true) return node;
  }
  throw new Error("the set has no primary");
}

/** What kills the stores behind the tiers. */
export const storeScenarios: readonly Scenario[] = [
  {
    name: "redis-killed", what: "kill -9 of Redis, back after 10 s on the newest second of its append-only file or less", mayDelay: [groups.hot], lastsMs: 10_000,
    async run({ stages }, forMs) {
      const [node] = stages.redis.engine.nodes;
      await node?.kill();
      await wait(forMs);
      await node?.start();
    },
  },
  {
    name: "mongo-step-down", what: "the primary of the replica set steps down", mayDelay: "all", lastsMs: 10_000,
    async run({ stages }, forMs) {
      await asked(await primaryOf(stages.mongo), (client) => client.db("admin").command({ replSetStepDown: 10, secondaryCatchUpPeriodSecs: 5 })).catch((error: unknown) => {
        // It drops every connection as it steps down, ours too.
        if (!/closed|interrupted|network/i.test(String(error))) throw error;
      });
      await wait(forMs);
    },
  },
  {
    name: "mongo-primary-killed", what: "kill -9 of the primary, back after 15 s", mayDelay: "all", lastsMs: 15_000,
    async run({ stages }, forMs) {
      const primary = await primaryOf(stages.mongo);
      await primary.kill();
      await wait(forMs);
      await primary.start();
    },
  },
  {
    name: "cassandra-node-killed", what: "kill -9 of one Cassandra node of three, back after 20 s", mayDelay: [groups.cold], lastsMs: 20_000,
    async run({ stages }, forMs) {
      const [node] = stages.cassandra.engine.nodes;
      await node?.kill();
      await wait(forMs);
      await node?.start();
    },
  },
  {
    name: "cassandra-gone", what: "all three Cassandra nodes killed and gone for 60 s", mayDelay: [groups.cold], lastsMs: 60_000,
    async run({ stages }, forMs) {
      const { nodes } = stages.cassandra.engine;
      await Promise.all(nodes.map((node) => node.kill()));
      await wait(forMs);
      await Promise.all(nodes.map((node) => node.start()));
    },
  },
];

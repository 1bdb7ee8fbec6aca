import assert from "node:assert/strict";
import { test } from "node:test";
import { withEngine } from "../../../tools/engines/for-tests.ts";
import { droppedDatabaseUrl } from "../test-database.ts";
import { startLosingGate } from "../test-gate.ts";
import { openMongoTier } from "./open-tier.ts";
import { flowsOf, sample } from "./tier-samples.ts";

const CLIENT = "client";
const POINTS = 12;

withEngine("mongo", (server) => {
  const direct = droppedDatabaseUrl(server);
  const database = new URL(direct.replace("mongodb:", "http:")).pathname.slice(1);

  for (const [command, times] of [["insert", 1], ["insert", 3], ["find", 2], ["update", 2], ["delete", 2]] as const) {
    test(`the answer to ${times} ${command} is lost: facts are stored once and counted as stored`, async () => {
      const gate = await startLosingGate(server);
      const told: string[] = [];
      const client = `${CLIENT}-${command}-${times}`;
      const tier = await openMongoTier({
        url: gate.url(database), name: "warm", retentionMs: null, lanes: 3, foldAfter: { facts: 40, entries: 8 }, tell: (event, fields) => told.push(`${event} ${JSON.stringify(fields)}`),
      });
      try {
        const batchOf = (batch: number) => Array.from({ length: POINTS }, (_, p) => sample({ client, point: `p${p}`, instantUs: batch, flow: batch }));
        for (let batch = 0; batch < 60; batch++) {
          if (batch === 20) gate.lose(command, times);
          const result = await tier.write(batchOf(batch));
          assert.deepEqual([result.stored, result.failed], [POINTS, []], `batch ${batch}: ${told.join("; ")}`);
        }
        assert.equal(gate.left(), 0, "every loss has happened");
        assert.equal((await tier.write(batchOf(3))).duplicate, POINTS);
        for (let p = 0; p < POINTS; p++) assert.equal((await flowsOf(tier, client, `p${p}`)).size, 60);
        assert.deepEqual(await tier.eraseClient(client), { points: POINTS });
      } finally {
        await tier.close();
        await gate.close();
      }
    });
  }
});

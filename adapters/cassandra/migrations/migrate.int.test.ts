import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { hasCode, systemScope } from "@caudal/core";
import { withEngine } from "../../../tools/engines/for-tests.ts";
import { openCassandraTier } from "../series/open-tier.ts";
import { bareClient, dropKeyspace, testKeyspace } from "../test-keyspace.ts";
import { steps } from "./steps.ts";

withEngine("cassandra", (serverUrl) => {
  describe("migrations of a keyspace", () => {
    const { url, keyspace } = testKeyspace(serverUrl, "migrate");
    after(() => dropKeyspace(serverUrl, keyspace));
    const open = (tell?: (event: string, fields?: Readonly<Record<string, unknown>>) => void) => openCassandraTier({ url, name: "cold", tell });

    it("are applied once, in order, by processes that start at once", async () => {
      const told: string[] = [];
      const tell = (event: string, fields?: Readonly<Record<string, unknown>>): void => {
        if (event === "cassandra.migrated") told.push(String(fields?.["step"]));
      };
      const tiers = await Promise.all([open(tell), open(tell), open(tell)]);
      assert.deepEqual(told, steps.map(({ id }) => String(id)));
      for (const tier of tiers) assert.equal(await tier.floor(systemScope, { client: "c", point: "p" }), undefined);
      await Promise.all(tiers.map((tier) => tier.close()));
    });

    it("go on after a process that ended in the middle", async () => {
      const client = await bareClient(serverUrl);
      const made = steps.findIndex(({ about }) => about.startsWith("chunks: "));
      for (const { id } of steps.slice(made)) await client.execute(`DELETE FROM ${keyspace}.cold_migrations WHERE id = ${id}`);
      await client.execute(`DROP TABLE ${keyspace}.cold_chunks`);
      await client.execute(`INSERT INTO ${keyspace}.cold_migration_lock (id, owner) VALUES (0, 'gone') IF NOT EXISTS USING TTL 2`);
      await (await open()).close();
      const { rows } = await client.execute(`SELECT id FROM ${keyspace}.cold_migrations`);
      assert.equal(rows.length, steps.length);
      assert.equal((await client.execute(`SELECT * FROM ${keyspace}.cold_migration_lock`)).rows.length, 0);
      await client.shutdown();
    });

    it("refuse a keyspace whose steps say something else", async () => {
      const client = await bareClient(serverUrl);
      await client.execute(`UPDATE ${keyspace}.cold_migrations SET checksum = 'other' WHERE id = 1`);
      await client.shutdown();
      await assert.rejects(open(), (error) => hasCode(error, "setting"));
    });

    it("say what to do when nobody answers or the data centre is another", async () => {
      await assert.rejects(openCassandraTier({ url: "cassandra://app:secret@127.0.0.1:1/ks", name: "cold" }), (error: Error) => hasCode(error, "unavailable")
        && error.message.includes("127.0.0.1:1") && !error.message.includes("secret"));
      const elsewhere = `${url.split("?")[0]}?dc=nowhere`;
      await assert.rejects(openCassandraTier({ url: elsewhere, name: "cold" }), (error: Error) => hasCode(error, "setting") && error.message.includes("dc="));
    });
  });
});

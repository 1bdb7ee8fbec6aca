import assert from "node:assert/strict";
import { createServer } from "node:net";
import { once } from "node:events";
import { test } from "node:test";
import { CaudalError, hasCode } from "@caudal/core";
import { MongoNetworkError, MongoServerError } from "mongodb";
import { withEngine } from "../../../tools/engines/for-tests.ts";
import { databaseUrl } from "../test-database.ts";
import { openMongo } from "./open-mongo.ts";

test("a URL that cannot be meant is a setting, and its password is told to nobody", async () => {
  for (const url of ["mongodb://user:s3cret@", "http://user:s3cret@a.test", "mongodb://user:s3@cret:x@a.test/db", "mongodb://a.test/?replicaSet=", "mongodb://user:s3cret@a.test/?tls=perhaps"]) {
    await assert.rejects(openMongo({ url }), (error) => {
      assert.ok(hasCode(error, "setting") && error instanceof CaudalError, `${url}: ${String(error)}`);
      assert.ok(!error.message.includes("s3") && !String(error.cause).includes("s3"), error.message);
      return true;
    });
  }
});

test("a server that is not there is unavailable, by name and with a next step", async () => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  const url = `mongodb://127.0.0.1:${port}/x?serverSelectionTimeoutMS=200`;
  await assert.rejects(openMongo({ url }), (error) => hasCode(error, "unavailable") && error instanceof CaudalError && error.message.startsWith(`mongodb://127.0.0.1:${port}/x: `) && /Check that MongoDB runs/.test(error.message));
});

withEngine("mongo", (server) => {
  test("what the network fails is asked again, what the server refuses is not, and both are told apart", async () => {
    const told: string[] = [];
    const mongo = await openMongo({ url: databaseUrl(server), tell: (event) => told.push(event), patienceMs: 300 });
    try {
      const attempts: number[] = [];
      const answer = await mongo.onceMore(async (attempt) => {
        attempts.push(attempt);
        if (attempt < 3) throw new MongoNetworkError("connection 1 closed");
        return "done";
      });
      assert.deepEqual([answer, attempts], ["done", [1, 2, 3]]);
      assert.deepEqual(told, ["mongo.away", "mongo.back"]);
      await assert.rejects(mongo.onceMore(() => Promise.reject(new MongoNetworkError("closed"))), (error) => error instanceof CaudalError && error.code === "unavailable" && error.retry === "yes");
      await assert.rejects(mongo.onceMore(() => Promise.reject(new MongoServerError({ message: "no", code: 11000 }))), { code: "duplicate-key" });
      await assert.rejects(mongo.onceMore(() => mongo.database.command({ unknownCommand: 1 })), { code: "unavailable", retry: "no" });
      await assert.rejects(mongo.onceMore(() => Promise.reject(new TypeError("a bug"))), TypeError);
      await assert.rejects(mongo.onceMore(() => Promise.reject(new CaudalError("forbidden", "no"))), { code: "forbidden" });
    } finally {
      await mongo.close();
    }
  });

  test("writes wait for the majority and its journal whatever the URL says", async () => {
    const mongo = await openMongo({ url: `${databaseUrl(server)}&w=1&journal=false&readPreference=secondary&retryWrites=false` });
    try {
      assert.deepEqual({ w: mongo.database.writeConcern?.w, journal: mongo.database.writeConcern?.journal }, { w: "majority", journal: true });
      assert.equal(mongo.database.readPreference.mode, "primary");
      assert.equal(mongo.database.readConcern?.level, "majority");
    } finally {
      await mongo.close();
    }
  });

  test("a close lets what runs end, and refuses the rest", async () => {
    const mongo = await openMongo({ url: databaseUrl(server) });
    const running = mongo.onceMore(() => mongo.database.command({ ping: 1 }));
    const [again] = await Promise.all([running, mongo.close(), mongo.close()]);
    assert.equal(again["ok"], 1);
    await assert.rejects(mongo.onceMore(() => mongo.database.command({ ping: 1 })), { code: "closed" });
  });

  test("a user that the server refuses is a setting", async () => {
    const url = databaseUrl(server).replace("mongodb://", "mongodb://nobody:s3cret@");
    await assert.rejects(openMongo({ url }), (error) => hasCode(error, "setting") && !String(error).includes("s3cret"));
  });
});

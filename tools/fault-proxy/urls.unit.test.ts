import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { extended, targetOf, through } from "./urls.ts";

suite("the URL of an engine", () => {
  test("takes a database, a keyspace and parameters beside its own", () => {
    assert.equal(extended("kafka://127.0.0.1:1,127.0.0.1:2", "", { prefix: "a." }), "kafka://127.0.0.1:1,127.0.0.1:2/?prefix=a.");
    assert.equal(extended("mongodb://127.0.0.1:1/?replicaSet=rs0", "db", {}), "mongodb://127.0.0.1:1/db?replicaSet=rs0");
    assert.equal(extended("cassandra://127.0.0.1:1?dc=one", "space", { replication: "1" }), "cassandra://127.0.0.1:1/space?dc=one&replication=1");
    assert.equal(extended("redis://127.0.0.1:1/2", "", {}), "redis://127.0.0.1:1/2");
    assert.equal(extended("http://127.0.0.1:1/apis/v7", "", {}), "http://127.0.0.1:1/apis/v7");
    assert.equal(extended("redis://127.0.0.1:1", "", {}), "redis://127.0.0.1:1");
  });

  test("leads through a proxy, with its user, database and parameters", () => {
    const proxy = { host: "127.0.0.1", port: 9 };
    assert.equal(through(proxy, "redis://me:secret@10.0.0.1:6379/1?prefix=a"), "redis://me:secret@127.0.0.1:9/1?prefix=a");
    assert.equal(through(proxy, "mongodb://127.0.0.1:27017/db?replicaSet=rs0"), "mongodb://127.0.0.1:9/db?directConnection=true");
    assert.deepEqual(targetOf("redis://me:secret@10.0.0.1:6379/1"), { host: "10.0.0.1", port: 6379 });
    assert.deepEqual(targetOf("mongodb://127.0.0.1:27017,127.0.0.1:27018/db"), { host: "127.0.0.1", port: 27017 });
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode } from "@caudal/core";
import { readClusterUrl } from "./cluster-url.ts";

test("reads hosts, login, keyspace and parameters", () => {
  assert.deepEqual(readClusterUrl("cassandra://127.0.0.1/caudal"), {
    contactPoints: ["127.0.0.1:9042"], credentials: undefined, keyspace: "caudal", dataCenter: "datacenter1", replication: 1, tls: undefined, shown: "cassandra://127.0.0.1/caudal",
  });
  const address = readClusterUrl("cassandras://us%40er:p%3Aa%2Fss@a.example:9142,[::1],b.example/cold_1?dc=scl&replication=3&ca=/etc/ca.pem");
  assert.deepEqual(address.contactPoints, ["a.example:9142", "[::1]:9042", "b.example:9042"]);
  assert.deepEqual(address.credentials, { username: "us@er", password: "p:a/ss" });
  assert.deepEqual([address.dataCenter, address.replication, address.tls], ["scl", 3, { ca: "/etc/ca.pem" }]);
});

test("refuses what it does not know, without showing the password", () => {
  const bad = [
    "http://127.0.0.1/caudal", "cassandra://127.0.0.1", "cassandra://127.0.0.1/", "cassandra://127.0.0.1/Caudal", "cassandra://127.0.0.1/a-b", "cassandra://:9042/caudal",
    "cassandra://a:secret@127.0.0.1:0/caudal", "cassandra://a:secret@127.0.0.1:99999/caudal", "cassandra://a:secret@h/caudal?replication=0", "cassandra://a:secret@h/caudal?replicas=3",
    "cassandra://secret@h/caudal", "cassandra://a:%zzsecret@h/caudal", "cassandra://h/caudal?ca=/x.pem", "",
  ];
  for (const url of bad) {
    assert.throws(() => readClusterUrl(url), (error: Error) => hasCode(error, "setting") && !error.message.includes("secret") && error.message.includes("cassandra://[user"), url);
  }
});

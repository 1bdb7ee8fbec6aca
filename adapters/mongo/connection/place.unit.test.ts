import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { databaseOf, parametersOf, placeOf } from "./place.ts";

test("a place names hosts and database, and neither user nor password nor parameter", () => {
  const cases = [
    ["mongodb://127.0.0.1:27017/caudal?replicaSet=rs0", "mongodb://127.0.0.1:27017/caudal"],
    ["mongodb://user:s3cret@a.test:1,b.test:2/x?tlsCertificateKeyFilePassword=s3cret", "mongodb://a.test:1,b.test:2/x"],
    ["mongodb+srv://user:s3cret@db.example/x", "mongodb+srv://db.example/x"],
    ["mongodb://user:s3@cret@a.test", "mongodb://a.test"],
    ["mongodb://user:s3?cret@a.test/x", "mongodb://…"],
    ["redis://user:s3cret@a.test", "mongodb://…"],
    ["", "mongodb://…"],
  ];
  for (const [url, place] of cases) assert.equal(placeOf(url ?? ""), place);
});

test("no password of any spelling is in the place", () => {
  fc.assert(fc.property(fc.string({ minLength: 6 }).filter((text) => !"host.test:27017/caudal…".includes(text)), (password) => {
    for (const secret of [password, encodeURIComponent(password)]) assert.ok(!placeOf(`mongodb://user:${secret}@host.test:27017/caudal?w=1`).includes(secret));
  }));
});

test("the database is the URL's, or caudal", () => {
  assert.equal(databaseOf("mongodb://u:p@a.test:1,b.test/fleet?w=1"), "fleet");
  assert.equal(databaseOf("mongodb://a.test/?replicaSet=rs0"), "caudal");
  assert.equal(databaseOf("mongodb://a.test"), "caudal");
});

test("parameters are known by their names in any case", () => {
  assert.deepEqual([...parametersOf("mongodb://a.test/?maxPoolSize=3&replicaSet=rs0")], ["maxpoolsize", "replicaset"]);
  assert.deepEqual([...parametersOf("mongodb://a.test")], []);
});

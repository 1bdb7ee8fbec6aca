import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CaudalError, hasCode } from "@caudal/core";
import { parseKafkaUrl } from "./parse-url.ts";
import { readTlsFiles } from "./tls-files.ts";

test("a plain URL has defaults", () => {
  assert.deepEqual(parseKafkaUrl("kafka://broker.test:29092"), {
    brokers: [{ host: "broker.test", port: 29092 }], tls: undefined, sasl: undefined, prefix: "", replication: 1, minInSync: 1, compression: "zstd", shown: "kafka://broker.test:29092",
  });
  assert.deepEqual(parseKafkaUrl("kafka://broker.test/").brokers, [{ host: "broker.test", port: 9092 }]);
});

test("several brokers, a prefix, replication and compression", () => {
  const address = parseKafkaUrl("kafka://a.test:1,b.test,[::1]:3?prefix=plant1.&replication=3&minInSync=2&compression=gzip");
  assert.deepEqual(address.brokers, [{ host: "a.test", port: 1 }, { host: "b.test", port: 9092 }, { host: "::1", port: 3 }]);
  assert.deepEqual([address.prefix, address.replication, address.minInSync, address.compression], ["plant1.", 3, 2, "gzip"]);
});

test("kafkas is TLS and a user is SCRAM-SHA-512; the password is not in what is shown", () => {
  const address = parseKafkaUrl("kafkas://app:p%40ss%3Aword@broker.test:9093?ca=/etc/ca.pem&cert=/etc/me.pem&key=/etc/me.key");
  assert.deepEqual(address.tls, { ca: "/etc/ca.pem", cert: "/etc/me.pem", key: "/etc/me.key" });
  assert.deepEqual(address.sasl, { mechanism: "scram-sha-512", username: "app", password: "p@ss:word" });
  assert.equal(address.shown, "kafkas://app:***@broker.test:9093");
  assert.deepEqual(parseKafkaUrl("kafka://broker.test?tls=true").tls, {});
  assert.equal(parseKafkaUrl("kafka://broker.test?tls=false").tls, undefined);
  assert.equal(parseKafkaUrl("kafkas://app:secret@broker.test?mechanism=plain").sasl?.mechanism, "plain");
  assert.equal(parseKafkaUrl("kafka://app:se:cret@broker.test?mechanism=scram-sha-256").sasl?.password, "se:cret");
});

test("what is wrong is said, and never the password", () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ["redis://broker.test", /not of that form/],
    ["kafka://app:synthetic@secret@broker.test", /%40/],
    ["kafka://", /"" is not host:port/],
    ["kafka://a.test:0", /"a.test:0" is not host:port/],
    ["kafka://a.test:99999", /is not host:port/],
    ["kafka://a.test,", /"" is not host:port/],
    ["kafka://app@broker.test", /user and a password/],
    ["kafka://:synthetic-secret@broker.test", /user and a password/],
    ["kafka://app:synthetic-secret%@broker.test", /%25/],
    ["kafka://app:synthetic-secret@broker.test?mechanism=plain", /readable/],
    ["kafka://app:synthetic-secret@broker.test?mechanism=gssapi", /mechanism is one of/],
    ["kafka://broker.test?ca=/etc/ca.pem", /kafkas:\/\//],
    ["kafkas://broker.test?tls=false", /kafkas:\/\/ is TLS/],
    ["kafka://broker.test?tls=maybe", /true or false/],
    ["kafkas://broker.test?cert=/etc/me.pem", /given together/],
    ["kafkas://broker.test?ca=", /path of a PEM file/],
    ["kafka://broker.test?replication=0", /replication is a number/],
    ["kafka://broker.test?replication=1&minInSync=2", /more than replication/],
    ["kafka://broker.test?prefix=a b", /prefix takes/],
    ["kafka://broker.test?compression=lz4", /zstd, gzip, none/],
    ["kafka://broker.test?retries=3", /no parameter "retries"/],
  ];
  for (const [url, message] of wrong) {
    assert.throws(
      () => parseKafkaUrl(url),
      (error) => error instanceof CaudalError && error.code === "setting" && message.test(error.message) && !error.message.includes("synthetic"),
      url,
    );
  }
});

test("PEM files are read; one that is not there is named", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "caudal-pem-"));
  t.after(() => rm(folder, { recursive: true }));
  const ca = join(folder, "ca.pem");
  await writeFile(ca, "pem");
  assert.equal(await readTlsFiles(undefined), undefined);
  assert.deepEqual(await readTlsFiles({ ca }), { ca: Buffer.from("pem") });
  await assert.rejects(readTlsFiles({ ca: join(folder, "none.pem") }), (error) => hasCode(error, "setting") && String(error).includes("none.pem"));
});

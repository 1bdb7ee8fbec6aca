import assert from "node:assert/strict";
import { test } from "node:test";
import { targetOfMqtt } from "./target.ts";
import { AckReader, connectPacket, topicBytes, writePublish } from "./wire.ts";

test("packets are those of MQTT 3.1.1", () => {
  assert.equal(connectPacket("a").toString("hex"), "100d00044d51545404020000" + "000161");
  const into = Buffer.alloc(512);
  const short = writePublish(into, 0, { topic: topicBytes("a/b"), packetId: 10, payload: "{}" });
  assert.equal(into.subarray(0, short).toString("hex"), "32090003612f62000a7b7d");
  const long = writePublish(into, short, { topic: topicBytes("a"), packetId: 65_535, payload: "x".repeat(200) });
  assert.equal(into.subarray(short, short + 8).toString("hex"), "32cd0100" + "0161ffff");
  assert.equal(long - short, 3 + 0xcd);
});

test("acknowledgements are read in whatever pieces they come; anything else is an error", () => {
  const stream = Buffer.from("20020000" + "40020001" + "4002ffff" + "40020100", "hex");
  for (let piece = 1; piece <= stream.length; piece++) {
    const reader = new AckReader();
    const read: number[] = [];
    for (let at = 0; at < stream.length; at += piece) reader.read(stream.subarray(at, at + piece), (packetId) => read.push(packetId));
    assert.deepEqual(read, [1, 65_535, 256]);
  }
  assert.throws(() => new AckReader().read(Buffer.from("20020005", "hex"), () => undefined), /refused the connection: 5/);
  assert.throws(() => new AckReader().read(Buffer.from("30020005", "hex"), () => undefined), /0x30/);
});

test("a broker's URL without a port is that of MQTT", () => {
  assert.deepEqual(targetOfMqtt("mqtt://127.0.0.1:1884"), { host: "127.0.0.1", port: 1884 });
  assert.deepEqual(targetOfMqtt("mqtt://broker.test"), { host: "broker.test", port: 1883 });
});

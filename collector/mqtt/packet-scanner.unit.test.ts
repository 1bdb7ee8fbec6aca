import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PacketScanner, type ScanStep } from "./packet-scanner.ts";

const MAX_PAYLOAD = 300_000;

function packet(type: number, flags: number, body: Buffer): Buffer {
  const length: number[] = [];
  let left = body.length;
  do {
    length.push((left % 128) | (left >= 128 ? 128 : 0));
    left = Math.floor(left / 128);
  } while (left > 0);
  return Buffer.concat([Buffer.from([(type << 4) | flags, ...length]), body]);
}

function publish(topic: string, payloadBytes: number, options: { qos?: number; id?: number } = {}): Buffer {
  const { qos = 0, id = 7 } = options;
  const name = Buffer.from(topic);
  const head = Buffer.concat([Buffer.from([name.length >> 8, name.length & 255]), name, qos === 0 ? Buffer.alloc(0) : Buffer.from([id >> 8, id & 255])]);
  return packet(3, qos << 1, Buffer.concat([head, Buffer.alloc(payloadBytes, 65)]));
}

function scanned(stream: Buffer, cuts: readonly number[]): { passed: Buffer; others: ScanStep[] } {
  const scanner = new PacketScanner(MAX_PAYLOAD);
  const passed: Uint8Array[] = [];
  const others: ScanStep[] = [];
  const edges = [...new Set([0, ...cuts.map((cut) => cut % (stream.length + 1)), stream.length])].sort((a, b) => a - b);
  for (const [index, start] of edges.entries()) {
    for (const step of scanner.scan(stream.subarray(start, edges[index + 1] ?? start))) {
      if (step.kind === "pass") passed.push(step.bytes);
      else others.push(step);
    }
  }
  return { passed: Buffer.concat(passed), others };
}

const pingreq = packet(12, 0, Buffer.alloc(0));

test("small packets pass together and untouched", () => {
  const stream = Buffer.concat([packet(1, 0, Buffer.alloc(40)), publish("a/b", 10), pingreq, publish("a/c", 200, { qos: 1 })]);
  const steps = [...new PacketScanner(MAX_PAYLOAD).scan(stream)];
  assert.equal(steps.length, 1);
  assert.ok(steps[0]?.kind === "pass" && stream.equals(steps[0].bytes));
});

test("a large packet is announced before its bytes, with its whole size", () => {
  const large = publish("a/b", 70_000);
  const { passed, others } = scanned(Buffer.concat([pingreq, large, pingreq]), []);
  assert.deepEqual(others, [{ kind: "large", bytes: large.length }]);
  assert.ok(passed.equals(Buffer.concat([pingreq, large, pingreq])));
});

test("a payload of just the most passes, one byte more is skipped whole", () => {
  const most = publish("some/topic", MAX_PAYLOAD, { qos: 1 });
  const { passed, others } = scanned(Buffer.concat([most, publish("some/topic", MAX_PAYLOAD + 1, { qos: 1, id: 513 }), publish("x", MAX_PAYLOAD + 1), pingreq]), []);
  assert.ok(passed.equals(Buffer.concat([most, pingreq])));
  assert.deepEqual(others.filter(({ kind }) => kind === "oversize"), [
    { kind: "oversize", publish: { topic: "some/topic", qos: 1, packetId: 513, payloadBytes: MAX_PAYLOAD + 1 } },
    { kind: "oversize", publish: { topic: "x", qos: 0, packetId: 0, payloadBytes: MAX_PAYLOAD + 1 } },
  ]);
});

test("what is no MQTT, or needlessly large, is broken", () => {
  for (const bytes of [Buffer.from([0x30, 255, 255, 255, 255, 1]), packet(8, 2, Buffer.alloc(300_000))]) {
    const { passed, others } = scanned(Buffer.concat([pingreq, bytes]), []);
    assert.equal(others[0]?.kind, "broken");
    assert.ok(passed.equals(pingreq));
  }
});

test("however the stream is cut, the same packets pass and the same are skipped", () => {
  const parts = fc.array(fc.constantFrom(pingreq, publish("a", 5), publish("topic/of/some/length", 130, { qos: 1 }), publish("b", 70_000), publish("c/d", MAX_PAYLOAD + 9, { qos: 1 })), { minLength: 1, maxLength: 6 });
  fc.assert(fc.property(parts, fc.array(fc.nat(), { maxLength: 12 }), (packets, cuts) => {
    const { passed, others } = scanned(Buffer.concat(packets), cuts);
    assert.ok(passed.equals(Buffer.concat(packets.filter(({ length }) => length <= MAX_PAYLOAD))));
    assert.equal(others.filter(({ kind }) => kind === "oversize").length, packets.filter(({ length }) => length > MAX_PAYLOAD).length);
  }), { numRuns: 100 });
});

test("a stream that comes byte by byte", () => {
  const stream = Buffer.concat([publish("a/b", 20, { qos: 1 }), pingreq, publish("c", 3)]);
  const { passed } = scanned(stream, Array.from({ length: stream.length }, (_, at) => at));
  assert.ok(passed.equals(stream));
});

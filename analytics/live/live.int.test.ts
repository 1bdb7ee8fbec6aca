import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { partitionOf, topics } from "@caudal/core";
import { WebSocket } from "ws";
import { all, eventually, measurement, openScene, type Scene } from "../test-scene.ts";
import { writePosition } from "./position.ts";
import { TestEventSource } from "./test-event-source.ts";

const START = 1_770_000_000_000_000;
let scene: Scene;
let mine: string[];
let other: string;
let sent = 0;

before(async () => {
  scene = await openScene({ settings: { CAUDAL_LIVE_HEARTBEAT: "150ms", CAUDAL_LIVE_CLIENTS: "4" } });
  mine = await Promise.all(["a", "b", "c", "d"].map((device) => scene.adopt("demo", device, [{ key: "flow", unit: "L/min" }])));
  other = await scene.adopt("apr", "a", [{ key: "flow", unit: "L/s" }]);
});
after(() => scene.close());

/** Publishes measurements of the points in turn; resolves with the values, which grow by one. */
async function publish(count: number, points = mine): Promise<number[]> {
  const values = Array.from({ length: count }, () => ++sent);
  await scene.publish(values.map((value, i) => {
    const point = points[i % points.length]!;
    return measurement(point, START + value * 1e6, { flow: value }, { client: point === other ? "apr" : "demo" });
  }));
  return values;
}

const valuesOf = (source: TestEventSource): number[] => source.measurements().map(({ data }) => data.values[0]!.value as number);
const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);

test("a client that comes back gets each event exactly once, wherever it was cut and whatever happened meanwhile", async () => {
  const seen: number[] = [];
  const published: number[] = [];
  let lastEventId: string | undefined;
  for (let round = 0; round < 6; round++) {
    const source = await TestEventSource.open(`${scene.url}/api/v1/live`, lastEventId);
    published.push(...await publish(40 + round * 300));
    // Cut in the middle of what came, at any event.
    await eventually(() => valuesOf(source).length > 10 + round * 30);
    const cut = source.measurements()[5 + round * 20]!;
    seen.push(...valuesOf(source).slice(0, 6 + round * 20));
    lastEventId = cut.id;
    source.close();
    published.push(...await publish(25));
  }
  const last = await TestEventSource.open(`${scene.url}/api/v1/live/`, lastEventId);
  await eventually(() => seen.length + valuesOf(last).length >= published.length);
  seen.push(...valuesOf(last));
  assert.deepEqual(sorted(seen), published);
  assert.ok(last.events.every(({ event }) => event === "measurement"));
  last.close();
});

test("events say all of the measurement, in the order of each point", async () => {
  const source = await TestEventSource.open(`${scene.url}/api/v1/live?points=${mine[1]},${mine[2]}`);
  await scene.publish([measurement(mine[1]!, START, { flow: { value: null, flag: 4, reasons: ["not-a-number"] } }, { labels: { batch: "7" }, receivedAtUs: START + 1e6, knownAtUs: START + 2e6 })]);
  const values = await publish(9, [mine[0]!, mine[1]!, mine[2]!]);
  await eventually(() => source.events.length === 7);
  assert.deepEqual(source.events[0]!.data, {
    client: "demo", point: mine[1], time: "2026-02-02T02:40:00Z", receivedAt: "2026-02-02T02:40:01Z", revision: { authority: 0, knownAt: "2026-02-02T02:40:02Z" },
    values: [{ variable: "flow", unit: "L/s", value: null, flag: 4, reasons: ["not-a-number"] }], labels: { batch: "7" },
  });
  assert.deepEqual(valuesOf(source).filter((value) => value !== null && source.events.find(({ data }) => data.values[0]!.value === value)?.data.point === mine[1]), [values[1], values[4], values[7]]);
  source.close();
});

test("nobody sees another client's measurements, live or replayed", async () => {
  const everything = await TestEventSource.open(`${scene.url}/api/v1/live`);
  const before = everything.lastEventId;
  scene.as({ clients: ["apr"] });
  const scoped = await TestEventSource.open(`${scene.url}/api/v1/live?points=${mine[0]},${other}`);
  const [, theirs] = await publish(2, [mine[0]!, other]);
  await eventually(() => valuesOf(everything).length === 2 && valuesOf(scoped).length === 1);
  const replayed = await TestEventSource.open(`${scene.url}/api/v1/live`, before);
  await eventually(() => valuesOf(replayed).length === 1);
  assert.deepEqual([valuesOf(scoped), valuesOf(replayed)], [[theirs], [theirs]]);
  scene.as(all);
  for (const source of [everything, scoped, replayed]) source.close();
  await eventually(() => scene.analytics.status().liveClients === 0);
});

test("a place that the log no longer holds, and a place that never was, is a reset; then it goes on", async () => {
  const source = await TestEventSource.open(`${scene.url}/api/v1/live`);
  const place = source.lastEventId;
  source.close();
  await publish(8);
  const partition = partitionOf(mine[0]!, 3);
  const { endOffset } = (await scene.log.bounds(topics.measurements))[partition]!;
  await scene.settled();
  await scene.log.trimBefore(topics.measurements, partition, endOffset);
  for (const gone of [place, "nonsense", writePosition([0, 0]), writePosition([1e9, 0, 0])]) {
    const again = await TestEventSource.open(`${scene.url}/api/v1/live`, gone);
    await eventually(() => again.events.some(({ event }) => event === "reset"));
    const [value] = await publish(1, [mine[0]!]);
    await eventually(() => valuesOf(again).includes(value!));
    again.close();
  }
  await eventually(() => scene.analytics.status().liveClients === 0);
});

test("a silent stream tells its place now and then, even while others' events pass by", async () => {
  const source = await TestEventSource.open(`${scene.url}/api/v1/live?points=${mine[3]}`);
  const first = source.lastEventId;
  await publish(1, [mine[0]!]);
  await eventually(() => source.lastEventId !== first);
  assert.deepEqual(source.events, []);
  source.close();
  await eventually(() => scene.analytics.status().liveClients === 0);
});

test("there is room for so many and no more", async () => {
  const sources = await Promise.all(Array.from({ length: 4 }, () => TestEventSource.open(`${scene.url}/api/v1/live`)));
  const refused = await scene.get("/api/v1/live");
  assert.equal(refused.status, 503);
  assert.equal((await refused.json() as { code: string }).code, "overloaded");
  const webSocket = new WebSocket(`${scene.url.replace("http", "ws")}/ws`);
  const [code] = await once(webSocket, "close") as [number];
  assert.equal(code, 1013);
  for (const source of sources) source.close();
  await eventually(() => scene.analytics.status().liveClients === 0);
});

test("a client that reads slowly costs no memory, holds nobody up and still gets everything", { timeout: 20_000 }, async () => {
  const { port } = new URL(scene.url);
  const slow = connect(Number(port), "127.0.0.1");
  slow.write(`GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
  await once(slow, "readable");
  const quick = await TestEventSource.open(`${scene.url}/api/v1/live`);
  const values: number[] = [];
  // More than the sockets and the shared buffer hold together.
  const padding = "x".repeat(2000);
  for (let i = 0; i < 8; i++) {
    const batch = Array.from({ length: 800 }, () => ++sent);
    values.push(...batch);
    await scene.publish(batch.map((value) => measurement(mine[value % 4]!, START + value * 1e6, { flow: value }, { labels: { padding } })));
  }
  await eventually(() => valuesOf(quick).length === values.length);
  quick.close();
  let text = "";
  slow.setEncoding("utf8");
  slow.on("data", (chunk) => (text += chunk));
  await eventually(() => text.includes(`"value":${values.at(-1)},`) && (text.match(/event: measurement/g) ?? []).length >= values.length);
  const seen = [...text.matchAll(/"value":(\d+),/g)].map(([, value]) => Number(value));
  assert.deepEqual(sorted(seen), values);
  slow.destroy();
  await eventually(() => scene.analytics.status().liveClients === 0);
});

interface WebSocketMessage {
  readonly id: string;
  readonly event: string;
  readonly data: { readonly point: string; readonly values: readonly { readonly value: number }[] } | null;
}

async function openWebSocket(query = "", first?: object): Promise<{ webSocket: WebSocket; messages: WebSocketMessage[]; values: () => number[] }> {
  const webSocket = new WebSocket(`${scene.url.replace("http", "ws")}/ws${query}`);
  const messages: WebSocketMessage[] = [];
  webSocket.on("message", (data) => messages.push(JSON.parse(String(data)) as WebSocketMessage));
  await once(webSocket, "open");
  if (first !== undefined) webSocket.send(JSON.stringify(first));
  await eventually(() => messages.length > 0);
  return { webSocket, messages, values: () => messages.filter(({ event }) => event === "measurement").map(({ data }) => data!.values[0]!.value) };
}

test("WebSocket says the same, goes on after an id and takes another selection at any time", async () => {
  const one = await openWebSocket();
  const first = await publish(8);
  await eventually(() => one.values().length === 8);
  assert.deepEqual(sorted(one.values()), first);
  const place = one.messages.find(({ data }) => data?.values[0]?.value === one.values()[3])!.id;
  one.webSocket.close();

  const two = await openWebSocket("", { after: place });
  await eventually(() => two.values().length === 4);
  // Order holds within a partition; between partitions nobody promised any.
  assert.deepEqual(sorted(two.values()), sorted(one.values().slice(4)));
  two.webSocket.send(JSON.stringify({ points: [mine[1]] }));
  await eventually(async () => (await publish(4)).length === 4 && two.messages.at(-1)?.data?.point === mine[1]);
  const from = two.messages.length;
  await publish(8);
  await eventually(() => two.messages.slice(from).filter(({ event }) => event === "measurement").length >= 2);
  assert.ok(two.messages.slice(from).every(({ event, data }) => event === "heartbeat" || data?.point === mine[1]));

  const three = await openWebSocket(`?points=${mine[2]}&after=${place}`);
  await eventually(() => three.values().length > 0);
  assert.ok(three.messages.every(({ data }) => data === null || data.point === mine[2]));
  for (const { webSocket } of [two, three]) webSocket.close();
  await eventually(() => scene.analytics.status().liveClients === 0);
});

test("a WebSocket that says nonsense is closed", async () => {
  for (const nonsense of ["{", "[]", '{"after":7}']) {
    const { webSocket } = await openWebSocket();
    webSocket.send(nonsense);
    const [code] = await once(webSocket, "close") as [number];
    assert.equal(code, 1008);
  }
});

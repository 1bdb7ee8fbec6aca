import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { CaudalError, deviceCollection, pointIdOf, systemScope, type EventLog, type Principal } from "@caudal/core";
import { createHealth, createHttpServer, localPrincipal, type HttpServer } from "@caudal/runtime";
import { openHarness, type Harness, type HarnessOptions } from "../test-parts/harness.ts";

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: { items: { index: number; status: string; eventId?: string; client?: string; device?: string; point?: string; error?: { code: string; title: string; detail: string; field?: string; next: string } }[]; accepted: number; refused: number } & Record<string, unknown>;
}

interface Server extends Harness {
  send(body: string | Buffer, options?: { query?: string; headers?: Record<string, string>; as?: string }): Promise<Answer>;
}

const principals: Readonly<Record<string, Principal>> = {
  local: localPrincipal,
  acme: { name: "acme-loggers", role: "device", scope: { clients: ["acme"] } },
  two: { name: "integrator", role: "operator", scope: { clients: ["acme", "beta"] } },
  viewer: { name: "screen", role: "viewer", scope: { clients: ["acme"] } },
};

async function openServer(options: HarnessOptions = {}): Promise<Server> {
  const harness = await openHarness(options);
  const http: HttpServer = createHttpServer({
    host: "127.0.0.1", port: 0, operations: harness.collector.operations, health: createHealth(), metrics: harness.metrics, logger: harness.logger,
    authenticate: async (request) => principals[String(request.headers["x-as"] ?? "local")],
  });
  await http.start();
  return {
    ...harness,
    send: async (body, { query = "", headers = {}, as = "local" } = {}) => {
      const response = await fetch(`http://127.0.0.1:${http.address().port}/api/v1/readings${query}`, {
        method: "POST", body: typeof body === "string" ? body : new Uint8Array(body), headers: { "content-type": "application/json", "x-as": as, ...headers },
      });
      return { status: response.status, headers: response.headers, body: (await response.json()) as Answer["body"] };
    },
    close: async () => {
      await http.stop(1000);
      await harness.close();
    },
  };
}

describe("POST /api/v1/readings", () => {
  let server: Server;
  before(async () => {
    server = await openServer();
  });
  after(() => server.close());

  test("one object is in the log when it is answered", async () => {
    const text = '{"device_id":"W-07","timestamp":"2026-03-01T09:00:00-03:00","data":{"flow":12.5}}';
    const { status, body } = await server.send(text, { headers: { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" } });
    assert.equal(status, 202);
    const [item] = body.items;
    assert.deepEqual([body.accepted, body.refused, item?.index, item?.status, item?.client, item?.device, item?.point], [1, 0, 0, "accepted", "default", "W-07", pointIdOf("default", "W-07")]);
    const reading = (await server.read("Reading")).find(({ eventId }) => eventId === item?.eventId);
    assert.deepEqual([reading?.transport, reading?.origin, Buffer.from(reading?.raw ?? []).toString()], ["http", "/api/v1/readings", text]);
    const records = (await Promise.all([0, 1].map((partition) => server.log.read({ topic: "caudal.readings", partition, fromOffset: 0 })))).flatMap((batch) => batch.records);
    assert.match(records[0]?.headers["traceparent"] ?? "", /^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
  });

  test("an array and NDJSON give a result a row", async () => {
    const array = await server.send('[{"id":"a","flow":1},{"id":"b","values":{"flow":2}}]');
    assert.deepEqual(array.body.items.map(({ device, status }) => [device, status]), [["a", "accepted"], ["b", "accepted"]]);
    const lines = await server.send('{"id":"c","flow":1}\n{"id":"d","flow":2}\n', { headers: { "content-type": "application/x-ndjson" } });
    assert.deepEqual(lines.body.items.map(({ device }) => device), ["c", "d"]);
  });

  test("rows without a time have a received time each", async () => {
    const { body } = await server.send('[{"id":"untimed","flow":1},{"id":"untimed","flow":2}]');
    const times = (await server.read("Reading")).filter(({ eventId }) => body.items.some((item) => item.eventId === eventId)).map(({ receivedAtUs }) => receivedAtUs);
    assert.equal(new Set(times).size, 2);
  });

  test("in an array good rows are accepted and each bad row carries its error", async () => {
    const { status, body } = await server.send('[{"id":"good","flow":1},{"id":"bad","flow":[1]},{"flow":2},{"id":"x","flow":},{"id":"y","flow":1,"ts":5}]');
    assert.equal(status, 202);
    assert.deepEqual([body.accepted, body.refused], [1, 4]);
    assert.deepEqual(body.items.map(({ error }) => error?.code), [undefined, "wrong-type", "no-device", "malformed-json", "implausible-time"]);
    const { error } = body.items[1] ?? assert.fail();
    assert.deepEqual([error?.field, error?.title, error?.next], ["flow", "Of the wrong type", "Send the field with the type named in the detail."]);
  });

  test("errors are told in the caller's language", async () => {
    const { body } = await server.send('[{"id":"good","flow":1},{"id":"bad","flow":[1]}]', { headers: { "accept-language": "es" } });
    assert.equal(body.items[1]?.error?.title, "Tipo incorrecto");
  });

  for (const [text, status, code, field] of [
    ["", 400, "empty", "body"], ["[]", 400, "empty", "body"], ["{", 400, "malformed-json", undefined], ['[{"a":1}', 400, "malformed-json", "body"], ['{"id":"a","flow":NaN}', 400, "not-finite", undefined],
    ['{"id":"a","flow":1e999}', 400, "not-finite", "flow"], ['{"id":"a","flow":{}}', 400, "wrong-type", "flow.value"], ["true", 400, "wrong-type", undefined],
    [`{"id":"a","flow":${"[".repeat(40)}${"]".repeat(40)}}`, 400, "too-deep", undefined], ['{"flow":1}', 400, "no-device", "device_id"], ['{"id":"a"}', 400, "no-samples", undefined],
    ['{"id":"a","flow":1,"ts":1000000000}', 400, "implausible-time", "ts"], ['{"app_id":"a","dev_id":"b","payload_raw":""}', 400, "dead-format", undefined],
  ] as const) {
    test(`refused with ${code}: ${text.slice(0, 40)}`, async () => {
      const answer = await server.send(text);
      assert.deepEqual([answer.status, answer.body["code"], answer.body["field"]], [status, code, field]);
      assert.ok(String(answer.body["next"]).length > 10);
    });
  }

  test("bytes that are not UTF-8, and all rows bad", async () => {
    assert.equal((await server.send(Buffer.from([0x7b, 0x22, 0xff]))).body["code"], "invalid-utf8");
    const all = await server.send('[{"flow":1},{"id":"a"}]');
    assert.deepEqual([all.status, all.body["code"]], [400, "none-accepted"]);
    assert.deepEqual((all.body["errors"] as { field: string }[]).map(({ field }) => field), ["rows.0.device_id", "rows.1"]);
  });

  test("1e308 is taken; a megabyte is taken, a byte more is not", async () => {
    assert.equal((await server.send('{"id":"a","flow":1e308}')).status, 202);
    const rows = Array.from({ length: 9000 }, (_, n) => `{"id":"big","flow":${n},"ts":${1_772_366_400 + n}}`);
    const most = `[${rows.join(",")}]`.padEnd(1024 * 1024, " ");
    assert.equal((await server.send(most)).body.accepted, 9000);
    assert.deepEqual([(await server.send(`${most} `)).status], [413]);
    assert.equal((await server.send(`{"id":"a","flow":1,"pad":${" ".repeat(1_000_000)}1}`)).status, 413, "a row that fits no record");
  });

  test("too many rows are refused whole", async () => {
    const answer = await server.send(`[${Array(10_001).fill("{}").join(",")}]`);
    assert.deepEqual([answer.status, answer.body["code"]], [413, "too-large"]);
  });

  test("?client= and ?device= name what rows do not", async () => {
    const { body } = await server.send('[{"flow":1},{"id":"own","flow":2}]', { query: "?client=acme&device=W-9" });
    assert.deepEqual(body.items.map(({ client, device }) => [client, device]), [["acme", "W-9"], ["acme", "W-9"]]);
    const own = (await server.read("Reading")).find(({ eventId }) => eventId === body.items[1]?.eventId);
    assert.equal(own?.labels["device_id"], "own");
    assert.equal((await server.send('{"flow":1}', { query: "?client=Not%20A%20Client&device=a" })).body["code"], "invalid-parameter");
    assert.equal((await server.send('{"flow":1}', { query: `?device=${"x".repeat(300)}` })).status, 400);
  });

  test("a reading that names no client belongs to the one client that has the device, else to default", async () => {
    const devices = await server.documents.collection<{ client: string; device: string }>(deviceCollection);
    for (const [client, device] of [["acme", "known"], ["acme", "shared"], ["beta", "shared"]] as const) await devices.insert(systemScope, { id: `${client}/${device}`, body: { client, device } });
    const { body } = await server.send('[{"id":"known","flow":1},{"id":"shared","flow":1},{"id":"nobody","flow":1}]');
    assert.deepEqual(body.items.map(({ client }) => client), ["acme", "default", "default"]);
    const scoped = await server.send('[{"id":"shared","flow":1},{"id":"nobody","flow":1}]', { as: "acme" });
    assert.deepEqual(scoped.body.items.map(({ client }) => client), ["acme", "acme"]);
    const two = await server.send('[{"id":"known","flow":1},{"id":"shared","flow":1}]', { as: "two" });
    assert.deepEqual(two.body.items.map(({ client, error }) => client ?? error?.code), ["acme", "unknown-client"]);
  });

  test("a client outside the scope, and a role that may not send", async () => {
    assert.deepEqual([(await server.send('{"id":"a","flow":1}', { query: "?client=beta", as: "acme" })).body["code"]], ["client-not-allowed"]);
    assert.equal((await server.send('{"id":"a","flow":1}', { as: "viewer" })).status, 403);
    assert.equal((await server.send('{"id":"a","flow":1}', { as: "nobody" })).status, 401);
  });

  test("a form's content type is refused", async () => {
    assert.equal((await server.send('{"id":"a","flow":1}', { headers: { "content-type": "application/x-www-form-urlencoded" } })).status, 415);
  });

  test("the same Idempotency-Key and body give the same answer and no second reading", async () => {
    const send = (text: string, key = "once", as = "local"): Promise<Answer> => server.send(text, { headers: { "idempotency-key": key }, as });
    const first = await send('{"id":"idem","flow":1}');
    const [second, third] = await Promise.all([send('{"id":"idem","flow":1}'), send('{"id":"idem","flow":1}')]);
    assert.deepEqual([second?.status, second?.body, third?.body], [202, first.body, first.body]);
    assert.equal(second?.headers.get("idempotency-replayed"), "true");
    assert.equal((await server.read("Reading")).filter(({ device }) => device === "idem").length, 1);
    assert.deepEqual([(await send('{"id":"idem","flow":2}')).status, (await send('{"id":"idem","flow":2}')).body["code"]], [422, "idempotency-mismatch"]);
    assert.equal((await send('{"id":"idem","flow":2}', "other")).status, 202);
    assert.equal((await send('{"id":"idem2","flow":2}', "once", "acme")).status, 202, "another caller's key is another key");
    assert.equal((await send('{"id":"idem","flow":1}', "x".repeat(300))).status, 400);
    assert.equal((await send('{"id":"idem"}', "bad")).status, 400);
    assert.equal((await send('{"id":"idem","flow":9}', "bad")).status, 202, "a refusal is not remembered");
  });

  test("two requests at once under one key are one", async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => server.send('{"id":"race","flow":1}', { headers: { "idempotency-key": "race" } })));
    assert.equal(new Set(answers.map(({ body }) => body.items[0]?.eventId)).size, 1);
    assert.equal((await server.read("Reading")).filter(({ device }) => device === "race").length, 1);
  });

  test("what was refused is counted by its code", async () => {
    assert.ok(await server.metrics.sum("caudal_readings_refused_total", { transport: "http", code: "wrong-type" }) >= 2);
  });
});

test("while the log is away nothing is answered as taken, and a retry under its key gives the same event", async () => {
  let away = true;
  const server = await openServer({
    wrapLog: (log): EventLog => new Proxy(log, { get: (target, name: keyof EventLog) => name === "publish"
      ? async (...args: Parameters<EventLog["publish"]>) => {
        const done = target.publish(...args);
        if (!away) return done;
        await done;
        throw new CaudalError("timeout", "the answer was lost");
      }
      : (target[name] as (...args: never[]) => unknown).bind(target) }),
  });
  try {
    const send = (): Promise<Answer> => server.send('{"id":"a","flow":1}', { headers: { "idempotency-key": "k" } });
    assert.ok((await send()).status >= 500);
    away = false;
    const again = await send();
    assert.equal(again.status, 202);
    const readings = await server.read("Reading");
    assert.deepEqual([readings.length, new Set(readings.map(({ eventId }) => eventId)).size], [2, 1]);
  } finally {
    await server.close();
  }
});

test("a log that cannot take now is 503 with the time to wait", async () => {
  const server = await openServer({
    wrapLog: (log): EventLog => new Proxy(log, { get: (target, name: keyof EventLog) => name === "publish"
      ? async () => Promise.reject(new CaudalError("unavailable", "the log is away", { afterMs: 2000 }))
      : (target[name] as (...args: never[]) => unknown).bind(target) }),
  });
  try {
    const answer = await server.send('{"id":"a","flow":1}');
    assert.deepEqual([answer.status, answer.headers.get("retry-after"), answer.body["code"]], [503, "2", "unavailable"]);
  } finally {
    await server.close();
  }
});

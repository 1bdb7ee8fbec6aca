import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { CaudalError, hasCode, type EventLog } from "@caudal/core";
import { createAuthenticate, createHealth, createHttpServer, silentLogger, type HttpServer } from "@caudal/runtime";
import { eventually, openHarness, type Harness } from "../test-parts/harness.ts";
import { parseWebhooks } from "./webhook-file.ts";

const SECRETS: Readonly<Record<string, string>> = { "env:TTS": "synthetic-tts", "env:TTS_OLD": "synthetic-old", "env:CHIRP": "synthetic:chirp", "env:SIGN": "synthetic-sign" };
const FILE = `
webhooks:
  - { kind: the-things-stack, client: acme, token: { header: X-Caudal-Token, secret: [env:TTS, env:TTS_OLD] } }
  - { kind: chirpstack, client: acme, basic: { user: chirpstack, secret: env:CHIRP } }
  - { kind: thethings-io, client: acme, hmac: { header: X-Signature, prefix: "sha256=", secret: env:SIGN } }
  - { kind: the-things-stack, client: slow, perS: 0.1, token: { header: X-Caudal-Token, secret: env:TTS } }
`;
const T = "2026-03-01T12:00:04.918221004Z";
const uplink = (over: { f_cnt?: number; session?: string; pulses?: number; device?: string } = {}): unknown => ({
  end_device_ids: { device_id: over.device ?? "pozo-norte-01", application_ids: { application_id: "riego-demo" }, dev_eui: over.device === undefined ? "70B3D57ED0001234" : undefined },
  received_at: "2026-03-01T12:00:05.120458791Z",
  uplink_message: { session_key_id: over.session ?? "AY0EXAMPLE==", f_port: 2, ...(over.f_cnt === undefined ? {} : { f_cnt: over.f_cnt }), frm_payload: "AQIDBA==", decoded_payload: { pulses: over.pulses ?? 48213 }, received_at: T },
});
const v4 = (over: { id?: string; pulse?: number } = {}): unknown => ({
  deduplicationId: over.id ?? "6f2f6a0e-0000-4000-8000-0000000000a1", time: "2026-03-01T12:00:00.123456+00:00",
  deviceInfo: { tenantName: "demo", applicationId: "00000000-0000-4000-8000-0000000000b1", deviceProfileName: "pulse-counter", deviceName: "pozo-norte-01", devEui: "24e124fffe000001" },
  fCnt: 812, fPort: 85, object: { pulse: over.pulse ?? 482137 },
});

describe("webhooks", () => {
  let folder: string;
  let harness: Harness;
  let server: HttpServer;
  let isAway = false;
  const wrapLog = (log: EventLog): EventLog => new Proxy(log, { get: (target, name: keyof EventLog) => name === "publish"
    ? async (...args: Parameters<EventLog["publish"]>) => (isAway ? Promise.reject(new CaudalError("unavailable", "away")) : target.publish(...args))
    : (target[name] as (...args: never[]) => unknown).bind(target) });
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "caudal-webhooks-"));
    await writeFile(join(folder, "webhooks.yaml"), FILE);
    harness = await openHarness({ env: { CAUDAL_WEBHOOKS: join(folder, "webhooks.yaml"), CAUDAL_UNKNOWN_DEVICES_PER_HOUR: "40" }, secrets: async (reference) => SECRETS[reference], wrapLog });
    server = createHttpServer({
      host: "127.0.0.1", port: 0, operations: harness.collector.operations, authenticate: createAuthenticate({ lookup: async () => undefined, tokensRequired: true }),
      health: createHealth(), metrics: harness.metrics, logger: silentLogger,
    });
    await server.start();
  });
  after(async () => {
    await server?.stop(1000);
    await harness?.close();
    await rm(folder, { recursive: true, force: true });
  });

  interface Told {
    readonly status: number;
    readonly body: { readonly outcome?: string; readonly code?: string; readonly readings?: number; readonly parked?: number };
    readonly headers: Headers;
  }
  const post = async (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Told> => {
    const response = await fetch(`http://127.0.0.1:${server.address().port}/api/v1/webhooks/${path}`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: typeof body === "string" ? body : JSON.stringify(body) });
    return { status: response.status, body: await response.json() as Told["body"], headers: response.headers };
  };
  const tts = { "x-caudal-token": "synthetic-tts" };
  const basic = { authorization: `Basic ${Buffer.from("chirpstack:synthetic:chirp").toString("base64")}` };
  const sign = (body: unknown): Record<string, string> => ({ "x-signature": `sha256=${createHmac("sha256", "synthetic-sign").update(JSON.stringify(body)).digest("hex")}` });
  const readingsOf = async (device: string): Promise<number> => (await harness.read("Reading")).filter((reading) => reading.device === device).length;

  test("an uplink of The Things Stack is durable when it is answered, and its retries make no second reading", async () => {
    const first = await post("the-things-stack/acme", uplink({ f_cnt: 7 }), tts);
    assert.deepEqual([first.status, first.body.outcome, first.body.readings], [202, "accepted", 1]);
    const [reading] = await harness.read("Reading");
    assert.deepEqual([reading?.client, reading?.device, reading?.source, reading?.transport, reading?.origin], ["acme", "pozo-norte-01", "things-stack", "http", "/api/v1/webhooks/the-things-stack/acme"]);
    assert.ok(reading?.samples.some(({ key, value }) => key === "pulses" && value === 48213));
    const again = await Promise.all(Array.from({ length: 7 }, () => post("the-things-stack/acme/up", uplink({ f_cnt: 7 }), tts)));
    assert.deepEqual(again.map(({ status, body }) => [status, body.outcome]), Array.from({ length: 7 }, () => [200, "duplicate"]));
    assert.equal(await readingsOf("pozo-norte-01"), 1);
    assert.equal((await post("the-things-stack/acme", uplink({ f_cnt: 7, session: "another" }), tts)).body.outcome, "accepted", "the counter began anew with a session");
    assert.equal((await post("the-things-stack/acme", uplink({ session: "third" }), tts)).body.outcome, "accepted", "a counter of 0 is left out");
    assert.equal(await readingsOf("pozo-norte-01"), 3);
  });

  test("retries at the same time make one reading", async () => {
    const body = uplink({ f_cnt: 1, device: "at-once", session: "x" });
    const told = await Promise.all(Array.from({ length: 10 }, () => post("the-things-stack/acme", body, tts)));
    assert.deepEqual(told.map(({ body: { outcome } }) => outcome).sort(), ["accepted", ...Array.from({ length: 9 }, () => "duplicate")]);
    assert.equal(await readingsOf("at-once"), 1);
  });

  test("ChirpStack, v4 by its own id and v3 by its counter, however many calls a minute show Basic", async () => {
    assert.equal((await post("chirpstack/acme?event=up", v4(), basic)).status, 202);
    for (let at = 0; at < 40; at++) assert.equal((await post("chirpstack/acme?event=up", v4(), basic)).body.outcome, "duplicate");
    assert.equal((await post("chirpstack/acme?event=up", v4({ id: "6f2f6a0e-0000-4000-8000-0000000000a2" }), basic)).body.outcome, "accepted");
    assert.equal(await readingsOf("24e124fffe000001"), 2);
    const v3 = { applicationID: "1", applicationName: "riego", deviceName: "viejo", devEUI: "JOEk//4AAAE=", rxInfo: [{ time: "2026-03-01T12:00:00Z" }], fCnt: 3, fPort: 85, data: "AQI=", objectJSON: '{"pulse":7}' };
    assert.equal((await post("chirpstack/acme?event=up", v3, basic)).body.outcome, "accepted");
    assert.equal((await post("chirpstack/acme?event=up", { ...v3, adr: true }, basic)).body.outcome, "duplicate");
  });

  test("thethings.io by a signature of the body as it came; a thing's token is refused", async () => {
    const body = { thing: "pozo-7", values: [{ key: "caudal", value: 17.3, datetime: "2026-03-01T12:00:04.000Z" }] };
    assert.equal((await post("thethings-io/acme", body, sign(body))).body.outcome, "accepted");
    assert.equal((await post("thethings-io/acme", body, sign(body))).body.outcome, "duplicate");
    assert.equal((await post("thethings-io/acme", JSON.stringify(body, null, 1), sign(body))).status, 401, "another body under its signature");
    const leaking = { ...body, thingToken: "synthetic-thing-token" };
    const refused = await post("thethings-io/acme", leaking, sign(leaking));
    assert.equal(refused.status, 400);
    assert.ok(!JSON.stringify([refused.body, harness.lines, await harness.read("Parked")]).includes("synthetic-thing-token"));
    const [reading] = (await harness.read("Reading")).filter(({ device }) => device === "pozo-7");
    assert.equal(reading?.observedAtUs, Date.parse("2026-03-01T12:00:04Z") * 1000);
  });

  test("what carries no reading is a word of presence, or nothing, with a 2xx", async () => {
    const join = { end_device_ids: { device_id: "pozo-norte-01", dev_eui: "70B3D57ED0001234" }, join_accept: { session_key_id: "s", received_at: T } };
    assert.equal((await post("the-things-stack/acme/join", join, tts)).status, 202);
    await eventually(async () => (await harness.read("DevicePresence")).some(({ kind, device }) => kind === "online" && device === "pozo-norte-01"));
    assert.deepEqual([(await post("the-things-stack/acme/join", join, tts)).body.outcome], ["duplicate"]);
    for (const body of [{ ...join, join_accept: undefined, downlink_ack: {} }, { ...join, join_accept: undefined, location_solved: {} }, { ...join, join_accept: undefined, uplink_normalized: {} }]) {
      const told = await post("the-things-stack/acme", body, tts);
      assert.deepEqual([told.status, told.body.outcome], [200, "ignored"]);
    }
    assert.equal((await post("chirpstack/acme?event=status", { deviceInfo: { devEui: "24e124fffe000001" }, margin: 7 }, basic)).body.outcome, "ignored");
    assert.equal((await post("chirpstack/acme?event=join", { deduplicationId: "j", deviceInfo: { devEui: "24e124fffe000001" }, devAddr: "01020304" }, basic)).body.outcome, "accepted");
  });

  test("nobody without the secret, and nobody learns which webhooks there are", async () => {
    assert.equal((await post("the-things-stack/acme", uplink({ f_cnt: 99 }), { "x-caudal-token": "synthetic-old" })).status, 202, "the secret before, while it is changed");
    const cases: readonly (readonly [string, Record<string, string>])[] = [
      ["the-things-stack/acme", {}], ["the-things-stack/acme", { "x-caudal-token": "synthetic-tt" }], ["the-things-stack/acme", { "x-caudal-token": "" }], ["the-things-stack/nobody", tts], ["unheard-of/acme", tts],
      ["chirpstack/acme", tts], ["chirpstack/acme", { authorization: `Basic ${Buffer.from("other:synthetic:chirp").toString("base64")}` }], ["chirpstack/acme", { authorization: "Basic !!" }],
      ["thethings-io/acme", { "x-signature": "sha256=00" }], ["thethings-io/acme", { "x-signature": "" }],
    ];
    for (const [path, headers] of cases) {
      const told = await post(path, uplink({ f_cnt: 100 }), headers);
      assert.deepEqual([told.status, told.body.code], [401, "webhook-refused"], path);
    }
    for (let at = 0; at < 30; at++) await post("the-things-stack/acme", "{}", {});
    assert.equal((await post("the-things-stack/acme", "{}", {})).status, 429, "who guesses waits");
    assert.equal((await post("the-things-stack/acme", uplink({ f_cnt: 101 }), tts)).status, 202, "who knows does not");
    assert.ok(!JSON.stringify(harness.lines).includes("synthetic"));
  });

  test("too many calls are 429, too large a body 413, another content type 415", async () => {
    const slow = await Promise.all([post("the-things-stack/slow", uplink({ f_cnt: 1, device: "s" }), tts), post("the-things-stack/slow", uplink({ f_cnt: 2, device: "s" }), tts)]);
    assert.deepEqual(slow.map(({ status }) => status).sort(), [202, 429]);
    assert.ok(Number(slow.find(({ status }) => status === 429)?.headers.get("retry-after")) > 0);
    assert.equal((await post("the-things-stack/acme", " ".repeat(1024 * 1024 + 1), tts)).status, 413);
    assert.equal((await post("the-things-stack/acme", "{}", { ...tts, "content-type": "application/octet-stream" })).status, 415);
  });

  test("a message that cannot be decoded is kept aside and answered with a 2xx, and decoded again when asked", async () => {
    const bad = { end_device_ids: { device_id: "sin-tiempo" }, uplink_message: { f_cnt: 3, session_key_id: "z", received_at: "yesterday", decoded_payload: { pulses: 1 } } };
    const told = await post("the-things-stack/acme", bad, tts);
    assert.deepEqual([told.status, told.body.outcome, told.body.parked], [202, "parked", 1]);
    assert.equal((await post("the-things-stack/acme", bad, tts)).body.outcome, "duplicate");
    const parked = (await harness.read("Parked")).filter(({ origin }) => origin === "/api/v1/webhooks/the-things-stack/acme");
    assert.equal(parked.length, 1);
    const again = await harness.collector.redecode({ ...(parked[0] ?? assert.fail()), value: Buffer.from(JSON.stringify(uplink({ f_cnt: 3, device: "sin-tiempo" }))) });
    assert.deepEqual(again, { published: 1 });
    assert.equal((await post("the-things-stack/acme", "{", tts)).status, 400);
  });

  test("while the log is away the answer is 503, and the network's next try is taken", async () => {
    const body = uplink({ f_cnt: 1, device: "away", session: "q" });
    isAway = true;
    const refused = await post("the-things-stack/acme", body, tts);
    isAway = false;
    assert.equal(refused.status, 503);
    assert.equal((await post("the-things-stack/acme", body, tts)).body.outcome, "accepted");
    assert.equal(await readingsOf("away"), 1);
  });

  test("a stranger too many is 429 with Retry-After, and its network's other devices are not hurt", async () => {
    const told = [];
    for (let at = 0; at < 45; at++) told.push(await post("the-things-stack/acme", uplink({ f_cnt: 1, device: `stranger-${at}`, session: "q" }), tts));
    const late = told.filter(({ status }) => status === 429);
    assert.ok(late.length > 0 && late.every(({ body }) => body.code === "device-quota"));
    assert.equal((await post("the-things-stack/acme", uplink({ f_cnt: 500 }), tts)).status, 202);
  });
});

test("a webhook file that is wrong says which row and why, and never a secret", async () => {
  const secrets = async (reference: string): Promise<string | undefined> => (reference === "env:A" ? "synthetic" : undefined);
  const row = (text: string): string => `webhooks:\n  - { kind: chirpstack, client: acme, ${text} }\n`;
  for (const [text, why] of [
    [row("perS: 1"), /in one of token, basic and hmac/], [row("token: { header: X, secret: env:A }, basic: { user: u, secret: env:A }"), /in one of/], [row("token: { header: X, secret: env:B }"), /env:B holds no secret/],
    [row("token: { header: X, secret: plain-secret-in-the-file }"), /reference/], ["webhooks:\n  - { kind: lorawan, client: acme }", /the-things-stack/], ["webhooks: 7", /webhooks/], [": :", /YAML/],
    [`${row("token: { header: X, secret: env:A }")}  - { kind: chirpstack, client: acme, token: { header: X, secret: env:A } }\n`, /stands there twice/],
  ] as const) await assert.rejects(parseWebhooks(text, secrets), (error) => hasCode(error, "setting") && why.test(String(error)) && !String(error).includes("plain-secret"), text);
  assert.deepEqual(await parseWebhooks("webhooks:\n", secrets), []);
});

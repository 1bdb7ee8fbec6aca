import assert from "node:assert/strict";
import { test } from "node:test";
import { humanLine } from "./human-line.ts";
import { createLogger, silentLogger, type LoggerOptions } from "./logger.ts";
import { isSecretKey, redactFields, redactText } from "./redact.ts";

const SECRET = "hunter2-very-secret";

function lines(options: LoggerOptions = {}) {
  const written: string[] = [];
  const logger = createLogger({ ...options, destination: { write: (line) => written.push(line), isTTY: options.destination?.isTTY ?? false } });
  return { logger, written, entries: () => written.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

test("an event is one line of JSON with its level, time and fields", () => {
  const { logger, entries } = lines();
  logger.child({ service: "collector" }).info("mqtt.connected", { broker: "b", tries: 2 });
  const [entry] = entries();
  assert.deepEqual({ ...entry, time: undefined }, { level: "info", event: "mqtt.connected", service: "collector", broker: "b", tries: 2, time: undefined });
  assert.match(String(entry?.["time"]), /^\d{4}-\d\d-\d\dT.*Z$/);
});

test("levels below the set one say nothing", () => {
  const { logger, written } = lines({ level: "warn" });
  logger.debug("a");
  logger.info("b", { x: 1 });
  logger.warn("c");
  logger.error("d");
  assert.equal(written.length, 2);
  silentLogger.child({}).error("nothing");
});

test("secrets do not get out by any key, at any depth, in children, errors, lists, maps or texts", () => {
  const { logger, written } = lines({ level: "debug" });
  const error = Object.assign(new Error(`connect mqtt://user:${SECRET}@broker.test failed`, { cause: new Error(`Bearer ${SECRET}`) }), { password: SECRET, options: { apiKey: SECRET } });
  const circular: Record<string, unknown> = { accessToken: SECRET };
  circular["self"] = circular;
  logger.child({ token: SECRET, url: new URL(`https://u:${SECRET}@x.test/`) }).info("event", {
    password: SECRET, MQTT_PASSWORD: SECRET, authorization: SECRET, cookie: SECRET, "set-cookie": [SECRET], client_secret: SECRET, "api-key": SECRET, privateKey: SECRET,
    nested: { deep: [{ token: SECRET }] },
    map: new Map([["sessionToken", SECRET]]),
    set: new Set([`amqp://a:${SECRET}@b`]),
    url: `https://x.test/a?access_token=${SECRET}&x=1`,
    header: `Basic ${SECRET}`,
    own: `cdl_${SECRET}aaaaaaaaaaaa`,
    bytes: Buffer.from(SECRET),
    error,
    circular,
  });
  logger.error(`failed at http://a:${SECRET}@x.test`);
  const all = written.join("");
  assert.doesNotMatch(all, new RegExp(SECRET));
  assert.match(all, /\[circular\]/);
  assert.match(all, /mqtt:\/\/\[redacted\]@broker\.test failed/);
  assert.match(all, /"bytes":"\[19 bytes\]"/);
});

test("what is no secret stays", () => {
  const date = new Date(0);
  const fields = { tokens: 3, token: true, secret: null, count: 10n, when: date, bad: new Date(Number.NaN), url: "https://x.test/a?b=1", call: () => 1, none: undefined, buffer: new ArrayBuffer(2) };
  assert.deepEqual(redactFields(fields), {
    tokens: 3, token: true, secret: null, count: "10", when: "1970-01-01T00:00:00.000Z", bad: "invalid date", url: "https://x.test/a?b=1", call: "[function]", none: undefined, buffer: "[2 bytes]",
  });
  assert.equal(isSecretKey("monkey"), false);
  assert.equal(isSecretKey("compass"), false);
  assert.equal(isSecretKey("author"), false);
});

test("fields are bounded in depth, entries and length", () => {
  const many = Object.fromEntries(Array.from({ length: 80 }, (_, index) => [`k${index}`, index]));
  assert.equal(redactFields(many)["…"], "30 more");
  const list = redactFields({ list: Array.from({ length: 80 }, (_, index) => index) })["list"] as unknown[];
  assert.equal(list.at(-1), "30 more");
  assert.ok(redactText("a".repeat(10_000)).length < 4100);
  let deep: Record<string, unknown> = { end: 1 };
  for (let level = 0; level < 20; level++) deep = { deep };
  assert.match(JSON.stringify(redactFields(deep)), /\[deeper\]/);
});

test("an error is told with its name, code and cause", () => {
  const { logger, entries } = lines();
  logger.error("x", { error: Object.assign(new TypeError("no"), { code: "E1", cause: "why" }) });
  const error = entries()[0]?.["error"] as Record<string, unknown>;
  assert.deepEqual([error["name"], error["message"], error["code"], error["cause"]], ["TypeError", "no", "E1", "why"]);
  assert.match(String(error["stack"]), /TypeError: no/);
});

test("on a terminal a line is short, for people, and cannot steer the terminal", () => {
  const { logger, written } = lines({ destination: { write: () => {}, isTTY: true } });
  logger.warn("mqtt.refused", { client: "a\u001b[2Jb\n", error: new Error("went wrong"), list: [1] });
  assert.match(written[0] ?? "", /^\d\d:\d\d:\d\d warn {2}mqtt\.refused {2}client=a \[2Jb {3}error=went wrong {2}list=\[1\]\n$/);
  const colored = humanLine({ level: "error", time: "2024-01-01T10:11:12.000Z", event: "e", long: "x".repeat(300), none: undefined }, true);
  assert.match(colored, /^\u001b\[31m10:11:12 error e {2}long=x{200}… {2}none=undefined\u001b\[0m\n$/);
  assert.match(humanLine({ level: "odd", time: "", event: "e" }, true), /odd {3}e/);
});

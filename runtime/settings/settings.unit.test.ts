import assert from "node:assert/strict";
import { test } from "node:test";
import { CaudalError } from "@caudal/core";
import { envSample, settingsTable } from "./docs.ts";
import { parseSettings, settingOrigins } from "./parse.ts";
import { commaList, durationMs, listenAddress, onOff, oneOf, plainText, wholeNumber } from "./schemas.ts";
import { defineSettings } from "./spec.ts";

const doc = { en: "What it is | means", es: "Qué es" };
const spec = defineSettings({
  component: "collector",
  rows: {
    http: { env: "CAUDAL_HTTP", flag: "--http", schema: listenAddress, default: "8000", doc },
    days: { env: "CAUDAL_HOT_DAYS", schema: wholeNumber({ min: 1, max: 30 }), default: "3", doc },
    password: { env: "CAUDAL_MQTT_PASSWORD", schema: plainText, secret: true, doc },
    region: { env: "CAUDAL_REGION", schema: plainText, example: "my region", doc },
    name: { env: "CAUDAL_NAME", schema: plainText, required: true, doc },
  },
});
const named = { CAUDAL_NAME: "a" };

function settingError(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof CaudalError && error.code === "setting");
    return error.message;
  }
  return assert.fail("it was taken");
}

test("a flag beats the environment, which beats the default; empty counts as absent", () => {
  const from = (env: Record<string, string>, flags: Record<string, string> = {}) => parseSettings(spec, { env: { ...named, ...env }, flags });
  assert.deepEqual(from({}).http, { host: undefined, port: 8000 });
  assert.deepEqual(from({ CAUDAL_HTTP: "" }).http, { host: undefined, port: 8000 });
  assert.deepEqual(from({ CAUDAL_HTTP: "0.0.0.0:9000" }).http, { host: "0.0.0.0", port: 9000 });
  assert.deepEqual(from({ CAUDAL_HTTP: "0.0.0.0:9000" }, { "--http": "[::1]:0" }).http, { host: "::1", port: 0 });
  const values = from({});
  const region: string | undefined = values.region;
  const days: number = values.days;
  assert.deepEqual([region, days, values.password], [undefined, 3, undefined]);
});

test("origins say who decided", () => {
  const sources = { env: { CAUDAL_HOT_DAYS: "4", CAUDAL_MQTT_PASSWORD_FILE: "/run/secret" }, flags: { "--http": "1" }, readFile: () => "s\n" };
  assert.deepEqual(settingOrigins(spec, sources), { http: "flag", days: "env", password: "file", region: "none", name: "none" });
  assert.equal(settingOrigins(spec, { env: {} }).http, "default");
});

test("a secret comes from a file too, and the variable itself wins", () => {
  const readFile = (path: string): string => (path === "/run/secret" ? "from-file\n" : assert.fail(path));
  const env = { ...named, CAUDAL_MQTT_PASSWORD_FILE: "/run/secret" };
  assert.equal(parseSettings(spec, { env, readFile }).password, "from-file");
  assert.equal(parseSettings(spec, { env: { ...env, CAUDAL_MQTT_PASSWORD: "direct" }, readFile }).password, "direct");
  assert.equal(parseSettings(spec, { env: { ...named, CAUDAL_REGION_FILE: "/run/secret" }, readFile }).region, undefined);
  assert.match(settingError(() => parseSettings(spec, { env: { ...named, CAUDAL_MQTT_PASSWORD_FILE: "/nowhere/at/all" } })), /_FILE names \/nowhere\/at\/all.*ENOENT/);
});

test("errors name the variable or flag, what was given and what is expected, but never a secret", () => {
  const error = (env: Record<string, string>, flags?: Record<string, string>) => settingError(() => parseSettings(spec, { env: { ...named, ...env }, ...(flags === undefined ? {} : { flags }) }));
  assert.equal(error({ CAUDAL_HOT_DAYS: "40" }), 'CAUDAL_HOT_DAYS is "40": expected a whole number from 1 to 30');
  assert.match(error({}, { "--http": "all" }), /^--http is "all": expected \[HOST:\]PORT/);
  const secret = error({ CAUDAL_MQTT_PASSWORD: "   " });
  assert.match(secret, /^CAUDAL_MQTT_PASSWORD is \[redacted\]: expected some text/);
  assert.match(settingError(() => parseSettings(spec, { env: {} })), /^CAUDAL_NAME is not set/);
});

test("a spec whose name, flag, default or example does not fit throws", () => {
  const bad = (row: object) => () => defineSettings({ component: "x", rows: { a: { env: "CAUDAL_A", schema: onOff, doc, ...row } } });
  assert.throws(bad({ env: "caudal-a" }), /environment variable/);
  assert.throws(bad({ flag: "-a" }), /flag/);
  assert.throws(bad({ default: "maybe" }), /default/);
  assert.throws(bad({ example: "maybe" }), /example/);
});

test("schemas read what people write", () => {
  const read = <T>(schema: { safeParse(value: unknown): { success: boolean; data?: T } }, value: string): T | undefined => schema.safeParse(value).data;
  for (const word of ["on", "TRUE", " yes ", "1"]) assert.equal(read(onOff, word), true);
  for (const word of ["off", "False", "no", "0"]) assert.equal(read(onOff, word), false);
  assert.equal(onOff.safeParse("maybe").success, false);
  assert.equal(read(durationMs, "1.5h"), 5_400_000);
  assert.equal(read(durationMs, "250ms"), 250);
  assert.equal(read(durationMs, "3d"), 259_200_000);
  assert.equal(durationMs.safeParse("soon").success, false);
  assert.deepEqual(read(commaList, " a, ,b "), ["a", "b"]);
  assert.equal(read(oneOf(["auto", "ask"]), "ASK"), "ask");
  assert.equal(oneOf(["auto", "ask"]).safeParse("no").success, false);
  for (const address of ["99999", "a b:1", "::1:80", "http://x:1", "", "-1", "8000x"]) assert.equal(listenAddress.safeParse(address).success, false, address);
  for (const number of ["1.5", "1e3", "", "0x10", "31"]) assert.equal(wholeNumber({ min: 1, max: 30 }).safeParse(number).success, false, number);
});

test("the table and the sample come from the spec", () => {
  const english = settingsTable([spec]);
  assert.match(english, /^## collector$/m);
  assert.match(english, /^\| `CAUDAL_HTTP` \| `--http` \| `8000` \| What it is \\\| means \|$/m);
  assert.match(english, /Secret; `CAUDAL_MQTT_PASSWORD_FILE` may name a file/);
  assert.match(settingsTable([spec], "es"), /^\| Variable \| Opción \| Valor por defecto \| Significado \|$/m);
  assert.match(settingsTable([spec], "es"), /Qué es Obligatorio\./);
  const sample = envSample([spec]);
  assert.match(sample, /^#CAUDAL_HTTP=8000$/m);
  assert.match(sample, /^#CAUDAL_REGION="my region"$/m);
  assert.match(sample, /^#CAUDAL_MQTT_PASSWORD=$/m);
});

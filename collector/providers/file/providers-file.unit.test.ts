import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CaudalError } from "@caudal/core";
import { providers } from "../providers.ts";
import { parseProviders, shippedProvidersFile, type ProvidersFile } from "./read-providers-file.ts";

const parse = (text: string, resolveSecret = async (_: string): Promise<string | undefined> => "synthetic"): Promise<ProvidersFile> => parseProviders(text, "providers.yaml", { providers, resolveSecret });

async function findingsOf(text: string): Promise<readonly string[]> {
  try {
    await parse(text);
  } catch (error) {
    assert.ok(error instanceof CaudalError && error.code === "setting");
    return error.message.split("\n");
  }
  return assert.fail("the file was taken");
}

const account = (lines: string, id = "one", device = "W-07"): string => `
  - id: ${id}
    provider: twin
    secrets: { username: env:U, password: env:P }
    every: 10m
    keys: ["5001"]
    devices: [{ device: ${device} }]
${lines}`;

test("the shipped file asks nobody, and its examples would be taken", async () => {
  const text = readFileSync(shippedProvidersFile, "utf8");
  assert.deepEqual(await parse(text), { accounts: [], problems: [], blocks: [] });
  const comments = text.split("\n");
  const examples = comments.slice(comments.indexOf("# accounts:")).filter((line) => line.startsWith("#") && !line.startsWith("# Each")).map((line) => line.replace(/^# ?/, "")).join("\n");
  const { accounts, blocks } = await parse(examples);
  assert.deepEqual(accounts.map(({ id }) => id), ["riego-sur-tdata", "lora"]);
  assert.deepEqual(blocks.map(({ provider }) => provider.id), ["acme-levels"]);
});

for (const page of ["providers.md", "proveedores.md"]) {
  test(`every example of docs/${page} is taken`, async () => {
    const text = readFileSync(new URL(`../../../docs/${page}`, import.meta.url), "utf8");
    const examples = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, example]) => example ?? "");
    assert.ok(examples.length >= 2);
    for (const example of examples) {
      const { accounts, problems } = await parse(example);
      assert.ok(accounts.length > 0 && problems.length === 0, example);
    }
  });
}

test("an account has what its file, its provider and its block say", async () => {
  const { accounts: [tdata] } = await parse(`accounts:${account("    baseUrl: http://127.0.0.1:9/\n    allowPrivate: true\n    zone: America/Santiago\n    overlap: off\n    budget: [{ calls: 7, per: 1m }]")}`);
  assert.ok(tdata);
  assert.deepEqual({ ...tdata, provider: tdata.provider.id, settings: undefined }, {
    id: "one", provider: "tdata", settings: undefined, client: "default", baseUrl: "http://127.0.0.1:9", secrets: { username: "synthetic", password: "synthetic" }, budget: [{ calls: 7, perMs: 60_000 }],
    concurrency: 2, allowPrivate: true, overlapEveryMs: 0, overlapMs: 0,
    devices: [{ device: "W-07", remote: "W-07", keys: ["5001"], cadence: { kind: "every", ms: 600_000 }, names: {}, units: {}, sentinels: [], live: false, secrets: {} }],
  });
  const { accounts: [acme] } = await parse(`
providers:
  - { id: acme, baseUrl: "https://a.example", auth: { kind: bearer, secretRef: ACME_KEY }, request: { path: "/{device}" }, samples: "$[*]", map: { variable: $.k, value: $.v, time: { path: $.t } },
      variables: { LVL1: { type: NIVEL, unit: cm } }, sentinels: [-999], rate: { perSecond: 2, burst: 5 } }
accounts:
  - { id: a, provider: acme, every: "5 */2 * * *", zone: America/Santiago, devices: [{ device: W-1, sentinels: [-1] }] }`);
  assert.ok(acme);
  assert.deepEqual([acme.provider.id, acme.budget, acme.secrets, acme.overlapMs], ["acme", [{ calls: 5, perMs: 2500 }], { ACME_KEY: "synthetic" }, 0]);
  assert.deepEqual(acme.devices[0]?.cadence, { kind: "cron", pattern: "5 */2 * * *", zone: "America/Santiago" });
  assert.deepEqual([acme.devices[0]?.names, acme.devices[0]?.units, acme.devices[0]?.sentinels], [{ LVL1: "NIVEL" }, { LVL1: "cm" }, [-999, -1]]);
});

test("overlap is once an hour over two days where nobody says otherwise", async () => {
  const { accounts: [one] } = await parse(`accounts:${account("")}`);
  assert.deepEqual([one?.overlapEveryMs, one?.overlapMs], [3_600_000, 172_800_000]);
});

test("all that is wrong is said at once, with line and field, what was met and what is expected", async () => {
  const findings = await findingsOf(`providers:
  - id: acme
    baseUrl: nowhere
    samples: data[*]
    request: { path: "/{devise}" }
accounts:
  - id: One
    provider: acme
    evrey: 10m
    devices:
      - devise: W-07
  - id: two
    provider: twinn
    every: often
    devices:
      - device: W-08
        every: 10m
        sentinels: [none]
`);
  const has = (pattern: RegExp): void => { assert.ok(findings.some((line) => pattern.test(line)), `${pattern} in\n${findings.join("\n")}`); };
  has(/^providers\.yaml:3: providers\.0\.baseUrl: expected a URL .*met "nowhere"/);
  has(/^providers\.yaml:4: providers\.0\.samples: .*no JSONPath: at character 1/);
  has(/^providers\.yaml:7: accounts\.0\.id: .*met "One"/);
  has(/^providers\.yaml:9: accounts\.0\.evrey: is unknown here: did you mean every\?/);
  has(/^providers\.yaml:11: accounts\.0\.devices\.0\.devise: is unknown here: did you mean device\?/);
  has(/^providers\.yaml:14: accounts\.1\.every: expected a duration such as 1m.*met "often"/);
  has(/^providers\.yaml:18: accounts\.1\.devices\.0\.sentinels\.0: expected a number, met "none"/);
  const [unknown] = await findingsOf(`accounts:${account("").replace("twin", "twinn")}`);
  assert.match(unknown ?? "", /provider: "twinn" is no provider: did you mean twin\?/);
});

test("a device in two accounts is an error, and so is an account twice", async () => {
  const findings = await findingsOf(`accounts:${account("")}${account("", "two")}${account("", "one", "W-09")}`);
  assert.ok(findings.some((line) => /:14: accounts\.1\.devices\.0\.device: the device W-07 of default stands already in line 7/.test(line)), findings.join("\n"));
  assert.ok(findings.some((line) => /accounts\.2\.id: the account one stands already in line 2/.test(line)));
});

test("trap 23: a secret in the file is refused, and shown nowhere", async () => {
  const secret = "hunter2-S3cr3t";
  for (const text of [
    `accounts:${account("").replace("env:P", secret)}`,
    `accounts:${account(`    password: ${secret}`)}`,
    `accounts:${account(`    baseUrl: https://ana:${secret}@a.example`)}`,
    `accounts:\n  - secrets: { password: *${secret} }`,
    `accounts:\n  - secrets: { password: "${secret} }`,
    `providers:\n  - { id: a, baseUrl: "https://a.example", auth: { kind: bearer, secretRef: "${secret} x" }, request: { path: / }, map: { value: $, time: { path: $ } } }`,
    `providers:\n  - { id: a, baseUrl: "https://a.example", request: { path: /, headers: { Authorization: "Bearer ${secret}" } }, map: { value: $, time: { path: $ } } }`,
  ]) {
    const findings = (await findingsOf(text)).join("\n");
    assert.ok(!findings.includes(secret), findings);
  }
  const [finding] = await findingsOf(`accounts:${account("").replace("env:P", secret)}`);
  assert.match(finding ?? "", /secrets\.password: expected env:NAME or file:\/path: put the secret into.*met a text \(not shown here\)/);
});

test("secrets that a provider needs are asked for by name, and others are not taken", async () => {
  const findings = await findingsOf(`accounts:${account("").replace("username: env:U, password: env:P", "usernam: env:U")}`);
  assert.ok(findings.some((line) => /secrets\.usernam: is unknown here: did you mean username\?/.test(line)), findings.join("\n"));
  assert.ok(findings.some((line) => /secrets\.password: expected env:NAME or file:\/path, met nothing: tdata needs it/.test(line)));
});

test("an account whose secret is missing is a problem, and the others go on", async () => {
  const text = `accounts:${account("", "one").replace("env:P", "env:GONE")}${account("", "two", "W-08")}
  - id: three
    provider: nettra
    every: 1h
    keys: [caudal]
    devices: [{ device: a, secrets: { token: file:/nowhere } }, { device: b, secrets: { token: env:B } }]`;
  const { accounts, problems } = await parse(text, async (reference) => (["env:GONE", "file:/nowhere"].includes(reference) ? undefined : "synthetic"));
  assert.deepEqual(accounts.map(({ id, devices }) => [id, devices.map(({ device }) => device)]), [["two", ["W-08"]], ["three", ["b"]]]);
  assert.deepEqual(problems.map(({ account: id, device, detail }) => [id, device, detail]), [
    ["one", undefined, "the secret password (env:GONE) has no value: set the environment variable GONE"],
    ["three", "a", "the secret token (file:/nowhere) has no value: write it to /nowhere, where the program may read it"],
  ]);
});

test("trap 22: nothing in the file is run as code", async () => {
  const marks = globalThis as { planted?: boolean };
  for (const planted of ["!!js/function 'function () { globalThis.planted = true }'", "\"$[?(globalThis.planted = true)]\"", "\"${globalThis.planted = true}\"", "\"$.constructor.constructor('globalThis.planted = true')()\""]) {
    await parse(`providers:\n  - { id: a, baseUrl: "https://a.example", request: { path: / }, samples: ${planted}, map: { value: $.v, time: { path: $.t } } }`).catch((error: unknown) => { assert.ok(error instanceof CaudalError); });
    assert.equal(marks.planted, undefined);
  }
});

test("what is no file of providers is said with its line", async () => {
  assert.match((await findingsOf("accounts:\n\t- id: x"))[0] ?? "", /^providers\.yaml:2: this is no YAML/);
  assert.match((await findingsOf("acounts: []"))[0] ?? "", /did you mean accounts\?/);
  assert.match((await findingsOf("- a"))[0] ?? "", /expected fields/);
  assert.deepEqual((await parse("")).accounts, []);
  await assert.rejects(parse(`a: &a [x, x]\nb: &b [${"*a,".repeat(60)}]\nc: [${"*b,".repeat(60)}]`), /providers\.yaml/);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegulators } from "../regulators.ts";
import type { FrozenPayload, RegisteredWork, Regulator } from "../regulator.ts";
import { GOLDEN_HOST, goldenList, goldenRequest, type GoldenAnswer, type GoldenCase, type GoldenVerification } from "../test-parts/golden.ts";
import { httpAnswer, rawServer } from "../test-parts/raw-server.ts";

const SENT_AT = "2026-06-11T17:00:30Z";
const VOUCHER = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF";
const credentials = { user: "12345678-5", password: 'clave "sintética" 1' };
const signal = new AbortController().signal;
const work: RegisteredWork = { code: "OB-0602-7", water: "groundwater", standard: "mayor", centreRut: "76543210-3", informantRut: "12345678-5", levelMayBeMissing: false };

const us = (text: string): number => Date.parse(text) * 1000;

function dgaAt(port: number): Regulator {
  return createRegulators({ urls: { dga: `http://127.0.0.1:${port}/api/v1`, sma: undefined } }).get("dga")!;
}

function frozen(flowLps: number): FrozenPayload {
  const freezing = dgaAt(1).freeze(work, us("2026-06-11T17:00:00Z"), { flowLps, totalM3: 1010.7, depthM: 9.851 });
  assert.equal(freezing.kind, "frozen");
  return (freezing as { payload: FrozenPayload }).payload;
}

for (const { vector, name, work: registered, slot, values, sentAt = SENT_AT, blocked } of await goldenList<GoldenCase>("dga", "cases")) {
  test(`vector ${vector}: ${name} ${blocked === undefined ? "goes out byte for byte" : "is not sent"}`, async (context) => {
    const server = await rawServer(context, () => httpAnswer(200, "{}"));
    const regulator = dgaAt(server.port);
    const freezing = regulator.freeze(registered, us(slot), values);
    if (blocked !== undefined) {
      assert.equal(freezing.kind === "blocked" && `${freezing.field}: ${freezing.reason}`, blocked);
      return;
    }
    assert.equal(freezing.kind, "frozen", JSON.stringify(freezing));
    await regulator.send((freezing as { payload: FrozenPayload }).payload, { credentials, nowUs: () => us(sentAt), signal });
    assert.deepEqual(server.requests.map((request) => request.replace(`127.0.0.1:${server.port}`, GOLDEN_HOST)), [await goldenRequest("dga", name)]);
  });
}

for (const { vector, name, status, body, outcome } of await goldenList<GoldenAnswer>("dga", "answers")) {
  test(`vector ${vector}: answer "${name}"`, async (context) => {
    const server = await rawServer(context, () => httpAnswer(status, body, status === 302 ? { Location: "/elsewhere" } : {}));
    const result = await dgaAt(server.port).send(frozen(15.3), { credentials, nowUs: () => us(SENT_AT), signal });
    assert.deepEqual(result.outcome, outcome);
    assert.equal(result.httpStatus, status);
    assert.equal(server.requests.length, 1, "one POST, whatever came of it");
  });
}

for (const { vector, name, status, body, verification } of await goldenList<GoldenVerification>("dga", "verifications")) {
  test(`vector ${vector}: what is held, "${name}"`, async (context) => {
    const server = await rawServer(context, () => httpAnswer(status, body));
    assert.deepEqual(await dgaAt(server.port).verify(frozen(15.3), VOUCHER, { credentials: undefined, signal }), verification);
    assert.deepEqual(server.requests.map((request) => request.replace(`127.0.0.1:${server.port}`, GOLDEN_HOST)), [await goldenRequest("dga", "verification")]);
  });
}

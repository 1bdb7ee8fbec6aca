import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { FrozenPayload, RegisteredWork, SlotValues } from "../regulator.ts";
import { outcomeOf } from "./answer.ts";
import { freeze } from "./payload.ts";
import { getOf, postOf } from "./request.ts";
import { verificationOf } from "./verification.ts";
import { wireDay, wireTime } from "./wire-time.ts";

const work: RegisteredWork = { code: "OB-0602-7", water: "groundwater", standard: "mayor", centreRut: "76543210-3", informantRut: "12345678-5", levelMayBeMissing: false };
const us = (text: string): number => Date.parse(text) * 1000;
const P1 = us("2026-06-11T17:00:00Z");
const values: SlotValues = { flowLps: 15.314, totalM3: 1010.7, depthM: 9.851 };
const VOUCHER = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF";

function frozen(more: Partial<RegisteredWork> = {}, given: SlotValues = values, instantUs = P1): FrozenPayload {
  const freezing = freeze({ ...work, ...more }, instantUs, given);
  assert.equal(freezing.kind, "frozen", JSON.stringify(freezing));
  return (freezing as { payload: FrozenPayload }).payload;
}
const sent = (payload: FrozenPayload): Record<string, string> => Object.values(JSON.parse(payload.body) as Record<string, Record<string, string>>)[1]!;
const blocked = (more: Partial<RegisteredWork>, given: SlotValues): unknown => {
  const freezing = freeze({ ...work, ...more }, P1, given);
  return freezing.kind === "blocked" ? `${freezing.field}: ${freezing.reason}` : freezing;
};
const answer = (status: number, body: object | string): { status: number; body: string } => ({ status, body: typeof body === "string" ? body : JSON.stringify(body) });

test("vector P1, P5: a groundwater measurement, in UTC-4 wherever the work is", () => {
  const payload = frozen();
  assert.equal(payload.path, "/mediciones/subterraneas");
  assert.equal(payload.body, '{"autenticacion":{"rutEmpresa":"76543210-3","rutUsuario":"12345678-5"},"medicionSubterranea":{"caudal":"15.31","fechaMedicion":"2026-06-11","horaMedicion":"13:00:00","nivelFreaticoDelPozo":"9.85","totalizador":"1010"}}');
  assert.deepEqual(sent(frozen({ code: "OB-1201-3" })), sent(payload), "Punta Arenas");
});

test("vector P2, P3, P4: UTC-4 all year: no hour twice, none missing", () => {
  assert.deepEqual(wireTime(us("2026-01-15T03:00:00Z")), { date: "2026-01-14", time: "23:00:00" });
  assert.deepEqual([wireTime(us("2026-04-05T02:00:00Z")), wireTime(us("2026-04-05T03:00:00Z"))], [{ date: "2026-04-04", time: "22:00:00" }, { date: "2026-04-04", time: "23:00:00" }]);
  assert.deepEqual(wireTime(us("2027-01-01T03:30:00Z")), { date: "2026-12-31", time: "23:30:00" });
  assert.equal(wireDay(us("2026-06-11T03:59:59Z")), "2026-06-10");
  fc.assert(fc.property(fc.integer({ min: us("2020-01-01T00:00:00Z") / 3.6e9, max: us("2035-01-01T00:00:00Z") / 3.6e9 }), (hour) => {
    const [a, b] = [wireTime(hour * 3.6e9), wireTime((hour + 1) * 3.6e9)];
    assert.ok(`${a.date} ${a.time}` < `${b.date} ${b.time}`, "the hours of the regulator's clock only go on");
  }));
});

test("vector P6, P7: flow has two decimals, halves up by its decimal form", () => {
  assert.deepEqual([15.999, 10, 0, 1.005].map((flowLps) => sent(frozen({}, { ...values, flowLps }))["caudal"]), ["16.00", "10.00", "0.00", "1.01"]);
});

test("vector P8: a total has at most fifteen digits, and is never cut to fit", () => {
  assert.equal(sent(frozen({}, { ...values, totalM3: 999_999_999_999_999 }))["totalizador"], "999999999999999");
  assert.equal(blocked({}, { ...values, totalM3: 1_000_000_000_000_000 }), "totalM3: too-many-digits");
});

test("vector P9: a level may be missing only where the manual lets it", () => {
  const noLevel = { flowLps: 1, totalM3: 5 };
  assert.equal(sent(frozen({ standard: "caudales-muy-pequenos" }, noLevel))["nivelFreaticoDelPozo"], "");
  assert.equal(sent(frozen({ levelMayBeMissing: true }, noLevel))["nivelFreaticoDelPozo"], "", "water met in mining");
  assert.equal(blocked({}, noLevel), "depthM: level-required");
});

test("vector P10: a pipe with a flowmeter has no level", () => {
  const payload = frozen({ water: "surface-flowmeter" }, { flowLps: 15.31, totalM3: 50 });
  assert.equal(payload.path, "/mediciones/superficiales/flujometro");
  assert.deepEqual(JSON.parse(payload.body).medicionSuperficialFlujometro, { caudal: "15.31", fechaMedicion: "2026-06-11", horaMedicion: "13:00:00", totalizador: "50" });
});

test("vector P11, P12: a channel has a stage in centimetres and no total; a gate that computes its flow may lack it", () => {
  const payload = frozen({ water: "surface-channel" }, { flowLps: 16.54, stageM: 0.05 });
  assert.equal(payload.path, "/mediciones/superficiales");
  assert.deepEqual(JSON.parse(payload.body).medicionSuperficial, { alturaLimnimetrica: "5", caudal: "16.54", fechaMedicion: "2026-06-11", horaMedicion: "13:00:00" });
  assert.equal(sent(frozen({ water: "surface-channel", levelMayBeMissing: true }, { flowLps: 16.54 }))["alturaLimnimetrica"], "");
  assert.equal(blocked({ water: "surface-channel" }, { flowLps: 16.54 }), "stageM: stage-required");
});

test("nothing is sent of what is missing, negative or no number: zero is only ever measured", () => {
  assert.deepEqual([blocked({}, { totalM3: 1, depthM: 1 }), blocked({}, { flowLps: 1, depthM: 1 })], ["flowLps: flow-required", "totalM3: total-required"]);
  assert.deepEqual([blocked({}, { ...values, flowLps: -0.01 }), blocked({}, { ...values, depthM: -1 }), blocked({}, { ...values, flowLps: NaN })], ["flowLps: negative", "depthM: negative", "flowLps: not-finite"]);
  assert.deepEqual([blocked({ code: "ND-0602-7" }, values), blocked({ centreRut: "77555666-7" }, values), blocked({ informantRut: "x" }, values)], ["code: code", "centreRut: rut", "informantRut: rut"]);
});

test("vector P13, P18: headers, and the password only in the request itself", () => {
  const payload = frozen();
  const password = 'secret "1"';
  const request = postOf(payload, { password, sentAtUs: us("2026-06-11T17:00:30Z") });
  assert.deepEqual(request.headers, { codigoObra: "OB-0602-7", timeStampOrigen: "2026-06-11T13:00:30-0000", "Content-Type": "application/json" });
  assert.deepEqual(JSON.parse(request.body!).autenticacion, { password, rutEmpresa: "76543210-3", rutUsuario: "12345678-5" });
  assert.equal(request.body!.replace(`"password":${JSON.stringify(password)},`, ""), payload.body, "all other bytes are those that were frozen");
  assert.ok(!JSON.stringify(payload).includes("secret"));
  assert.equal(getOf(payload, VOUCHER).path, `/mediciones/subterraneas?codigoObra=OB-0602-7&numeroComprobante=${VOUCHER}`);
});

test("vector A1, A2: only 00 is success; without a voucher it is accepted all the same", () => {
  const ok = { status: "00", message: "Medición subterránea ingresada correctamente", data: { numeroComprobante: VOUCHER } };
  assert.deepEqual(outcomeOf(answer(200, ok)), { kind: "accepted", voucher: VOUCHER, by: "answer", message: ok.message });
  for (const data of [undefined, null, {}, { numeroComprobante: "" }]) assert.deepEqual(outcomeOf(answer(200, { ...ok, data })), { kind: "accepted", voucher: null, by: "answer", message: ok.message });
  assert.equal(outcomeOf(answer(200, {})).kind, "unknown", "200 alone is no success");
});

test("vector A3, A7: another status is a refusal; of the wrong informant a permanent one", () => {
  assert.deepEqual(outcomeOf(answer(200, { status: "99", message: "no" })), { kind: "refused", permanent: false, code: "99", message: "no" });
  assert.deepEqual(outcomeOf(answer(400, { status: "01", message: "Usuario no es el informante registrado en la Obra OB-0602-7" })), { kind: "refused", permanent: true, code: "01", message: "Usuario no es el informante registrado en la Obra OB-0602-7" });
});

test("vector A4, A5, A6: there is one already: it was accepted before, under the voucher that the message names", () => {
  const said = (message: string): unknown => {
    const outcome = outcomeOf(answer(400, { status: "01", message }));
    return outcome.kind === "accepted" ? [outcome.by, outcome.voucher] : outcome;
  };
  assert.deepEqual(said(`Ya existe un registro en esa fecha, hora para la obra. Comprobante: ${VOUCHER}`), ["duplicate", VOUCHER]);
  assert.deepEqual(said(`YA EXISTE UN REGISTRO EN ESA FECHA, HORA PARA LA OBRA. COMPROBANTE:  ${VOUCHER}`), ["duplicate", VOUCHER]);
  assert.deepEqual(said("Ya existe un registro en esa fecha, hora para la obra."), ["duplicate", null]);
});

test("vector A8, A9, A10: no answer, a server's fault and what is no JSON leave the outcome unknown", () => {
  assert.deepEqual(outcomeOf(undefined), { kind: "unknown", why: "no-answer", message: "" });
  assert.deepEqual(outcomeOf(answer(500, { status: "00" })), { kind: "unknown", why: "server-fault", message: '{"status":"00"}' });
  assert.deepEqual(outcomeOf(answer(200, "<html>\n<b>it works</b></html>")), { kind: "unknown", why: "not-understood", message: "<html> <b>it works</b></html>" });
  for (const status of [403, 429]) assert.equal((outcomeOf(answer(status, "denied")) as { why: string }).why, "blocked");
  fc.assert(fc.property(fc.integer({ min: 100, max: 599 }), fc.string(), (status, body) => void assert.notEqual(outcomeOf({ status, body }).kind, "accepted")));
});

test("vector A15, A16, A17: what is held is compared as dates and numbers, not as text", () => {
  const payload = frozen({}, { flowLps: 15.3, totalM3: 1010, depthM: 9.85 });
  const held = { fecha: "11-06-2026", hora: "13:00:00", caudal: "15.3", totalizador: "1010", nivel: "9.85" };
  assert.deepEqual(verificationOf(payload, answer(200, { status: "00", message: "", data: held })), { kind: "verified" });
  assert.deepEqual(verificationOf(payload, answer(200, { status: "00", data: { ...held, caudal: "15.4", hora: "14:00:00" } })), {
    kind: "mismatch", fields: [{ field: "caudal", sent: "15.30", held: "15.4" }, { field: "horaMedicion", sent: "13:00:00", held: "14:00:00" }],
  });
  assert.deepEqual(verificationOf(payload, answer(200, { status: "00", data: { ...held, totalizador: undefined } })), { kind: "mismatch", fields: [{ field: "totalizador", sent: "1010", held: "" }] });
  assert.deepEqual(verificationOf(payload, answer(404, { status: "02", message: "no existe" })), { kind: "not-found", message: "no existe" });
  assert.equal(verificationOf(payload, undefined).kind, "unknown");
  assert.equal(verificationOf(payload, answer(502, "bad gateway")).kind, "unknown");
  const channel = frozen({ water: "surface-channel", levelMayBeMissing: true }, { flowLps: 1 });
  assert.deepEqual(verificationOf(channel, answer(200, { status: "00", data: { alturaLimnimetrica: null, caudal: "1.0", fecha: "2026-06-11", hora: "13:00:00" } })), { kind: "verified" });
});

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { openRegulatorSandbox, type RegulatorQuirkName, type RegulatorSandbox, type RegulatorSandboxOptions } from "@caudal/sandbox";
import { createRegulators } from "../regulators.ts";
import type { FrozenPayload, Outcome, RegisteredWork, Regulator, SlotValues } from "../regulator.ts";

const NOON = Date.parse("2026-06-11T17:00:30Z");
const DAY_MS = 86_400_000;
/** Long enough for a busy machine to take a request, short enough to wait for. */
const HANG_SEEN_MS = 1000;
const PASSWORD = "clave-sintetica";
const work: RegisteredWork = { code: "OB-0602-7", water: "groundwater", standard: "mayor", centreRut: "76543210-3", informantRut: "12345678-5", levelMayBeMissing: false };
const known = { code: work.code, centreRut: work.centreRut, informantRut: work.informantRut, password: PASSWORD };
const values: SlotValues = { flowLps: 15.3, totalM3: 1010.7, depthM: 9.851 };

interface Opened {
  readonly sandbox: RegulatorSandbox;
  readonly regulator: Regulator;
  readonly payload: FrozenPayload;
  readonly clock: { nowMs: number };
  readonly send: (payload?: FrozenPayload, password?: string) => Promise<Outcome>;
  readonly show: (...quirks: readonly RegulatorQuirkName[]) => void;
  readonly frozen: (more?: Partial<RegisteredWork>, given?: SlotValues) => FrozenPayload;
}

async function opened(context: TestContext, options: Partial<RegulatorSandboxOptions> = {}, postTimeoutMs = 15_000): Promise<Opened> {
  const clock = { nowMs: NOON };
  const sandbox = await openRegulatorSandbox({ seed: "test", nowMs: () => clock.nowMs, works: [known], hangMs: 60_000, ...options });
  context.after(() => sandbox.close());
  const regulator = createRegulators({ urls: { dga: sandbox.baseUrls.dga, sma: sandbox.baseUrls.sma }, postTimeoutMs }).get("dga")!;
  const frozen: Opened["frozen"] = (more = {}, given = values) => {
    const freezing = regulator.freeze({ ...work, ...more }, Date.parse("2026-06-11T17:00:00Z") * 1000, given);
    assert.equal(freezing.kind, "frozen");
    return (freezing as { payload: FrozenPayload }).payload;
  };
  const payload = frozen();
  return {
    sandbox, regulator, payload, clock, frozen,
    send: async (sent = payload, password = PASSWORD) => (await regulator.send(sent, { credentials: { user: "12345678-5", password }, nowUs: () => clock.nowMs * 1000, signal: new AbortController().signal })).outcome,
    show(...quirks) {
      sandbox.quirks.clear();
      for (const quirk of quirks) sandbox.quirks.set("dga", quirk, 1);
    },
  };
}

const heldBy = (sandbox: RegulatorSandbox): readonly string[] => sandbox.stored().map(({ codigoObra, date, time }) => `${codigoObra} ${date} ${time}`);
const voucherOf = (outcome: Outcome): string | null => (outcome.kind === "accepted" ? outcome.voucher : null);

test("vector A1: accepted with a voucher that finds it again", async (context) => {
  const { sandbox, send, payload, regulator } = await opened(context);
  const outcome = await send();
  const [stored] = sandbox.stored();
  assert.deepEqual(outcome, { kind: "accepted", voucher: stored?.voucher, by: "answer", message: "Medición subterránea ingresada correctamente" });
  assert.deepEqual([stored?.values, heldBy(sandbox)], [{ caudal: "15.30", nivelFreaticoDelPozo: "9.85", totalizador: "1010" }, ["OB-0602-7 2026-06-11 13:00:00"]]);
  assert.match(stored?.voucher ?? "", /^[0-9A-Za-z]{32}$/);
  assert.deepEqual(await regulator.verify(payload, stored?.voucher ?? "", { credentials: undefined, signal: new AbortController().signal }), { kind: "verified" });
});

test("vector A1: each kind of water goes where it belongs, and is verified there", async (context) => {
  const { sandbox, send, frozen, regulator } = await opened(context, { works: [] });
  const gate = { water: "surface-channel", levelMayBeMissing: true } as const;
  for (const [more, given, path] of [[{ water: "surface-flowmeter" }, { flowLps: 0, totalM3: 50 }, "/mediciones/superficiales/flujometro"], [{ water: "surface-channel" }, { flowLps: 16.54, stageM: 0.05 }, "/mediciones/superficiales"], [gate, { flowLps: 1 }, "/mediciones/superficiales"]] as const) {
    const payload = frozen({ ...more, code: `OB-0602-${sandbox.stored().length + 1}` }, given);
    const outcome = await send(payload);
    assert.equal(outcome.kind, "accepted", outcome.message);
    assert.equal(sandbox.stored().at(-1)?.path, path);
    assert.deepEqual(await regulator.verify(payload, voucherOf(outcome) ?? "", { credentials: undefined, signal: new AbortController().signal }), { kind: "verified" });
  }
});

test("vector A2: accepted without a voucher", async (context) => {
  const { sandbox, send, show } = await opened(context);
  show("no-voucher");
  const outcome = await send();
  assert.deepEqual([outcome.kind, voucherOf(outcome), sandbox.stored().length], ["accepted", null, 1]);
});

test("vector A3: refused with the status 99, and the next day taken", async (context) => {
  const { sandbox, send, show, clock } = await opened(context);
  show("refused-99");
  assert.deepEqual(await send(), { kind: "refused", permanent: false, code: "99", message: "No es posible ingresar la medición" });
  assert.equal(sandbox.stored().length, 0);
  clock.nowMs += DAY_MS;
  show();
  assert.equal((await send()).kind, "accepted");
});

test("vector A4, A5, A6: a duplicate with its voucher, in capitals with a double space, and without", async (context) => {
  const { sandbox, send, show, clock } = await opened(context);
  const first = voucherOf(await send());
  for (const [quirks, voucher] of [[[], first], [["duplicate-in-capitals"], first], [["duplicate-without-voucher"], null]] as const) {
    clock.nowMs += DAY_MS;
    show(...quirks);
    const outcome = await send();
    assert.deepEqual([outcome.kind === "accepted" && outcome.by, voucherOf(outcome)], ["duplicate", voucher]);
  }
  assert.match(JSON.stringify(sandbox.requests().map(({ outcome }) => outcome)), /^\["accepted","duplicate","duplicate","duplicate"\]$/);
  assert.equal(sandbox.stored().length, 1);
});

test("vector A7: who is not the informant is refused for good, other works go on", async (context) => {
  const other = { ...known, code: "OB-0602-8", informantRut: "11111111-1" };
  const { sandbox, send, frozen } = await opened(context, { works: [known, other] });
  const outcome = await send(frozen({ code: "OB-0602-8" }));
  assert.deepEqual(outcome, { kind: "refused", permanent: true, code: "01", message: "Usuario no es el informante registrado en la Obra OB-0602-8" });
  assert.equal((await send()).kind, "accepted");
  assert.deepEqual(heldBy(sandbox), ["OB-0602-7 2026-06-11 13:00:00"]);
});

test("a wrong password, a work or a centre that nobody knows: refused", async (context) => {
  const { sandbox, send, frozen } = await opened(context);
  for (const [payload, password, said] of [[undefined, "otra", "Usuario o contraseña no válidos"], [frozen({ code: "OB-0602-9" }), PASSWORD, "La obra no existe"], [frozen({ centreRut: "76000000-0" }), PASSWORD, "El Centro de Control no está registrado"]] as const) {
    const outcome = await send(payload, password);
    assert.deepEqual([outcome.kind, outcome.message], ["refused", said]);
  }
  assert.ok(!JSON.stringify(sandbox.requests()).includes(PASSWORD));
});

for (const quirk of ["stores-then-hangs", "stores-then-drops", "stores-then-500", "stores-then-html", "stores-then-half-json"] as const) {
  test(`vector A8: ${quirk}: unknown, and the next day's duplicate finds exactly one`, async (context) => {
    const { sandbox, send, show, clock } = await opened(context, {}, quirk === "stores-then-hangs" ? HANG_SEEN_MS : undefined);
    show(quirk);
    assert.equal((await send()).kind, "unknown");
    assert.equal(sandbox.stored().length, 1);
    show();
    clock.nowMs += DAY_MS;
    const outcome = await send();
    assert.deepEqual([outcome.kind === "accepted" && outcome.by, voucherOf(outcome)], ["duplicate", sandbox.stored()[0]?.voucher]);
    assert.deepEqual([sandbox.stored().length, sandbox.requests().map(({ stored }) => stored)], [1, [true, false]]);
  });
}

for (const quirk of ["hangs-before-storing", "drops-before-storing"] as const) {
  test(`vector A9: ${quirk}: unknown, and the next day it is taken`, async (context) => {
    const { sandbox, send, show, clock } = await opened(context, {}, quirk === "hangs-before-storing" ? HANG_SEEN_MS : undefined);
    show(quirk);
    assert.deepEqual(await send(), { kind: "unknown", why: "no-answer", message: quirk === "hangs-before-storing" ? "timeout" : "ECONNRESET" });
    assert.equal(sandbox.stored().length, 0);
    show();
    clock.nowMs += DAY_MS;
    assert.deepEqual(await send().then((outcome) => outcome.kind === "accepted" && outcome.by), "answer");
    assert.equal(sandbox.stored().length, 1);
  });
}

for (const [quirk, why] of [["http-500", "server-fault"], ["http-503", "server-fault"], ["html-page", "not-understood"], ["outage", "no-answer"], ["blocked-403", "blocked"], ["blocked-429", "blocked"]] as const) {
  test(`vector A10: ${quirk}: unknown (${why})`, async (context) => {
    const { sandbox, send, show } = await opened(context);
    show(quirk);
    const outcome = await send();
    assert.deepEqual(outcome.kind === "unknown" && outcome.why, why);
    assert.equal(sandbox.stored().length, 0);
  });
}

test("vector A15, A16, A17: what is held is verified, differs, or is not found, and nothing is sent again", async (context) => {
  const { sandbox, send, show, payload, regulator } = await opened(context);
  const voucher = voucherOf(await send()) ?? "";
  const verify = () => regulator.verify(payload, voucher, { credentials: undefined, signal: new AbortController().signal });
  assert.deepEqual(await verify(), { kind: "verified" });
  const told = (await (await fetch(`${sandbox.baseUrls.dga}/mediciones/subterraneas?codigoObra=OB-0602-7&numeroComprobante=${voucher}`)).json()) as { data: unknown };
  assert.deepEqual(told.data, { fecha: "11-06-2026", hora: "13:00:00", caudal: "15.3", totalizador: "1010", nivel: "9.85" });
  show("get-padded");
  assert.deepEqual(await verify(), { kind: "verified" });
  show("get-other-value");
  assert.deepEqual(await verify(), { kind: "mismatch", fields: [{ field: "caudal", sent: "15.30", held: "15.4" }] });
  show("get-not-found");
  assert.equal((await verify()).kind, "not-found");
  show("get-500");
  assert.deepEqual(await verify(), { kind: "unknown", message: "HTTP 500" });
  assert.deepEqual(sandbox.requests().filter(({ method }) => method === "POST").length, 1);
});

test("what the regulator stored wrongly, or never, only the verification tells", async (context) => {
  const { send, show, payload, regulator } = await opened(context);
  const verify = async (voucher: string | null) => (await regulator.verify(payload, voucher ?? "", { credentials: undefined, signal: new AbortController().signal })).kind;
  show("forgets");
  assert.equal(await verify(voucherOf(await send())), "not-found");
  show("stores-other-value");
  assert.equal(await verify(voucherOf(await send())), "mismatch");
});

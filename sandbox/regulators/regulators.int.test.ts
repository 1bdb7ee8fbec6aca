import assert from "node:assert/strict";
import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openRegulatorSandbox, parseRegulatorQuirk, regulatorQuirkNames, type RegulatorQuirkName, type RegulatorSandbox, type RegulatorSandboxOptions } from "../index.ts";
import { openLineFile } from "./line-file.ts";
import { DAY, got, HOUR, MINUTE, NOON, type Got } from "../test-parts/opened.ts";

const PASSWORD = "clave-sintetica";
const CENTRE = "76543210-3";

interface Opened {
  readonly sandbox: RegulatorSandbox;
  readonly clock: { nowMs: number };
  /** A POST of groundwater as a client sends it; `undefined` when the connection ended without an answer. */
  readonly post: (change?: { readonly code?: string; readonly hour?: number; readonly values?: Readonly<Record<string, unknown>>; readonly login?: Readonly<Record<string, unknown>>; readonly headers?: Readonly<Record<string, string>>; readonly path?: string; readonly body?: unknown }) => Promise<Got | undefined>;
  readonly ask: (voucher: string, code?: string) => Promise<Got | undefined>;
  readonly last: () => ReturnType<RegulatorSandbox["requests"]>[number] | undefined;
}

async function opened(context: TestContext, options: Partial<RegulatorSandboxOptions> = {}): Promise<Opened> {
  const clock = { nowMs: NOON };
  const sandbox = await openRegulatorSandbox({ seed: "test", nowMs: () => clock.nowMs, hangMs: 30, slowMs: 40, ...options });
  context.after(() => sandbox.close());
  return {
    sandbox, clock,
    post: ({ code = "OB-0602-7", hour = 9, values = {}, login = {}, headers = {}, path = "/mediciones/subterraneas", body } = {}) =>
      got(`${sandbox.baseUrls.dga}${path}`, { codigoObra: code, timeStampOrigen: "2026-03-01T08:00:30-0000", ...headers }, body ?? {
        autenticacion: { password: PASSWORD, rutEmpresa: CENTRE, rutUsuario: "12345678-5", ...login },
        medicionSubterranea: { caudal: "15.30", fechaMedicion: "2026-03-01", horaMedicion: `${String(hour).padStart(2, "0")}:00:00`, nivelFreaticoDelPozo: "0.00", totalizador: "1010", ...values },
      }).catch(() => undefined),
    ask: (voucher, code = "OB-0602-7") => got(`${sandbox.baseUrls.dga}/mediciones/subterraneas?codigoObra=${code}&numeroComprobante=${voucher}`).catch(() => undefined),
    last: () => sandbox.requests().at(-1),
  };
}

test("stores what is sent as it is documented, tells it the day first without zeros at the end, and knows what it has", async (context) => {
  const { sandbox, post, ask } = await opened(context);
  const first = await post();
  assert.deepEqual([first?.status, first?.json.status, first?.json.message], [200, "00", "Medición subterránea ingresada correctamente"]);
  const voucher = first?.json.data.numeroComprobante;
  assert.deepEqual((await ask(voucher))?.json, { status: "00", message: "Consulta exitosa", data: { caudal: "15.3", totalizador: "1010", nivel: "0.0", fecha: "01-03-2026", hora: "09:00:00" } });
  const again = await post({ values: { caudal: "99.00" } });
  assert.deepEqual([again?.status, again?.json.message], [400, `Ya existe un registro en esa fecha, hora para la obra. Comprobante: ${voucher}`]);
  assert.deepEqual((await ask("nothing"))?.json.data, undefined);
  assert.notEqual((await ask(voucher, "OB-0602-8"))?.json.status, "00", "a voucher is of one work");
  assert.equal((await got(`${sandbox.baseUrls.dga}/mediciones/superficiales?codigoObra=OB-0602-7&numeroComprobante=${voucher}`)).json.status, "02", "and of one path");
  assert.deepEqual(sandbox.stored().map(({ values }) => values["caudal"]), ["15.30"]);
  assert.deepEqual(sandbox.stored({ regulator: "dga", codigoObra: "OB-0602-7" }).map(({ instantMs }) => instantMs), [Date.parse("2026-03-01T13:00:00Z")], "UTC-4, though Santiago's summer clock is UTC-3");
  assert.deepEqual([(await got(`${sandbox.baseUrls.dga}/nowhere`)).status, (await fetch(`${sandbox.baseUrls.dga}/mediciones/subterraneas`, { method: "PUT" })).status], [404, 405]);
});

test("what is not in the documented form is not stored", async (context) => {
  const { sandbox, post } = await opened(context, { works: [{ code: "OB-0602-7", centreRut: CENTRE, informantRut: "12345678-5", password: PASSWORD }, { code: "OB-0602-8", centreRut: CENTRE, informantRut: "12345678-5", password: PASSWORD, levelMayBeMissing: true }] });
  for (const [field, value] of [["caudal", "15,30"], ["caudal", 15.3], ["caudal", ""], ["caudal", "-1.00"], ["caudal", "1e3"], ["totalizador", "1010.7"], ["totalizador", "1.010"], ["totalizador", "1".repeat(16)], ["totalizador", undefined], ["nivelFreaticoDelPozo", ""], ["nivelFreaticoDelPozo", null], ["fechaMedicion", "01-03-2026"], ["fechaMedicion", "2026-02-30"], ["horaMedicion", "9:00:00"], ["horaMedicion", "24:00:00"], ["extra", "1"]] as const) {
    const answer = await post({ values: { [field]: value } });
    assert.deepEqual([answer?.status, answer?.json.status], [400, "01"], `${field} ${String(value)}`);
  }
  for (const login of [{ rutEmpresa: "76.543.210-3" }, { rutUsuario: "76000006-k" }, { password: "" }, { password: undefined }]) assert.equal((await post({ login }))?.status, 400);
  const odd: readonly Parameters<Opened["post"]>[0][] = [{ headers: { timeStampOrigen: "hoy" } }, { headers: { "content-type": "text/plain" } }, { code: "ob-0602-7" }, { path: "/mediciones/superficiales" }, { body: [] }, { body: { autenticacion: {} } }, { code: "OB-0602-9" }];
  for (const change of odd) assert.equal((await post(change))?.status, 400, JSON.stringify(change));
  const broken = await fetch(`${sandbox.baseUrls.dga}/mediciones/subterraneas`, { method: "POST", body: "{", headers: { "content-type": "application/json", "codigoObra": "OB-0602-7", "timeStampOrigen": "2026-03-01T08:00:30-0000" } });
  assert.equal(broken.status, 400);
  assert.equal(sandbox.stored().length, 0);
  assert.equal((await post({ code: "OB-0602-8", values: { nivelFreaticoDelPozo: "" } }))?.status, 200, "where the level may be missing");
  assert.ok(sandbox.requests().slice(0, -1).every(({ stored, outcome }) => !stored && outcome !== "accepted"));
});

/** Every quirk, and how it shows. */
const shown: { readonly [name in RegulatorQuirkName]: (parts: Opened) => Promise<void> } = {
  "stores-then-drops": storesSilently,
  "stores-then-hangs": storesSilently,
  "stores-then-500": ({ post, sandbox }) => storesAndSays(sandbox, post(), (answer) => assert.equal(answer?.status, 500)),
  "stores-then-html": ({ post, sandbox }) => storesAndSays(sandbox, post(), (answer) => assert.match(answer?.text ?? "", /^<!doctype html>/)),
  "stores-then-half-json": ({ post, sandbox }) => storesAndSays(sandbox, post(), (answer) => assert.throws(() => JSON.parse(answer?.text ?? "{}"), SyntaxError)),
  "drops-before-storing": losesSilently,
  "hangs-before-storing": losesSilently,
  "outage": losesSilently,
  "http-500": (parts) => losesAndSays(parts, 500),
  "http-503": (parts) => losesAndSays(parts, 503),
  "html-page": (parts) => losesAndSays(parts, 200),
  "blocked-403": (parts) => losesAndSays(parts, 403),
  "blocked-429": (parts) => losesAndSays(parts, 429),
  "refused-99": async (parts) => {
    await losesAndSays(parts, 200);
    assert.equal((await parts.post())?.json.status, "99");
  },
  "not-informant": async ({ post, sandbox }) => {
    assert.match((await post())?.json.message, /^Usuario no es el informante registrado en la Obra/);
    assert.equal(sandbox.stored().length, 0);
  },
  "slow": async ({ post }) => {
    const from = performance.now();
    assert.equal((await post())?.json.status, "00");
    assert.ok(performance.now() - from >= 35);
  },
  "no-voucher": async ({ post, sandbox }) => {
    const said = new Set<unknown>();
    for (let hour = 0; hour < 12; hour++) said.add((await post({ hour }))?.json.data?.numeroComprobante);
    assert.deepEqual(said, new Set([undefined, ""]));
    assert.equal(sandbox.stored().length, 12);
  },
  "repeats-voucher": async ({ post }) => {
    const vouchers = [await post({ hour: 1 }), await post({ hour: 2 })].map((answer) => answer?.json.data.numeroComprobante);
    assert.equal(vouchers[0], vouchers[1]);
  },
  "duplicate-without-voucher": async ({ post }) => {
    await post();
    assert.equal((await post())?.json.message, "Ya existe un registro en esa fecha, hora para la obra.");
  },
  "duplicate-in-capitals": async ({ post }) => {
    const voucher = (await post())?.json.data.numeroComprobante;
    assert.equal((await post())?.json.message, `YA EXISTE UN REGISTRO EN ESA FECHA, HORA PARA LA OBRA. COMPROBANTE:  ${voucher}`);
  },
  "forgets": async ({ post, ask, sandbox, last }) => {
    const voucher = (await post())?.json.data.numeroComprobante;
    assert.deepEqual([last()?.outcome, last()?.stored, sandbox.stored().length], ["accepted", false, 0]);
    assert.equal((await ask(voucher))?.json.status, "02");
  },
  "stores-other-value": async ({ post, ask }) => assert.equal((await ask((await post())?.json.data.numeroComprobante))?.json.data.caudal, "15.4"),
  "clock-behind": async ({ post, clock, sandbox }) => {
    clock.nowMs = Date.parse("2026-03-01T13:30:00Z");
    assert.match((await post())?.json.message, /posterior a la fecha actual/);
    assert.equal((await post({ hour: 8 }))?.json.status, "00");
    clock.nowMs += HOUR;
    assert.equal((await post())?.json.status, "00");
    assert.equal(sandbox.stored().length, 2);
  },
  "get-not-found": async ({ post, ask }) => assert.equal((await ask((await post())?.json.data.numeroComprobante))?.json.status, "02"),
  "get-other-value": async ({ post, ask }) => assert.equal((await ask((await post())?.json.data.numeroComprobante))?.json.data.caudal, "15.4"),
  "get-padded": async ({ post, ask }) => assert.equal((await ask((await post())?.json.data.numeroComprobante))?.json.data.nivel, "0.00"),
  "get-500": async ({ post, ask }) => assert.equal((await ask((await post())?.json.data.numeroComprobante))?.status, 500),
  "token-refused": async ({ sandbox }) => {
    const { token } = (await got(`${sandbox.baseUrls.sma}/api/v1/auth`, {}, { usuario: "u", password: "p" })).json;
    assert.equal((await got(`${sandbox.baseUrls.sma}/api/v1/ufs/1/procesos/2/registros`, { authorization: `Bearer ${token}` }, [])).status, 401);
  },
};

async function storesSilently({ post, sandbox, last }: Opened): Promise<void> {
  assert.equal(await post(), undefined);
  assert.deepEqual([last()?.outcome, last()?.stored, last()?.dropped, last()?.status, sandbox.stored().length], ["accepted", true, true, null, 1]);
}

async function losesSilently({ post, sandbox, last }: Opened): Promise<void> {
  assert.equal(await post(), undefined);
  assert.deepEqual([last()?.outcome, last()?.stored, last()?.dropped, last()?.status, sandbox.stored().length], ["fault", false, true, null, 0]);
}

async function storesAndSays(sandbox: RegulatorSandbox, answering: Promise<Got | undefined>, check: (answer: Got | undefined) => void): Promise<void> {
  check(await answering);
  assert.deepEqual([sandbox.requests().at(-1)?.stored, sandbox.stored().length], [true, 1]);
}

async function losesAndSays({ post, sandbox, last }: Opened, status: number): Promise<void> {
  assert.equal((await post())?.status, status);
  assert.deepEqual([last()?.status, last()?.stored, last()?.dropped, sandbox.stored().length], [status, false, false, 0]);
}

for (const name of regulatorQuirkNames) {
  test(`quirk ${name}`, async (context) => {
    const parts = await opened(context);
    parts.sandbox.quirks.set("all", name, 1);
    await shown[name](parts);
    assert.ok(parts.sandbox.requests().some(({ quirks }) => quirks.includes(name)), "the log tells of it");
    parts.sandbox.quirks.clear();
    assert.deepEqual(parts.sandbox.quirks.current(), {});
  });
}

test("the same seed decides the same, whatever came in between; another seed decides otherwise", async (context) => {
  const run = async (seed: string, hours: readonly number[]) => {
    const { sandbox, post } = await opened(context, { seed, quirks: { dga: { "http-500": 0.3, "refused-99": 0.2, "stores-then-drops": 0.2 } } });
    for (const hour of hours) await post({ hour });
    return new Map(sandbox.requests().map(({ instant, outcome, status, voucher }) => [instant, [outcome, status, voucher]]));
  };
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  const one = await run("one", hours);
  assert.deepEqual(await run("one", hours.toReversed()).then((found) => new Map([...found].toSorted())), one);
  assert.notDeepEqual(await run("two", hours), one);
  assert.ok(new Set([...one.values()].map(String)).size > 5);
});

test("a restart keeps what is held and the log; a line that was cut is taken off", async (context) => {
  const dataDirectory = await mkdtemp(join(tmpdir(), "regulators-"));
  context.after(() => rm(dataDirectory, { recursive: true, force: true }));
  const first = await openRegulatorSandbox({ seed: "kept", dataDirectory, nowMs: () => NOON });
  const body = { autenticacion: { password: PASSWORD, rutEmpresa: CENTRE, rutUsuario: "12345678-5" }, medicionSubterranea: { caudal: "1.00", fechaMedicion: "2026-03-01", horaMedicion: "09:00:00", nivelFreaticoDelPozo: "1.00", totalizador: "1" } };
  const post = (sandbox: RegulatorSandbox) => got(`${sandbox.baseUrls.dga}/mediciones/subterraneas`, { codigoObra: "OB-0602-7", timeStampOrigen: "2026-03-01T08:00:30-0000" }, body);
  const voucher = (await post(first)).json.data.numeroComprobante;
  const lines = await readFile(join(dataDirectory, "requests.ndjson"), "utf8");
  assert.equal(JSON.parse(lines).voucher, voucher, "in the file before the answer");
  assert.ok(!lines.includes(PASSWORD) && !(await readFile(join(dataDirectory, "stored.ndjson"), "utf8")).includes(PASSWORD));
  await first.close();
  await appendFile(join(dataDirectory, "stored.ndjson"), '{"regulator":"dga","codig');
  const second = await openRegulatorSandbox({ seed: "kept", dataDirectory, nowMs: () => NOON });
  assert.match((await post(second)).json.message, new RegExp(voucher));
  assert.deepEqual([second.stored().length, second.requests().map(({ number, outcome }) => [number, outcome])], [1, [[1, "accepted"], [2, "duplicate"]]]);
  await second.close();
  await assert.rejects(openRegulatorSandbox({ seed: "kept", dataDirectory, port: 1, host: "192.0.2.1" }));
});

test("a file of several pieces is read whole, with characters that lie across them", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "regulators-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "lines.ndjson");
  const first = openLineFile(path, () => assert.fail("an empty file"));
  const documents = Array.from({ length: 3000 }, (_, number) => ({ number, text: "ñ€".repeat(number % 300) }));
  for (const document of documents) first.append(document);
  first.close();
  const read: unknown[] = [];
  openLineFile(path, (document) => read.push(document)).close();
  assert.deepEqual(read, documents);
  await appendFile(path, "no JSON\n");
  assert.throws(() => openLineFile(path, () => undefined), SyntaxError, "what stands there and is none of ours is not taken off");
});

test("a centre that sends again on one day what is held is blocked with all its works, until its time is over or a person asks", async (context) => {
  const { sandbox, post, clock } = await opened(context, { abuse: { resends: 2, blockMs: HOUR } });
  for (let send = 0; send < 3; send++) assert.notEqual((await post())?.status, 403);
  assert.deepEqual(sandbox.blocked(), []);
  assert.equal((await post())?.status, 400, "the one that is too many is answered");
  assert.deepEqual(sandbox.blocked(), [{ centre: CENTRE, untilMs: NOON + HOUR }]);
  assert.equal((await post({ code: "OB-0602-8" }))?.status, 403);
  assert.equal((await post({ code: "OB-0602-8", login: { rutEmpresa: "76000000-0" } }))?.status, 200, "another centre goes on");
  clock.nowMs += HOUR;
  assert.equal((await post({ code: "OB-0602-9" }))?.status, 200);
  for (let day = 1; day < 8; day++) {
    clock.nowMs += DAY;
    assert.equal((await post())?.status, 400, "once a day is no abuse");
  }
  for (let send = 0; send < 4; send++) await post();
  assert.equal(sandbox.blocked().length, 1);
  assert.equal((await got(`${sandbox.url}/sandbox/release`, {}, {})).status, 200);
  assert.equal((await post({ hour: 1 }))?.status, 200);
});

test("SMA: a login, whole sets, receipts; what is sent twice it has twice", async (context) => {
  const { sandbox, clock } = await opened(context, { works: [{ code: "1", centreRut: CENTRE, informantRut: "12345678-5", password: PASSWORD }] });
  const login = (password: unknown) => got(`${sandbox.baseUrls.sma}/api/v1/auth`, {}, { usuario: "12345678-5", password });
  assert.deepEqual([(await login("otra")).status, (await login("")).status], [401, 400]);
  const { token } = (await login(PASSWORD)).json;
  const parameter = (nombre: string, valor: unknown, unidad: string, estampaTiempo = "2026-03-01T09:05:00") => ({ nombre, valor, unidad, estampaTiempo });
  const [flow, volume] = [parameter("Q", "42.5", "l/s"), parameter("VA", "42500", "m3")];
  const post = (body: unknown, bearer = token) => got(`${sandbox.baseUrls.sma}/api/v1/ufs/12/procesos/34/registros`, { authorization: `Bearer ${bearer}` }, body);
  for (const wrong of [[], {}, [{}], [{ dispositivoId: "P1", parametros: [flow] }], [{ dispositivoId: "P1", parametros: [flow, volume, parameter("T", "1", "C")] }], [{ dispositivoId: "P1", parametros: [flow, parameter("VA", "1", "m3", "2026-03-01T09:10:00")] }], [{ dispositivoId: "P1", parametros: [flow, parameter("VA", 42500, "m3")] }], [{ dispositivoId: "P1", parametros: [flow, parameter("VA", "1", "l")] }]]) assert.equal((await post(wrong)).status, 400, JSON.stringify(wrong));
  assert.deepEqual([(await post([], "x.y.z")).status, (await got(`${sandbox.baseUrls.sma}/api/v1/nothing`)).status], [401, 404]);
  const good = [{ dispositivoId: "P1", parametros: [flow, volume] }];
  const receipts = [await post(good), await post(good)].map(({ json }) => json.IdVerificacion);
  assert.equal(new Set(receipts).size, 2);
  assert.deepEqual(sandbox.stored().map(({ regulator, codigoObra, instantMs, values }) => [regulator, codigoObra, instantMs, values]), Array.from({ length: 2 }, () => ["sma", "12/34/P1", Date.parse("2026-03-01T12:05:00Z"), { Q: "42.5", VA: "42500" }]));
  clock.nowMs += DAY - MINUTE;
  assert.equal((await post(good)).status, 200);
  clock.nowMs += MINUTE;
  assert.equal((await post(good)).status, 401, "after 24 h");
  assert.ok(!JSON.stringify(sandbox.requests()).includes(PASSWORD) && !JSON.stringify(sandbox.requests()).includes(token));
});

test("SMA: faults before and after it has stored", async (context) => {
  const { sandbox } = await opened(context);
  const { token } = (await got(`${sandbox.baseUrls.sma}/api/v1/auth`, {}, { usuario: "u", password: "p" })).json;
  const stamp = (minute: number): string => `2026-03-01T09:${String(minute).padStart(2, "0")}:00`;
  const post = (minute: number) => got(`${sandbox.baseUrls.sma}/api/v1/ufs/1/procesos/2/registros`, { authorization: `Bearer ${token}` }, [{ dispositivoId: "P", parametros: [["Q", "1", "l/s"], ["VA", "2", "m3"]].map(([nombre, valor, unidad]) => ({ nombre, valor, unidad, estampaTiempo: stamp(minute) })) }]).catch(() => undefined);
  const keeps: readonly RegulatorQuirkName[] = ["stores-then-drops", "stores-then-hangs", "stores-then-500", "stores-then-html", "stores-then-half-json", "no-voucher", "slow"];
  const loses: readonly RegulatorQuirkName[] = ["drops-before-storing", "hangs-before-storing", "http-500", "http-503", "html-page", "blocked-403", "blocked-429", "outage"];
  for (const [minute, name] of [...keeps, ...loses].entries()) {
    sandbox.quirks.clear();
    sandbox.quirks.set("sma", name, 1);
    const before = sandbox.stored().length;
    await post(minute);
    assert.equal(sandbox.stored().length - before, keeps.includes(name) ? 1 : 0, name);
  }
  assert.equal(await got(`${sandbox.baseUrls.sma}/api/v1/auth`, {}, { usuario: "u", password: "p" }).catch(() => undefined), undefined, "down for logins too");
});

test("the control: switches, works, what is stored and the log, for this machine alone and without a password", async (context) => {
  const { sandbox, post } = await opened(context);
  const control = (path: string, body?: unknown) => got(`${sandbox.url}/sandbox/${path}`, {}, body);
  assert.deepEqual((await control("quirks", { regulator: "dga", quirk: "http-500", share: 1 })).json, { quirks: { dga: { "http-500": 1 } } });
  assert.equal((await post())?.status, 500);
  assert.equal((await control("quirks", [{ quirk: "http-500", share: 0 }])).status, 200);
  for (const wrong of [[], {}, { quirk: "none", share: 1 }, { quirk: "slow", share: 2 }, { quirk: "slow" }, { regulator: "nobody", quirk: "slow", share: 1 }, { regulator: "sma", quirk: "get-500", share: 1 }]) assert.equal((await control("quirks", wrong)).status, 400, JSON.stringify(wrong));
  await post();
  assert.deepEqual((await control("stored?regulator=dga&codigoObra=OB-0602-7")).json.stored.map(({ time }: { time: string }) => time), ["09:00:00"]);
  assert.equal(JSON.parse((await control("stored")).text).codigoObra, "OB-0602-7");
  assert.deepEqual([(await control("stored?regulator=none")).status, (await control("stored?codigoObra=none")).json], [400, { stored: [] }]);
  assert.deepEqual((await control("log?after=1")).text.trim().split("\n").map((line) => JSON.parse(line).outcome), ["accepted"]);
  assert.equal((await control("works", { code: "x" })).status, 400);
  assert.equal((await control("works", [{ code: 1 }])).status, 400);
  assert.deepEqual((await control("works", [{ code: "OB-0602-8", centreRut: CENTRE, informantRut: "11111111-1", password: "solo-aqui" }])).json, { works: 1 });
  assert.match((await post({ hour: 3 }))?.json.message, /no válidos/);
  sandbox.register([{ code: "OB-0602-7", centreRut: CENTRE, informantRut: "12345678-5", password: PASSWORD }]);
  assert.equal((await post({ hour: 3 }))?.status, 200);
  const state = await control("state");
  assert.deepEqual([state.json.counts, state.json.works.length], [{ requests: 4, stored: 2 }, 1]);
  assert.ok(!state.text.includes("solo-aqui") && !state.text.includes(PASSWORD));
  assert.equal((await fetch(`${sandbox.url}/sandbox/release`, { method: "POST" })).status, 415);
  assert.equal((await got(`${sandbox.url}/nowhere`)).status, 404);
  assert.equal((await fetch(`${sandbox.baseUrls.dga}/mediciones/subterraneas`, { method: "POST", body: "x".repeat(100_000) })).status, 413);
  const status = await new Promise((resolve, reject) => {
    httpRequest(`${sandbox.url}/sandbox/state`, { headers: { host: "rebound.example" } }, (response) => resolve(response.resume().statusCode)).on("error", reject).end();
  });
  assert.equal(status, 403);
  assert.equal(sandbox.inHand(), 0);
});

test("a quirk is written with a regulator and a share, or without either", () => {
  assert.deepEqual(parseRegulatorQuirk("stores-then-drops"), { regulator: "all", name: "stores-then-drops", share: 0.05 });
  assert.deepEqual(parseRegulatorQuirk("sma:token-refused=1"), { regulator: "sma", name: "token-refused", share: 1 });
  for (const wrong of ["", "nothing", "slow=2", "dga:token-refused", "nobody:slow"]) assert.equal(parseRegulatorQuirk(wrong), undefined, wrong);
});

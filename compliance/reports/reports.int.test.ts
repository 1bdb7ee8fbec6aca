import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { strFromU8, unzipSync } from "fflate";
import { systemClock } from "@caudal/runtime";
import { serve, type Served } from "../../runtime/test-parts/serve.ts";
import { evidenceOperations } from "../evidence/operations.ts";
import { verifyPack } from "@caudal/verifier";
import { DAY_US, HOUR_US, SLOT_US, taken, testWork, type TestWork } from "../evidence/test-work.ts";
import { draft } from "../obras/test-draft.ts";
import { reportOperations } from "./operations.ts";
import { reportPdf } from "./pdf.ts";
import { complianceReport } from "./compliance-report.ts";
import { systemScope, type Principal } from "@caudal/core";
import type { DailyRoot } from "../ledger/daily-root.ts";
import type { ProvedRoot } from "../ledger/root-heads.ts";
import { rootCollection, type RootRecord } from "../ledger/root-record.ts";

type Body = Record<string, Record<string, unknown>[]>;

interface Reported extends TestWork {
  readonly served: Served;
  json(kind: string, query?: string): Promise<Body>;
  bytes(path: string): Promise<{ readonly status: number; readonly type: string; readonly bytes: Uint8Array }>;
}

/** Twelve hourly slots of a work with a right of 20 L/s and 1000 m3 a year, of another client a second work, and a server. */
async function reported(context: TestContext): Promise<Reported> {
  const work = await testWork(context, { right: { flowLps: 20, annualM3: 1000 }, name: "Pozo \"Ñuble\"; uno" });
  const { clock, obra, slots, obras, parts } = work;
  await obras.put("ana", draft({ client: "other", code: "OB-0602-9", name: "=1+1", water: "surface-channel", feeds: [{ quantity: "flow", point: "c1", variable: "flow" }, { quantity: "stage", point: "c1", variable: "level" }], right: { flowLps: 5 } }), "registered");
  await slots.ensure(obra, { fromUs: SLOT_US, toUs: SLOT_US + 12 * HOUR_US });
  clock.atUs = SLOT_US + HOUR_US / 2;
  await work.sent(0, { flow: 15.3, total: 1000, outcome: "accepted", voucher: "A0" });
  await work.sent(1, { flow: 18, total: 1054, outcome: "refused" });
  await work.sent(2, { flow: 20.01, total: 1126.1, outcome: "unknown" });
  await work.append(3, { kind: "held", slotUs: SLOT_US + 3 * HOUR_US, reasons: ["beyond-right"], taken: [taken(3, "flow", "99"), taken(3, "total", "")] });
  await work.append(4, { kind: "imported", slotUs: SLOT_US + 4 * HOUR_US, voucher: "I4", source: "earlier" });
  await work.append(5, { kind: "written-off", slotUs: SLOT_US + 5 * HOUR_US, reason: "no power" });
  clock.atUs += 2 * DAY_US;
  await work.sent(1, { flow: 18, total: 1054, outcome: "accepted", voucher: "A1" });
  await slots.note(obra.work, SLOT_US + 6 * HOUR_US, { reasons: ["no-data"], lookedAtUs: clock.atUs, lateFailure: true });
  await obras.put("luis", { ...draft(), client: "acme", water: "surface-flowmeter", name: obra.name, feeds: [...obra.feeds], right: { flowLps: 20, annualM3: 1000 }, knownDefect: { sinceUs: SLOT_US, reason: "pump stopped" } }, "told by phone");
  const reportParts = { obras, slots, ledger: work.ledger };
  const served = await serve(context, { operations: [...reportOperations(reportParts), ...evidenceOperations({ ...parts, obras })], clock: { ...systemClock, nowUs: () => clock.atUs } });
  const bytes = async (path: string): ReturnType<Reported["bytes"]> => {
    const response = await fetch(`${served.url}/api/v1/compliance${path}`);
    return { status: response.status, type: response.headers.get("content-type") ?? "", bytes: new Uint8Array(await response.arrayBuffer()) };
  };
  return { ...work, served, bytes, json: async (kind, query = "") => JSON.parse(strFromU8((await bytes(`/reports/${kind}?x=1${query}`)).bytes)) as Body };
}

test("reports are told as JSON, CSV, XLSX and PDF, and each opens again as what it says to be", async (context) => {
  const work = await reported(context);
  const { works, slots } = await work.json("compliance", "&month=2026-06&work=dga/OB-0602-7");
  assert.deepEqual(works, [{
    work: "dga/OB-0602-7", name: 'Pozo "Ñuble"; uno', client: "acme", expected: 12, onTime: 1, late: 1, afterDelay: 0, imported: 1, missing: 6, waiting: 0, review: 1, refused: 0, unknown: 1, annulled: 0, writtenOff: 1, lateFailures: 1, percent: 25,
  }]);
  assert.deepEqual(slots?.map((slot) => [slot["local"], slot["class"], slot["voucher"], slot["flowLps"]]).slice(0, 4), [["2026-06-11 13:00:00", "on-time", "A0", 15.3], ["2026-06-11 14:00:00", "late", "A1", 18], ["2026-06-11 15:00:00", "unknown", null, 20.01], ["2026-06-11 16:00:00", "review", null, 99]]);
  assert.deepEqual((await work.json("compliance", "&month=2026-06"))["works"]?.length, 2);
  assert.equal((await work.json("compliance", "&month=2026-06"))["slots"], undefined, "slots of all works are asked for by name");

  const csv = strFromU8((await work.bytes("/reports/compliance?month=2026-06&format=csv")).bytes).trimEnd().split("\r\n");
  assert.equal(csv[0], "work,name,client,slot,local,class,standing,quantity,variable,point,value,measuredAt,flag,attempt,reportedAt,outcome,code,message,voucher");
  const refusal = csv.filter((line) => line.includes("refused"));
  assert.equal(refusal.length, 2, "one row a variable of the refused attempt");
  assert.match(refusal[0]!, /^dga\/OB-0602-7,"Pozo ""Ñuble""; uno",acme,2026-06-11T18:00:00Z,2026-06-11 14:00:00,late,accepted,flow,flow,p7,18,2026-06-11T18:00:12Z,1,1,.*,refused,99,"rechazada, ""hoy""",$/);
  assert.equal(csv.filter((line) => line.includes("total,p7,,2026")).length, 1, "no value is no zero");
  assert.match(strFromU8((await work.bytes("/reports/compliance?month=2026-06&format=csv&table=works")).bytes), /,'=1\+1,other,/, "no formula for a sheet");

  const xlsx = await work.bytes("/reports/compliance?month=2026-06&format=xlsx&work=dga/OB-0602-7");
  assert.match(xlsx.type, /spreadsheetml/);
  const sheets = unzipSync(xlsx.bytes);
  assert.deepEqual(Object.keys(sheets).filter((name) => name.startsWith("xl/worksheets/sheet")).length, 3);
  const texts = Object.entries(sheets).filter(([name]) => name.startsWith("xl/")).map(([, sheet]) => strFromU8(sheet)).join("");
  for (const text of ["A0", "A1", "on time", "99", "Pozo &quot;Ñuble&quot;; uno"]) assert.ok(texts.includes(text) || texts.includes(text.replaceAll("&quot;", '"')), text);

  const pdf = await work.bytes("/reports/compliance?month=2026-06&format=pdf&work=dga/OB-0602-7");
  assert.deepEqual([pdf.type, strFromU8(pdf.bytes.subarray(0, 5)), strFromU8(pdf.bytes.subarray(-6), true).trim()], ["application/pdf", "%PDF-", "%%EOF"]);
  assert.deepEqual((await work.bytes("/reports/compliance?month=2026-06&format=pdf&work=dga/OB-0602-7")).bytes, pdf.bytes, "the same report, the same bytes");
});

/** Texts of an uncompressed PDF with standard fonts, page after page. */
function pdfText(bytes: Uint8Array): string {
  return [...Buffer.from(bytes).toString("latin1").matchAll(/\[((?:<[0-9a-f]*>|[-\d. ])+)\] TJ/g)].map(([, parts = ""]) => [...parts.matchAll(/<([0-9a-f]*)>/g)].map(([, hex = ""]) => Buffer.from(hex, "hex").toString("latin1")).join("")).join("\n");
}

test("a PDF is Spanish, has a head on every page and says which page of how many it is", async (context) => {
  const { obra, obras, slots, ledger, clock } = await testWork(context);
  await slots.ensure(obra, { fromUs: SLOT_US, toUs: SLOT_US + 90 * HOUR_US });
  clock.atUs = SLOT_US + 100 * HOUR_US;
  const report = complianceReport({ obras, slots, ledger }, { scope: systemScope, work: obra.work, client: undefined, nowUs: clock.atUs }, "2026-06");
  const bytes = await reportPdf(report, { compress: false });
  const text = pdfText(bytes);
  const pages = Buffer.from(bytes).toString("latin1").match(/\/Type \/Page\n/g)?.length ?? 0;
  assert.ok(pages >= 3, `${pages} pages`);
  for (let page = 1; page <= pages; page++) assert.ok(text.includes(`Cumplimiento de 2026-06 · Página ${page} de ${pages}`), `page ${page} of ${pages}`);
  assert.equal(text.split("Instante (UTC-4)").length - 1, pages, "the head of the slots on every page");
  assert.equal(text.split("sin datos").length - 1, 90);
  assert.ok(text.includes("2026-06-15 06:00:00"), "the last slot");
  assert.ok(text.includes("\u0096"), "a dash, as the font writes it, for what is missing");
});

test("the year's volume stands against the right or says why it cannot be told, worst first", async (context) => {
  const work = await reported(context);
  const { works } = await work.json("annual-volume", "&year=2026");
  assert.deepEqual(works?.map((row) => [row["work"], row["volumeM3"], row["percent"], row["notComputable"], row["readings"]]), [["dga/OB-0602-7", 126.1, 12.6, null, 3], ["dga/OB-0602-9", null, null, "no-total", 0]]);
  assert.equal((await work.json("annual-volume", "&year=2026&startMonth=5"))["works"]?.[0]?.["volumeM3"], 126.1, "the agricultural year from May");
  assert.equal((await work.json("annual-volume", "&year=2025"))["works"]?.[0]?.["notComputable"], "no-reading");
  const down = await work.json("burn-down", "&year=2026&work=dga/OB-0602-7");
  assert.deepEqual([down["works"]?.[0]?.["usedM3"], down["works"]?.[0]?.["remainingM3"], down["works"]?.[0]?.["verdict"]], [126.1, 873.9, "too-little-data"]);
  assert.deepEqual(down["days"], [{ work: "dga/OB-0602-7", day: "2026-06-11", usedM3: 126.1, remainingM3: 873.9, percent: 12.6 }]);
});

test("exceedances are told by slots, incidents with who and why", async (context) => {
  const work = await reported(context);
  const { slots, works } = await work.json("exceedances", "&month=2026-06");
  assert.deepEqual(works, [{ work: "dga/OB-0602-7", name: 'Pozo "Ñuble"; uno', client: "acme", over: 2, near: 1, maxPercent: 495 }]);
  assert.deepEqual(slots?.map((slot) => [slot["flowLps"], slot["exceedance"], slot["beyondTolerance"], slot["standing"]]), [[18, "near", false, "accepted"], [20.01, "over", false, "unknown"], [99, "over", true, "held"]]);
  const { incidents } = await work.json("incidents", "&month=2026-06");
  assert.deepEqual(incidents?.map((each) => [each["incident"], each["by"], each["detail"]]), [
    ["known-defect", "luis", "pump stopped"], ["refused", "ana", '99 rechazada, "hoy"'], ["unknown", "ana", '99 rechazada, "hoy"'], ["written-off", "ana", "no power"], ["late-failure", "", "no-data"],
  ]);
});

test("evidence, certificates and roots are asked for over HTTP; what is wrong is named", async (context) => {
  const work = await reported(context);
  const certificates = `${work.served.url}/api/v1/compliance/obras/dga/OB-0602-7/certificates`;
  const put = (id: string, body: string, type = "application/pdf"): Promise<Response> => fetch(`${certificates}/${id}?name=Calibraci%C3%B3n`, { method: "PUT", headers: { "content-type": type }, body });
  assert.equal((await put("cal-1", "%PDF one")).status, 200);
  assert.equal((await put("cal-1", "%PDF one")).status, 200, "the same again");
  assert.equal((await put("cal-1", "%PDF two")).status, 409);
  assert.equal((await put("cal-2", "<html>", "text/html")).status, 415);
  const listed = (await (await fetch(certificates)).json()) as { items: { id: string; name: string; bytes: number }[] };
  assert.deepEqual(listed.items.map(({ id, name, bytes }) => [id, name, bytes]), [["cal-1", "Calibración", 8]]);
  const got = await fetch(`${certificates}/cal-1`);
  assert.deepEqual([got.headers.get("content-disposition"), await got.text()], ['attachment; filename="cal-1.pdf"', "%PDF one"]);
  assert.equal((await fetch(`${certificates}/cal-9`)).status, 404);
  await work.roots.sign();
  const pack = await work.bytes("/evidence?work=dga/OB-0602-7&from=2026-06-01&to=2026-07-01");
  assert.equal(pack.type, "application/zip");
  const found = verifyPack(pack.bytes, { key: work.roots.publicKey });
  assert.deepEqual([found.findings, found.works[0]?.slots], [[], 12]);
  const files = unzipSync(pack.bytes);
  assert.equal(strFromU8((await work.bytes("/roots?from=2026-06-01&work=dga/OB-0602-7")).bytes), strFromU8(files["ledger/roots.ndjson"]!), "with a work, roots are the pack's");
  for (const path of ["/evidence?work=dga/OB-0602-8&from=2026-06-01&to=2026-07-01", "/reports/compliance?work=dga/OB-0602-8", "/roots?work=dga/OB-0602-8"]) assert.equal((await work.bytes(path)).status, 404, path);
  for (const path of ["/evidence?work=OB-0602-7&from=2026-06-01&to=2026-07-01", "/evidence?work=dga/OB-0602-7&from=2020-06-01&to=2026-07-01", "/reports/compliance?month=2026-13", "/reports/compliance?table=none&format=csv", "/reports/none", "/roots?work=OB-0602-7"]) assert.equal((await work.bytes(path)).status, 400, path);
});

test("roots are for whoever may read, name no work, and prove one only to whom it is of", async (context) => {
  const work = await reported(context);
  const { parts, obras, clock, documents } = work;
  const other = await obras.get(systemScope, "dga/OB-0602-9");
  await work.slots.append(other!, SLOT_US, { by: "ana", decide: () => ({ kind: "imported", slotUs: SLOT_US, voucher: "O1", source: "earlier" }) });
  clock.atUs += 2 * DAY_US;
  await work.roots.sign();
  const principal: Principal = { name: "visitor", role: "viewer", scope: { clients: ["acme"] } };
  const served = await serve(context, { operations: evidenceOperations({ ...parts, obras }), authenticate: async () => principal, clock: { ...systemClock, nowUs: () => clock.atUs } });
  const asked = async (query: string): Promise<{ readonly status: number; readonly text: string }> => {
    const response = await fetch(`${served.url}/api/v1/compliance/roots${query}`);
    return { status: response.status, text: await response.text() };
  };
  const rootsOf = async (query: string): Promise<ProvedRoot[]> => (await asked(query)).text.trimEnd().split("\n").map((line) => JSON.parse(line) as ProvedRoot);
  const bare = await rootsOf("");
  assert.deepEqual([...new Set(bare.map(({ root, publicKey }) => `${Object.keys(root).join()} ${root.works} ${publicKey}`))], [`atUs,day,previous,tree,works 2 ${work.roots.publicKey}`]);
  assert.ok(!bare.some((line) => "proof" in line));
  assert.deepEqual((await rootsOf("?work=dga/OB-0602-7")).map(({ proof, ...line }) => [proof?.index, line]), bare.map((line) => [0, line]));
  assert.deepEqual([(await asked("?work=dga/OB-0602-9")).status, (await asked("?from=2026-06-31x")).status, (await asked("?from=2020-01-01&to=2020-01-02")).text], [404, 400, ""]);
  const collection = await documents.collection<RootRecord>(rootCollection);
  const [stored] = (await collection.find(systemScope, {})).items;
  await collection.putMany(systemScope, [{ id: stored!.id, body: { ...stored!.body, signed: { ...stored!.body.signed, root: { ...stored!.body.signed.root, heads: [] } as unknown as DailyRoot } } }]);
  for (const path of ["/roots", "/roots?work=dga/OB-0602-7", "/evidence?work=dga/OB-0602-7&from=2026-06-01&to=2026-07-01"]) {
    const { status, bytes } = await work.bytes(path);
    assert.deepEqual([status, /"code":"corrupt"/.test(strFromU8(bytes))], [500, true], path);
  }
});

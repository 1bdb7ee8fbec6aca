import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test, type TestContext } from "node:test";
import { systemScope } from "@caudal/core";
import fc from "fast-check";
import { onEachStore } from "../../ledger/test-stores/each-store.ts";
import { openScene, type Body, type Scene } from "../../test-scene.ts";
import type { ObraDraft } from "../draft.ts";
import { draft } from "../test-draft.ts";
import { applyImport } from "./apply-import.ts";
import { obraColumns } from "./columns.ts";
import { exportObras } from "./export-obras.ts";
import { planImport } from "./import-plan.ts";

const send = async (scene: Scene, raw: string, query = "", more: object = {}): Promise<Body> => {
  const answer = await scene.call("POST", `/obras/import${query}`, { raw, type: "text/csv", ...more });
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
};

const HEADER = "code;cliente;Nombre;standard;water;centre rut;rut_informante;feeds;right_annual_m3;submit_from";
const row = (code: string, name: string, over: Partial<Record<"rut" | "right" | "feeds" | "from", string>> = {}): string =>
  `${code};acme;${name};mayor;groundwater;76543210-3;${over.rut ?? "12345678-5"};${over.feeds ?? "flow=p7:flow | total=p7:total | depth=p7:depth"};${over.right ?? "1000,5"};${over.from ?? "2026-01-01"}`;

onEachStore((store, open) => {
  async function sceneOf(t: TestContext): Promise<Scene> {
    const { first } = await open(t);
    const scene = await openScene({ documents: first });
    t.after(() => scene.close());
    return scene;
  }

  test(`${store}: a file says first what it would change, and then does it: headers in any order and language, semicolons, decimal commas, a byte order mark`, async (t) => {
    const scene = await sceneOf(t);
    const file = `\uFEFF${HEADER}\r\n${row("OB-0602-7", '"Pozo; siete"')}\r\n\r\n${row("OB-0602-8", "Pozo 8")}\r\n`;
    const preview = await send(scene, file);
    assert.deepEqual([preview.dryRun, preview.counts, preview.written], [true, { new: 2, changed: 0, unchanged: 0, refused: 0 }, 0]);
    assert.deepEqual(preview.rows.map(({ line, work, outcome, written }: Body) => [line, work, outcome, written]), [[2, "dga/OB-0602-7", "new", false], [4, "dga/OB-0602-8", "new", false]]);
    assert.deepEqual(await scene.obras.all(), [], "a preview writes nothing");
    const done = await send(scene, file, "?dryRun=false&reason=first%20load");
    assert.deepEqual([done.dryRun, done.written], [false, 2]);
    const obra = await scene.obras.get(systemScope, "dga/OB-0602-7");
    assert.deepEqual([obra?.name, obra?.right.annualM3, obra?.submitFromUs, obra?.reason, obra?.changedBy], ["Pozo; siete", 1000.5, Date.UTC(2026, 0, 1, 4) * 1000, "first load", "local"]);
    assert.deepEqual((await send(scene, file, "?dryRun=false")).counts, { new: 0, changed: 0, unchanged: 2, refused: 0 });
    assert.equal((await scene.obras.versions(systemScope, "dga/OB-0602-7")).length, 1);
  });

  test(`${store}: a row that changes a work says field, old and new; columns that are not in the file stay, an empty cell clears`, async (t) => {
    const scene = await sceneOf(t);
    const months = Array.from({ length: 12 }, (_, at) => (at === 6 ? { volumeM3: 7 } : null));
    await scene.obras.put("ana", draft({ right: { flowLps: 20, monthly: months }, knownDefect: { sinceUs: 1_780_000_000_000_000, reason: "=stuck" } }), "registered");
    const plan = await send(scene, "code,name,right_flow_lps,right_monthly_volume_m3,defect_since,defect_reason,mode\nOB-0602-7,Pozo siete,,||||||8|||||,,,shadow\n", "?dryRun=false");
    assert.deepEqual(plan.rows[0].changes, [
      { field: "name", old: "Pozo 7", new: "Pozo siete" },
      { field: "right_flow_lps", old: "20", new: "" },
      { field: "right_monthly_volume_m3", old: "||||||7|||||", new: "||||||8|||||" },
      { field: "defect_since", old: "2026-05-28T16:26:40-04:00", new: "" },
      { field: "defect_reason", old: "'=stuck", new: "" },
      { field: "mode", old: "off", new: "shadow" },
    ]);
    const obra = await scene.obras.get(systemScope, "dga/OB-0602-7");
    assert.deepEqual([obra?.version, obra?.name, obra?.right, obra?.knownDefect, obra?.mode, obra?.feeds.length], [2, "Pozo siete", { tolerance: 0.2, monthly: months.map((month) => (month === null ? null : { volumeM3: 8 })) }, undefined, "shadow", 3]);
  });

  test(`${store}: what is wrong is told by line and column, in the caller's language, and the other rows stand`, async (t) => {
    const scene = await sceneOf(t);
    const file = [
      HEADER, row("OB-0602-7", "a"), row("OB-0602-7", "b"), row("OB-0602-0", "c"), row("OB-0602-8", "d", { rut: "12345678-9", right: "1.000,5" }), row("OB-0602-9", "e", { feeds: "flow p7" }),
      row("OB-0602-10", "f", { feeds: "flow=p7:flow", from: "soon" }), `${row("OB-0602-11", "g")};extra`, row("OB-0602-12", "h", { feeds: "flow=p7:flow | total=p7:flow | depth=p7:depth" }),
    ].join("\n");
    const plan = await send(scene, file, "?dryRun=false");
    assert.deepEqual(plan.rows.map(({ line, outcome, written, errors }: Body) => [line, outcome, written, errors.map(({ column }: Body) => column)]), [
      [2, "new", true, []], [3, "refused", false, ["code"]], [4, "refused", false, ["code"]], [5, "refused", false, ["right_annual_m3"]], [6, "refused", false, ["feeds"]],
      [7, "refused", false, ["submit_from"]], [8, "refused", false, ["submit_from"]], [9, "refused", false, ["feeds"]],
    ]);
    assert.match(plan.rows[1].errors[0].detail, /line 2 has this work/);
    const spanish = await send(scene, [HEADER, row("OB-0602-8", "d", { rut: "12345678-9" })].join("\n"), "", { language: "es" });
    assert.deepEqual(spanish.rows[0].errors, [{ column: "informant_rut", detail: "el dígito verificador debería ser 5" }]);
    const lacking = await send(scene, "code,name\nOB-0602-8,x\n");
    assert.deepEqual(lacking.rows[0].errors.map(({ column }: Body) => column), ["client", "standard", "water", "centre_rut", "informant_rut", "feeds", "submit_from"]);
    const mode = await send(scene, "code,mode\nOB-0602-7,live\n", "?dryRun=false");
    assert.match(mode.rows[0].errors[0].detail, /the password of 12345678-5 at dga is not held/);
  });

  test(`${store}: a file that is no table of works is refused as a whole, with the line`, async (t) => {
    const scene = await sceneOf(t);
    for (const [raw, what] of [["", /line 1/], ["code,colour\n", /"colour" is no column/], ["name\nx\n", /no column code/], ["code,codigo\n", /stands twice/], ['code,name\nOB-0602-7,"x\n', /line 2: a quoted cell has no end/]] as const) {
      const answer = await scene.call("POST", "/obras/import", { raw, type: "text/csv" });
      assert.equal(answer.status, 400, raw);
      assert.match(answer.body.detail, what);
      assert.ok(["malformed-csv", "empty"].includes(answer.body.code));
    }
    const latin = await fetch(`${scene.baseUrl}/api/v1/compliance/obras/import`, { method: "POST", headers: { "content-type": "text/csv" }, body: Buffer.from("code,name\nOB-0602-7,ni\xf1o\n", "latin1") });
    assert.equal(((await latin.json()) as Body).code, "invalid-utf8");
    const many = await planImport(`code\n${Array.from({ length: 5001 }, (_, at) => `OB-0602-${at + 1}\n`).join("")}`, { book: scene.obras, scope: systemScope });
    assert.ok(!many.ok && many.fault.line === 5002);
  });

  test(`${store}: a row whose work changed behind the plan is refused when it is written, and the others stand`, async (t) => {
    const scene = await sceneOf(t);
    await scene.obras.put("ana", draft(), "registered");
    const plan = await planImport("code,name\nOB-0602-7,mine\n", { book: scene.obras, scope: systemScope });
    const fresh = await planImport([HEADER, row("OB-0602-8", "b")].join("\n"), { book: scene.obras, scope: systemScope });
    assert.ok(plan.ok && fresh.ok);
    await scene.obras.put("luis", draft({ name: "theirs" }), "meanwhile");
    const applied = await applyImport([...plan.rows, ...fresh.rows], { book: scene.obras, principal: { name: "ana", role: "admin", scope: systemScope }, reason: "import", signal: AbortSignal.timeout(60_000) });
    assert.deepEqual(applied.map(({ outcome, written, errors }) => [outcome, written, errors.map(({ text }) => text.en)]), [["refused", false, ["the work was changed meanwhile; import the file again"]], ["new", true, []]]);
    assert.equal((await scene.obras.get(systemScope, "dga/OB-0602-7"))?.name, "theirs");
  });

  test(`${store}: who imports within a scope reaches no other client's works`, async (t) => {
    const scene = await sceneOf(t);
    await scene.obras.put("ana", draft({ client: "other" }), "registered");
    const token = scene.token("operator", ["acme"]);
    const plan = await send(scene, [HEADER, row("OB-0602-7", "a"), row("OB-0602-8", "b")].join("\n"), "?dryRun=false", { token });
    assert.deepEqual(plan.rows.map(({ outcome, errors }: Body) => [outcome, errors[0]?.column]), [["refused", "code"], ["new", undefined]]);
    const foreign = await send(scene, [HEADER, row("OB-0602-9", "a").replace("acme", "other")].join("\n"), "?dryRun=false", { token });
    assert.deepEqual(foreign.rows[0].errors.map(({ column }: Body) => column), ["client"]);
    const exported = await scene.call("GET", "/obras/export", { token });
    assert.deepEqual(exported.text.split("\r\n").slice(1).map((line) => line.slice(0, 13)), ["dga,OB-0602-8", ""]);
  });

  const anyText = fc.string({ unit: fc.constantFrom("a", "ñ", " ", ",", ";", '"', "'", "=", "-", "+", "@", "|", "5", "漢"), minLength: 1, maxLength: 12 }).filter((text) => text.trim() !== "");
  const anyNumber = fc.double({ min: 1e-7, max: 1e11, noNaN: true });
  const anyInstant = fc.integer({ min: 1_600_000_000_000_000, max: 1_900_000_000_000_000 });
  const optional = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(of, { nil: undefined });

  const anyDraft: fc.Arbitrary<ObraDraft> = fc.record({
    name: anyText, kind: fc.constantFrom("well", "pipe", "channel", "sma"), number: fc.integer({ min: 1, max: 99_999 }), custom: optional(fc.integer({ min: 10, max: 44_640 })),
    flowLps: optional(anyNumber), annualM3: optional(anyNumber), tolerance: fc.double({ min: 0, max: 1, noNaN: true }), missing: fc.boolean(),
    monthly: optional(fc.array(fc.option(fc.record({ flowLps: optional(anyNumber), volumeM3: optional(anyNumber) })), { minLength: 12, maxLength: 12 })),
    defect: optional(fc.record({ sinceUs: anyInstant, reason: anyText })), submitFromUs: anyInstant, ends: optional(fc.integer({ min: 1, max: 1e15 })), delay: optional(fc.integer({ min: 1, max: 366 })), mode: fc.constantFrom("off", "shadow"),
  }).map(({ kind, name, number, custom, flowLps, annualM3, tolerance, missing, monthly, defect, submitFromUs, ends, delay, mode }): ObraDraft => ({
    client: "acme", name, ...(kind === "sma" ? { regulator: "sma", code: `UF-${number}`, sma: { ufId: name, procesoId: "-1", dispositivoId: "'=x" } } : { regulator: "dga", code: `OR-1316-${number}` }),
    ...(custom === undefined ? { standard: "medio" } : { standard: "custom", everyMinutes: custom }), water: kind === "channel" ? "surface-channel" : kind === "well" ? "groundwater" : "surface-flowmeter",
    levelMayBeMissing: missing, centreRut: "76543210-3", informantRut: "76000006-K", right: { flowLps, annualM3, tolerance, monthly },
    feeds: [{ quantity: "flow", point: "p1", variable: "flow" }, { quantity: "total", point: "p.1-_", variable: "own_total" }, { quantity: "total", point: "p2", variable: "total" }, ...(kind === "well" ? [{ quantity: "depth", point: "p1", variable: "depth" } as const] : []), ...(kind === "channel" ? [{ quantity: "stage", point: "p1", variable: "level" } as const] : [])],
    permittedDelayDays: delay, knownDefect: defect, submitFromUs, endsUs: ends === undefined ? undefined : submitFromUs + ends, mode: mode as "off" | "shadow",
  }));

  test(`${store}: what is exported imports without a change, and into an empty installation as the same works`, async (t) => {
    const [scene, empty] = [await sceneOf(t), await sceneOf(t)];
    await fc.assert(fc.asyncProperty(anyDraft, async (wanted) => {
      const obra = await scene.obras.put("ana", wanted, "any");
      const file = exportObras([obra]);
      const plan = await planImport(file, { book: scene.obras, scope: systemScope });
      assert.ok(plan.ok);
      assert.deepEqual(plan.rows.map(({ outcome, errors, changes }) => [outcome, errors, changes]), [["unchanged", [], []]], file);
      const copied = await planImport(file, { book: empty.obras, scope: systemScope });
      assert.ok(copied.ok && copied.rows[0]?.put !== undefined);
      const { version: _version, ...copy } = await empty.obras.put("ana", copied.rows[0].put.draft, "any");
      const { version: _other, ...original } = obra;
      assert.deepEqual({ ...copy, changedAtUs: 0, reason: "" }, { ...original, changedAtUs: 0, reason: "" });
    }), { numRuns: 60 });
  });

  test(`${store}: the example of the repository imports whole, and has every column`, async (t) => {
    const scene = await sceneOf(t);
    const text = await readFile(new URL("../../../config/obras-example.csv", import.meta.url), "utf8");
    const plan = await send(scene, text, "?dryRun=false");
    assert.deepEqual(plan.rows.map(({ outcome, errors }: Body) => [outcome, errors]), Array.from({ length: 7 }, () => ["new", []]));
    assert.equal(text.split("\n")[0], obraColumns.map(({ name }) => name).join(","));
    const exported = await scene.call("GET", "/obras/export");
    assert.deepEqual(exported.text.split("\r\n").toSorted(), text.split("\n").toSorted());
    for (const path of ["../../../docs/obras.md", "../../../docs/obras.es.md"]) {
      const guide = await readFile(new URL(path, import.meta.url), "utf8");
      for (const { name, alias } of obraColumns) assert.ok(guide.includes(`\`${name}\``) && guide.includes(`\`${alias}\``), `${path}: ${name}`);
    }
  });
});

test("every column is written in one order, and is known by both its names", () => {
  assert.equal(new Set(obraColumns.flatMap(({ name, alias }) => [name, alias])).size, obraColumns.length * 2);
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { checkedRut } from "../../../../compliance/identity/rut.ts";
import { permittedDelayDays } from "../../../../compliance/obras/draft.ts";
import { registrationOf, regulatorNames } from "../../../../compliance/regulators/regulators.ts";
import { textsFor } from "../../../../runtime/index.ts";
import { readRoute, obraFormHref, obraHref, obraImportHref } from "../../app/router.ts";
import { formatSpan } from "../../format/instant.ts";
import { formatCount, formatExact, formatShare } from "../../format/number.ts";
import { fillText } from "../../text/catalog.ts";
import { readPoint } from "../../wire/point.ts";
import { ApiProblem } from "../../wire/problem.ts";
import { readObra, type Obra } from "../../wire/obra.ts";
import { asRecord } from "../../wire/read.ts";
import { certificateId, fileFault, fileTitle, MAX_CERTIFICATE_BYTES } from "../certificates/certificate-file.ts";
import { findFeeds } from "./feed-search.ts";
import { fieldId, fieldKey, inPageOrder, refusedFields } from "./form-problems.ts";
import { goLive, shownRows } from "../import/import-order.ts";
import { differences, type FactWords } from "./obra-facts.ts";
import { askedOf, formOf, newForm, rebased, type HeldObra } from "./obra-form.ts";
import { offeredQuantities, regulators, requiredQuantities, rutHint, standardDelayDays, standards, waterKinds } from "./obra-rules.ts";
import { fromRegulatorField, toRegulatorField } from "../regulator-time.ts";
import { saveNote } from "./save-note.ts";

const raw = {
  work: "dga/OB-0602-7", regulator: "dga", code: "OB-0602-7", client: "acme", name: "Pozo 7", standard: "mayor", everyMinutes: null, water: "groundwater", levelMayBeMissing: false, centreRut: "76543210-3", informantRut: "12345678-5",
  feeds: [{ quantity: "flow", point: "p7", variable: "flow" }, { quantity: "total", point: "p7", variable: "total" }, { quantity: "depth", point: "p7", variable: "depth" }],
  right: { flowLps: 5.5, annualM3: null, monthly: [{ flowLps: 2 }, ...new Array<null>(11).fill(null)], tolerance: 0.07 }, permittedDelayDays: 7, windowMinutes: 5, settleMinutes: 0, knownDefect: { since: "2026-02-01T04:00:00.000001Z", reason: "cable" },
  submitFrom: "2026-01-01T04:00:30.000001Z", endsAt: null, mode: "shadow", sma: null, version: 3, changedBy: "ana", changedAt: "2026-01-01T00:00:00Z", reason: "registered",
};
const obraOf = (over: object = {}): Obra => readObra({ ...raw, ...over }) ?? assert.fail("no work");
const words: FactWords = {
  language: "en", t: (key, values) => fillText(textsFor("en"), key, values), exact: (value) => formatExact(value, "en"), share: (value) => formatShare(value, "en"), count: (value) => formatCount(value, "en"), span: (spanMs) => formatSpan(spanMs, "en"), point: (id) => (id === "p7" ? "Pozo siete" : id),
};
const held: HeldObra = { obra: obraOf(), raw: asRecord(raw) };

describe("what a work is asked for", () => {
  test("is what the server asks for, of every regulator, standard and water", () => {
    assert.deepEqual([...regulators], [...regulatorNames]);
    for (const regulator of regulators) for (const standard of standards) for (const water of waterKinds) for (const levelMayBeMissing of [false, true]) {
      const asked = registrationOf(regulator).requires({ water, standard, levelMayBeMissing });
      assert.deepEqual(requiredQuantities({ regulator, standard, water, levelMayBeMissing }), asked, `${regulator} ${standard} ${water} ${levelMayBeMissing}`);
      assert.ok(asked.every((quantity) => offeredQuantities(water).includes(quantity)));
      assert.equal(standardDelayDays(standard), permittedDelayDays[standard]);
    }
  });

  test("a RUT is judged as the server judges it, and is told what it lacks while it is typed", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 99_999_999 }), fc.constantFrom(..."0123456789K"), (digits, check) => {
      const ours = rutHint(`${digits}-${check}`);
      const theirs = checkedRut(`${digits}-${check}`);
      assert.equal(ours.state === "good", theirs.ok);
      assert.deepEqual("rut" in ours ? ours.rut : "expected" in ours ? ours.expected : "", theirs.ok ? theirs.rut : theirs.expected);
    }));
    assert.deepEqual(["", " ", "12.345.678-k", "12345678", "12345678-", "abc", "12345678-55", "123456789-1", "76.543.210-3 "].map((typed) => rutHint(typed).state), ["empty", "empty", "wrong", "digits", "digits", "shape", "shape", "shape", "good"]);
  });
});

describe("the form of a work", () => {
  test("what was read goes back as it was read, also what a field cannot hold", () => {
    for (const comma of [false, true]) {
      const { body, faults, feedRows } = askedOf(formOf(held.obra, comma), held);
      const { work: _work, changedBy: _by, changedAt: _at, reason: _reason, ...same } = raw;
      assert.deepEqual([...faults], []);
      assert.deepEqual(feedRows, [0, 1, 2]);
      assert.deepEqual(body, { ...same, permittedDelayDays: null, right: { ...raw.right, monthly: [{ flowLps: 2, volumeM3: null }, ...new Array<null>(11).fill(null)] } });
    }
  });

  test("a new work begins at the regulator's next midnight, off, and says what it still needs", () => {
    const form = newForm(Date.parse("2026-06-12T03:59:59Z"));
    assert.deepEqual([form.submitFrom, form.mode], ["2026-06-12T00:00", "off"]);
    const { body, faults } = askedOf(form, null);
    assert.deepEqual([...faults.keys()].sort(), ["centreRut", "client", "code", "feeds.depth", "feeds.flow", "feeds.total", "informantRut", "name"]);
    assert.deepEqual([body["submitFrom"], body["version"], body["sma"], body["knownDefect"], body["endsAt"]], ["2026-06-12T04:00:00.000Z", 0, null, null, null]);
  });

  test("numbers in either notation; what is no number, no date or empty is told by its field", () => {
    const form = { ...formOf(held.obra, true), flowLps: "6,25", annualM3: "much", tolerance: "", endsAt: "soon", submitFrom: "", windowMinutes: "", permittedDelayDays: "9", monthly: formOf(held.obra, true).monthly.with(3, { flowLps: "", volumeM3: "x" }), standard: "custom", defectReason: " " };
    const { body, faults } = askedOf(form, held);
    assert.deepEqual(Object.fromEntries(faults), { everyMinutes: "needed", "right.annualM3": "not-number", "right.monthly.3.volumeM3": "not-number", endsAt: "no-time", submitFrom: "needed", "knownDefect.reason": "needed" });
    assert.deepEqual([(body["right"] as { flowLps: number }).flowLps, body["permittedDelayDays"], body["windowMinutes"], (body["right"] as { tolerance?: number }).tolerance], [6.25, 9, undefined, undefined]);
  });

  test("feeds that such water has not stay behind, and refusals find the row that they are about", () => {
    const form = { ...formOf(held.obra, false), water: "surface-channel", feeds: [held.obra.feeds[2], held.obra.feeds[0]].filter((feed) => feed !== undefined) };
    const asked = askedOf(form, held);
    assert.deepEqual([asked.feedRows, asked.body["feeds"], [...asked.faults.keys()]], [[1], [raw.feeds[0]], ["feeds.stage"]]);
    const problem = new ApiProblem(400, { errors: [{ field: "body.feeds.0.variable", detail: "wrong" }, { field: "params.code", detail: "no code" }, { field: "body.sma", detail: "ids" }, { field: "body.feeds", detail: "one more" }] });
    assert.deepEqual(refusedFields(problem, asked).map(({ field, detail }) => [field, detail]), [["feeds.1", "wrong"], ["code", "no code"], ["sma.ufId", "ids"], ["feeds", "one more"]]);
    assert.deepEqual(inPageOrder(["unheard", "mode", "feeds.2", "code", "informantRut", "sma.ufId"].map((field) => ({ field, detail: "", next: "" }))).map(({ field }) => field), ["code", "sma.ufId", "informantRut", "feeds.2", "mode", "unheard"]);
    assert.deepEqual([fieldId("right.flowLps"), fieldKey("feeds.12"), fieldKey("feeds.flow"), fieldKey("right.monthly.11.flowLps")], ["obra-right-flowLps", "feeds", "feeds.flow", "right.monthly.flowLps"]);
  });

  test("what I typed goes on top of what somebody else saved; what both changed is mine, and told", () => {
    const before = formOf(held.obra, false);
    const theirs = formOf(obraOf({ name: "Pozo nuevo", windowMinutes: 4, right: { ...raw.right, flowLps: 7 } }), false);
    const mine = { ...before, name: "Pozo viejo", mode: "off", flowLps: "7" };
    const { form, both } = rebased(before, mine, theirs);
    assert.deepEqual([form.name, form.mode, form.windowMinutes, form.flowLps, both], ["Pozo viejo", "off", "4", "7", ["name"]]);
    assert.deepEqual(rebased(before, before, theirs), { form: theirs, both: [] });
  });

  test("a field of the regulator's clock holds the instant, with seconds where there are some", () => {
    assert.deepEqual([toRegulatorField(Date.parse("2026-01-01T04:00:00Z")), toRegulatorField(Date.parse("2026-01-01T03:59:30Z")), fromRegulatorField("2026-01-01T00:00"), fromRegulatorField("2025-12-31T23:59:30"), fromRegulatorField("x"), fromRegulatorField("")],
      ["2026-01-01T00:00", "2025-12-31T23:59:30", Date.parse("2026-01-01T04:00:00Z"), Date.parse("2026-01-01T03:59:30Z"), null, null]);
  });
});

describe("what saving means", () => {
  test("only what differs is told, in words; of a new work all that it says", () => {
    const after = obraOf({ mode: "live", endsAt: "2026-07-01T04:00:00Z", knownDefect: null, right: { ...raw.right, monthly: null, tolerance: 0.2 }, standard: "custom", everyMinutes: 90, sma: { ufId: "1", procesoId: "2", dispositivoId: "3" }, feeds: raw.feeds.slice(0, 1), levelMayBeMissing: true });
    assert.deepEqual(differences(held.obra, after, words).map(({ part, before, after: now }) => [part, before, now]), [
      ["standard", "Mayor (hourly)", "Custom · 1 hr 30 mins"], ["level", "", "may be missing"], ["ids", "", "1 · 2 · 3"], ["feeds", "Flow: Pozo siete · flow\nTotal: Pozo siete · total\nDepth to water: Pozo siete · depth", "Flow: Pozo siete · flow"],
      ["right-monthly", "Jan: 2 L/s", ""], ["right-tolerance", "7%", "20%"], ["defect", "cable · 1 Feb 2026", ""], ["ends", "", "1 Jul 2026"], ["mode", "Shadow", "Live"],
    ]);
    assert.deepEqual(differences(held.obra, obraOf(), words), []);
    assert.ok(differences(null, held.obra, words).some(({ part, after: now }) => part === "right-flow" && now === "5.5 L/s"));
  });

  test("a regulator gets something only of a live work of a live installation, and whoever sets it live says that it is meant", () => {
    const note = (before: "off" | "live" | null, after: "shadow" | "live", mode: "sandbox" | "shadow" | "off" | "live" | null, on = true) => saveNote({ before, after, status: { mode, sending: { on } } });
    assert.deepEqual(note(null, "shadow", "live"), { text: "work", sends: false, asks: false });
    assert.deepEqual((["sandbox", "shadow", "off"] as const).map((mode) => note(null, "live", mode)), ["sandbox", "shadow", "off"].map((text) => ({ text, sends: false, asks: false })));
    assert.deepEqual([note("off", "live", "live"), note("live", "live", "live"), note(null, "live", null, false)], [{ text: "live", sends: true, asks: true }, { text: "live", sends: true, asks: false }, { text: "live-switched-off", sends: true, asks: true }]);
  });

  test("a file's refused rows come first, unchanged ones last; works that become live are counted", () => {
    const row = (line: number, outcome: "new" | "changed" | "unchanged" | "refused", mode = "") => ({ line, work: `dga/${line}`, outcome, written: false, changes: mode === "" ? [] : [{ field: "mode", before: "off", after: mode }], errors: [] });
    const rows = [row(2, "unchanged"), row(3, "new", "live"), row(4, "refused", "live"), row(5, "changed", "live"), row(6, "changed", "off")];
    assert.deepEqual([shownRows(rows, "all").map(({ line }) => line), shownRows(rows, "changed").map(({ line }) => line), goLive(rows)], [[4, 5, 6, 3, 2], [5, 6], 2]);
  });
});

test("points are searched by what measures the quantity, the client's own first, computed variables too", () => {
  const point = (id: string, client: string, variables: readonly (readonly [string, string])[]) => readPoint({ id, client, name: `Pozo ${id}`, device: `d-${id}`, variables: variables.map(([variable, unit]) => ({ variable, key: variable, unit, name: { en: variable, es: variable } })) }) ?? assert.fail("no point");
  const points = [point("a", "riego", [["flow", "L/s"], ["depth", "m"], ["secret", "furlong"]]), point("b", "acme", [["flow_h", "m3/h"]])];
  const value = { variable: "volume", unit: "m3", value: 4, flag: 1, reasons: [], time: "2026-01-01T00:00:00Z", timeMs: 1 };
  const sources = { points, latest: (id: string) => (id === "a" ? { values: new Map([["volume", value]]), timeMs: 1, flag: 1, change: 1 } : undefined), units: [["L/s", "flow"], ["m3/h", "flow"], ["m3", "volume"], ["m", "length"]].map(([code = "", quantity = ""]) => ({ code, quantity })), variables: new Map() };
  const found = (quantity: "flow" | "total" | "depth", text = "", most = 10) => findFeeds(sources, { quantity, text, client: "acme", most }).map((each) => `${each.point.id}:${each.variable}`);
  assert.deepEqual([found("flow"), found("total"), found("depth"), found("flow", "riego flow"), found("flow", "", 1), found("flow", "none")], [["b:flow_h", "a:flow", "a:secret"], ["a:secret", "a:volume"], ["a:depth", "a:secret"], ["a:flow", "a:secret"], ["b:flow_h"], []]);
});

test("a certificate has an id of its name, and a file that cannot be kept is told before it is sent", () => {
  assert.deepEqual(["Calibración 2026 (3)", "--", "ÁÉ", "a".repeat(80)].map(certificateId), ["calibracion-2026-3", "", "ae", "a".repeat(64)]);
  assert.deepEqual([fileTitle("Informe.v2.pdf"), fileTitle("informe")], ["Informe.v2", "informe"]);
  assert.deepEqual([{ size: 1, type: "application/pdf" }, { size: 0, type: "application/pdf" }, { size: MAX_CERTIFICATE_BYTES + 1, type: "image/png" }, { size: 1, type: "text/plain" }].map(fileFault), [undefined, "empty", "too-large", "type"]);
});

test("where works are registered, changed, imported and their passwords held", () => {
  const work = { regulator: "dga", code: "OB 0602/7" };
  assert.deepEqual([obraFormHref(null), obraFormHref(work), obraImportHref, "/compliance/credentials", obraHref(work)].map((path) => readRoute(path)),
    [{ page: "obra-form", work: null }, { page: "obra-form", work }, { page: "obra-import" }, { page: "compliance", part: "credentials" }, { page: "obra", ...work, tab: "calendar" }]);
});

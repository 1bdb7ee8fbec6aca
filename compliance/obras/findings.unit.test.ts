import assert from "node:assert/strict";
import { test } from "node:test";
import type { ObraDraft } from "./draft.ts";
import { RefusedObra } from "./findings.ts";
import { settled } from "./settled.ts";
import { draft } from "./test-draft.ts";

function refused(over: Partial<ObraDraft> | Record<string, unknown>): readonly (readonly [string, string])[] {
  try {
    settled({ ...draft(), ...over } as ObraDraft);
  } catch (error) {
    assert.ok(error instanceof RefusedObra, String(error));
    for (const { text } of error.findings) assert.ok(text.en !== "" && text.es !== "");
    return error.findings.map(({ path, text }) => [path.join("."), text.en]);
  }
  return [];
}

const paths = (over: Partial<ObraDraft> | Record<string, unknown>): readonly string[] => refused(over).map(([path]) => path);
const feed = (quantity: string, variable = quantity, point = "p7"): { quantity: string; point: string; variable: string } => ({ quantity, point, variable });

test("a RUT is told with the check digit that it should have, and kept as it is sent", () => {
  assert.deepEqual(refused({ informantRut: "12345678-9" }), [["informantRut", "the check digit should be 5"]]);
  assert.deepEqual(paths({ centreRut: "no", informantRut: "77555666-7" }), ["centreRut", "informantRut"]);
  const { centreRut, informantRut } = settled(draft({ centreRut: "76.000.006-k", informantRut: "12.345.678-5" }));
  assert.deepEqual([centreRut, informantRut], ["76000006-K", "12345678-5"]);
});

test("codes are those of their regulator, and only the SMA has its ids", () => {
  for (const code of ["ob-0602-7", "OB-0602-0", "OB-1702-3", "ND-0602-7"]) assert.deepEqual(paths({ code }), ["code"], code);
  const sma = { ufId: "1", procesoId: "2", dispositivoId: "3" };
  assert.deepEqual(paths({ regulator: "sma", code: "UF 1", sma }), ["code"]);
  assert.deepEqual(paths({ regulator: "sma", code: "UF-1" }), ["sma"]);
  assert.deepEqual(paths({ sma }), ["sma"]);
  assert.deepEqual(paths({ regulator: "sma", code: "UF-1", sma }), []);
});

test("each standard has its permitted delay, and custom its minutes", () => {
  const delayOf = (over: Partial<ObraDraft>): number => settled(draft(over)).permittedDelayDays;
  assert.deepEqual([delayOf({}), delayOf({ standard: "medio" }), delayOf({ standard: "menor" }), delayOf({ standard: "caudales-muy-pequenos" }), delayOf({ standard: "custom", everyMinutes: 15 }), delayOf({ permittedDelayDays: 3 })], [7, 15, 30, 30, 7, 3]);
  assert.deepEqual(paths({ standard: "custom" }), ["everyMinutes"]);
  assert.deepEqual(paths({ everyMinutes: 15 }), ["everyMinutes"]);
  assert.deepEqual(paths({ standard: "custom", everyMinutes: 5 }), ["windowMinutes"], "a window of 5 minutes on both sides would give one measurement to two slots");
  assert.deepEqual(paths({ windowMinutes: 31 }), ["windowMinutes"]);
  assert.deepEqual(paths({ endsUs: draft().submitFromUs }), ["endsUs"]);
});

test("feeds fit the water: depth of a well, stage of a channel, a total of everything but a channel", () => {
  assert.deepEqual(refused({ feeds: [feed("flow"), feed("total")] }), [["feeds", "a feed of depth is required of groundwater, unless its level may be missing"]]);
  assert.deepEqual(paths({ feeds: [feed("flow"), feed("total")], levelMayBeMissing: true }), []);
  assert.deepEqual(paths({ feeds: [feed("flow"), feed("total")], standard: "caudales-muy-pequenos" }), []);
  assert.deepEqual(paths({ feeds: [feed("flow"), feed("depth")] }), ["feeds"]);
  assert.deepEqual(paths({ water: "surface-flowmeter" }), ["feeds.2.quantity"]);
  assert.deepEqual(paths({ water: "surface-channel", feeds: [feed("flow"), feed("stage", "level")] }), []);
  assert.deepEqual(paths({ water: "surface-channel", feeds: [feed("flow")] }), ["feeds"]);
  assert.deepEqual(paths({ feeds: [...draft().feeds, feed("stage", "level")] }), ["feeds.3.quantity"]);
  assert.deepEqual(paths({ feeds: [...draft().feeds, feed("flow", "flow", "p8"), feed("total", "total", "p8")] }), [], "two meters are added up");
  assert.deepEqual(paths({ feeds: [...draft().feeds, feed("depth", "depth", "p8")] }), ["feeds"]);
  assert.deepEqual(refused({ feeds: [...draft().feeds, feed("flow")] }), [["feeds.3", "repeats feed 1"]]);
  assert.deepEqual(paths({ feeds: Array.from({ length: 51 }, (_, at) => feed("flow", "flow", `p${at}`)) }), ["feeds"]);
});

test("a known variable must be in a unit that fits; one of its own name is taken at its word", () => {
  assert.deepEqual(refused({ feeds: [feed("flow", "total"), ...draft().feeds.slice(1)] }), [["feeds.0.variable", "total is in m3, which is no flow"]]);
  assert.deepEqual(paths({ feeds: [feed("flow", "own_flow"), ...draft().feeds.slice(1)] }), []);
  assert.deepEqual(paths({ feeds: [feed("flow", "flow_average"), feed("total", "volume"), feed("depth", "level")] }), []);
});

test("a right has twelve months, and a month that says nothing has no row of its own", () => {
  const months = Array.from({ length: 12 }, (_, at) => (at === 0 ? { flowLps: 10, volumeM3: null } : at === 1 ? {} : null));
  assert.deepEqual(settled(draft({ right: { monthly: months } })).right, { tolerance: 0.2, monthly: [{ flowLps: 10 }, ...new Array(11).fill(null)] });
  assert.deepEqual(paths({ right: { monthly: months.slice(1) } }), ["right.monthly"]);
  assert.deepEqual(paths({ right: { flowLps: -1 } }), ["right.flowLps"]);
});

test("what has not the form of a work is told in both languages", () => {
  assert.deepEqual(paths({ name: " ", submitFromUs: 1.5, mode: "on", colour: 1, client: "A" }).toSorted(), ["", "client", "mode", "name", "submitFromUs"]);
  assert.deepEqual(paths({ submitFromUs: undefined }), ["submitFromUs"]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegulators, regulatorNames, registrationOf } from "./regulators.ts";
import type { Quantity, RegisteredWork, SlotValues, Standard, WaterKind } from "./regulator.ts";

const waters: readonly WaterKind[] = ["groundwater", "surface-flowmeter", "surface-channel"];
const standards: readonly Standard[] = ["mayor", "caudales-muy-pequenos", "custom"];
const fields: Readonly<Record<Quantity, keyof SlotValues>> = { flow: "flowLps", total: "totalM3", depth: "depthM", stage: "stageM" };
const all: SlotValues = { flowLps: 1, totalM3: 2, depthM: 3, stageM: 4 };
const base = { code: "OB-0602-7", centreRut: "76543210-3", informantRut: "12345678-5", sma: { ufId: "1", procesoId: "2", dispositivoId: "3" } };

test("what a regulator is said to require is what cannot be frozen without it, and nothing else", () => {
  const regulators = createRegulators({ urls: { dga: undefined, sma: undefined } });
  for (const name of regulatorNames) {
    for (const water of waters) for (const standard of standards) for (const levelMayBeMissing of [false, true]) {
      const work: RegisteredWork = { ...base, water, standard, levelMayBeMissing };
      const blocks = (Object.keys(fields) as Quantity[]).filter((quantity) => regulators.get(name)!.freeze(work, 1e15, { ...all, [fields[quantity]]: undefined }).kind === "blocked");
      assert.deepEqual(blocks, registrationOf(name).requires(work), `${name} ${water} ${standard} ${String(levelMayBeMissing)}`);
    }
  }
});

test("codes, ids and users as each regulator has them", () => {
  const [dga, sma] = [registrationOf("dga"), registrationOf("sma")];
  assert.deepEqual([dga.codeFault("OB-0602-7"), sma.codeFault("POZO.1"), dga.idsFault(undefined), sma.idsFault(base.sma), dga.takesUser("planta"), sma.takesUser("planta"), sma.takesUser("a b")], [undefined, undefined, undefined, undefined, false, true, false]);
  for (const fault of [dga.codeFault("POZO.1"), sma.codeFault("a b"), dga.idsFault(base.sma), sma.idsFault(undefined)]) assert.ok(fault !== undefined && fault.en !== fault.es);
});

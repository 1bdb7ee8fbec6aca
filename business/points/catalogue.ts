import { pointSettingRows, units, variables, type SettingRow, type VariableRow } from "@caudal/core";
import { defineOperation, type Operation } from "@caudal/runtime";
import { z } from "zod";

const variableSchema = z.object({
  id: z.string(), kind: z.string(), unit: z.string().describe("Facts are stored in it."), name: z.object({ en: z.string(), es: z.string() }),
  min: z.number().nullable(), max: z.number().nullable().describe("Range outside which a value is bad, where a point sets none of its own."),
  decimals: z.int().describe("Digits after the point that pages and rounded exports show; what is stored keeps all."), periodS: z.number(),
  regulator: z.object({ name: z.string(), decimals: z.int(), cut: z.boolean() }).nullable().describe("What the regulator calls it and the digits after the point that it takes; cut: what is behind them is cut off, not rounded. null: it is not reported."),
});
const unitSchema = z.object({ code: z.string(), quantity: z.string() });

const settingSchema = z.object({
  name: z.string(), unit: z.string(), says: z.object({ en: z.string(), es: z.string() }), choices: z.array(z.string()).nullable(),
  min: z.number().nullable(), above: z.number().nullable().describe("Bound that is itself none of the values."), max: z.number().nullable(), whole: z.boolean(),
});

/** What a person chooses from when a guess has to be mended: few rows, so one page. */
export function catalogueOperations(): Operation[] {
  return [
    defineOperation({
      method: "GET", path: "/api/v1/variables", operationId: "listVariables", tag: "points", permission: "read",
      summary: { en: "Variables that Caudal knows", es: "Variables que Caudal conoce" },
      replies: { 200: { description: "Variables", schema: z.object({ items: z.array(variableSchema), next: z.null() }) } },
      handle: () => ({ status: 200, body: { items: variables.map(variableView), next: null } }),
    }),
    defineOperation({
      method: "GET", path: "/api/v1/variables/settings", operationId: "listPointSettings", tag: "points", permission: "read",
      summary: { en: "What can be said of a point besides its name and limits", es: "Qué se puede decir de un punto además de su nombre y sus límites" },
      replies: { 200: { description: "Settings of points", schema: z.object({ items: z.array(settingSchema), next: z.null() }) } },
      handle: () => ({ status: 200, body: { items: pointSettingRows.map(settingView), next: null } }),
    }),
    defineOperation({
      method: "GET", path: "/api/v1/units", operationId: "listUnits", tag: "points", permission: "read",
      summary: { en: "Units that Caudal converts; those of one quantity convert into each other", es: "Unidades que Caudal convierte; las de una magnitud se convierten entre sí" },
      replies: { 200: { description: "Units", schema: z.object({ items: z.array(unitSchema), next: z.null() }) } },
      handle: () => ({ status: 200, body: { items: units.map(({ code, quantity }) => ({ code, quantity })), next: null } }),
    }),
  ];
}

function variableView({ id, kind, unit, name, range: { min, max }, decimals, periodS, regulator }: VariableRow): z.input<typeof variableSchema> {
  return { id, kind, unit, name, min: min ?? null, max: max ?? null, decimals, periodS, regulator: regulator === undefined ? null : { name: regulator.name, decimals: regulator.decimals, cut: regulator.cut === true } };
}

function settingView(row: SettingRow): z.input<typeof settingSchema> {
  const { name, says } = row;
  if ("choices" in row) return { name, unit: "", says, choices: [...row.choices], min: null, above: null, max: null, whole: false };
  return { name, unit: row.unit, says, choices: null, min: row.min ?? null, above: row.above ?? null, max: row.max, whole: row.whole === true };
}

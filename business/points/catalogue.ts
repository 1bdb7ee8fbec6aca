import { units, variables } from "@caudal/core";
import { defineOperation, type Operation } from "@caudal/runtime";
import { z } from "zod";

const variableSchema = z.object({ id: z.string(), kind: z.string(), unit: z.string(), name: z.object({ en: z.string(), es: z.string() }) });
const unitSchema = z.object({ code: z.string(), quantity: z.string() });

/** What a person chooses from when a guess has to be mended: few rows, so one page. */
export function catalogueOperations(): Operation[] {
  return [
    defineOperation({
      method: "GET", path: "/api/v1/variables", operationId: "listVariables", tag: "points", permission: "read",
      summary: { en: "Variables that Caudal knows", es: "Variables que Caudal conoce" },
      replies: { 200: { description: "Variables", schema: z.object({ items: z.array(variableSchema), next: z.null() }) } },
      handle: () => ({ status: 200, body: { items: variables.map(({ id, kind, unit, name }) => ({ id, kind, unit, name })), next: null } }),
    }),
    defineOperation({
      method: "GET", path: "/api/v1/units", operationId: "listUnits", tag: "points", permission: "read",
      summary: { en: "Units that Caudal converts; those of one quantity convert into each other", es: "Unidades que Caudal convierte; las de una magnitud se convierten entre sí" },
      replies: { 200: { description: "Units", schema: z.object({ items: z.array(unitSchema), next: z.null() }) } },
      handle: () => ({ status: 200, body: { items: units.map(({ code, quantity }) => ({ code, quantity })), next: null } }),
    }),
  ];
}

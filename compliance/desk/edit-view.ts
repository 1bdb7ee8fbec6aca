import { formatInstant, type StoredDocument } from "@caudal/core";
import { z } from "zod";
import { editCodes, valuesOfTexts } from "./edit-rules.ts";
import { editStates, type EditProposal } from "./edit-shelf.ts";
import { localText, valuesSchema, valuesView } from "./slot-view.ts";

const changed = valuesSchema.partial().describe("Only what is changed.");

export const editSchema = z.object({
  id: z.string(), work: z.string(), slot: z.string(), local: z.string(), state: z.enum(editStates), values: changed, measured: valuesSchema,
  code: z.enum(editCodes), reason: z.string(), author: z.string(), at: z.string(),
  decidedBy: z.string().nullable(), decidedAt: z.string().nullable(), decision: z.string().nullable().describe("What the second person said."),
});

export function editView({ id, body }: StoredDocument<EditProposal>): z.output<typeof editSchema> {
  const { work, slotUs, state, values, measured, code, reason, author, atUs, decidedBy, decidedAtUs, decision } = body;
  return {
    id, work, slot: formatInstant(slotUs), local: localText(slotUs), state, values: valuesOfTexts(values), measured: valuesView(valuesOfTexts(measured)) ?? { flowLps: null, totalM3: null, depthM: null, stageM: null },
    code, reason, author, at: formatInstant(atUs), decidedBy, decidedAt: decidedAtUs === null ? null : formatInstant(decidedAtUs), decision,
  };
}

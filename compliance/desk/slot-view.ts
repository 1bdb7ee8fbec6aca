import { formatInstant } from "@caudal/core";
import { z } from "zod";
import type { TakenValue } from "../ledger/entry.ts";
import type { Obra, Quantity } from "../obras/obra.ts";
import type { SlotValues } from "../regulators/regulator.ts";
import { valuesOf } from "../selection/values.ts";
import type { SlotRow } from "../slots/slot-row.ts";
import { quantities, valuesOfTexts } from "./edit-rules.ts";

const BEHIND_UTC_US = 4 * 3_600_000_000;

/** `2026-06-11 13:00:00`: an instant on the regulator's clock, UTC-4 all year. */
export function localText(instantUs: number): string {
  return new Date((instantUs - BEHIND_UTC_US) / 1000).toISOString().slice(0, 19).replace("T", " ");
}

export const valuesSchema = z.object({ flowLps: z.number().nullable(), totalM3: z.number().nullable(), depthM: z.number().nullable(), stageM: z.number().nullable() });

export const takenSchema = z.object({
  quantity: z.enum(quantities).nullable().describe("null: the work no longer has this feed."), variable: z.string(), point: z.string(), value: z.number().nullable().describe("null: the source said that it has none."),
  at: z.string().describe("When it was measured, not when it was due."), flag: z.number(), reasons: z.array(z.string()),
});

export const slotSchema = z.object({
  slot: z.string().describe("The instant, RFC 3339 in UTC."), local: z.string().describe("The same on the regulator's clock, UTC-4 all year."), standing: z.string(),
  late: z.boolean().describe("Accepted more than an hour after the instant."), lateFailure: z.boolean().describe("Not accepted within the permitted delay: to be declared as a failure."),
  reasons: z.array(z.string()), values: valuesSchema.nullable().describe("What is sent: measured, or what two people put in their place; null where nothing was there."),
  edited: z.boolean(), taken: z.array(takenSchema), attempts: z.number(), voucher: z.string().nullable(), acceptedAt: z.string().nullable(), lateRevisions: z.number(),
});
export type SlotView = z.output<typeof slotSchema>;

/** `obra`: the work as it was at the slot, for what its feeds mean. */
export function slotView(row: SlotRow, obra: Obra): SlotView {
  const { slotUs, standing, late, lateFailure, reasons, taken, edit, state } = row;
  return {
    slot: formatInstant(slotUs), local: localText(slotUs), standing, late, lateFailure, reasons: [...reasons], values: valuesView(valuesOfRow(row, obra)), edited: edit !== undefined,
    taken: taken.map((value) => takenView(value, obra)), attempts: state.attempts, voucher: state.voucher, acceptedAt: state.acceptedUs === undefined ? null : formatInstant(state.acceptedUs), lateRevisions: state.lateRevisions,
  };
}

/** What a slot would send, or sent; undefined where nothing was there. */
export function valuesOfRow({ taken, edit }: Pick<SlotRow, "taken" | "edit">, obra: Obra): SlotValues | undefined {
  if (edit !== undefined) return { ...valuesOfTexts(edit.measured), ...valuesOfTexts(edit.values) };
  return taken.length === 0 ? undefined : valuesOf(obra, taken);
}

export function valuesView(values: SlotValues | undefined): z.output<typeof valuesSchema> | null {
  return values === undefined ? null : { flowLps: values.flowLps ?? null, totalM3: values.totalM3 ?? null, depthM: values.depthM ?? null, stageM: values.stageM ?? null };
}

export function takenView({ variable, point, value, instantUs, flag, reasons }: TakenValue, { feeds }: Obra): z.output<typeof takenSchema> {
  const quantity: Quantity | null = feeds.find((feed) => feed.point === point && feed.variable === variable)?.quantity ?? null;
  return { quantity, variable, point, value: value === "" ? null : Number(value), at: formatInstant(instantUs), flag, reasons: [...reasons] };
}

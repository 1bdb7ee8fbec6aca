import type { PageWords } from "../../app/hooks.tsx";
import type { Slot, SlotFigures } from "../../wire/slot.ts";
import { regulatorMinute } from "../regulator-time.ts";
import type { SlotMark } from "./slot-mark.ts";

/** Figures of a slot in the order in which they are shown, with their units. */
export const figureNames = ["flowLps", "totalM3", "depthM", "stageM"] as const;
export type FigureName = (typeof figureNames)[number];

export const figureUnits: Readonly<Record<FigureName, string>> = { flowLps: "L/s", totalM3: "m³", depthM: "m", stageM: "m" };

export interface Figure {
  readonly name: FigureName;
  readonly value: number;
  readonly text: string;
}

/** The figures that are there; every digit is shown, because these are what a regulator gets. */
export function figuresOf(values: SlotFigures | null, words: Pick<PageWords, "exact">): readonly Figure[] {
  return figureNames.flatMap((name) => {
    const value = values?.[name] ?? null;
    return value === null ? [] : [{ name, value, text: `${words.exact(value)} ${figureUnits[name]}` }];
  });
}

/** A slot in one line, for a screen reader: instant, state, figures, voucher. */
export function slotLine(slot: Slot, mark: SlotMark, words: PageWords): string {
  const { t } = words;
  const figures = figuresOf(slot.values, words).map(({ name, text }) => `${t(`page.figure.${name}`)} ${text}`);
  return [regulatorMinute(slot.slotMs, words.language), t(`page.mark.${mark}`), ...figures, ...slot.reasons.map(words.slotReason), slot.voucher === null ? "" : t("page.slot.voucher.is", { voucher: slot.voucher })].filter((part) => part !== "").join(", ");
}

/** How far from its slot a measurement was made: `+2 min`; empty at the instant itself. */
export function offsetText(atMs: number, slotMs: number, words: Pick<PageWords, "span">): string {
  const offsetMs = atMs - slotMs;
  return offsetMs === 0 ? "" : `${offsetMs < 0 ? "−" : "+"}${words.span(Math.abs(offsetMs))}`;
}

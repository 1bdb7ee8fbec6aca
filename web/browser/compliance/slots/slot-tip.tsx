import { useWords } from "../../app/hooks.tsx";
import type { Slot } from "../../wire/slot.ts";
import { regulatorInstant, regulatorMinute } from "../regulator-time.ts";
import type { SlotMark } from "./slot-mark.ts";
import { SlotSign } from "./slot-sign.tsx";
import { figuresOf, offsetText } from "./slot-text.ts";

/** Where the cell is that it speaks of, within the calendar. */
export interface TipPlace {
  readonly slot: Slot;
  readonly left: number;
  readonly top: number;
  readonly height: number;
  readonly width: number;
}

const WIDTH_PX = 264;
const AWAY_PX = 6;

/** What a cell holds: values, when they were really measured, voucher. The cell's own name says the same to a screen reader. */
export function SlotTip({ place: { slot, left, top, height, width }, mark }: { readonly place: TipPlace; readonly mark: SlotMark }) {
  const words = useWords();
  const { t, language } = words;
  const x = Math.max(0, Math.min(width - WIDTH_PX, left - WIDTH_PX / 2));
  return (
    <div class="slot-tip" aria-hidden="true" style={{ left: `${x}px`, top: `${top + height + AWAY_PX}px`, width: `${WIDTH_PX}px` }}>
      <p class="slot-tip-head"><span class={`legend-cell mark mark-${mark}`}><SlotSign mark={mark} /></span><b>{regulatorMinute(slot.slotMs, language)}</b></p>
      <p>{t(`page.mark.${mark}`)}{slot.reasons.length > 0 && `: ${slot.reasons.map(words.slotReason).join("; ")}`}</p>
      {figuresOf(slot.values, words).map(({ name, text }) => <p key={name}>{t(`page.figure.${name}`)}: <b>{text}</b></p>)}
      {slot.taken.map(({ variable, point, atMs }) => atMs !== null && <p key={`${variable} ${point}`} class="small">{variable}: {regulatorInstant(atMs, language)} {offsetText(atMs, slot.slotMs, words)}</p>)}
      {slot.voucher !== null && <p class="small">{t("page.slot.voucher")}: <code>{slot.voucher}</code></p>}
    </div>
  );
}

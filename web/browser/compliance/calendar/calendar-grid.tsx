import { useEffect, useRef, useState } from "preact/hooks";
import { useWords, type PageWords } from "../../app/hooks.tsx";
import type { Slot } from "../../wire/slot.ts";
import { steppedCell, type CalendarLayout, type CalendarSpan } from "./calendar.ts";
import { formatWeekday } from "../../format/instant.ts";
import { monthName, weekdayName } from "../regulator-time.ts";
import { SlotSign } from "../slots/slot-sign.tsx";
import { markOf } from "../slots/slot-mark.ts";
import { slotLine } from "../slots/slot-text.ts";
import { SlotTip, type TipPlace } from "../slots/slot-tip.tsx";

/** Cells beside each other at most; a day with more of them goes on in the next line. */
const MOST_COLUMNS = 24;
const WHOLE_DAY = 1_440;

export interface CalendarGridProps {
  readonly span: CalendarSpan;
  readonly layout: CalendarLayout;
  readonly nowMs: number;
  readonly chosen: Slot | null;
  readonly title: string;
  readonly onChoose: (slot: Slot) => void;
}

interface Cell {
  readonly row: number;
  readonly column: number;
}

/** A grid of cells in the way that keyboards and screen readers know: one of them takes focus, arrows move it, Enter opens its slot. */
export function CalendarGrid({ span, layout, nowMs, chosen, title, onChoose }: CalendarGridProps) {
  const words = useWords();
  const grid = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState<Cell | null>(null);
  const [tip, setTip] = useState<TipPlace | null>(null);
  const slotAt = ({ row, column }: Cell): Slot | undefined => layout.rows[row]?.cells[column]?.slots[0];
  const first = cellOf(layout, (slot) => slot.slot === chosen?.slot) ?? cellOf(layout, () => true);
  const held = focused !== null && slotAt(focused) !== undefined ? focused : first;
  const show = (target: EventTarget | null) => {
    const element = target instanceof Element ? target.closest<HTMLElement>("[data-cell]") : null;
    const cell = element === null ? null : readCell(element.dataset["cell"]);
    const slot = cell === null ? undefined : slotAt(cell);
    setTip(element === null || slot === undefined || grid.current === null ? null : { slot, left: element.offsetLeft + element.offsetWidth / 2, top: element.offsetTop, height: element.offsetHeight, width: grid.current.offsetWidth });
    return { cell, slot };
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") return setTip(null);
    if (held === null) return;
    const slot = slotAt(held);
    if ((event.key === "Enter" || event.key === " ") && slot !== undefined) {
      event.preventDefault();
      return onChoose(slot);
    }
    const to = steppedCell(layout, held, event.key);
    if (to.row === held.row && to.column === held.column) return;
    event.preventDefault();
    setFocused(to);
    grid.current?.querySelector<HTMLElement>(`[data-cell="${to.row}-${to.column}"]`)?.focus();
  };
  // Another month begins at its own first cell.
  useEffect(() => {
    setFocused(null);
    setTip(null);
  }, [span.year, span.month, span.kind]);
  return (
    <div class={`calendar calendar-${span.kind}`} style={{ "--columns": Math.min(MOST_COLUMNS, layout.columns), "--columns-narrow": Math.min(span.kind === "hours" ? MOST_COLUMNS / 2 : MOST_COLUMNS, layout.columns) }}>
      <div ref={grid} role="grid" aria-label={title} onKeyDown={onKeyDown} onPointerOver={(event) => show(event.target)} onPointerLeave={() => setTip(null)} onFocusOut={() => setTip(null)}
        onFocusIn={(event) => { const { cell } = show(event.target); if (cell !== null) setFocused(cell); }}
        onClick={(event) => { const { slot } = show(event.target); if (slot !== undefined) onChoose(slot); }}>
        <Heads span={span} columns={layout.columns} words={words} />
        {layout.rows.map(({ key, startMs, cells }, row) => (
          <div key={key} role="row" class="calendar-row">
            {span.kind === "hours" && <div role="rowheader" class="calendar-day">{formatWeekday(startMs, words.language, { zone: "Etc/GMT+4" })}</div>}
            {cells.map((cell, column) => {
              const slot = cell?.slots[0];
              const label = cell === null || cell.label === "" ? null : <span class="calendar-label">{span.kind === "months" ? monthName(Number(cell.label), words.language, "short") : cell.label}</span>;
              if (slot === undefined) return <div key={column} role="gridcell" class={cell === null ? "calendar-cell calendar-outside" : "calendar-cell calendar-empty"}>{label}</div>;
              const mark = markOf(slot, nowMs);
              return (
                <div key={column} role="gridcell" class={`calendar-cell mark mark-${mark}`} data-cell={`${row}-${column}`} tabIndex={held?.row === row && held.column === column ? 0 : -1} aria-selected={slot.slot === chosen?.slot} aria-label={slotLine(slot, mark, words)}>
                  {label}<SlotSign mark={mark} />{(cell?.slots.length ?? 0) > 1 && <span class="calendar-more">+{(cell?.slots.length ?? 1) - 1}</span>}
                </div>
              );
            })}
          </div>
        ))}
      </div>
      {tip !== null && <SlotTip place={tip} mark={markOf(tip.slot, nowMs)} />}
    </div>
  );
}

function Heads({ span, columns, words }: { readonly span: CalendarSpan; readonly columns: number; readonly words: PageWords }) {
  if (span.kind === "months") return null;
  const texts = Array.from({ length: columns }, (_, column) => (span.kind === "days" ? weekdayName(column, words.language) : hourText(column, span.everyMinutes)));
  return (
    <div role="row" class="calendar-row calendar-heads">
      {span.kind === "hours" && <div role="columnheader" class="calendar-day"><span class="sr">{words.t("page.calendar.day")}</span></div>}
      {texts.map((text, column) => <div key={column} role="columnheader" class="calendar-head-cell">{text}</div>)}
    </div>
  );
}

/** `13` of whole hours, `13:30` of others. */
function hourText(column: number, everyMinutes: number): string {
  const minute = (column * everyMinutes) % WHOLE_DAY;
  const hour = String(Math.floor(minute / 60)).padStart(2, "0");
  return everyMinutes % 60 === 0 ? hour : `${hour}:${String(minute % 60).padStart(2, "0")}`;
}

function cellOf({ rows }: CalendarLayout, wanted: (slot: Slot) => boolean): Cell | null {
  for (const [row, { cells }] of rows.entries()) {
    const column = cells.findIndex((cell) => cell?.slots.some(wanted) ?? false);
    if (column !== -1) return { row, column };
  }
  return null;
}

function readCell(text: string | undefined): Cell | null {
  const [row, column] = (text ?? "").split("-").map(Number);
  return row === undefined || column === undefined || Number.isNaN(row) || Number.isNaN(column) ? null : { row, column };
}

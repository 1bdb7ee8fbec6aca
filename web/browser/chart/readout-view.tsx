import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { useWords, type PageWords } from "../app/hooks.tsx";
import { formatUnit } from "../format/number.ts";
import type { Line } from "../history/panels.ts";
import { isMarked } from "../history/summary.ts";
import { Flag } from "../ui/flag.tsx";
import type { Cell } from "../wire/history.ts";
import type { ReadoutRow } from "./readout.ts";

export interface ReadoutProps {
  readonly rows: readonly ReadoutRow[];
  readonly leftPx: number;
  readonly colourOf: (line: Line) => string;
  readonly several: boolean;
  /** Another chart is pointed at: the values alone are enough here. */
  readonly brief: boolean;
}

const ASIDE_PX = 14;

/** The values at the pointer, every digit of them, beside it and never outside the chart. */
export function Readout({ rows, leftPx, colourOf, several, brief }: ReadoutProps) {
  const words = useWords();
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ own: 220, room: 600 });
  useLayoutEffect(() => {
    const element = box.current;
    const own = element?.offsetWidth ?? size.own;
    const room = element?.parentElement?.clientWidth ?? size.room;
    if (own !== size.own || room !== size.room) setSize({ own, room });
  });
  const after = leftPx + ASIDE_PX;
  const left = after + size.own <= size.room ? after : Math.max(0, leftPx - ASIDE_PX - size.own);
  const time = rows.find((row) => row.cell !== null)?.cell?.timeMs;
  return (
    <div ref={box} class={brief ? "readout readout-brief" : "readout"} style={{ transform: `translateX(${left}px)` }} aria-hidden="true">
      {time !== undefined && !brief && <p class="readout-time">{words.instant(time)}</p>}
      <ul>
        {rows.map(({ line, cell }) => (
          <li key={`${line.point}|${line.variable}`}>
            <span class="readout-key" style={{ background: colourOf(line) }} />
            <span class="readout-name">{several ? `${line.pointName} · ${line.variableName}` : line.variableName}</span>
            <span class="readout-value">{cell === null || cell.value === null ? words.t("page.value.none") : `${words.exact(cell.value)} ${formatUnit(line.unit)}`}</span>
            {cell !== null && !brief && <CellNotes cell={cell} unit={line.unit} />}
          </li>
        ))}
      </ul>
    </div>
  );
}

function CellNotes({ cell, unit }: { readonly cell: Cell; readonly unit: string }) {
  const words = useWords();
  const { bucket } = cell;
  if (bucket === null) {
    if (cell.flag === 1) return null;
    return <span class="readout-note"><Flag flag={cell.flag} compact />{cell.reasons.length > 0 && ` ${cell.reasons.map(words.reason).join("; ")}`}</span>;
  }
  return (
    <span class="readout-note">
      {bucket.min !== null && bucket.max !== null && `${words.exact(bucket.min)} – ${words.exact(bucket.max)} ${formatUnit(unit)} · `}
      {words.t("page.bucket.samples", { count: words.count(bucket.count) })}
      {bucket.coverage !== null && ` · ${words.share(bucket.coverage)}`}
      {isMarked(cell) && ` · ${words.t("page.bucket.flagged", { count: words.count(bucket.flagged) })}`}
    </span>
  );
}

/** The same in a sentence, for a screen reader. */
export function readoutText(rows: readonly ReadoutRow[], timeMs: number, words: PageWords, several: boolean): string {
  const parts = rows.filter((row) => row.cell !== null && row.cell.value !== null).map(({ line, cell }) => {
    const name = several ? `${line.pointName} ${line.variableName}` : line.variableName;
    const flag = cell !== null && cell.flag > 2 ? `, ${words.flag(cell.flag)} ${cell.reasons.map(words.reason).join("; ")}` : "";
    return `${name} ${words.exact(cell?.value ?? 0)} ${formatUnit(line.unit)}${flag}`;
  });
  return `${words.instant(timeMs)}: ${parts.join(". ")}`;
}

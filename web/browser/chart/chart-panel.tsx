import { useId, useMemo, useState } from "preact/hooks";
import { useWords } from "../app/hooks.tsx";
import { formatUnit } from "../format/number.ts";
import type { Panel } from "../history/panels.ts";
import type { Picked } from "../history/pick-bar.tsx";
import { moved, zoomed, type Span, type TimeRange } from "../history/range.ts";
import { summarise } from "../history/summary.ts";
import { ChartLegend } from "./chart-legend.tsx";
import { colourOf, type ChartColours } from "./layout.ts";
import { Plot } from "./plot.tsx";
import { nextStop, readoutAt, stopsOf, type Step } from "./readout.ts";
import { Readout, readoutText } from "./readout-view.tsx";

export interface ChartPanelProps {
  readonly panel: Panel;
  readonly span: Span;
  readonly colours: ChartColours;
  readonly height: number;
  readonly syncKey: string;
  /** Names of points are shown where several are on one chart. */
  readonly several: boolean;
  readonly onRange: (range: TimeRange) => void;
  /** A value was chosen, by a click or by Enter at the cursor. */
  readonly onPick?: ((picked: Picked) => void) | undefined;
}

const steps: Readonly<Record<string, Step>> = { ArrowLeft: "back", ArrowRight: "on", Home: "first", End: "last" };

/** One chart with its title, legend, readout and what it says in words. Arrow keys move along the samples, + and - zoom. */
export function ChartPanel({ panel, span, colours, height, syncKey, several, onRange, onPick }: ChartPanelProps) {
  const words = useWords();
  const { t } = words;
  const titleId = useId();
  const textId = useId();
  const [pointer, setPointer] = useState<{ timeMs: number; leftPx: number; own: boolean } | null>(null);
  const [cursorMs, setCursorMs] = useState<number | null>(null);
  const [spoken, setSpoken] = useState("");
  const stops = useMemo(() => stopsOf(panel), [panel]);
  const summaries = useMemo(() => panel.lines.map((line) => summarise(line, line.kind)), [panel]);
  const title = panel.units.length > 1 || panel.lines[0] === undefined
    ? [...new Set(panel.lines.map((line) => line.variableName))].join(", ")
    : `${panel.lines[0].variableName}${panel.lines[0].draw === "bars" ? ` · ${t("page.measure.consumption")}` : ""}`;
  const rows = pointer === null ? [] : readoutAt(panel, pointer.timeMs, span.toMs - span.fromMs);

  const pickAt = (timeMs: number) => {
    const found = readoutAt(panel, timeMs, span.toMs - span.fromMs).find(({ cell }) => cell !== null && cell.bucket === null);
    if (found?.cell != null) onPick?.({ line: found.line, cell: found.cell });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = steps[event.key];
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (step !== undefined && event.shiftKey && (step === "back" || step === "on")) onRange(moved(span, step === "on" ? 0.5 : -0.5));
    else if (step !== undefined) {
      const next = nextStop(stops, cursorMs, step);
      if (next !== null) {
        setCursorMs(next);
        setSpoken(readoutText(readoutAt(panel, next, span.toMs - span.fromMs), next, words, several));
      }
    } else if (event.key === "+") onRange(zoomed(span, 0.5));
    else if (event.key === "-") onRange(zoomed(span, 2));
    else if (event.key === "Escape") setPointer(null);
    else if (event.key === "Enter" && cursorMs !== null && onPick !== undefined) pickAt(cursorMs);
    else return;
    event.preventDefault();
  };
  return (
    <section class="panel chart-panel" aria-labelledby={titleId}>
      <div class="chart-head">
        <h3 id={titleId}>{title}{panel.units.length === 1 && formatUnit(panel.units[0] ?? "") !== "" && <span class="chart-unit">{formatUnit(panel.units[0] ?? "")}</span>}</h3>
        <ChartLegend panel={panel} summaries={summaries} colours={colours.series} several={several} />
      </div>
      <div class="plot" role="group" tabIndex={0} aria-labelledby={titleId} aria-describedby={textId} onKeyDown={onKeyDown} onBlur={() => setCursorMs(null)}>
        <Plot panel={panel} span={span} colours={colours} language={words.language} height={height} syncKey={syncKey} cursorMs={cursorMs} onZoom={onRange} onPick={onPick === undefined ? undefined : pickAt}
          onPointer={(timeMs, leftPx, own) => setPointer(timeMs === null ? null : { timeMs, leftPx, own: own || cursorMs !== null })} />
        {pointer !== null && rows.some((row) => row.cell !== null) && <Readout rows={rows} leftPx={pointer.leftPx} colourOf={(line) => colourOf(colours.series, line)} several={several} brief={!pointer.own} />}
      </div>
      <p class="sr" id={textId}>
        {panel.lines.map((line, index) => {
          const summary = summaries[index];
          const unit = formatUnit(line.unit);
          const name = several ? `${line.pointName}, ${line.variableName}` : line.variableName;
          if (summary === undefined || summary.last === null || summary.last.value === null) return `${name}: ${t("page.chart.empty")} `;
          return `${t("page.chart.summary", {
            name, unit, count: words.count(summary.count), min: words.short(summary.min?.bucket?.min ?? summary.min?.value ?? 0),
            max: words.short(summary.max?.bucket?.max ?? summary.max?.value ?? 0), last: words.short(summary.last.value), gaps: summary.gaps, flagged: summary.flagged,
          })} `;
        })}
        {t("page.chart.keys")}
      </p>
      <p class="sr" aria-live="polite">{spoken}</p>
    </section>
  );
}

import { useWords } from "../app/hooks.tsx";
import { formatUnit } from "../format/number.ts";
import type { Line, Panel } from "../history/panels.ts";
import type { LineSummary } from "../history/summary.ts";
import { colourOf, dashes } from "./layout.ts";

export interface ChartLegendProps {
  readonly panel: Panel;
  readonly summaries: readonly LineSummary[];
  readonly colours: readonly string[];
  readonly several: boolean;
}

/** Which line is which, with its least, greatest and last value in what is shown. */
export function ChartLegend({ panel, summaries, colours, several }: ChartLegendProps) {
  const words = useWords();
  const { t } = words;
  const mixed = panel.units.length > 1 || new Set(panel.lines.map((line) => line.variable)).size > 1;
  return (
    <ul class="legend">
      {panel.lines.map((line, index) => {
        const summary = summaries[index];
        const unit = formatUnit(line.unit);
        const name = [several ? line.pointName : "", mixed ? `${line.variableName}${unit === "" ? "" : ` (${unit})`}` : ""].filter((part) => part !== "").join(" · ");
        return (
          <li key={`${line.point}|${line.variable}`}>
            <Swatch colour={colourOf(colours, line)} line={line} lines={panel.lines.length} />
            {name !== "" && <span class="legend-name">{name}</span>}
            {summary?.min != null && summary.max !== null && (
              <span class="legend-facts">
                <span>{t("page.chart.min")} <b>{words.short(summary.min.bucket?.min ?? summary.min.value ?? 0)}</b></span>
                <span>{t("page.chart.max")} <b>{words.short(summary.max.bucket?.max ?? summary.max.value ?? 0)}</b></span>
                {summary.consumption !== null && <span>{t("page.chart.consumption")} <b>{words.short(summary.consumption)}</b></span>}
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}

export function Swatch({ colour, line, lines }: { readonly colour: string; readonly line: Line; readonly lines: number }) {
  const dash = lines > 1 ? dashes[line.colour % dashes.length] : [];
  return (
    <svg class="swatch" width="22" height="10" viewBox="0 0 22 10" aria-hidden="true" focusable="false">
      <path d="M1 5h20" stroke={colour} stroke-width={line.draw === "bars" ? 8 : 2.5} stroke-dasharray={dash === undefined || dash.length === 0 ? undefined : dash.join(" ")} />
    </svg>
  );
}

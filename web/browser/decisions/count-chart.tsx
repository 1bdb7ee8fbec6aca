import { useWords } from "../app/hooks.tsx";
import type { Decision } from "../wire/decision.ts";
import type { CountWindow } from "./count-window.ts";
import { pictureOf } from "./count-picture.ts";

/** The count before, at and after a decision. */
export function CountChart({ decision, around }: { readonly decision: Decision; readonly around: CountWindow }) {
  const words = useWords();
  const { t } = words;
  const picture = pictureOf(around.cells, decision);
  if (picture === null) return <p class="count-chart muted">{t("page.decisions.chart.none")}</p>;
  const { width, height, dots, line, baselineY, atX, min, max } = picture;
  const first = around.cells[0]?.timeMs ?? decision.atMs;
  const last = around.cells.at(-1)?.timeMs ?? decision.atMs;
  return (
    <figure class="count-chart">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={t("page.decisions.chart", {
        before: decision.baseline === null ? "—" : words.exact(decision.baseline), count: decision.count === null ? "—" : words.exact(decision.count), min: words.short(min), max: words.short(max),
      })}>
        <path class="count-at-line" d={`M${atX} 0V${height}`} />
        {baselineY !== null && <path class="count-baseline" d={`M0 ${baselineY}H${width}`} />}
        <path class="count-line" d={line} vector-effect="non-scaling-stroke" />
        {dots.map(({ x, y, side }, index) => (side === "at" ? <rect key={index} class="count-at" x={x - 5} y={y - 5} width="10" height="10" rx="2" /> : <circle key={index} class={`count-${side}`} cx={x} cy={y} r="2.6" />))}
      </svg>
      <figcaption aria-hidden="true"><span>{words.minute(first)}</span><span>{words.short(min)} – {words.short(max)}</span><span>{words.minute(last)}</span></figcaption>
    </figure>
  );
}

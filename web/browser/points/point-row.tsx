import { useLatest, useNow, useShell, useStore, useWords } from "../app/hooks.tsx";
import { pointHref } from "../app/router.ts";
import { Age } from "../ui/age.tsx";
import { Badge } from "../ui/badge.tsx";
import { Flag } from "../ui/flag.tsx";
import { Icon } from "../ui/icons.tsx";
import { Quantity } from "../ui/quantity.tsx";
import { measuredVariables, type LatestValue, type Point, type PointVariable } from "../wire/point.ts";
import { isStale, seenMs } from "./staleness.ts";
import { Sparkline } from "./sparkline-view.tsx";

/** More do not fit in a row; the point's page has all. */
const VALUES_A_ROW = 3;
const STALE_CHECK_MS = 5_000;

export function PointRow({ point, position, size }: { readonly point: Point; readonly position: number; readonly size: number }) {
  const words = useWords();
  const { t } = words;
  const shell = useShell();
  const open = useStore(shell.openDecisions).byPoint.get(point.id) ?? 0;
  const latest = useLatest(point.id);
  const nowMs = useNow(STALE_CHECK_MS);
  const variables = measuredVariables(point);
  const shown = variables.slice(0, VALUES_A_ROW);
  const more = variables.length - shown.length;
  const reasons = [...(latest?.values.values() ?? [])].filter((value) => value.flag === latest?.flag).flatMap((value) => value.reasons);
  const timeMs = seenMs(point, latest);
  const stale = isStale(timeMs, point.periodS, nowMs);
  return (
    <li class="point-row" aria-posinset={position} aria-setsize={size}>
      <div class="point-name">
        <h2><a href={pointHref(point.id)}>{point.name}</a></h2>
        <p class="point-sub"><span>{[point.client, point.device === point.name ? "" : point.device, point.channel].filter((part) => part !== "").join(" · ")}</span></p>
        <p class="point-badges">
          {point.labels["time"] === "compressed" && <Badge icon="fast" tone="water" title={t("page.compressed.text")}>{t("page.compressed")}</Badge>}
          {open > 0 && <a class="badge badge-warn" href={pointHref(point.id, "decisions")}><Icon name="decisions" size={14} />{t("page.decisions.open", { count: words.count(open) })}</a>}
          {point.variables.some((row) => row.guessed && !row.ignored) && <Badge icon="guess" tone="guess" title={t("page.guessed.text")}>{t("page.guessed")}</Badge>}
        </p>
      </div>
      <dl class="point-values">
        {shown.map((row) => <RowValue key={row.variable} row={row} latest={latest?.values.get(row.variable)} pulse={latest?.change ?? 0} />)}
        {more > 0 && <div class="point-more"><dt class="sr">{t("page.variables")}</dt><dd>{t("page.more", { count: more })}</dd></div>}
      </dl>
      <Sparkline point={point} />
      <div class="point-age">
        {timeMs === undefined ? <span>{t("page.value.none")}</span> : <Age timeMs={timeMs} />}
        {stale && <span class="stale"><Icon name="stale" size={16} />{t("page.stale")}</span>}
      </div>
      <div class="point-flag">{latest !== undefined && <Flag flag={latest.flag} reasons={[...new Set(reasons)]} />}</div>
    </li>
  );
}

function RowValue({ row, latest, pulse }: { readonly row: PointVariable; readonly latest: LatestValue | undefined; readonly pulse: number }) {
  const words = useWords();
  const unit = latest?.unit || row.unit;
  return (
    <div class="point-value">
      <dt>{words.name(row.name)}</dt>
      <dd><Quantity value={latest?.value ?? null} unit={unit} decimals={row.decimals} pulse={pulse === 0 ? 0 : (latest?.timeMs ?? 0)} /></dd>
    </div>
  );
}

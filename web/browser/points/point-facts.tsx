import { useWords } from "../app/hooks.tsx";
import { formatUnit } from "../format/number.ts";
import { Badge } from "../ui/badge.tsx";
import type { Point, PointVariable } from "../wire/point.ts";

/** Labels with a place of their own on the page. */
const shownElsewhere = new Set(["time"]);
const knownLabels = ["source", "credit", "licence"];

/** Where a point comes from: device, keys and what they mean, credit and licence. */
export function PointFacts({ point }: { readonly point: Point }) {
  const words = useWords();
  const { t } = words;
  const createdMs = Date.parse(point.createdAt);
  return (
    <section class="panel" aria-labelledby="facts-title">
      <div class="panel-head"><h2 id="facts-title">{t("page.facts")}</h2></div>
      <dl class="facts">
        <div><dt>{t("page.client")}</dt><dd>{point.client}</dd></div>
        <div><dt>{t("page.device")}</dt><dd>{point.device}{point.channel !== "" && ` · ${point.channel}`}</dd></div>
        <div><dt>{t("page.period")}</dt><dd>{point.periodS === null ? t("page.period.learned") : words.span(point.periodS * 1000)}</dd></div>
        {!Number.isNaN(createdMs) && <div><dt>{t("page.created")}</dt><dd>{words.minute(createdMs)}{point.adoptedBy === "auto" && ` · ${t("page.adopted.auto")}`}{point.adoptedBy === "person" && ` · ${t("page.adopted.person")}`}</dd></div>}
        {Object.entries(point.labels).filter(([name]) => !shownElsewhere.has(name)).map(([name, value]) => (
          <div key={name}><dt>{knownLabels.includes(name) ? t(`page.label.${name}`) : name}</dt><dd>{value}</dd></div>
        ))}
        <div><dt>{t("page.id")}</dt><dd><code>{point.id}</code></dd></div>
      </dl>
      <h3>{t("page.keys")}</h3>
      <div class="table-scroll" tabIndex={0} role="region" aria-label={t("page.keys")}>
        <table class="data-table">
          <thead><tr><th scope="col">{t("page.key")}</th><th scope="col">{t("page.variable")}</th><th scope="col">{t("page.unit.source")}</th><th scope="col">{t("page.limits")}</th></tr></thead>
          <tbody>{point.variables.map((row, index) => <KeyRow key={index} row={row} device={row.device === point.device ? "" : row.device} />)}</tbody>
        </table>
      </div>
    </section>
  );
}

function KeyRow({ row, device }: { readonly row: PointVariable; readonly device: string }) {
  const words = useWords();
  const { t } = words;
  const source = formatUnit(row.sourceUnit) || row.sourceUnit;
  const converted = row.sourceUnit !== row.unit && row.unit !== "" && !row.ignored;
  const limits = [
    row.min === null ? "" : `≥ ${words.exact(row.min)}`, row.max === null ? "" : `≤ ${words.exact(row.max)}`,
    row.maxRatePerS === null ? "" : t("page.limit.rate", { value: words.exact(row.maxRatePerS) }),
    row.flatLineS === null ? "" : t("page.limit.flat", { span: words.span(row.flatLineS * 1000) }),
  ].filter((part) => part !== "");
  return (
    <tr>
      <th scope="row"><code>{row.key}</code>{device !== "" && <span class="muted"> · {device}</span>}</th>
      <td>{row.ignored ? <span class="muted">{t("page.key.ignored")}</span> : <>{words.name(row.name)} {row.guessed && <Badge icon="guess" tone="guess">{t("page.guessed")}</Badge>}</>}</td>
      <td>{source}{converted && <span class="muted"> → {formatUnit(row.unit) || row.unit}</span>}</td>
      <td>{limits.length === 0 ? <span class="muted">{t("page.limits.default")}</span> : limits.join(", ")}</td>
    </tr>
  );
}

import { useWords } from "../app/hooks.tsx";
import { formatUnit } from "../format/number.ts";
import { measuredVariables, type Point } from "../wire/point.ts";

/** The limits of each variable that a device sends, as they hold now. */
export function LimitTable({ point }: { readonly point: Point }) {
  const words = useWords();
  const { t } = words;
  const number = (value: number | null, unit: string) => (value === null ? <span class="muted">—</span> : `${words.exact(value)} ${unit}`.trim());
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label={t("page.limits")}>
      <table class="data-table">
        <thead>
          <tr>
            <th scope="col">{t("page.variable")}</th><th scope="col" class="number">{t("page.edit.min")}</th><th scope="col" class="number">{t("page.edit.max")}</th>
            <th scope="col" class="number">{t("page.edit.rate")}</th><th scope="col" class="number">{t("page.edit.flat")}</th>
          </tr>
        </thead>
        <tbody>
          {measuredVariables(point).map((row) => {
            const unit = formatUnit(row.unit);
            return (
              <tr key={row.variable}>
                <th scope="row">{words.name(row.name)}</th>
                <td class="number">{number(row.min, unit)}</td><td class="number">{number(row.max, unit)}</td>
                <td class="number">{number(row.maxRatePerS, unit === "" ? "/s" : `${unit}/s`)}</td>
                <td class="number">{row.flatLineS === null ? <span class="muted">—</span> : words.span(row.flatLineS * 1000)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

import { useWords } from "../app/hooks.tsx";
import type { BudgetUse } from "../wire/provider.ts";

const NEARLY_FULL = 0.8;

/** How much of what a provider allows is used, a bar for each stretch of time. */
export function BudgetBars({ budget, calls }: { readonly budget: readonly BudgetUse[]; readonly calls: { readonly hour: number; readonly day: number } }) {
  const words = useWords();
  const { t } = words;
  return (
    <section class="account-part">
      <h3>{t("page.providers.budget")}</h3>
      {budget.length === 0 && <p class="small">{t("page.providers.budget.none")}</p>}
      <ul class="budget-list">
        {budget.map(({ calls: allowed, perMs, used }) => (
          <li key={perMs}>
            <span>{t("page.providers.budget.use", { used: words.count(used), calls: words.count(allowed), span: words.span(perMs) })}</span>
            <span class={used / allowed >= NEARLY_FULL ? "gauge gauge-full" : "gauge"} aria-hidden="true"><span style={{ width: `${Math.min(1, used / allowed) * 100}%` }} /></span>
          </li>
        ))}
      </ul>
      <p class="small">{t("page.providers.calls", { hour: words.count(calls.hour), day: words.count(calls.day) })}</p>
    </section>
  );
}

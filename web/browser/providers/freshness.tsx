import { useWords } from "../app/hooks.tsx";
import { Age } from "../ui/age.tsx";
import type { ProviderStatus, Quantiles } from "../wire/provider.ts";
import { cadenceOf, newestOf } from "./account-state.ts";

/** How new the newest rows are, beside how often they are asked for. */
export function Freshness({ status: { card, devices, next } }: { readonly status: ProviderStatus }) {
  const words = useWords();
  const { t } = words;
  const newestMs = newestOf(devices);
  const cadence = cadenceOf(devices);
  const both = (quantiles: Quantiles | null) => (quantiles === null ? t("page.value.none") : `${words.span(quantiles.p50)} · ${words.span(quantiles.p95)}`);
  return (
    <section class="account-part">
      <h3>{t("page.providers.freshness")}</h3>
      <dl class="account-facts">
        <div><dt>{t(next === null ? "page.providers.newest" : "page.providers.newest.first", { count: words.count(devices.length) })}</dt><dd>{newestMs === null ? t("page.providers.never") : <><Age timeMs={newestMs} class="account-newest" /><span class="small">{words.minute(newestMs)}</span></>}</dd></div>
        {cadence !== null && <div><dt>{t("page.providers.cadence")}</dt><dd>{cadence.leastMs === cadence.mostMs ? words.span(cadence.leastMs) : `${words.span(cadence.leastMs)} – ${words.span(cadence.mostMs)}`}</dd></div>}
        <div><dt title={t("page.providers.quantiles")}>{t("page.providers.age")}</dt><dd>{both(card.ageMs)}</dd></div>
        <div><dt title={t("page.providers.quantiles")}>{t("page.providers.delay")}</dt><dd>{both(card.delayMs)}</dd></div>
      </dl>
      <ul class="account-counts">
        {card.misconfigured > 0 && <li class="count-bad">{t("page.providers.misconfigured", { count: words.count(card.misconfigured) })}</li>}
        {card.late > 0 && <li class="count-warn">{t("page.providers.late", { count: words.count(card.late) })}</li>}
        {card.neverSeen > 0 && <li class="count-warn">{t("page.providers.never-seen", { count: words.count(card.neverSeen) })}</li>}
      </ul>
    </section>
  );
}

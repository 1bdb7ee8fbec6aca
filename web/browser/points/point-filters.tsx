import { useWords } from "../app/hooks.tsx";
import { Choice } from "../ui/field.tsx";
import { Icon, type IconName } from "../ui/icons.tsx";
import { pointOrders, type PointCounts, type PointFilter, type PointOrder, type PointState } from "./filter.ts";

export interface PointFiltersProps {
  readonly filter: PointFilter;
  readonly onChange: (filter: PointFilter) => void;
  readonly total: number;
  readonly shown: number;
  readonly counts: PointCounts;
}

export function PointFilters({ filter, onChange, total, shown, counts }: PointFiltersProps) {
  const words = useWords();
  const { t } = words;
  const tiles: readonly { readonly state: PointState; readonly icon: IconName; readonly count: number }[] = [
    { state: "all", icon: "points", count: total }, { state: "flagged", icon: "suspect", count: counts.flagged },
    { state: "stale", icon: "stale", count: counts.stale }, { state: "guessed", icon: "guess", count: counts.guessed },
  ];
  return (
    <section class="filters" aria-label={t("page.filter")}>
      <div class="tiles" role="group" aria-label={t("page.filter.state")}>
        {tiles.map(({ state, icon, count }) => (
          <button key={state} type="button" class={`tile tile-${state}${count === 0 ? " tile-zero" : ""}`} aria-pressed={filter.state === state} onClick={() => onChange({ ...filter, state })}>
            <span class="tile-count">{words.count(count)}</span>
            <span class="tile-text"><Icon name={icon} size={16} />{t(`page.filter.state.${state}`)}</span>
          </button>
        ))}
      </div>
      <div class="filter-row">
        <label class="search">
          <Icon name="search" size={18} />
          <span class="sr">{t("page.filter.search")}</span>
          <input type="search" value={filter.text} placeholder={t("page.filter.search")} onInput={(event) => onChange({ ...filter, text: event.currentTarget.value })} />
        </label>
        {counts.clients.length > 1 && (
          <Choice quiet label={t("page.client")} value={filter.client} onChange={(client) => onChange({ ...filter, client })}
            options={[{ value: "", text: t("page.filter.clients") }, ...counts.clients.map((client) => ({ value: client, text: client }))]} />
        )}
        <Choice quiet label={t("page.order")} value={filter.order} onChange={(order) => onChange({ ...filter, order: order as PointOrder })}
          options={pointOrders.map((order) => ({ value: order, text: t(`page.order.${order}`) }))} />
        <p class="filter-count" role="status">{t("page.filter.shown", { shown: words.count(shown), total: words.count(total) })}</p>
      </div>
    </section>
  );
}

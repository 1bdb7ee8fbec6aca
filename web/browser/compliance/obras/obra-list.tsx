import { useState } from "preact/hooks";
import { useWords } from "../../app/hooks.tsx";
import { Choice } from "../../ui/field.tsx";
import { Icon, type IconName } from "../../ui/icons.tsx";
import type { ComplianceStatus } from "../../wire/obra-status.ts";
import { NoObras } from "./no-obras.tsx";
import { chosenObras, countObras, obraFilters, obraOrders, type ObraFilter, type ObraOrder, type ObraQuery } from "./obra-order.ts";
import { ObraRow } from "./obra-row.tsx";

const SHOWN_AT_ONCE = 100;

const filterIcons: Readonly<Record<ObraFilter, IconName>> = { all: "compliance", failing: "bad", late: "stale", review: "person", stopped: "pause" };

/** All works, one row each, the worst first. */
export function ObraList({ status, mayConfigure }: { readonly status: ComplianceStatus | undefined; readonly mayConfigure: boolean }) {
  const words = useWords();
  const { t } = words;
  const [query, setQuery] = useState<ObraQuery>({ text: "", filter: "all", client: "", order: "worst" });
  const [shown, setShown] = useState(SHOWN_AT_ONCE);
  if (status === undefined) return <div class="skeleton-list" role="status">{[0, 1, 2].map((row) => <div key={row} class="skeleton skeleton-row" />)}<span class="sr">{t("page.loading")}</span></div>;
  if (status.obras.length === 0) return <NoObras mayConfigure={mayConfigure} />;
  const counts = countObras(status.obras);
  const obras = chosenObras(status.obras, query);
  const clients = [...new Set(status.obras.map(({ client }) => client))].sort();
  return (
    <>
      <section class="tiles obra-tiles" aria-label={t("page.filter")}>
        {obraFilters.map((filter) => (
          <button key={filter} type="button" class={`tile tile-obra-${filter}${counts[filter] === 0 ? " tile-zero" : ""}`} aria-pressed={query.filter === filter} onClick={() => setQuery({ ...query, filter })}>
            <span class="tile-count">{words.count(counts[filter])}</span>
            <span class="tile-text"><Icon name={filterIcons[filter]} size={16} />{t(`page.obras.filter.${filter}`)}</span>
          </button>
        ))}
      </section>
      <section class="filter-row" aria-label={t("page.obras.search")}>
        <div class="search">
          <Icon name="search" size={18} />
          <input type="search" aria-label={t("page.obras.search")} placeholder={t("page.obras.search")} value={query.text} onInput={(event) => setQuery({ ...query, text: event.currentTarget.value })} />
        </div>
        {clients.length > 1 && <Choice quiet label={t("page.client")} value={query.client} onChange={(client) => setQuery({ ...query, client })} options={[{ value: "", text: t("page.filter.clients") }, ...clients.map((value) => ({ value, text: value }))]} />}
        <Choice quiet label={t("page.obras.order")} value={query.order} onChange={(order) => setQuery({ ...query, order: order as ObraOrder })} options={obraOrders.map((value) => ({ value, text: t(`page.obras.order.${value}`) }))} />
        <p class="filter-count">{t("page.obras.count", { count: words.count(obras.length), total: words.count(status.obras.length) })}</p>
      </section>
      {obras.length === 0 && <div class="blank panel"><p>{t("page.obras.none-here")}</p></div>}
      {obras.length > 0 && <ul class="obra-list">{obras.slice(0, shown).map((obra) => <ObraRow key={obra.work} obra={obra} />)}</ul>}
      {obras.length > shown && <p class="more"><button type="button" class="button" onClick={() => setShown(shown + SHOWN_AT_ONCE)}>{t("page.more-items")}</button></p>}
      {status.next !== null && <p class="small">{t("page.obras.more", { count: words.count(status.obras.length) })}</p>}
      <p class="small">{t("page.compliance.clock")}</p>
    </>
  );
}

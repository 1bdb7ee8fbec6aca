import { useState } from "preact/hooks";
import { useWords } from "../../app/hooks.tsx";
import { endpoints } from "../../http/endpoints.ts";
import { ProblemNote } from "../../ui/problem-note.tsx";
import { usePages } from "../../ui/use-pages.tsx";
import { readLedgerEntry } from "../../wire/ledger-entry.ts";
import type { Obra } from "../../wire/obra.ts";
import { EntryList } from "./entry-list.tsx";

/** The ledger of a work as it was written, entry by entry. */
export function LedgerTab({ obra, changes }: { readonly obra: Obra; readonly changes: number }) {
  const { t } = useWords();
  const [onlyVouchers, setOnlyVouchers] = useState(false);
  const pages = usePages(endpoints.ledger(obra), readLedgerEntry, String(changes), "after");
  const entries = onlyVouchers ? pages.items.filter(({ voucher }) => voucher !== "") : pages.items;
  return (
    <div class="tab-body">
      <div class="tab-head">
        <p class="lead">{t("page.ledger.text")}</p>
        <label class="check"><input type="checkbox" checked={onlyVouchers} onChange={(event) => setOnlyVouchers(event.currentTarget.checked)} />{t("page.ledger.vouchers")}</label>
      </div>
      {pages.error !== null && <ProblemNote error={pages.error}><button type="button" class="button" onClick={pages.reload}>{t("page.retry")}</button></ProblemNote>}
      {pages.loading && pages.items.length === 0 && <div class="skeleton skeleton-chart" role="status"><span class="sr">{t("page.loading")}</span></div>}
      {!pages.loading && pages.error === null && entries.length === 0 && <div class="blank panel"><p>{t(pages.items.length === 0 ? "page.ledger.none" : "page.ledger.no-vouchers")}</p></div>}
      {entries.length > 0 && <section class="panel" aria-label={t("page.obra.tab.ledger")}><EntryList entries={entries} named /></section>}
      {pages.more && <p class="more"><button type="button" class="button" disabled={pages.loading} onClick={pages.loadMore}>{t("page.more-items")}</button></p>}
      <p class="small">{t("page.ledger.verify")} <code>caudal audit verify</code></p>
    </div>
  );
}

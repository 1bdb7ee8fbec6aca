import { useWords } from "../../app/hooks.tsx";
import { obraFormHref, obraImportHref } from "../../app/router.ts";
import { endpoints } from "../../http/endpoints.ts";
import { CopyLine } from "../../ui/copy-line.tsx";
import { Icon } from "../../ui/icons.tsx";

/** How works come to stand here. */
export function NoObras({ mayConfigure }: { readonly mayConfigure: boolean }) {
  const { t } = useWords();
  return (
    <section class="guide guide-empty" aria-labelledby="no-obras">
      <div class="guide-head"><Icon name="compliance" size={34} /><h2 id="no-obras">{t("page.obras.none")}</h2></div>
      <p>{t(mayConfigure ? "page.obras.none.text" : "page.obras.none.may-not")}</p>
      {mayConfigure && (
        <p class="guide-acts">
          <a class="button button-main" href={obraFormHref(null)}><Icon name="plus" size={18} />{t("page.obra-form.new")}</a>
          <a class="button" href={obraImportHref}><Icon name="file" size={18} />{t("page.obra-import")}</a>
          <a class="button" download href={endpoints.obrasExport()}><Icon name="download" size={18} />{t("page.obras.none.table")}</a>
        </p>
      )}
      {mayConfigure && <div class="guide-lines"><CopyLine label={t("page.obras.none.import")} text="caudal dga obras import obras.csv --dry-run" /></div>}
      <p class="small">{t("page.obras.none.next")}</p>
    </section>
  );
}

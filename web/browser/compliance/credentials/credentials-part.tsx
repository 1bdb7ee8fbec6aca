import { useState } from "preact/hooks";
import { useShell, useWords } from "../../app/hooks.tsx";
import { endpoints } from "../../http/endpoints.ts";
import { Badge } from "../../ui/badge.tsx";
import { Icon } from "../../ui/icons.tsx";
import { ProblemNote } from "../../ui/problem-note.tsx";
import { usePages } from "../../ui/use-pages.tsx";
import { mayAdminister, type Person } from "../../wire/operations.ts";
import { readCredential, type Credential } from "../../wire/credential.ts";
import { CredentialDialog } from "./credential-dialog.tsx";
import { regulatorMinute } from "../regulator-time.ts";

/** Informants whose password is held, by regulator; a password itself is never told. */
export function CredentialsPart({ person }: { readonly person: Person | null }) {
  const shell = useShell();
  const { t, language } = useWords();
  const [turn, setTurn] = useState(0);
  const [open, setOpen] = useState<Credential | "new" | null>(null);
  const [done, setDone] = useState("");
  const pages = usePages(endpoints.credentials(), readCredential, String(turn));
  const may = mayAdminister(person);
  const saved = (user: string) => {
    setOpen(null);
    setDone(t("page.credentials.done", { user }));
    shell.spoken.set(t("page.credentials.done", { user }));
    setTurn((before) => before + 1);
  };
  return (
    <div class="tab-body">
      {done !== "" && <p class="note note-water"><Icon name="check" />{done}</p>}
      {pages.error !== null && <ProblemNote error={pages.error}><button type="button" class="button" onClick={pages.reload}>{t("page.retry")}</button></ProblemNote>}
      {pages.loading && pages.items.length === 0 && <div class="skeleton skeleton-bars" role="status"><span class="sr">{t("page.loading")}</span></div>}
      {!pages.loading && pages.error === null && pages.items.length === 0 && <div class="blank panel"><Icon name="key" size={28} /><p>{t("page.credentials.none")}</p></div>}
      {pages.items.length > 0 && (
        <ul class="plan-list credential-list">
          {pages.items.map((row) => (
            <li key={`${row.regulator} ${row.user}`} class="credential">
              <h2>{row.user} <span class="muted">{row.regulator.toUpperCase()}</span></h2>
              <p class="small">{t("page.credentials.since", { at: row.setAtMs === null ? "—" : regulatorMinute(row.setAtMs, language), by: row.setBy })}</p>
              {!row.readable && <Badge icon="suspect" tone="warn" title={t("page.credentials.sealed.text")}>{t("page.credentials.sealed")}</Badge>}
              {may && <button type="button" class="button" onClick={() => { setDone(""); setOpen(row); }} aria-label={t("page.credentials.replace.of", { user: row.user })}>{t("page.credentials.replace")}</button>}
            </li>
          ))}
        </ul>
      )}
      {pages.more && <p class="more"><button type="button" class="button" disabled={pages.loading} onClick={pages.loadMore}>{t("page.more-items")}</button></p>}
      {may ? <p><button type="button" class="button button-main" onClick={() => { setDone(""); setOpen("new"); }}><Icon name="key" size={18} />{t("page.credentials.set")}</button></p> : <p class="small">{t("page.credentials.may-not")}</p>}
      <p class="small">{t("page.credentials.kept")}</p>
      {open !== null && <CredentialDialog replaced={open === "new" ? null : open} onClose={() => setOpen(null)} onDone={saved} />}
    </div>
  );
}

import { useState } from "preact/hooks";
import { useShell, useWords } from "../../app/hooks.tsx";
import { endpoints } from "../../http/endpoints.ts";
import { Icon } from "../../ui/icons.tsx";
import { ProblemNote } from "../../ui/problem-note.tsx";
import { usePages } from "../../ui/use-pages.tsx";
import { readCertificate } from "../../wire/certificate.ts";
import type { Obra } from "../../wire/obra.ts";
import { CertificateDialog } from "./certificate-dialog.tsx";
import { regulatorMinute } from "../regulator-time.ts";

/** Files that an inspection asks for; they go into the evidence of the work. */
export function CertificatesPanel({ obra, mayConfigure }: { readonly obra: Obra; readonly mayConfigure: boolean }) {
  const shell = useShell();
  const words = useWords();
  const { t, language } = words;
  const [turn, setTurn] = useState(0);
  const [adding, setAdding] = useState(false);
  const pages = usePages(endpoints.certificates(obra), readCertificate, String(turn));
  const added = (name: string) => {
    setAdding(false);
    shell.spoken.set(t("page.certificates.done", { name }));
    setTurn((before) => before + 1);
  };
  return (
    <section class="panel certificates" aria-labelledby="certificates-title">
      <div class="panel-head">
        <h2 id="certificates-title">{t("page.certificates")}</h2>
        {mayConfigure && <button type="button" class="button" onClick={() => setAdding(true)}><Icon name="plus" size={18} />{t("page.certificates.add")}</button>}
      </div>
      <p class="small">{t("page.certificates.text")}</p>
      {pages.error !== null && <ProblemNote error={pages.error}><button type="button" class="button" onClick={pages.reload}>{t("page.retry")}</button></ProblemNote>}
      {!pages.loading && pages.error === null && pages.items.length === 0 && <p class="muted">{t("page.certificates.none")}</p>}
      <ul class="certificate-list">
        {pages.items.map((row) => (
          <li key={row.id}>
            <p><a download href={endpoints.certificate(obra, row.id)}><Icon name="download" size={16} />{row.name}</a> <span class="small">{words.bytes(row.bytes)} · {row.contentType}</span></p>
            {row.note !== "" && <p>{row.note}</p>}
            <p class="small">{[row.by, row.atMs === null ? "" : regulatorMinute(row.atMs, language)].filter((part) => part !== "").join(" · ")} · SHA-256 <code title={row.sha256}>{row.sha256.slice(0, 12)}…</code></p>
          </li>
        ))}
      </ul>
      {pages.more && <p class="more"><button type="button" class="button" disabled={pages.loading} onClick={pages.loadMore}>{t("page.more-items")}</button></p>}
      {adding && <CertificateDialog obra={obra} onClose={() => setAdding(false)} onDone={added} />}
    </section>
  );
}

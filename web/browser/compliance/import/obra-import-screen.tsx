import { useState } from "preact/hooks";
import { useAsked, useShell, useStore, useWords } from "../../app/hooks.tsx";
import { PageTitle } from "../../app/page-title.tsx";
import { complianceHref } from "../../app/router.ts";
import { endpoints } from "../../http/endpoints.ts";
import { Field } from "../../ui/field.tsx";
import { FileDrop } from "../../ui/file-drop.tsx";
import { Icon } from "../../ui/icons.tsx";
import { ProblemNote } from "../../ui/problem-note.tsx";
import { mayConfigure } from "../../wire/operations.ts";
import { readComplianceStatus } from "../../wire/obra-status.ts";
import { readObraImport, type ObraImport } from "../../wire/obra-import.ts";
import { ImportRows } from "./import-rows.tsx";
import { goLive } from "./import-order.ts";
import { ModeNote } from "../sending/sending-note.tsx";

/** What the server takes of one file. */
const MAX_BYTES = 8 * 1024 * 1024;

interface ChosenFile {
  readonly name: string;
  /** Read once: what is applied is what was previewed, whatever becomes of the file. */
  readonly bytes: ArrayBuffer;
}

/** Works of a CSV file: what it would change, row by row, and then the change. */
export function ObraImportScreen() {
  const shell = useShell();
  const words = useWords();
  const { t } = words;
  const session = useStore(shell.session);
  const may = session.state === "signed-in" && mayConfigure(session.person);
  const status = useAsked("status", async (signal) => readComplianceStatus(await shell.api.call(endpoints.complianceStatus({ limit: 1 }), { signal }))).value;
  const [file, setFile] = useState<ChosenFile | null>(null);
  const [plan, setPlan] = useState<ObraImport | null>(null);
  const [reason, setReason] = useState("");
  const [sure, setSure] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [tooLarge, setTooLarge] = useState(false);
  const [busy, setBusy] = useState(false);

  const send = async (chosen: ChosenFile, dryRun: boolean): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const answer = readObraImport(await shell.api.call(endpoints.obrasImport({ dryRun, ...(dryRun ? {} : { reason: reason.trim() }) }), { method: "POST", file: { bytes: chosen.bytes, type: "text/csv" } }));
      setPlan(answer);
      shell.spoken.set(t(dryRun ? "page.obra-import.previewed" : "page.obra-import.applied", { count: words.count(dryRun ? answer.rows.length : answer.written) }));
    } catch (refused) {
      setError(refused);
    }
    setBusy(false);
  };
  const take = async (given: File): Promise<void> => {
    setPlan(null);
    setError(null);
    setSure(false);
    setTooLarge(given.size > MAX_BYTES);
    setFile(null);
    if (given.size > MAX_BYTES) return;
    const chosen = { name: given.name, bytes: await given.arrayBuffer() };
    setFile(chosen);
    await send(chosen, true);
  };
  const toWrite = plan === null || !plan.dryRun ? 0 : plan.counts.new + plan.counts.changed;
  const live = plan === null || (status?.mode !== "live" && status?.mode !== null) ? 0 : goLive(plan.rows);
  return (
    <>
      <p class="crumbs"><a href={complianceHref()}><Icon name="left" size={16} />{t("page.compliance.part.obras")}</a></p>
      <div class="page-head">
        <div><PageTitle text={t("page.obra-import")} /><p class="lead">{t("page.obra-import.lead")}</p></div>
        <div class="page-acts"><a class="button" download href={endpoints.obrasExport()}><Icon name="download" size={18} />{t("page.obra-import.export")}</a></div>
      </div>
      {!may && <p class="note">{t("page.may-not")}</p>}
      {may && (
        <div class="tab-body">
          <ModeNote mode={status?.mode ?? null} />
          <FileDrop label={t("page.obra-import.choose")} help={t("page.obra-import.help", { size: words.bytes(MAX_BYTES) })} accept=".csv,text/csv" chosen={file?.name ?? ""} problem={tooLarge ? t("page.file.too-large", { size: words.bytes(MAX_BYTES) }) : undefined} onFile={(given) => void take(given).catch(setError)} />
          <ProblemNote error={error} />
          {busy && plan === null && <div class="skeleton skeleton-bars" role="status"><span class="sr">{t("page.loading")}</span></div>}
          {plan !== null && !plan.dryRun && <div class="note note-water" role="status"><Icon name="check" /><p>{t("page.obra-import.applied", { count: words.count(plan.written) })} <a href={complianceHref()}>{t("page.obra-import.see")}</a></p></div>}
          {plan !== null && <ImportRows plan={plan} />}
          {plan !== null && plan.dryRun && (
            <form class="panel import-apply" noValidate onSubmit={(event) => { event.preventDefault(); if (file !== null) void send(file, false); }}>
              {plan.counts.refused > 0 && <p class="note note-warn"><Icon name="suspect" />{t("page.obra-import.refused.stay", { count: words.count(plan.counts.refused) })}</p>}
              {live > 0 && <div class="note note-warn"><Icon name="send" /><div><p>{t("page.obra-import.live", { count: words.count(live) })}</p><label class="check"><input type="checkbox" checked={sure} onChange={(event) => setSure(event.currentTarget.checked)} />{t("page.obra-import.live.sure")}</label></div></div>}
              {toWrite === 0 ? <p>{t("page.obra-import.nothing")}</p> : (
                <>
                  <Field label={t("page.why")} help={t("page.why.help")} value={reason} onInput={setReason} required />
                  <button type="submit" class="button button-main" disabled={busy || reason.trim() === "" || (live > 0 && !sure)}>{t("page.obra-import.apply", { count: words.count(toWrite) })}</button>
                </>
              )}
            </form>
          )}
        </div>
      )}
    </>
  );
}

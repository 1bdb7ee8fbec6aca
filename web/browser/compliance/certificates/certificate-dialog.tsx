import { useState } from "preact/hooks";
import { useShell, useWords } from "../../app/hooks.tsx";
import { endpoints, type WorkPath } from "../../http/endpoints.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { Field } from "../../ui/field.tsx";
import { FileDrop } from "../../ui/file-drop.tsx";
import { ProblemNote } from "../../ui/problem-note.tsx";
import { ApiProblem, type FieldProblem } from "../../wire/problem.ts";
import { certificateAccept, certificateId, fileFault, fileTitle, MAX_CERTIFICATE_BYTES } from "./certificate-file.ts";

/** Keeps a file with a work; it is never replaced, so that what an inspection saw stays. */
export function CertificateDialog({ obra, onClose, onDone }: { readonly obra: WorkPath; readonly onClose: () => void; readonly onDone: (name: string) => void }) {
  const shell = useShell();
  const words = useWords();
  const { t } = words;
  const [file, setFile] = useState<File | null>(null);
  const [name, setName] = useState("");
  const [note, setNote] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const fault = file === null ? undefined : fileFault(file);
  const id = certificateId(name);
  const problem = error instanceof ApiProblem ? error : null;
  const taken: FieldProblem | undefined = problem?.code === "duplicate-key" ? { field: "name", detail: t("page.certificates.taken"), next: "" } : problem?.of("name") ?? problem?.of("id");
  const take = (given: File) => {
    setFile(given);
    setError(null);
    if (name === "") setName(fileTitle(given.name));
  };
  const save = async (event: Event) => {
    event.preventDefault();
    if (file === null) return;
    setBusy(true);
    setError(null);
    try {
      await shell.api.call(endpoints.certificate(obra, id, { name: name.trim(), note: note.trim() }), { method: "PUT", file: { bytes: await file.arrayBuffer(), type: file.type } });
      return onDone(name.trim());
    } catch (refused) {
      setError(refused);
    }
    setBusy(false);
  };
  return (
    <Dialog title={t("page.certificates.add")} onClose={onClose}>
      <form onSubmit={(event) => void save(event)} noValidate>
        <ProblemNote error={taken === undefined ? error : null} />
        <FileDrop label={t("page.certificates.choose")} help={t("page.certificates.help", { size: words.bytes(MAX_CERTIFICATE_BYTES) })} accept={certificateAccept} chosen={file === null ? "" : `${file.name} (${words.bytes(file.size)})`}
          problem={fault === undefined ? undefined : t(`page.file.${fault}`, { size: words.bytes(MAX_CERTIFICATE_BYTES) })} onFile={take} />
        <Field label={t("page.certificates.name")} value={name} onInput={setName} problem={taken} required />
        <Field label={t("page.certificates.note")} value={note} onInput={setNote} problem={problem?.of("note")} />
        <div class="dialog-foot">
          <button type="button" class="button" onClick={onClose}>{t("page.cancel")}</button>
          <button type="submit" class="button button-main" disabled={busy || file === null || fault !== undefined || id === ""}>{t("page.certificates.save")}</button>
        </div>
      </form>
    </Dialog>
  );
}

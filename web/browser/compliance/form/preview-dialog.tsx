import { useState } from "preact/hooks";
import { useWords } from "../../app/hooks.tsx";
import { Icon } from "../../ui/icons.tsx";
import { ReasonDialog } from "../../ui/reason-dialog.tsx";
import type { ComplianceStatus } from "../../wire/obra-status.ts";
import type { Obra } from "../../wire/obra.ts";
import { ChangeTable } from "./change-table.tsx";
import { saveNote } from "./save-note.ts";

export interface PreviewDialogProps {
  readonly before: Obra | null;
  readonly after: Obra;
  readonly status: Pick<ComplianceStatus, "mode" | "sending">;
  readonly onClose: () => void;
  readonly onSave: (reason: string) => Promise<void>;
}

/** What saving would change, whether anything is sent because of it, and why it is done. */
export function PreviewDialog({ before, after, status, onClose, onSave }: PreviewDialogProps) {
  const { t } = useWords();
  const [sure, setSure] = useState(false);
  const note = saveNote({ before: before?.mode ?? null, after: after.mode, status });
  return (
    <ReasonDialog wide title={t(before === null ? "page.obra-form.preview.new" : "page.obra-form.preview", { name: after.name })} act={t(before === null ? "page.obra-form.register" : "page.save")} ready={sure || !note.asks} onClose={onClose} onAct={onSave}>
      <ChangeTable before={before} after={after} />
      <div class={note.sends ? "note note-warn" : "note"}>
        <Icon name={note.sends ? "send" : "pause"} />
        <div>
          <p>{t(`page.obra-form.save.${note.text}`, { regulator: after.regulator.toUpperCase() })}</p>
          {note.asks && <label class="check"><input type="checkbox" checked={sure} onChange={(event) => setSure(event.currentTarget.checked)} />{t("page.obra-form.save.sure", { regulator: after.regulator.toUpperCase() })}</label>}
        </div>
      </div>
    </ReasonDialog>
  );
}

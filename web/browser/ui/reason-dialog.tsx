import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { useWords } from "../app/hooks.tsx";
import { ApiProblem, type FieldProblem } from "../wire/problem.ts";
import { Dialog } from "./dialog.tsx";
import { Field } from "./field.tsx";
import { ProblemNote } from "./problem-note.tsx";

export interface ReasonDialogProps {
  readonly title: string;
  /** What the button that does it says. */
  readonly act: string;
  readonly danger?: boolean;
  readonly wide?: boolean;
  readonly onClose: () => void;
  /** Throws what the server refused. */
  readonly onAct: (reason: string) => Promise<void>;
  /** False while what is typed beside the reason cannot be sent. */
  readonly ready?: boolean;
  readonly children?: ComponentChildren | ((problemOf: (field: string) => FieldProblem | undefined) => ComponentChildren);
}

/** Does something that is kept with its author and reason: asks why, and says beside the field what was refused. */
export function ReasonDialog({ title, act, danger = false, wide = false, onClose, onAct, ready = true, children }: ReasonDialogProps) {
  const { t } = useWords();
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const problem = error instanceof ApiProblem ? error : null;
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      await onAct(reason.trim());
    } catch (refused) {
      setError(refused);
    }
    setBusy(false);
  };
  return (
    <Dialog title={title} onClose={onClose} wide={wide}>
      <form onSubmit={(event) => void submit(event)} noValidate>
        {typeof children === "function" ? children((field) => problem?.of(field)) : children}
        <ProblemNote error={error} />
        <Field label={t("page.why")} help={t("page.why.help")} value={reason} onInput={setReason} problem={problem?.of("reason")} required />
        <div class="dialog-foot">
          <button type="button" class="button" onClick={onClose}>{t("page.cancel")}</button>
          <button type="submit" class={danger ? "button button-danger" : "button button-main"} disabled={busy || reason.trim() === "" || !ready}>{act}</button>
        </div>
      </form>
    </Dialog>
  );
}

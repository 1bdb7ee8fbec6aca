import { useState } from "preact/hooks";
import { useShell, useWords } from "../../app/hooks.tsx";
import { endpoints } from "../../http/endpoints.ts";
import { ReasonDialog } from "../../ui/reason-dialog.tsx";

export interface SendingDialogProps {
  /** What it shall be. */
  readonly on: boolean;
  readonly waiting: number;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Throws the switch of all sending: only after a box was ticked that says what comes of it, and with a reason. */
export function SendingDialog({ on, waiting, onClose, onDone }: SendingDialogProps) {
  const shell = useShell();
  const words = useWords();
  const { t } = words;
  const [sure, setSure] = useState(false);
  const which = on ? "on" : "off";
  const say = async (reason: string): Promise<void> => {
    await shell.api.call(endpoints.sending(), { method: "PUT", body: { on, reason } });
    shell.spoken.set(t(`page.compliance.sending.${which}`));
    onDone();
  };
  return (
    <ReasonDialog title={t(`page.plan.switch.${which}`)} act={t(`page.plan.switch.${which}`)} danger={!on} ready={sure} onClose={onClose} onAct={say}>
      <p>{t(`page.plan.switch.${which}.text`, { waiting: words.count(waiting) })}</p>
      <label class="check"><input type="checkbox" checked={sure} onChange={(event) => setSure(event.currentTarget.checked)} />{t(`page.plan.switch.${which}.sure`)}</label>
    </ReasonDialog>
  );
}

import { useShell, useWords } from "../../app/hooks.tsx";
import { endpoints } from "../../http/endpoints.ts";
import { ReasonDialog } from "../../ui/reason-dialog.tsx";
import type { Obra } from "../../wire/obra.ts";

export interface StopDialogProps {
  readonly obra: Obra;
  readonly act: "stop" | "resume";
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Stops a work, or lets it go on; kept in its ledger with the reason. */
export function StopDialog({ obra, act, onClose, onDone }: StopDialogProps) {
  const shell = useShell();
  const { t } = useWords();
  const say = async (reason: string): Promise<void> => {
    await shell.api.call(endpoints.stopWork(obra, act), { method: "POST", body: { reason } });
    shell.spoken.set(t(`page.obra.${act}.done`));
    onDone();
  };
  return <ReasonDialog title={t(`page.obra.${act}`)} act={t(`page.obra.${act}`)} danger={act === "stop"} onClose={onClose} onAct={say}><p>{t(`page.obra.${act}.text`, { name: obra.name })}</p></ReasonDialog>;
}

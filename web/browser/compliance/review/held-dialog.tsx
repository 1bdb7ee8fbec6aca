import { useShell, useWords } from "../../app/hooks.tsx";
import { endpoints } from "../../http/endpoints.ts";
import { ReasonDialog } from "../../ui/reason-dialog.tsx";
import type { HeldSlot } from "../../wire/held-slot.ts";
import type { HeldAct } from "./held-card.tsx";
import { regulatorMinute } from "../regulator-time.ts";

export interface HeldDialogProps {
  readonly held: HeldSlot;
  readonly act: Exclude<HeldAct, "edit">;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** A person's word on a held slot, with its reason. */
export function HeldDialog({ held, act, onClose, onDone }: HeldDialogProps) {
  const shell = useShell();
  const { t, language } = useWords();
  const say = async (reason: string): Promise<void> => {
    if (act === "approve" || act === "decline") await shell.api.call(endpoints.edit(held, held.slot, act), { method: "POST", body: { reason } });
    else await shell.api.call(endpoints.reviewed(held, held.slot), { method: "POST", body: { decision: act, reason } });
    onDone();
  };
  return (
    <ReasonDialog title={t(`page.review.${act}`)} act={t(`page.review.${act}`)} danger={act === "annul"} onClose={onClose} onAct={say}>
      <p><b>{held.name}</b> · {regulatorMinute(held.slotMs, language)}</p>
      <p>{t(`page.review.${act}.text`)}</p>
    </ReasonDialog>
  );
}

import { useState } from "preact/hooks";
import { useShell, useWords } from "../app/hooks.tsx";
import { endpoints } from "../http/endpoints.ts";
import { parseTyped } from "../format/number.ts";
import { Field } from "../ui/field.tsx";
import { ReasonDialog } from "../ui/reason-dialog.tsx";
import type { Decision } from "../wire/decision.ts";
import { asRecord, asText } from "../wire/read.ts";
import type { FieldProblem } from "../wire/problem.ts";
import type { Saying } from "./decision-card.tsx";
import { kindKey, undoingOf, verdictFields, verdicts, type Verdict } from "./decision-state.ts";

export interface VerdictDialogProps {
  readonly decision: Decision;
  readonly saying: Saying;
  readonly onClose: () => void;
  /** `next` is what is said of what takes its time, empty where nothing does. */
  readonly onSaid: (next: string) => void;
}

/** Confirms a decision, says otherwise, or takes it back; always with a reason. */
export function VerdictDialog({ decision, saying, onClose, onSaid }: VerdictDialogProps) {
  const shell = useShell();
  const words = useWords();
  const { t } = words;
  const [as, setAs] = useState<Verdict | null>(null);
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const fields = saying === "correct" && as !== null ? verdictFields[as] : saying === "confirm" && decision.kind === "rollover" ? (["modulus"] as const) : [];
  const numbers = fields.map((name) => [name, parseTyped(typed[name] ?? "")] as const);
  const wrong = (name: string): FieldProblem | undefined => (numbers.some(([field, value]) => field === name && value !== null && (Number.isNaN(value) || value < 0)) ? { field: name, detail: t("page.edit.not-number"), next: "" } : undefined);
  const ready = (saying !== "correct" || as !== null) && numbers.every(([name]) => wrong(name) === undefined);
  const undoing = undoingOf(decision);

  const say = async (reason: string): Promise<void> => {
    const given = Object.fromEntries(numbers.filter(([, value]) => value !== null));
    const answer = await shell.api.call(endpoints.verdict(decision.id), { method: "POST", body: { verdict: saying, reason, ...(saying === "correct" ? { as } : {}), ...given } });
    onSaid(asText(asRecord(answer)["next"]));
  };
  const title = saying === "undo" ? t(`page.decisions.undo.${undoing}`) : t(`page.decisions.${saying}`);
  return (
    <ReasonDialog title={title} act={t(saying === "undo" ? "page.decisions.undo.do" : `page.decisions.${saying}.do`)} ready={ready} onClose={onClose} onAct={say} wide={saying === "correct"}>
      {(problemOf) => (
        <>
          <p><b>{t(`page.decisions.kind.${kindKey(decision.kind)}`)}</b> · {words.instant(decision.atMs)}<br />{t("page.decisions.count-line", { before: decision.baseline === null ? "—" : words.exact(decision.baseline), count: decision.count === null ? "—" : words.exact(decision.count) })}</p>
          {saying === "confirm" && <p>{t("page.decisions.confirm.text")}</p>}
          {saying === "undo" && <p>{t(`page.decisions.undo.${undoing}.text`)}</p>}
          {saying === "correct" && (
            <fieldset class="choice-cards">
              <legend>{t("page.decisions.correct.what")}</legend>
              {verdicts.map((verdict) => (
                <label key={verdict} class="choice-card">
                  <input type="radio" name="as" value={verdict} checked={as === verdict} onChange={() => setAs(verdict)} />
                  <span><b>{t(`page.decisions.as.${verdict}`)}</b><span class="small">{t(`page.decisions.as.${verdict}.text`)}</span></span>
                </label>
              ))}
              {problemOf("as") !== undefined && <p class="field-problem">{problemOf("as")?.detail}</p>}
            </fieldset>
          )}
          {fields.length > 0 && (
            <div class="form-pair">
              {fields.map((name) => (
                <Field key={name} label={t(`page.decisions.${name}`)} help={t(`page.decisions.${name}.help`)} inputMode="decimal" value={typed[name] ?? ""} onInput={(text) => setTyped({ ...typed, [name]: text })} problem={wrong(name) ?? problemOf(name)} />
              ))}
            </div>
          )}
        </>
      )}
    </ReasonDialog>
  );
}

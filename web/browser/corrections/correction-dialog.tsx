import { useEffect, useRef, useState } from "preact/hooks";
import { useShell, useWords } from "../app/hooks.tsx";
import { endpoints } from "../http/endpoints.ts";
import { formatUnit } from "../format/number.ts";
import { localZone } from "../history/use-histories.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Choice, Field } from "../ui/field.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Segments } from "../ui/segments.tsx";
import { readCorrected, type Corrected } from "../wire/correction.ts";
import type { Point } from "../wire/point.ts";
import { ApiProblem, type FieldProblem } from "../wire/problem.ts";
import { askOf, draftOf, sayings, type CorrectionDraft, type CorrectionPlace, type CorrectionSaying } from "./correction-form.ts";
import { CorrectionPreview } from "./correction-preview.tsx";
import { usePointVariables } from "./point-variables.ts";

export interface CorrectionDialogProps {
  readonly point: Point;
  readonly place: CorrectionPlace;
  readonly saying?: CorrectionSaying;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

/** Says what facts truly were, that there were none, or that the source was right; shows what would change before it does. */
export function CorrectionDialog({ point, place, saying = "value", onClose, onSaved }: CorrectionDialogProps) {
  const shell = useShell();
  const words = useWords();
  const { t } = words;
  const variables = usePointVariables(point);
  const [draft, setDraft] = useState<CorrectionDraft>(() => ({ ...draftOf({ ...place, variable: place.variable || (variables[0]?.variable ?? "") }, shell.clock.nowMs()), saying }));
  const [preview, setPreview] = useState<Corrected | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const foot = useRef<HTMLButtonElement>(null);
  useEffect(() => foot.current?.focus(), [preview]);
  const { body, faults } = askOf(draft, place);
  const refused = error instanceof ApiProblem ? error : null;
  const variable = variables.find((row) => row.variable === draft.variable);
  const unit = formatUnit(variable?.unit ?? "");
  const problemOf = (field: string): FieldProblem | undefined => {
    const fault = tried ? faults.get(field) : undefined;
    return fault === undefined ? refused?.of(field) : { field, detail: t(`page.corrections.fault.${fault}`), next: "" };
  };
  const set = (part: Partial<CorrectionDraft>) => setDraft({ ...draft, ...part });
  const ask = async (dryRun: boolean): Promise<Corrected> => readCorrected(await shell.api.call(endpoints.corrections(point.id), { method: "POST", body: { ...body, ...(dryRun ? { dryRun } : {}) } }));

  const submit = async (event: Event) => {
    event.preventDefault();
    setTried(true);
    if (faults.size > 0) return;
    setBusy(true);
    setError(null);
    try {
      if (preview === null) setPreview(await ask(true));
      else {
        await ask(false);
        onSaved();
      }
    } catch (failure) {
      setError(failure);
      setPreview(null);
    }
    setBusy(false);
  };
  return (
    <Dialog title={t("page.corrections.add")} onClose={onClose} wide>
      <form class="correction-form" onSubmit={(event) => void submit(event)} noValidate>
        {preview === null
          ? (
            <>
              <ProblemNote error={error} />
              <div class="form-pair">
                <Choice label={t("page.variable")} value={draft.variable} options={variables.map((row) => ({ value: row.variable, text: words.name(row.name) }))} onChange={(next) => set({ variable: next })} problem={problemOf("variable")} />
                <Segments label={t("page.corrections.span")} name="correction-span" value={draft.span} onChange={(span) => set({ span })} options={[{ value: "instant", text: t("page.corrections.instant") }, { value: "stretch", text: t("page.corrections.stretch") }]} />
              </div>
              {draft.span === "instant"
                ? <Field type="datetime-local" label={t("page.corrections.at")} value={draft.at} step={1} onInput={(at) => set({ at })} help={t("page.range.zone", { zone: localZone })} problem={problemOf("at")} required />
                : (
                  <div class="form-pair">
                    <Field type="datetime-local" label={t("page.range.from")} value={draft.from} step={1} onInput={(from) => set({ from })} help={t("page.range.zone", { zone: localZone })} problem={problemOf("from")} required />
                    <Field type="datetime-local" label={t("page.range.to")} value={draft.to} step={1} onInput={(to) => set({ to })} help={t("page.corrections.to.help")} problem={problemOf("to")} required />
                  </div>
                )}
              <fieldset class="choice-cards">
                <legend>{t("page.corrections.what")}</legend>
                {sayings.map((name) => (
                  <label key={name} class="choice-card">
                    <input type="radio" name="saying" value={name} checked={draft.saying === name} onChange={() => set({ saying: name })} />
                    <span><b>{t(`page.corrections.say.${name}`)}</b><span class="small">{t(`page.corrections.say.${name}.text`)}</span></span>
                  </label>
                ))}
              </fieldset>
              {problemOf("restore") !== undefined && <p class="field-problem">{problemOf("restore")?.detail}</p>}
              {draft.saying === "value" && <Field label={t("page.corrections.value")} inputMode="decimal" suffix={unit} value={draft.value} onInput={(value) => set({ value })} problem={problemOf("value")} required />}
              <Field label={t("page.why")} help={t("page.why.help")} value={draft.reason} onInput={(reason) => set({ reason })} problem={problemOf("reason")} required />
            </>
          )
          : <CorrectionPreview corrected={preview} name={variable === undefined ? draft.variable : words.name(variable.name)} unit={unit} reason={draft.reason.trim()} />}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={() => (preview === null ? onClose() : setPreview(null))}>{t(preview === null ? "page.cancel" : "page.corrections.back")}</button>
          <button ref={preview === null ? undefined : foot} type="submit" class="button button-main" disabled={busy}>{t(preview === null ? "page.corrections.preview" : "page.corrections.save")}</button>
        </div>
      </form>
    </Dialog>
  );
}

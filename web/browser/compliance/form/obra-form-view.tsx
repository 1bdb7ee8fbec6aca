import { useState } from "preact/hooks";
import { useShell, useWords } from "../../app/hooks.tsx";
import { complianceHref, obraHref } from "../../app/router.ts";
import { endpoints } from "../../http/endpoints.ts";
import { ProblemNote } from "../../ui/problem-note.tsx";
import type { ComplianceStatus } from "../../wire/obra-status.ts";
import { readObra, type Obra } from "../../wire/obra.ts";
import { ApiProblem } from "../../wire/problem.ts";
import { ConflictNote } from "./conflict-note.tsx";
import { ErrorSummary } from "./error-summary.tsx";
import { FeedFields } from "./feed-fields.tsx";
import { faultProblems, fieldKey, inPageOrder, refusedFields } from "./form-problems.ts";
import { FormSection } from "./form-section.tsx";
import { IdentityFields, PeopleFields, StandardFields } from "./identity-fields.tsx";
import { loadHeldObra } from "../load.ts";
import { askedOf, formOf, newForm, rebased, type HeldObra, type ObraForm } from "./obra-form.ts";
import { PreviewDialog } from "./preview-dialog.tsx";
import { RightFields } from "./right-fields.tsx";
import { ModeFields, ScheduleFields } from "./schedule-fields.tsx";

export interface ObraFormViewProps {
  /** As it was when the form was opened; null while a new work is registered. */
  readonly first: HeldObra | null;
  readonly status: ComplianceStatus;
}

/** The form of a work: the server checks it without writing, then what would change is shown, and saved with a reason. */
export function ObraFormView({ first, status }: ObraFormViewProps) {
  const shell = useShell();
  const words = useWords();
  const { t } = words;
  const [held, setHeld] = useState(first);
  const [form, setForm] = useState<ObraForm>(() => (first === null ? newForm(shell.clock.nowMs()) : formOf(first.obra, words.language === "es")));
  const [turn, setTurn] = useState(0);
  const [refused, setRefused] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [preview, setPreview] = useState<Obra | "same" | null>(null);
  const [theirs, setTheirs] = useState<HeldObra | null>(null);
  const asked = askedOf(form, held);
  const isTried = turn > 0;
  const problem = refused instanceof ApiProblem ? refused : null;
  const fields = problem === null ? [] : refusedFields(problem, asked);
  const problems = inPageOrder([...(isTried ? faultProblems(asked.faults, (fault, field) => t(`page.obra-form.fault.${field.startsWith("feeds.") ? "feed" : fault}`)) : []), ...fields.filter(({ field }) => !asked.faults.has(field))]);
  const problemOf = (field: string) => problems.find((row) => row.field === field);
  const labelOf = (field: string) => words.texts[`page.obra-form.field.${fieldKey(field)}`] ?? field;
  const path = { regulator: form.regulator, code: form.code.trim() };
  const change = (given: Partial<ObraForm>) => {
    setForm((before) => ({ ...before, ...given }));
    setPreview(null);
  };

  /** Somebody else saved the work meanwhile, or registered one of this code: shows what they said. */
  const conflicted = async (failure: unknown): Promise<boolean> => {
    if (!(failure instanceof ApiProblem) || failure.code !== "state-conflict") return false;
    setPreview(null);
    setTheirs(await loadHeldObra(shell.api, path));
    return true;
  };
  const check = async (event: Event) => {
    event.preventDefault();
    setTurn((before) => before + 1);
    setRefused(null);
    setTheirs(null);
    if (asked.faults.size > 0) return;
    setBusy(true);
    try {
      const after = readObra(await shell.api.call(endpoints.putObra(path, true), { method: "PUT", body: asked.body }));
      setPreview(after === undefined || after.version === held?.obra.version ? "same" : after);
    } catch (failure) {
      if (!(await conflicted(failure).catch(() => false))) setRefused(failure);
      setTurn((before) => before + 1);
    }
    setBusy(false);
  };
  const save = async (reason: string): Promise<void> => {
    try {
      await shell.api.call(endpoints.putObra(path, false), { method: "PUT", body: { ...asked.body, reason } });
    } catch (failure) {
      if (await conflicted(failure)) return;
      throw failure;
    }
    shell.spoken.set(t("page.edit.saved"));
    shell.navigate(obraHref(path, held === null ? "calendar" : "settings"));
  };
  const begin = (other: HeldObra, mine: boolean) => {
    const before = held === null ? null : formOf(held.obra, words.language === "es");
    const now = formOf(other.obra, words.language === "es");
    setForm(mine && before !== null ? rebased(before, form, now).form : now);
    setHeld(other);
    setTheirs(null);
    setTurn(0);
  };
  const section = { form, held, onChange: change, problemOf };
  return (
    <form class="obra-form" onSubmit={(event) => void check(event)} noValidate>
      <ErrorSummary problems={problems} labelOf={labelOf} turn={turn} />
      {fields.length === 0 && refused !== null && <ProblemNote error={refused} />}
      {theirs !== null && <ConflictNote held={held} theirs={theirs} form={form} onBegin={begin} />}
      <div class="obra-form-columns">
        <div>
          <IdentityFields {...section} />
          <StandardFields {...section} />
          <PeopleFields {...section} />
          <ScheduleFields {...section} />
        </div>
        <div>
          <FormSection name="feeds"><p class="field-help">{t("page.obra-form.feeds.help")}</p><FeedFields work={form} feeds={form.feeds} onChange={(feeds) => change({ feeds })} problemOf={problemOf} /></FormSection>
          <RightFields {...section} />
          <ModeFields {...section} installation={status.mode} />
        </div>
      </div>
      <div class="form-foot">
        <p class="small" role="status">{preview === "same" ? t("page.obra-form.same") : t("page.obra-form.foot")}</p>
        <a class="button" href={held === null ? complianceHref() : obraHref(held.obra, "settings")}>{t("page.cancel")}</a>
        <button type="submit" class="button button-main" disabled={busy}>{t("page.obra-form.check")}</button>
      </div>
      {preview !== null && preview !== "same" && <PreviewDialog before={held?.obra ?? null} after={preview} status={status} onClose={() => setPreview(null)} onSave={save} />}
    </form>
  );
}

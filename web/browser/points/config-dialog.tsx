import { useState } from "preact/hooks";
import { useAsked, useShell, useWords } from "../app/hooks.tsx";
import { endpoints } from "../http/endpoints.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Field } from "../ui/field.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { readUnitOption, readVariableOption } from "../wire/operations.ts";
import { readPoint, type Point } from "../wire/point.ts";
import { ApiProblem, type FieldProblem } from "../wire/problem.ts";
import { changeOf, draftOf, type KeyDraft, type PointDraft } from "./config-form.ts";
import { KeyFields } from "./key-fields.tsx";

export interface ConfigDialogProps {
  readonly point: Point;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

const CATALOGUE_ROWS = 2_000;

/** Renames a point, corrects or confirms what its keys mean, sets its limits. */
export function ConfigDialog({ point, onClose, onSaved }: ConfigDialogProps) {
  const shell = useShell();
  const { t, language } = useWords();
  const [draft, setDraft] = useState<PointDraft>(() => draftOf(point, language === "es"));
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const catalogue = useAsked("catalogue", async (signal) => {
    const [variables, units] = await Promise.all([
      shell.api.all(endpoints.variables(), readVariableOption, { most: CATALOGUE_ROWS, signal }), shell.api.all(endpoints.units(), readUnitOption, { most: CATALOGUE_ROWS, signal }),
    ]);
    return { variables: variables.items, units: units.items };
  });
  const change = changeOf(point, draft);
  const untouched = Object.keys(change.body).length === 0;
  const problem = error instanceof ApiProblem ? error : null;
  const setKey = (index: number, key: KeyDraft) => setDraft({ ...draft, keys: draft.keys.with(index, key) });
  const problemOf = (field: string, sent = field): FieldProblem | undefined =>
    change.notNumbers.includes(field) ? { field, detail: t("page.edit.not-number"), next: "" } : problem?.of(sent);

  const save = async (event: Event) => {
    event.preventDefault();
    if (untouched || change.notNumbers.length > 0) return;
    setBusy(true);
    try {
      const headers: Record<string, string> = point.version === "" ? {} : { "if-match": `"${point.version}"` };
      const saved = readPoint(await shell.api.call(endpoints.pointConfig(point.id), { method: "PUT", body: change.body, headers }));
      if (saved !== undefined) shell.directory.put(saved);
      shell.spoken.set(t(change.remaps ? "page.edit.saved-remap" : "page.edit.saved"));
      onSaved();
    } catch (refused) {
      setError(refused);
      setBusy(false);
    }
  };
  return (
    <Dialog title={t("page.edit.title", { name: point.name })} onClose={onClose} wide>
      <form onSubmit={(event) => void save(event)} noValidate>
        <ProblemNote error={error}>
          {problem !== null && (problem.status === 409 || problem.status === 412) && <ReloadButton point={point} onClose={onClose} />}
        </ProblemNote>
        <div class="form-pair">
          <Field label={t("page.edit.name")} value={draft.name} onInput={(name) => setDraft({ ...draft, name })} problem={problemOf("name")} required />
          <Field label={t("page.edit.period")} help={t("page.edit.period.help")} suffix="s" inputMode="decimal" value={draft.periodS} onInput={(periodS) => setDraft({ ...draft, periodS })} problem={problemOf("periodS")} />
        </div>
        {catalogue.error !== null && <ProblemNote error={catalogue.error} />}
        {draft.keys.map((key, index) => {
          const known = point.variables[index];
          return known === undefined ? null : (
            <KeyFields key={index} known={known} device={known.device === point.device ? "" : known.device} draft={key} variables={catalogue.value?.variables ?? []} units={catalogue.value?.units ?? []} onChange={(next) => setKey(index, next)}
              problemOf={(field) => problemOf(`keys.${index}.${field}`, `variables.${change.rows.indexOf(index)}.${field}`)} />
          );
        })}
        {change.remaps && <p class="note note-water">{t("page.edit.remap")}</p>}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={onClose}>{t("page.cancel")}</button>
          <button type="submit" class="button button-main" disabled={busy || untouched || change.notNumbers.length > 0}>{t("page.save")}</button>
        </div>
      </form>
    </Dialog>
  );
}

/** Somebody else changed the point: shows it as it is now. */
function ReloadButton({ point, onClose }: { readonly point: Point; readonly onClose: () => void }) {
  const shell = useShell();
  const { t } = useWords();
  const reload = async () => {
    const fresh = readPoint(await shell.api.call(endpoints.point(point.id)));
    if (fresh !== undefined) shell.directory.put(fresh);
    onClose();
  };
  return <button type="button" class="button" onClick={() => void reload().catch(() => shell.spoken.set(t("page.error.network")))}>{t("page.edit.reload")}</button>;
}

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { useShell, useWords } from "../app/hooks.tsx";
import { endpoints } from "../http/endpoints.ts";
import { fromFieldValue } from "../format/instant.ts";
import { localZone } from "../history/use-histories.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field } from "../ui/field.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Segments } from "../ui/segments.tsx";
import { readPoint, type Point } from "../wire/point.ts";
import { ApiProblem, type FieldProblem } from "../wire/problem.ts";
import type { SettingPeriod, SettingRow } from "../wire/setting.ts";
import type { SettingGroup } from "./groups.ts";
import { settingsAt } from "./periods.ts";
import { changeOf, draftOf, nothingSaid, type SettingDraft } from "./settings-form.ts";
import { SettingField } from "./setting-field.tsx";
import { rangeText } from "./setting-text.ts";

export interface PeriodDialogProps {
  readonly point: Point;
  readonly title: string;
  readonly groups: readonly SettingGroup[];
  /** All that was said of the same things, and the period that is corrected; null adds one. */
  readonly periods: readonly SettingPeriod[];
  readonly period: SettingPeriod | null;
  /** The request's field that takes what is asked, and what each part of it says besides. */
  readonly field: "settings" | "limits";
  readonly besides?: Readonly<Record<string, string>>;
  readonly onClose: () => void;
  readonly onSaved: () => void;
  readonly children?: ComponentChildren;
}

/** Says settings or limits from an instant on, or corrects what was said; what is wrong stands beside its field. */
export function PeriodDialog({ point, title, groups, periods, period, field, besides = {}, onClose, onSaved, children }: PeriodDialogProps) {
  const shell = useShell();
  const words = useWords();
  const { t } = words;
  const [draft, setDraft] = useState(() => draftOf(period, { nowMs: shell.clock.nowMs(), isFirst: periods.length === 0, decimalComma: words.language === "es" }));
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const change = changeOf(groups.flatMap(({ rows }) => rows), period, draft);
  const refused = error instanceof ApiProblem ? error : null;
  const others = period === null ? periods : periods.filter((other) => other !== period);
  const held = settingsAt(others, draft.fromFirst ? -Infinity : (fromFieldValue(draft.from) ?? -Infinity));

  const problemOf = (name: string, row?: SettingRow): FieldProblem | undefined => {
    const fault = tried ? change.faults.get(name) : undefined;
    if (fault !== undefined) return { field: name, detail: t(`page.settings.fault.${fault}`, { range: row === undefined ? "" : rangeText(row, words) }), next: "" };
    return refused?.of(`${field}.${change.refusedAt}.${name}`);
  };
  const setValue = (name: string, value: SettingDraft) => setDraft({ ...draft, values: { ...draft.values, [name]: value } });
  const save = async (event: Event) => {
    event.preventDefault();
    setTried(true);
    if (change.faults.size > 0) {
      const form = event.currentTarget;
      setTimeout(() => form instanceof HTMLElement && form.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
      return;
    }
    setBusy(true);
    try {
      const headers: Record<string, string> = point.version === "" ? {} : { "if-match": `"${point.version}"` };
      const saved = readPoint(await shell.api.call(endpoints.pointConfig(point.id), { method: "PUT", body: { [field]: change.asked.map((part) => ({ ...besides, ...part })) }, headers }));
      if (saved !== undefined) shell.directory.put(saved);
      onSaved();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose} wide>
      <form onSubmit={(event) => void save(event)} noValidate>
        <ProblemNote error={error} />
        {children}
        <div class="setting-from">
          <Segments label={t("page.settings.from")} name="setting-from" value={draft.fromFirst ? "first" : "instant"} onChange={(from) => setDraft({ ...draft, fromFirst: from === "first" })}
            options={[{ value: "first", text: t("page.settings.from.first") }, { value: "instant", text: t("page.settings.from.instant") }]} />
          <Field type="datetime-local" label={t("page.settings.from")} value={draft.fromFirst ? "" : draft.from} disabled={draft.fromFirst} onInput={(from) => setDraft({ ...draft, from })} help={t("page.range.zone", { zone: localZone })} problem={problemOf("validFrom")} />
        </div>
        <p class="field-help">{t(draft.fromFirst ? "page.settings.from.first.help" : "page.settings.from.instant.help")}</p>
        {groups.map(({ id, rows: members }) => (
          <fieldset key={id} class="key-fields">
            <legend>{t(`page.settings.group.${id}`)}</legend>
            <div class="setting-fields">
              {members.map((row) => (
                <SettingField key={row.name} row={row} draft={draft.values[row.name] ?? nothingSaid} held={held.get(row.name)?.value} problem={problemOf(row.name, row)} onChange={(value) => setValue(row.name, value)} />
              ))}
            </div>
          </fieldset>
        ))}
        <div class="setting-why"><Field label={t("page.why")} help={t("page.settings.why.help")} value={draft.reason} onInput={(reason) => setDraft({ ...draft, reason })} problem={problemOf("reason")} required /></div>
        {tried && change.faults.get("values") === "nothing" && <p class="field-problem" role="alert">{t("page.settings.fault.nothing")}</p>}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={onClose}>{t("page.cancel")}</button>
          <button type="submit" class="button button-main" disabled={busy}>{t("page.save")}</button>
        </div>
      </form>
    </Dialog>
  );
}

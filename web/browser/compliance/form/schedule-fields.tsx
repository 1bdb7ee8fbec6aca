import { useWords } from "../../app/hooks.tsx";
import { complianceHref } from "../../app/router.ts";
import { FieldProblemText } from "../../ui/field.tsx";
import { sendModes, type InstallationMode } from "../../wire/obra-status.ts";
import { fieldId } from "./form-problems.ts";
import { FormField, FormSection, type SectionProps } from "./form-section.tsx";
import { standardDelayDays } from "./obra-rules.ts";

/** From when to when it reports, how a slot takes its measurement, and what is known to be broken. */
export function ScheduleFields({ form, onChange, problemOf }: SectionProps) {
  const words = useWords();
  const { t } = words;
  return (
    <FormSection name="schedule">
      <div class="form-pair">
        <FormField field="submitFrom" type="datetime-local" value={form.submitFrom} onInput={(submitFrom) => onChange({ submitFrom })} help={t("page.obra-form.from.help")} required problemOf={problemOf} />
        <FormField field="endsAt" type="datetime-local" value={form.endsAt} onInput={(endsAt) => onChange({ endsAt })} help={t("page.obra-form.ends.help")} problemOf={problemOf} />
      </div>
      <div class="form-triple">
        <FormField field="permittedDelayDays" value={form.permittedDelayDays} onInput={(permittedDelayDays) => onChange({ permittedDelayDays })} inputMode="decimal" suffix={t("page.obra-form.days")} placeholder={String(standardDelayDays(form.standard))} help={t("page.obra-form.delay.help", { days: words.count(standardDelayDays(form.standard)) })} problemOf={problemOf} />
        <FormField field="windowMinutes" value={form.windowMinutes} onInput={(windowMinutes) => onChange({ windowMinutes })} inputMode="decimal" suffix="min" help={t("page.obra-form.window.help")} problemOf={problemOf} />
        <FormField field="settleMinutes" value={form.settleMinutes} onInput={(settleMinutes) => onChange({ settleMinutes })} inputMode="decimal" suffix="min" help={t("page.obra-form.settle.help")} problemOf={problemOf} />
      </div>
      <div>
        <label class="check"><input type="checkbox" checked={form.isDefect} onChange={(event) => onChange({ isDefect: event.currentTarget.checked })} />{t("page.obra-form.defect")}</label>
        <p class="field-help">{t("page.obra-form.defect.help")}</p>
      </div>
      {form.isDefect && (
        <div class="form-pair">
          <FormField field="knownDefect.since" type="datetime-local" value={form.defectSince} onInput={(defectSince) => onChange({ defectSince })} required problemOf={problemOf} />
          <FormField field="knownDefect.reason" value={form.defectReason} onInput={(defectReason) => onChange({ defectReason })} required problemOf={problemOf} />
        </div>
      )}
    </FormSection>
  );
}

/** What is done with its slots, and what that means where it runs. */
export function ModeFields({ form, onChange, problemOf, installation }: SectionProps & { readonly installation: InstallationMode | null }) {
  const { t } = useWords();
  const problem = problemOf("mode");
  return (
    <FormSection name="mode">
      <div class="choice-cards" role="radiogroup" aria-labelledby="section-mode" aria-describedby={problem === undefined ? undefined : "obra-mode-problem"}>
        {sendModes.map((mode) => (
          <label key={mode} class="choice-card">
            <input id={form.mode === mode ? fieldId("mode") : undefined} type="radio" name="mode" value={mode} checked={form.mode === mode} onChange={() => onChange({ mode })} />
            <span><b>{t(`page.obra.mode.${mode}`)}</b><span class="small">{t(mode === "live" && installation !== "live" && installation !== null ? "page.obra-form.mode.rehearsed" : `page.obra.mode.${mode}.text`)}</span></span>
          </label>
        ))}
      </div>
      <FieldProblemText id="obra-mode-problem" problem={problem} />
      <p class="field-help">{t("page.obra-form.mode.help")} <a href={complianceHref("credentials")}>{t("page.compliance.part.credentials")}</a></p>
    </FormSection>
  );
}

import { useShell, useStore, useWords } from "../../app/hooks.tsx";
import { Choice, FieldProblemText } from "../../ui/field.tsx";
import { fieldId } from "./form-problems.ts";
import { FormField, FormSection, RutField, type SectionProps } from "./form-section.tsx";
import { regulators, requiredQuantities, standardDelayDays, standards, waterKinds } from "./obra-rules.ts";

/** Which work it is. Regulator, code and client never change: its slots stand under them. */
export function IdentityFields({ form, held, onChange, problemOf }: SectionProps) {
  const shell = useShell();
  const { t } = useWords();
  const directory = useStore(shell.directory.state);
  const clients = [...new Set(directory.points.map((point) => point.client))].sort();
  return (
    <FormSection name="identity">
      {held === null ? (
        <>
          <div class="form-pair">
            <Choice id={fieldId("regulator")} label={t("page.obra-form.field.regulator")} value={form.regulator} onChange={(regulator) => onChange({ regulator })} options={regulators.map((value) => ({ value, text: t(`page.obra-form.regulator.${value}`) }))} problem={problemOf("regulator")} />
            <FormField field="code" value={form.code} onInput={(code) => onChange({ code })} help={t(`page.obra-form.code.${form.regulator}`)} required problemOf={problemOf} />
          </div>
          <FormField field="client" value={form.client} onInput={(client) => onChange({ client })} help={t("page.obra-form.client.help")} list={clients} required problemOf={problemOf} />
        </>
      ) : (
        <dl class="facts">
          <div><dt>{t("page.obra-form.field.regulator")}</dt><dd>{form.regulator.toUpperCase()}</dd></div>
          <div><dt>{t("page.obra-form.field.code")}</dt><dd><code>{form.code}</code></dd></div>
          <div><dt>{t("page.obra-form.field.client")}</dt><dd>{form.client}<FieldProblemText id={fieldId("client")} problem={problemOf("client")} /></dd></div>
        </dl>
      )}
      <FormField field="name" value={form.name} onInput={(name) => onChange({ name })} required problemOf={problemOf} />
      {form.regulator === "sma" && (
        <div class="form-triple">
          <FormField field="sma.ufId" value={form.ufId} onInput={(ufId) => onChange({ ufId })} required problemOf={problemOf} />
          <FormField field="sma.procesoId" value={form.procesoId} onInput={(procesoId) => onChange({ procesoId })} required problemOf={problemOf} />
          <FormField field="sma.dispositivoId" value={form.dispositivoId} onInput={(dispositivoId) => onChange({ dispositivoId })} required problemOf={problemOf} />
        </div>
      )}
    </FormSection>
  );
}

/** How often and of which water it reports, with what each asks for. */
export function StandardFields({ form, onChange, problemOf }: SectionProps) {
  const words = useWords();
  const { t } = words;
  const asked = requiredQuantities(form).map((quantity) => t(`page.quantity.${quantity}`).toLocaleLowerCase(words.language)).join(", ");
  return (
    <FormSection name="standard">
      <div class="form-pair">
        <Choice id={fieldId("standard")} label={t("page.obra-form.field.standard")} value={form.standard} onChange={(standard) => onChange({ standard })} options={standards.map((value) => ({ value, text: t(`page.obra.standard.${value}`) }))} problem={problemOf("standard")}
          help={t(`page.obra-form.standard.${form.standard}`, { days: words.count(standardDelayDays(form.standard)) })} />
        <Choice id={fieldId("water")} label={t("page.obra-form.field.water")} value={form.water} onChange={(water) => onChange({ water })} options={waterKinds.map((value) => ({ value, text: t(`page.obra.water.${value}`) }))} problem={problemOf("water")}
          help={t("page.obra-form.asks", { quantities: asked })} />
      </div>
      {form.standard === "custom" && <FormField field="everyMinutes" value={form.everyMinutes} onInput={(everyMinutes) => onChange({ everyMinutes })} inputMode="decimal" suffix="min" required problemOf={problemOf} />}
      {form.water !== "surface-flowmeter" && form.regulator === "dga" && (
        <div>
          <label class="check"><input id={fieldId("levelMayBeMissing")} type="checkbox" checked={form.levelMayBeMissing} onChange={(event) => onChange({ levelMayBeMissing: event.currentTarget.checked })} />{t("page.obra-form.field.levelMayBeMissing")}</label>
          <p class="field-help">{t("page.obra-form.level.help")}</p>
        </div>
      )}
    </FormSection>
  );
}

/** Who answers for it, and who sends. */
export function PeopleFields({ form, onChange, problemOf }: SectionProps) {
  const { t } = useWords();
  return (
    <FormSection name="people">
      <div class="form-pair">
        <RutField field="informantRut" value={form.informantRut} help={t("page.obra-form.informant.help")} onInput={(informantRut) => onChange({ informantRut })} problemOf={problemOf} />
        <RutField field="centreRut" value={form.centreRut} help={t("page.obra-form.centre.help")} onInput={(centreRut) => onChange({ centreRut })} problemOf={problemOf} />
      </div>
    </FormSection>
  );
}

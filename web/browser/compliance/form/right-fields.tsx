import { useWords } from "../../app/hooks.tsx";
import { fieldId } from "./form-problems.ts";
import { FormField, FormSection, type SectionProps } from "./form-section.tsx";
import type { MonthDraft } from "./obra-form.ts";
import { monthName } from "../regulator-time.ts";

/** What the holder may take: in all, and of single months, which stand before it. */
export function RightFields({ form, onChange, problemOf }: SectionProps) {
  const { t } = useWords();
  const hasMonths = form.monthly.some((month) => month.flowLps !== "" || month.volumeM3 !== "");
  const wrong = form.monthly.some((_, at) => problemOf(`right.monthly.${at}.flowLps`) !== undefined || problemOf(`right.monthly.${at}.volumeM3`) !== undefined);
  return (
    <FormSection name="right">
      <div class="form-triple">
        <FormField field="right.flowLps" value={form.flowLps} onInput={(flowLps) => onChange({ flowLps })} inputMode="decimal" suffix="L/s" problemOf={problemOf} />
        <FormField field="right.annualM3" value={form.annualM3} onInput={(annualM3) => onChange({ annualM3 })} inputMode="decimal" suffix="m³" problemOf={problemOf} />
        <FormField field="right.tolerance" value={form.tolerance} onInput={(tolerance) => onChange({ tolerance })} inputMode="decimal" suffix="%" problemOf={problemOf} />
      </div>
      <p class="field-help">{t("page.obra-form.right.help")}</p>
      <details class="months" open={hasMonths || wrong}>
        <summary>{t("page.obra-form.months")}</summary>
        <p class="field-help">{t("page.obra-form.months.help")}</p>
        <table class="month-table">
          <thead><tr><th scope="col">{t("page.reports.month")}</th><th scope="col">{t("page.obra-form.months.flow")}</th><th scope="col">{t("page.obra-form.months.volume")}</th></tr></thead>
          <tbody>{form.monthly.map((month, at) => <MonthRow key={at} at={at} month={month} onChange={(row) => onChange({ monthly: form.monthly.with(at, row) })} problemOf={problemOf} />)}</tbody>
        </table>
      </details>
    </FormSection>
  );
}

function MonthRow({ at, month, onChange, problemOf }: { readonly at: number; readonly month: MonthDraft; readonly onChange: (month: MonthDraft) => void; readonly problemOf: SectionProps["problemOf"] }) {
  const { t, language } = useWords();
  const name = monthName(at + 1, language);
  return (
    <tr>
      <th scope="row">{name}</th>
      {(["flowLps", "volumeM3"] as const).map((figure) => {
        const field = `right.monthly.${at}.${figure}`;
        const problem = problemOf(field);
        return (
          <td key={figure}>
            <input id={fieldId(field)} type="text" inputMode="decimal" autocomplete="off" value={month[figure]} aria-label={`${name}, ${t(figure === "flowLps" ? "page.obra-form.months.flow" : "page.obra-form.months.volume")}`} aria-invalid={problem !== undefined}
              aria-describedby={problem === undefined ? undefined : `${fieldId(field)}-problem`} onInput={(event) => onChange({ ...month, [figure]: event.currentTarget.value })} />
            {problem !== undefined && <p class="field-problem" id={`${fieldId(field)}-problem`}>{problem.detail}</p>}
          </td>
        );
      })}
    </tr>
  );
}

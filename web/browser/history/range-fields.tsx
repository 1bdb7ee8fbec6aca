import { useState } from "preact/hooks";
import { useWords } from "../app/hooks.tsx";
import { fromFieldValue, toFieldValue } from "../format/instant.ts";
import { Field } from "../ui/field.tsx";
import { between, type Span, type TimeRange } from "./range.ts";
import { localZone } from "./use-histories.tsx";

/** From and to as a person types them, in the computer's own zone. */
export function RangeFields({ span, onApply }: { readonly span: Span; readonly onApply: (range: TimeRange) => void }) {
  const { t } = useWords();
  const [from, setFrom] = useState(toFieldValue(span.fromMs));
  const [to, setTo] = useState(toFieldValue(span.toMs));
  const [wrong, setWrong] = useState(false);
  const apply = (event: Event) => {
    event.preventDefault();
    const fromMs = fromFieldValue(from);
    const toMs = fromFieldValue(to);
    if (fromMs === null || toMs === null || fromMs >= toMs) setWrong(true);
    else onApply(between(fromMs, toMs));
  };
  return (
    <form id="range-fields" class="range-fields" onSubmit={apply}>
      <Field type="datetime-local" label={t("page.range.from")} value={from} onInput={setFrom} required />
      <Field type="datetime-local" label={t("page.range.to")} value={to} onInput={setTo} required
        problem={wrong ? { field: "to", detail: t("page.range.wrong"), next: "" } : undefined} />
      <button type="submit" class="button button-main">{t("page.range.apply")}</button>
      <span class="small">{t("page.range.zone", { zone: localZone })}</span>
    </form>
  );
}

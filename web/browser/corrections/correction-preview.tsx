import { useWords } from "../app/hooks.tsx";
import { Flag } from "../ui/flag.tsx";
import { Icon } from "../ui/icons.tsx";
import type { Corrected } from "../wire/correction.ts";

/** More nobody reads; the count says how many there are. */
const MOST_SHOWN = 200;

/** What a correction would change, fact by fact; nothing has changed yet. */
export function CorrectionPreview({ corrected, name, unit, reason }: { readonly corrected: Corrected; readonly name: string; readonly unit: string; readonly reason: string }) {
  const words = useWords();
  const { t } = words;
  const value = (number: number | null) => (number === null ? <span class="muted">{t("page.value.none")}</span> : words.exact(number));
  return (
    <>
      <p role="status">{t("page.corrections.would", { count: words.count(corrected.facts.length), name })} <q>{reason}</q></p>
      <div class="table-scroll preview-scroll" tabIndex={0} role="region" aria-label={t("page.corrections.preview")}>
        <table class="data-table">
          <thead><tr><th scope="col">{t("page.table.time")}</th><th scope="col" class="number">{t("page.corrections.before")}{unit !== "" && ` (${unit})`}</th><th scope="col">{t("page.flag")}</th><th scope="col" class="number">{t("page.corrections.after")}{unit !== "" && ` (${unit})`}</th></tr></thead>
          <tbody>
            {corrected.facts.slice(0, MOST_SHOWN).map((fact) => (
              <tr key={fact.at}>
                <th scope="row">{words.instant(fact.atMs)}</th><td class="number">{value(fact.before)}</td>
                <td>{fact.had && <Flag flag={fact.flag} compact />}{fact.bySomebody && <span class="cell-reasons">{t("page.corrections.somebody")}</span>}</td><td class="number"><b>{value(fact.after)}</b></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {corrected.facts.length > MOST_SHOWN && <p class="small">{t("page.corrections.more", { count: words.count(corrected.facts.length - MOST_SHOWN) })}</p>}
      <p class="note note-water"><Icon name="replay" /><span>{corrected.next === "" ? t("page.corrections.recomputed") : corrected.next}</span></p>
    </>
  );
}

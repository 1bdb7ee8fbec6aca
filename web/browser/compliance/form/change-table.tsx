import type { Obra } from "../../wire/obra.ts";
import { differences } from "./obra-facts.ts";
import { useFactWords } from "./use-fact-words.tsx";

/** What one version says otherwise than another, part by part; of a new work, all that it says. `saved`: it is so already. */
export function ChangeTable({ before, after, saved = false }: { readonly before: Obra | null; readonly after: Obra; readonly saved?: boolean }) {
  const words = useFactWords();
  const { t } = words;
  return (
    <table class="data-table change-table">
      <thead class={before === null ? "sr" : undefined}>
        <tr><th scope="col">{t("page.obra-form.change.part")}</th>{before !== null && <th scope="col">{t(saved ? "page.obra-form.change.was" : "page.obra-form.change.before")}</th>}<th scope="col">{t(saved ? "page.obra-form.change.theirs" : "page.obra-form.change.after")}</th></tr>
      </thead>
      <tbody>
        {differences(before, after, words).map((row) => (
          <tr key={row.part}>
            <th scope="row">{t(`page.obra.part.${row.part}`)}</th>
            {before !== null && <td class="change-before">{row.before === "" ? <span class="muted">{t("page.obra-form.change.nothing")}</span> : <del>{row.before}</del>}</td>}
            <td>{row.after === "" ? <span class="muted">{t("page.obra-form.change.nothing")}</span> : row.after}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

import { useWords } from "../app/hooks.tsx";
import { Icon } from "../ui/icons.tsx";
import type { ConfigProblem } from "../wire/provider.ts";

/** What is wrong in the file of providers, where, and what to do; `named` says whose it is. */
export function ConfigProblems({ problems, named = false }: { readonly problems: readonly ConfigProblem[]; readonly named?: boolean }) {
  const { t } = useWords();
  if (problems.length === 0) return null;
  return (
    <div class="note note-warn">
      <Icon name="suspect" />
      <div>
        <p class="note-title">{t(named ? "page.providers.problems.left-out" : "page.providers.problems")}</p>
        <ul class="problem-lines">
          {problems.map(({ account, device, line, detail }) => (
            <li key={`${account} ${device ?? ""} ${detail}`}>{[named ? account : "", device ?? ""].filter((part) => part !== "").map((part) => <b key={part}>{part} </b>)}{detail} <span class="muted">({t("page.providers.line", { line })})</span></li>
          ))}
        </ul>
        <p>{t("page.providers.problems.next")}</p>
      </div>
    </div>
  );
}

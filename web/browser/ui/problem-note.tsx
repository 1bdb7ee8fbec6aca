import type { ComponentChildren } from "preact";
import { useWords } from "../app/hooks.tsx";
import { ApiProblem } from "../wire/problem.ts";
import { Icon } from "./icons.tsx";

/** What went wrong and what to do next. Announced when it appears. */
export function ProblemNote({ error, children }: { readonly error: unknown; readonly children?: ComponentChildren }) {
  const { t } = useWords();
  if (error === null || error === undefined) return null;
  const problem = error instanceof ApiProblem ? error : null;
  const title = problem === null || problem.status === 0 ? t(problem === null ? "page.error.page" : "page.error.network") : problem.title;
  const next = problem === null || problem.status === 0 ? t("page.error.network.next") : problem.next;
  return (
    <div class="note note-bad" role="alert">
      <Icon name="bad" />
      <div>
        <p class="note-title">{title}</p>
        {problem !== null && problem.detail !== "" && problem.detail !== title && <p>{problem.detail}</p>}
        {next !== "" && <p>{next}</p>}
        {children}
      </div>
    </div>
  );
}

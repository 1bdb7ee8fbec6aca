import { useShell, useStore, useWords } from "../app/hooks.tsx";
import { PageTitle } from "../app/page-title.tsx";
import { mayConfigure } from "../wire/operations.ts";
import { DecisionList } from "./decision-list.tsx";

/** Decisions on the counts of all points, for whoever works through them. */
export function DecisionsScreen() {
  const shell = useShell();
  const { t } = useWords();
  const session = useStore(shell.session);
  return (
    <>
      <div class="page-head"><div><PageTitle text={t("page.decisions")} /><p class="lead">{t("page.decisions.text")}</p></div></div>
      <DecisionList point={null} mayEdit={session.state === "signed-in" && mayConfigure(session.person)} />
    </>
  );
}

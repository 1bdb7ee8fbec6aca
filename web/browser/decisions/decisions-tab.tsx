import { useWords } from "../app/hooks.tsx";
import type { Point } from "../wire/point.ts";
import { DecisionList } from "./decision-list.tsx";

/** What the totaliser took a point's odd counts for. */
export function DecisionsTab({ point, mayEdit, changes }: { readonly point: Point; readonly mayEdit: boolean; readonly changes: number }) {
  const { t } = useWords();
  return (
    <>
      <h2 class="section-title">{t("page.decisions.title")}</h2>
      <p class="lead">{t("page.decisions.text")}</p>
      <DecisionList point={point.id} mayEdit={mayEdit} changes={changes} />
    </>
  );
}

import { useWords } from "../app/hooks.tsx";
import { Badge } from "../ui/badge.tsx";
import { Flag } from "../ui/flag.tsx";
import type { Told } from "./told.ts";

/** Revisions of a fact, the one that holds first: what was said, since when, how good it is, by whom and why. */
export function RevisionList({ told, unit, label }: { readonly told: readonly Told[]; readonly unit: string; readonly label: string }) {
  const words = useWords();
  const { t } = words;
  return (
    <ol class="revision-list" aria-label={label}>
      {told.map(({ revision, word }, index) => (
        <li key={index} class={revision.holds ? "revision revision-holds" : "revision"}>
          <p class="revision-value">
            {revision.value === null ? <span class="muted">{t(revision.withdrawn ? "page.corrections.withdrawn" : "page.value.none")}</span> : <><b>{words.exact(revision.value)}</b> <span class="muted">{unit}</span></>}
            {revision.holds && <Badge tone="water">{t("page.corrections.holds")}</Badge>}
          </p>
          <p class="revision-known">{revision.knownAtMs !== null && t("page.corrections.known", { time: words.instant(revision.knownAtMs) })}</p>
          <p><Flag flag={revision.flag} compact />{revision.reasons.length > 0 && <span class="cell-reasons">{revision.reasons.map(words.reason).join("; ")}</span>}</p>
          <p class="revision-who">
            {revision.bySomebody
              ? <>{word === undefined ? t("page.corrections.somebody") : <><b>{word.author}</b>: <q>{word.reason}</q></>}{word?.restored === true && <span class="cell-reasons">{t("page.corrections.restored")}</span>}</>
              : <span class="muted">{t("page.corrections.computed")}</span>}
          </p>
        </li>
      ))}
    </ol>
  );
}

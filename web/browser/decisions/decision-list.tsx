import { useState } from "preact/hooks";
import { useShell, useStore, useWords } from "../app/hooks.tsx";
import { endpoints } from "../http/endpoints.ts";
import { Choice } from "../ui/field.tsx";
import { Icon } from "../ui/icons.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Segments } from "../ui/segments.tsx";
import { usePages } from "../ui/use-pages.tsx";
import { readDecision, type Decision } from "../wire/decision.ts";
import { DecisionCard, type Saying } from "./decision-card.tsx";
import { kindNames, queryOf, shownStates, type DecisionFilter } from "./filter.ts";
import { useSaid } from "./use-said.ts";
import { VerdictDialog } from "./verdict-dialog.tsx";

export interface DecisionListProps {
  /** null: of all points. */
  readonly point: string | null;
  readonly mayEdit: boolean;
  /** Grows when they may be otherwise. */
  readonly changes?: number;
}

/** Decisions on counts of a point, or of all of them: the ones that nobody has looked at first. */
export function DecisionList({ point, mayEdit, changes = 0 }: DecisionListProps) {
  const shell = useShell();
  const words = useWords();
  const { t } = words;
  const directory = useStore(shell.directory.state);
  const [filter, setFilter] = useState<DecisionFilter>({ shown: "open", kind: "", client: "" });
  const [open, setOpen] = useState<{ readonly decision: Decision; readonly saying: Saying } | null>(null);
  const [done, setDone] = useState("");
  const pages = usePages(endpoints.decisions(queryOf(filter, point)), readDecision, String(changes));
  const said = useSaid((next) => {
    const text = next === "" ? t("page.decisions.done") : next;
    pages.reload();
    setDone(text);
    shell.spoken.set(text);
    void shell.refreshOpenDecisions();
  });
  const clients = point === null ? [...new Set(directory.points.map(({ client }) => client))].sort() : [];
  return (
    <div class="tab-body">
      <section class="filter-row" aria-label={t("page.filter")}>
        <Segments label={t("page.filter.state")} name="decisions" value={filter.shown} onChange={(shown) => setFilter({ ...filter, shown })} options={shownStates.map((value) => ({ value, text: t(`page.decisions.shown.${value}`) }))} />
        <Choice quiet label={t("page.decisions.kind")} value={filter.kind} onChange={(kind) => setFilter({ ...filter, kind })}
          options={[{ value: "", text: t("page.decisions.any-kind") }, ...kindNames.map((value) => ({ value, text: t(`page.decisions.kind.${value}`) }))]} />
        {clients.length > 1 && <Choice quiet label={t("page.client")} value={filter.client} onChange={(client) => setFilter({ ...filter, client })} options={[{ value: "", text: t("page.filter.clients") }, ...clients.map((value) => ({ value, text: value }))]} />}
      </section>
      {!mayEdit && <p class="small">{t("page.may-not")}</p>}
      {done !== "" && <p class="note note-water"><Icon name="check" />{done}</p>}
      {pages.error !== null && <ProblemNote error={pages.error}><button type="button" class="button" onClick={pages.reload}>{t("page.retry")}</button></ProblemNote>}
      {pages.loading && pages.items.length === 0 && <div class="skeleton skeleton-chart" role="status"><span class="sr">{t("page.loading")}</span></div>}
      {!pages.loading && pages.error === null && pages.items.length === 0 && <div class="blank panel"><Icon name="good" size={28} /><p>{t(filter.shown === "open" ? "page.decisions.none-open" : "page.decisions.none")}</p></div>}
      <ul class="decision-list">
        {pages.items.map((decision) => (
          <DecisionCard key={decision.id} decision={decision} named={point === null} mayEdit={mayEdit} waiting={said.waiting.has(decision.id)} onSay={(saying) => { setDone(""); setOpen({ decision, saying }); }} />
        ))}
      </ul>
      {pages.more && <p class="more"><button type="button" class="button" disabled={pages.loading} onClick={pages.loadMore}>{t("page.more-items")}</button></p>}
      {open !== null && <VerdictDialog decision={open.decision} saying={open.saying} onClose={() => setOpen(null)} onSaid={(next) => { said.follow(open.decision, next); setOpen(null); }} />}
    </div>
  );
}

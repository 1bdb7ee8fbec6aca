import { useState } from "preact/hooks";
import { useShell, useStore, useWords } from "../../app/hooks.tsx";
import { endpoints } from "../../http/endpoints.ts";
import { Choice } from "../../ui/field.tsx";
import { Icon } from "../../ui/icons.tsx";
import { ProblemNote } from "../../ui/problem-note.tsx";
import { usePages } from "../../ui/use-pages.tsx";
import { readHeldSlot, type HeldSlot } from "../../wire/held-slot.ts";
import { mayReview, type Person } from "../../wire/operations.ts";
import { EditDialog } from "./edit-dialog.tsx";
import { HeldCard, type HeldAct } from "./held-card.tsx";
import { HeldDialog } from "./held-dialog.tsx";

/** What waits for a person: to be decided, or to be looked at because the regulator has it, or nobody knows. */
const waitingStandings = ["held", "unknown", "accepted-no-voucher", "mismatch", "not-found"] as const;

/** Slots that cannot be sent as they are, the oldest first. */
export function ReviewPart({ person, onChanged }: { readonly person: Person | null; readonly onChanged: () => void }) {
  const shell = useShell();
  const { t } = useWords();
  const directory = useStore(shell.directory.state);
  const [client, setClient] = useState("");
  const [standing, setStanding] = useState<string>(waitingStandings[0]);
  const [turn, setTurn] = useState(0);
  const [open, setOpen] = useState<{ readonly held: HeldSlot; readonly act: HeldAct } | null>(null);
  const [done, setDone] = useState("");
  const pages = usePages(endpoints.review({ client, standing }), readHeldSlot, String(turn));
  const clients = [...new Set(directory.points.map((point) => point.client))].sort();
  const acted = (text: string) => {
    setOpen(null);
    setDone(text);
    shell.spoken.set(text);
    setTurn((before) => before + 1);
    onChanged();
  };
  const may = mayReview(person);
  return (
    <div class="tab-body">
      <section class="filter-row" aria-label={t("page.filter")}>
        <Choice quiet label={t("page.filter.state")} value={standing} onChange={setStanding} options={waitingStandings.map((value) => ({ value, text: t(`page.review.standing.${value}`) }))} />
        {clients.length > 1 && <Choice quiet label={t("page.client")} value={client} onChange={setClient} options={[{ value: "", text: t("page.filter.clients") }, ...clients.map((value) => ({ value, text: value }))]} />}
      </section>
      {standing !== "held" && <p class="small">{t("page.review.look")}</p>}
      {!may && <p class="small">{t("page.may-not")}</p>}
      {done !== "" && <p class="note note-water"><Icon name="check" />{done}</p>}
      {pages.error !== null && <ProblemNote error={pages.error}><button type="button" class="button" onClick={pages.reload}>{t("page.retry")}</button></ProblemNote>}
      {pages.loading && pages.items.length === 0 && <div class="skeleton skeleton-chart" role="status"><span class="sr">{t("page.loading")}</span></div>}
      {!pages.loading && pages.error === null && pages.items.length === 0 && <div class="blank panel"><Icon name="good" size={28} /><p>{t("page.review.none")}</p></div>}
      <ul class="held-list">
        {pages.items.map((held) => <HeldCard key={`${held.work} ${held.slot}`} held={held} may={may && held.standing === "held"} me={person?.name ?? ""} onAct={(act) => { setDone(""); setOpen({ held, act }); }} />)}
      </ul>
      {pages.more && <p class="more"><button type="button" class="button" disabled={pages.loading} onClick={pages.loadMore}>{t("page.more-items")}</button></p>}
      {open !== null && open.act === "edit" && <EditDialog held={open.held} onClose={() => setOpen(null)} onDone={() => acted(t("page.review.edit.done"))} />}
      {open !== null && open.act !== "edit" && <HeldDialog held={open.held} act={open.act} onClose={() => setOpen(null)} onDone={() => acted(t("page.review.done"))} />}
    </div>
  );
}

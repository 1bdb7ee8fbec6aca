import { useState } from "preact/hooks";
import { useStore, useShell, useWords } from "../app/hooks.tsx";
import { PageTitle } from "../app/page-title.tsx";
import { endpoints } from "../http/endpoints.ts";
import { Choice } from "../ui/field.tsx";
import { Icon } from "../ui/icons.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { usePages } from "../ui/use-pages.tsx";
import { mayConfigure, readParked, readReplayResult, type ParkedItem, type ReplayResult } from "../wire/operations.ts";
import { parkReasonCodes } from "../text/names.ts";
import { DiscardDialog, ReplayAllDialog, ValueDialog } from "./parked-dialogs.tsx";
import type { ParkedFilter } from "./parked-filter.ts";
import { ParkedRow } from "./parked-row.tsx";

const states = ["parked", "replayed", "discarded"] as const;
const groups = ["collector", "processor-mapping", "processor-judging", "processor-hot", "processor-warm", "archiver-cold"] as const;
const anything: ParkedFilter = { reason: "", group: "", client: "", state: "parked" };

type Open = { readonly what: "value" | "discard"; readonly item: ParkedItem } | { readonly what: "replay-all" } | null;

/** What could not be used, why, and what can be done about it. Nothing here is lost. */
export function ParkedScreen() {
  const shell = useShell();
  const words = useWords();
  const { t } = words;
  const session = useStore(shell.session);
  const directory = useStore(shell.directory.state);
  const [filter, setFilter] = useState(anything);
  const [open, setOpen] = useState<Open>(null);
  const [error, setError] = useState<unknown>(null);
  const [done, setDone] = useState("");
  const pages = usePages(endpoints.parked({ ...filter }), readParked);
  const mayAct = session.state === "signed-in" && mayConfigure(session.person);
  const clients = [...new Set([...directory.points.map((point) => point.client), ...pages.items.map((item) => item.client)])].filter((client) => client !== "").sort();

  const resultText = ({ replayed, stillParked }: ReplayResult) => t("page.parked.result", { replayed: words.count(replayed), still: words.count(stillParked) });
  const after = (said: string) => {
    setOpen(null);
    setError(null);
    setDone(said);
    shell.spoken.set(said);
    pages.reload();
    void shell.refreshStatus();
  };
  const replay = async (item: ParkedItem) => {
    try {
      const result = readReplayResult(await shell.api.call(endpoints.replay(item.id), { method: "POST" }));
      after(resultText(result));
    } catch (refused) {
      setError(refused);
    }
  };
  return (
    <>
      <div class="page-head">
        <div><PageTitle text={t("page.parked")} /><p class="lead">{t("page.parked.text")}</p></div>
        {mayAct && filter.state === "parked" && pages.items.length > 0 && (
          <button type="button" class="button" onClick={() => setOpen({ what: "replay-all" })}><Icon name="replay" size={18} />{t("page.parked.replay-all")}</button>
        )}
      </div>
      <section class="filter-row" aria-label={t("page.filter")}>
        <Choice label={t("page.parked.state")} value={filter.state} onChange={(state) => setFilter({ ...filter, state })} options={states.map((value) => ({ value, text: t(`page.parked.state.${value}`) }))} />
        <Choice label={t("page.parked.reason")} value={filter.reason} onChange={(reason) => setFilter({ ...filter, reason })}
          options={[{ value: "", text: t("page.parked.any-reason") }, ...parkReasonCodes(words.texts).map((code) => ({ value: code, text: words.park(code) }))]} />
        <Choice label={t("page.parked.group")} value={filter.group} onChange={(group) => setFilter({ ...filter, group })} options={[{ value: "", text: t("page.parked.any-group") }, ...groups.map((value) => ({ value, text: value }))]} />
        {clients.length > 1 && <Choice label={t("page.client")} value={filter.client} onChange={(client) => setFilter({ ...filter, client })} options={[{ value: "", text: t("page.filter.clients") }, ...clients.map((value) => ({ value, text: value }))]} />}
      </section>
      <ProblemNote error={error} />
      {done !== "" && <p class="note note-water"><Icon name="check" />{done}</p>}
      {pages.error !== null && <ProblemNote error={pages.error}><button type="button" class="button" onClick={pages.reload}>{t("page.retry")}</button></ProblemNote>}
      {pages.loading && pages.items.length === 0 && <div class="skeleton skeleton-row" role="status"><span class="sr">{t("page.loading")}</span></div>}
      {!pages.loading && pages.error === null && pages.items.length === 0 && <div class="blank panel"><Icon name="good" size={28} /><p>{t(filter.state === "parked" && filter.reason === "" && filter.group === "" ? "page.parked.none" : "page.parked.none-here")}</p></div>}
      <ul class="parked-list">
        {pages.items.map((item) => (
          <ParkedRow key={item.id} item={item} mayAct={mayAct} onReplay={() => void replay(item)} onView={() => setOpen({ what: "value", item })} onDiscard={() => setOpen({ what: "discard", item })} />
        ))}
      </ul>
      {pages.more && <p class="more"><button type="button" class="button" disabled={pages.loading} onClick={pages.loadMore}>{t("page.more-items")}</button></p>}
      {open?.what === "value" && <ValueDialog item={open.item} onClose={() => setOpen(null)} />}
      {open?.what === "discard" && <DiscardDialog item={open.item} onClose={() => setOpen(null)} onDone={() => after(t("page.parked.discarded-one"))} />}
      {open?.what === "replay-all" && <ReplayAllDialog filter={filter} onClose={() => setOpen(null)} onDone={(result) => after(resultText(result))} />}
    </>
  );
}

import { useMemo, useState } from "preact/hooks";
import { useAsked, useLatest, useShell, useStore, useWords } from "../app/hooks.tsx";
import { PageTitle } from "../app/page-title.tsx";
import type { PointTab } from "../app/router.ts";
import { endpoints } from "../http/endpoints.ts";
import { isAbort } from "../http/request.ts";
import { HistoryView } from "../history/history-view.tsx";
import { Age } from "../ui/age.tsx";
import { Badge } from "../ui/badge.tsx";
import { Icon } from "../ui/icons.tsx";
import { lazyView } from "../ui/lazy-view.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { mayConfigure } from "../wire/operations.ts";
import { readPointLatest, type Point } from "../wire/point.ts";
import { asPage } from "../wire/read.ts";
import { BalancePanel } from "./balance-panel.tsx";
import { CompletenessPanel } from "./completeness-panel.tsx";
import { ConfigDialog } from "./config-dialog.tsx";
import { LatestCards } from "./latest-cards.tsx";
import { PointFacts } from "./point-facts.tsx";
import { PointTabs } from "./point-tabs.tsx";
import { RecountNote } from "./recount-note.tsx";

const SettingsTab = lazyView(async () => (await import("../settings/settings-tab.tsx")).SettingsTab);
const DecisionsTab = lazyView(async () => (await import("../decisions/decisions-tab.tsx")).DecisionsTab);
const CorrectionsTab = lazyView(async () => (await import("../corrections/corrections-tab.tsx")).CorrectionsTab);

/** What follows from a correction is there within these times, unless it reaches far back. */
const AFTER_CORRECTION_MS = [300, 1_500, 5_000];

/** One point: its newest values, its history, how complete it is, and where it comes from; its settings, decisions and corrections. */
export function PointScreen({ id, tab }: { readonly id: string; readonly tab: PointTab }) {
  const shell = useShell();
  const { t } = useWords();
  const directory = useStore(shell.directory.state);
  const asked = useAsked(id, async (signal) => {
    const [point, latest] = await Promise.all([
      shell.directory.point(id),
      shell.api.call(endpoints.latestOf([id]), { signal }).catch((error: unknown) => {
        if (isAbort(error)) throw error;
        return undefined;
      }),
    ]);
    shell.book.apply(asPage(latest, readPointLatest).items, "loaded");
    return point;
  });
  const point = directory.points.find((candidate) => candidate.id === id) ?? asked.value;
  if (asked.error !== null && point === undefined) return <><Crumbs /><PageTitle text={t("page.point")} /><ProblemNote error={asked.error} /></>;
  if (point === undefined || asked.loading) {
    return <><Crumbs /><PageTitle text={point?.name ?? t("page.point")} /><div class="skeleton skeleton-cards" role="status"><span class="sr">{t("page.loading")}</span></div><div class="skeleton skeleton-chart" /></>;
  }
  return <PointBody point={point} tab={tab} />;
}

function Crumbs() {
  const { t } = useWords();
  return <p class="crumbs"><a href="/"><Icon name="left" size={16} />{t("page.points")}</a></p>;
}

function PointBody({ point, tab }: { readonly point: Point; readonly tab: PointTab }) {
  const shell = useShell();
  const { t } = useWords();
  const session = useStore(shell.session);
  const [editing, setEditing] = useState(false);
  const [changes, setChanges] = useState(0);
  const lookAgain = () => AFTER_CORRECTION_MS.forEach((delayMs) => setTimeout(() => setChanges((before) => before + 1), delayMs));
  const latestMs = shell.book.get(point.id)?.timeMs;
  const guessed = point.variables.some((row) => row.guessed && !row.ignored);
  const mayEdit = session.state === "signed-in" && mayConfigure(session.person);
  const where = useMemo(() => [point.client, point.device === point.name ? "" : point.device, point.channel].filter((part) => part !== "").join(" · "), [point]);
  return (
    <>
      <Crumbs />
      <div class="page-head point-page-head">
        <div>
          <PageTitle text={point.name} />
          <p class="point-sub">
            <span>{where}</span>
            {latestMs !== undefined && <span>{t("page.latest.age")} <PointAge id={point.id} /></span>}
            {guessed && <Badge icon="guess" tone="guess" title={t("page.guessed.text")}>{t("page.guessed")}</Badge>}
            {point.labels["time"] === "compressed" && <Badge icon="fast" tone="water">{t("page.compressed")}</Badge>}
          </p>
        </div>
        {mayEdit && <button type="button" class="button" onClick={() => setEditing(true)}><Icon name="edit" size={18} />{t("page.edit")}</button>}
      </div>
      {point.labels["time"] === "compressed" && <p class="note note-water"><Icon name="fast" /><span>{t("page.compressed.text")}</span></p>}
      <PointTabs point={point.id} tab={tab} />
      <RecountNote point={point.id} onDone={() => { setChanges((before) => before + 1); void shell.refreshOpenDecisions(); }} />
      {tab === "history" && (
        <>
          <LatestCards point={point} />
          <HistoryView point={point} changes={changes} mayCorrect={mayEdit} onCorrected={lookAgain} />
          <div class="columns">
            <CompletenessPanel point={point} />
            <PointFacts point={point} />
          </div>
          <BalancePanel point={point} changes={changes} />
        </>
      )}
      {tab === "settings" && <SettingsTab point={point} mayEdit={mayEdit} />}
      {tab === "decisions" && <DecisionsTab point={point} mayEdit={mayEdit} changes={changes} />}
      {tab === "corrections" && <CorrectionsTab point={point} mayEdit={mayEdit} />}
      {editing && <ConfigDialog point={point} onClose={() => setEditing(false)} onSaved={() => { setEditing(false); setChanges(changes + 1); }} />}
    </>
  );
}

function PointAge({ id }: { readonly id: string }) {
  const latest = useLatest(id);
  return latest === undefined ? null : <Age timeMs={latest.timeMs} />;
}

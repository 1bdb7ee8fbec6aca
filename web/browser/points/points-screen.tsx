import { useEffect, useMemo, useReducer, useState } from "preact/hooks";
import { useNow, useShell, useStore, useWords } from "../app/hooks.tsx";
import { PageTitle } from "../app/page-title.tsx";
import { Icon } from "../ui/icons.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { countPoints, filterPoints, noFilter, type PointFilter } from "./filter.ts";
import { PointFilters } from "./point-filters.tsx";
import { PointList, PointListSkeleton } from "./point-list.tsx";
import { SendGuide } from "./send-guide.tsx";

/** Flags and silences are counted anew this often; values of rows change at once. */
const RECOUNT_MS = 2_000;
const SPEAK_EVERY_MS = 60_000;
const SERVER_SEARCH_DELAY_MS = 400;

/** All points with their newest values, live. */
export function PointsScreen() {
  const shell = useShell();
  const words = useWords();
  const { t } = words;
  const directory = useStore(shell.directory.state);
  const [filter, setFilter] = useState<PointFilter>(noFilter);
  const [guide, setGuide] = useState(false);
  const nowMs = useNow(RECOUNT_MS);
  useSpokenSummary();
  useServerSearch(directory.more, filter.text);

  const facts = useMemo(() => ({ latest: shell.book.get, nowMs }), [shell, nowMs]);
  const shown = useMemo(() => filterPoints(directory.points, filter, facts, words.language), [directory.points, filter, facts, words.language]);
  const counts = useMemo(() => countPoints(directory.points, facts), [directory.points, facts]);

  if (directory.points.length === 0 && directory.loading) {
    return <><PageTitle text={t("page.points")} /><PointListSkeleton /></>;
  }
  if (directory.points.length === 0 && directory.error !== null) {
    return <><PageTitle text={t("page.points")} /><ProblemNote error={directory.error}><RetryButton /></ProblemNote></>;
  }
  if (directory.points.length === 0 && filter.text === "") {
    return <><PageTitle text={t("page.points")} /><SendGuide empty /></>;
  }
  return (
    <>
      <div class="page-head">
        <PageTitle text={t("page.points")} />
        <button type="button" class="button" aria-expanded={guide} aria-controls="send-guide" onClick={() => setGuide(!guide)}>
          <Icon name="send" size={18} />{t("page.send.open")}
        </button>
      </div>
      <div id="send-guide">{guide && <SendGuide />}</div>
      {directory.error !== null && <ProblemNote error={directory.error}><RetryButton /></ProblemNote>}
      <PointFilters filter={filter} onChange={setFilter} total={directory.points.length} shown={shown.length} counts={counts} />
      {directory.more && <p class="note">{t("page.points.more", { count: words.count(directory.points.length) })}</p>}
      {shown.length === 0
        ? <div class="blank"><p>{t("page.points.none")}</p><button type="button" class="button" onClick={() => setFilter(noFilter)}>{t("page.filter.clear")}</button></div>
        : <PointList points={shown} />}
    </>
  );
}

function RetryButton() {
  const shell = useShell();
  const { t } = useWords();
  return <button type="button" class="button" onClick={() => void shell.directory.load()}>{t("page.retry")}</button>;
}

/** Once a minute at most a screen reader hears how many points changed. */
function useSpokenSummary(): void {
  const shell = useShell();
  const { t } = useWords();
  useEffect(() => {
    const timer = setInterval(() => {
      const count = shell.book.takeChanged();
      if (count > 0) shell.spoken.set(t("page.points.changed", { count }));
    }, SPEAK_EVERY_MS);
    return () => clearInterval(timer);
  }, [shell, t]);
}

/** With more points than are loaded, a search goes to the server. */
function useServerSearch(more: boolean, text: string): void {
  const shell = useShell();
  const [asks, setAsks] = useReducer((_: boolean, next: boolean) => next, false);
  useEffect(() => {
    if (!more && !asks) return;
    const timer = setTimeout(() => {
      setAsks(text !== "");
      void shell.directory.load(text);
    }, SERVER_SEARCH_DELAY_MS);
    return () => clearTimeout(timer);
  }, [text]);
}

import { useMemo, useState } from "preact/hooks";
import { useShell, useStore, useWords } from "../app/hooks.tsx";
import { pointHref } from "../app/router.ts";
import { ChartPanel } from "../chart/chart-panel.tsx";
import { useChartColours } from "../chart/theme-colours.tsx";
import type { Correcting } from "../corrections/corrector.tsx";
import { useVariables } from "../points/catalogue.ts";
import { Icon } from "../ui/icons.tsx";
import { lazyView } from "../ui/lazy-view.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import type { Point } from "../wire/point.ts";
import { AsOfNote } from "./as-of-note.tsx";
import { CoverageLine } from "./coverage-line.tsx";
import { HistoryTable } from "./history-table.tsx";
import { HistoryToolbar } from "./history-toolbar.tsx";
import { linesOf, variablesOf } from "./lines.ts";
import { MarkedList } from "./marked-list.tsx";
import { panelsOf } from "./panels.ts";
import { PickBar, type Picked } from "./pick-bar.tsx";
import { between, type TimeRange } from "./range.ts";
import { useHistories } from "./use-histories.tsx";
import { firstView, readViewState, writeViewState, type ViewState } from "./view-state.ts";

const Corrector = lazyView(async () => (await import("../corrections/corrector.tsx")).Corrector);

/** A point that sent within this time is watched live at first. */
const FAST_MS = 15_000;
const CHART_HEIGHT_PX = 280;

export interface HistoryViewProps {
  readonly point: Point;
  readonly changes: number;
  readonly mayCorrect: boolean;
  readonly onCorrected: () => void;
}

/** The history of a point and of those beside it, as charts or as a table. What is shown stands in the address. */
export function HistoryView({ point, changes, mayCorrect, onCorrected }: HistoryViewProps) {
  const shell = useShell();
  const words = useWords();
  const { t } = words;
  const colours = useChartColours();
  const catalogue = useVariables();
  const [picked, setPicked] = useState<Picked | null>(null);
  const [correcting, setCorrecting] = useState<{ readonly point: Point; readonly first: Correcting } | null>(null);
  const place = useStore(shell.place);
  const directory = useStore(shell.directory.state);
  const first = useMemo(() => firstViewOf(shell.book.get(point.id)?.timeMs, shell.clock.nowMs()), [point.id]);
  const state = useMemo(() => readViewState(place.search, first), [place.search, first]);
  const change = (part: Partial<ViewState>) => shell.navigate(pointHref(point.id) + writeViewState({ ...state, ...part }, first), "replace");
  const beside = state.beside.map((id) => directory.points.find((other) => other.id === id)).filter((other) => other !== undefined && other.id !== point.id);
  const points = useMemo(() => [point, ...beside.filter((other) => other !== undefined)], [point, directory.points, state.beside.join()]);
  const { span, histories, loading, error, live, retry } = useHistories(points, state, changes);

  const hidden = useMemo(() => new Set(state.hidden), [state.hidden.join()]);
  const sources = useMemo(() => points.flatMap((member) => {
    const history = histories.find((candidate) => candidate.point === member.id);
    return history === undefined ? [] : [{ point: member, history }];
  }), [points, histories]);
  const lines = useMemo(() => linesOf(sources, { hidden, measure: state.measure, language: words.language, catalogue }), [sources, hidden, state.measure, words.language, catalogue]);
  const panels = useMemo(() => panelsOf(lines, state.layout), [lines, state.layout]);
  const empty = histories.length > 0 && lines.every((line) => line.cells.every((cell) => cell.value === null));
  const several = points.length > 1;
  const onRange = (range: TimeRange) => change({ range });
  const raw = histories.some((history) => history.resolution === "raw");
  const open = (id: string, first: Correcting) => {
    const member = points.find((candidate) => candidate.id === id);
    if (member !== undefined) setCorrecting({ point: member, first });
  };
  const stretch = () => open(point.id, { what: "correct", place: { variable: picked?.line.point === point.id ? picked.line.variable : (lines.find((line) => line.point === point.id)?.variable ?? ""), fromMs: span.fromMs, toMs: span.toMs } });
  return (
    <section class="history" aria-labelledby="history-title">
      <h2 id="history-title" class="section-title">{t("page.history")}{live && <span class="live-mark"><span class="pill-dot" aria-hidden="true" />{t("page.history.live")}</span>}</h2>
      <HistoryToolbar point={point} points={points} state={state} span={span} histories={histories} variables={variablesOf(point, histories[0], words.language, catalogue)} onChange={change} />
      {state.asOfMs !== null && <AsOfNote asOfMs={state.asOfMs} onNow={() => change({ asOfMs: null })} />}
      {error !== null && <ProblemNote error={error}><button type="button" class="button" onClick={retry}>{t("page.retry")}</button></ProblemNote>}
      {histories.some((history) => history.truncated) && <p class="note note-warn"><Icon name="suspect" /><span>{t("page.history.truncated")}</span></p>}
      <div class={loading ? "history-body history-loading" : "history-body"} aria-busy={loading}>
        {histories.length === 0 && loading && <div class="skeleton skeleton-chart" role="status"><span class="sr">{t("page.loading")}</span></div>}
        {empty && <EmptyRange point={point} onRange={onRange} />}
        {!empty && state.view === "chart" && (
          <div class={panels.length > 1 ? "panels panels-many" : "panels"}>
            {panels.map((panel) => <ChartPanel key={panel.id} panel={panel} span={span} colours={colours} height={CHART_HEIGHT_PX} syncKey={point.id} several={several} onRange={onRange} {...(raw ? { onPick: setPicked } : {})} />)}
          </div>
        )}
        {!empty && state.view === "chart" && <MarkedList lines={lines} several={several} />}
        {!empty && state.view === "table" && <HistoryTable lines={lines} several={several} onOpen={(id, at) => open(id, { what: "instant", at })} />}
      </div>
      {!empty && histories.length > 0 && state.asOfMs === null && (
        <PickBar picked={picked} raw={raw} table={state.view === "table"} several={several} mayCorrect={mayCorrect} onStretch={stretch} onOpen={({ line, cell }) => open(line.point, { what: "instant", at: cell.time, variable: line.variable })} />
      )}
      {correcting !== null && <Corrector point={correcting.point} mayCorrect={mayCorrect} first={correcting.first} onClose={() => setCorrecting(null)} onSaved={() => { setCorrecting(null); shell.spoken.set(t("page.corrections.saved")); onCorrected(); }} />}
      {sources.map(({ point: member, history }) => <CoverageLine key={member.id} name={several ? member.name : ""} history={history} />)}
    </section>
  );
}

function firstViewOf(latestMs: number | undefined, nowMs: number): ViewState {
  const fast = latestMs !== undefined && nowMs - latestMs < FAST_MS;
  return fast ? { ...firstView, range: { kind: "last", preset: "15m" } } : firstView;
}

/** Nothing in this range: says so, and leads to where something is. */
function EmptyRange({ point, onRange }: { readonly point: Point; readonly onRange: (range: TimeRange) => void }) {
  const shell = useShell();
  const words = useWords();
  const latestMs = shell.book.get(point.id)?.timeMs;
  return (
    <div class="blank panel">
      <p>{words.t("page.history.empty")}</p>
      {latestMs !== undefined && (
        <button type="button" class="button" onClick={() => onRange(between(latestMs - 86_400_000, latestMs + 60_000))}>
          {words.t("page.history.to-latest", { time: words.minute(latestMs) })}
        </button>
      )}
    </div>
  );
}

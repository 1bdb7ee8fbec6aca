import { useEffect, useMemo, useState } from "preact/hooks";
import { useAsked, useShell, useStore } from "../app/hooks.tsx";
import type { Point } from "../wire/point.ts";
import { withMeasurements } from "./live-tail.ts";
import { loadHistory, resolveSpan, type LoadedHistory } from "./load.ts";
import { spanOf, type Span } from "./range.ts";
import { refreshMs } from "./resolution.ts";
import type { ViewState } from "./view-state.ts";

export interface Histories {
  readonly span: Span;
  readonly histories: readonly LoadedHistory[];
  readonly loading: boolean;
  readonly error: unknown;
  /** True while new samples appear at the end. */
  readonly live: boolean;
  readonly retry: () => void;
}

/** Longer ranges move less than a pixel in a second. */
const LONGEST_SLIDING_MS = 6 * 3_600_000 + 1;
const SLIDE_MS = 1_000;
const NO_HISTORIES: readonly LoadedHistory[] = [];

export const localZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Histories of points over the range that is shown: asked, asked again as buckets fill, and with live samples at the end of raw ones. */
export function useHistories(points: readonly Point[], state: ViewState, changes: number): Histories {
  const shell = useShell();
  const resets = useStore(shell.resets);
  const [turn, setTurn] = useState(0);
  const key = JSON.stringify([points.map((point) => point.id), state.range, state.resolution, state.asOfMs, changes, resets, turn]);
  const asked = useAsked(key, async (signal) => {
    const nowMs = shell.clock.nowMs();
    const span = await resolveSpan(shell.api, state.range, { points: points.map((point) => point.id), nowMs, signal });
    const query = { span, resolution: state.resolution, zone: localZone, asOfMs: state.asOfMs };
    return { span, nowMs, histories: await Promise.all(points.map((point) => loadHistory(shell.api, point, query, signal))) };
  });

  // What was known then does not change any more.
  const moves = state.range.kind !== "between" && state.asOfMs === null;
  const loaded = asked.value;
  const raw = loaded !== undefined && loaded.histories.some((history) => history.resolution === "raw" && !history.truncated);
  const resolution = loaded?.histories[0]?.resolution ?? "raw";
  const [tail, setTail] = useState<{ of: typeof loaded; histories: readonly LoadedHistory[]; span: Span } | null>(null);
  const now = tail !== null && tail.of === loaded ? tail : null;

  useEffect(() => {
    if (!moves || loaded === undefined) return;
    const timer = setInterval(() => document.hidden || setTurn((before) => before + 1), refreshMs(resolution));
    return () => clearInterval(timer);
  }, [moves, loaded, resolution]);

  useEffect(() => {
    if (!moves || !raw || loaded === undefined) return;
    const lengthMs = loaded.span.toMs - loaded.span.fromMs;
    let histories: readonly LoadedHistory[] = loaded.histories;
    const show = () => {
      const toMs = Math.max(shell.clock.nowMs(), loaded.span.toMs);
      setTail({ of: loaded, histories, span: { fromMs: state.range.kind === "all" ? loaded.span.fromMs : toMs - lengthMs, toMs } });
    };
    const stop = shell.listen((batch) => {
      const next = withMeasurements(histories, batch, state.range.kind === "all" ? loaded.span.fromMs : shell.clock.nowMs() - lengthMs);
      if (next === histories) return;
      histories = next;
      show();
    });
    const timer = lengthMs <= LONGEST_SLIDING_MS ? setInterval(() => document.hidden || show(), SLIDE_MS) : undefined;
    return () => {
      stop();
      clearInterval(timer);
    };
  }, [moves, raw, loaded, shell]);

  /** Fixed instants are shown at once, so that a second zoom goes on from the first while its data are still coming. */
  const fixed = useMemo(() => (state.range.kind === "between" ? spanOf(state.range, 0, null) : null), [key]);
  const fallback = useMemo(() => ({ fromMs: shell.clock.nowMs() - 86_400_000, toMs: shell.clock.nowMs() }), [shell]);
  return {
    span: fixed ?? now?.span ?? loaded?.span ?? fallback, histories: now?.histories ?? loaded?.histories ?? NO_HISTORIES, loading: asked.loading, error: asked.error,
    live: moves && raw, retry: () => setTurn((before) => before + 1),
  };
}

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useLatest, useShell, useWords } from "../app/hooks.tsx";
import type { Point } from "../wire/point.ts";
import { createTurnstile, loadSpark, SPARK_HOURS, sparkVariable, withLive, type SparkData } from "./spark-source.ts";
import { sparkline } from "./sparkline.ts";

const WIDTH = 160;
const HEIGHT = 40;
const RELOAD_MS = 300_000;
const turnstile = createTurnstile(4);

/** The last hours of a point's main variable. Asked for only when the row comes near the screen. */
export function Sparkline({ point }: { readonly point: Point }) {
  const shell = useShell();
  const words = useWords();
  const latest = useLatest(point.id);
  const box = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState(false);
  const [data, setData] = useState<SparkData | null>(null);
  const variable = useMemo(() => sparkVariable(point), [point]);

  useEffect(() => {
    if (box.current === null) return;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) setSeen(true);
    }, { rootMargin: "200px" });
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    if (!seen || variable === undefined) return;
    const controller = new AbortController();
    const load = () => {
      turnstile(() => loadSpark(shell.api, { point: point.id, variable, nowMs: shell.clock.nowMs(), signal: controller.signal })).then(
        (loaded) => controller.signal.aborted || setData(loaded),
        () => controller.signal.aborted || setData((before) => before ?? { cells: [], spanMs: 0, gapMs: 0, raw: true }),
      );
    };
    load();
    const timer = setInterval(load, RELOAD_MS);
    return () => {
      controller.abort();
      clearInterval(timer);
    };
  }, [seen, shell, point.id, variable?.variable]);

  const value = variable === undefined ? undefined : latest?.values.get(variable.variable);
  const live = useMemo(() => (data === null || value === undefined ? data : withLive(data, value)), [data, value]);
  useEffect(() => {
    if (live !== data) setData(live);
  }, [live]);

  const toMs = Math.max(shell.clock.nowMs(), live?.cells.at(-1)?.timeMs ?? 0);
  const path = live === null ? null : sparkline(live.cells, { width: WIDTH, height: HEIGHT, fromMs: toMs - live.spanMs, toMs, gapMs: live.gapMs });
  return (
    <div ref={box} class={live === null ? "spark spark-waiting" : "spark"}>
      {path !== null && live !== null && variable !== undefined && (
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={words.t(live.raw ? "page.spark.minutes" : "page.spark.label", {
          hours: SPARK_HOURS, variable: words.name(variable.name), min: words.short(path.min), max: words.short(path.max),
        })}>
          <path class="spark-area" d={path.area} />
          <path class="spark-line" d={path.line} vector-effect="non-scaling-stroke" />
        </svg>
      )}
      {live !== null && path === null && <span class="spark-none">{words.t("page.spark.none")}</span>}
    </div>
  );
}

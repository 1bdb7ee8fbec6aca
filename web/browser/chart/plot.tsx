import uPlot from "uplot";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Panel } from "../history/panels.ts";
import { between, type Span, type TimeRange } from "../history/range.ts";
import type { Language } from "../text/catalog.ts";
import { columnsOf, layoutOf, shapeOf, type ChartColours } from "./layout.ts";
import { drawMarks, marksOf, thinned, toneOf, type Mark } from "./marks.ts";

export interface PlotProps {
  readonly panel: Panel;
  readonly span: Span;
  readonly colours: ChartColours;
  readonly language: Language;
  readonly height: number;
  /** Charts of one key share their cursor. */
  readonly syncKey: string;
  /** Instant to show the cursor at, set by keyboard; null leaves it to the pointer. */
  readonly cursorMs: number | null;
  /** `own` is false when another chart's cursor leads. */
  readonly onPointer: (timeMs: number | null, leftPx: number, own: boolean) => void;
  readonly onZoom: (range: TimeRange) => void;
  /** A click that is no drag, at the instant under it. */
  readonly onPick?: ((timeMs: number) => void) | undefined;
}

const SMALLEST_DRAG_PX = 8;

/** A uPlot chart kept in step with its panel: new data are exchanged, a new shape makes a new chart. */
export function Plot(props: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const marks = useRef<Mark[]>([]);
  marks.current = marksOf(props.panel);
  const shape = shapeOf(props.panel);

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const made = makeChart(element, latest, marks);
    chart.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: latest.current.height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, [shape, props.colours, props.language, props.height, props.syncKey]);

  useEffect(() => {
    chart.current?.setData(columnsOf(props.panel).data);
  }, [props.panel, props.span.fromMs, props.span.toMs]);

  useEffect(() => {
    const made = chart.current;
    if (made === null || props.cursorMs === null) return;
    made.setCursor({ left: made.valToPos(props.cursorMs, "x"), top: made.bbox.height / uPlot.pxRatio / 2 });
  }, [props.cursorMs]);

  return <div ref={box} class="plot-canvas" aria-hidden="true" />;
}

function makeChart(element: HTMLElement, latest: { readonly current: PlotProps }, marks: { readonly current: Mark[] }): uPlot {
  const { panel, colours, language, height, syncKey } = latest.current;
  const bars = uPlot.paths.bars?.({ size: [0.8, 40] });
  const options = layoutOf({ panel, colours, language, width: element.clientWidth, height, span: () => latest.current.span, syncKey, bars });
  options.hooks = {
    draw: [(self) => drawMarks(self.ctx, placed(self, marks.current), uPlot.pxRatio, colours)],
    setCursor: [(self) => {
      const left = self.cursor.left ?? -1;
      latest.current.onPointer(left < 0 ? null : self.posToVal(left, "x"), left + self.over.offsetLeft, self.cursor.event != null);
    }],
    setSelect: [(self) => {
      const { left, width } = self.select;
      if (width < SMALLEST_DRAG_PX) return;
      const range = between(self.posToVal(left, "x"), self.posToVal(left + width, "x"));
      self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      latest.current.onZoom(range);
    }],
  };
  const made = new uPlot(options, columnsOf(panel).data, element);
  let downPx: number | null = null;
  made.over.addEventListener("mousedown", (event) => (downPx = event.clientX));
  made.over.addEventListener("click", (event) => {
    if (downPx !== null && Math.abs(event.clientX - downPx) < SMALLEST_DRAG_PX) latest.current.onPick?.(made.posToVal(event.clientX - made.over.getBoundingClientRect().left, "x"));
    downPx = null;
  });
  return made;
}

function placed(self: uPlot, marks: readonly Mark[]) {
  const { fromMs, toMs } = { fromMs: self.scales["x"]?.min ?? 0, toMs: self.scales["x"]?.max ?? 0 };
  const shown = marks.filter(({ cell }) => cell.timeMs >= fromMs && cell.timeMs <= toMs);
  return thinned(shown.map(({ scale, cell }) => ({
    x: self.valToPos(cell.timeMs, "x", true), y: self.valToPos(cell.value ?? 0, scale, true), tone: toneOf(cell),
  })), uPlot.pxRatio);
}

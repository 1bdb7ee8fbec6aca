import { between, presetNames, type Preset, type TimeRange } from "./range.ts";
import { isResolution, type Resolution } from "./resolution.ts";
import { layouts, type PanelLayout } from "./panels.ts";

/** What a point's page shows, kept in its address so that a link shows the same. */
export interface ViewState {
  readonly range: TimeRange;
  readonly resolution: Resolution;
  /** Other points on the same charts. */
  readonly beside: readonly string[];
  /** Variables that are hidden. */
  readonly hidden: readonly string[];
  readonly layout: PanelLayout;
  readonly view: "chart" | "table";
  /** Of totals: what stands on the meter, or what each bucket counted. */
  readonly measure: "value" | "consumption";
  /** What was known then; null for what is known now. */
  readonly asOfMs: number | null;
}

export const firstView: ViewState = {
  range: { kind: "last", preset: "24h" }, resolution: "auto", beside: [], hidden: [], layout: "apart", view: "chart", measure: "value", asOfMs: null,
};

/** More lines than this nobody can tell apart, and each point is a query. */
export const MOST_BESIDE = 5;

/** What the address says; what it does not say is as in `first`. */
export function readViewState(search: string, first: ViewState = firstView): ViewState {
  const query = new URLSearchParams(search);
  const resolution = query.get("res");
  const layout = query.get("layout");
  return {
    range: readRange(query, first), resolution: isResolution(resolution) ? resolution : firstView.resolution,
    beside: listOf(query.get("with")).slice(0, MOST_BESIDE), hidden: listOf(query.get("hide")),
    layout: layouts.find((name) => name === layout) ?? firstView.layout, view: query.get("view") === "table" ? "table" : "chart",
    measure: query.get("measure") === "consumption" ? "consumption" : "value", asOfMs: instantOf(query.get("asof")),
  };
}

function instantOf(text: string | null): number | null {
  const timeMs = Date.parse(text ?? "");
  return Number.isNaN(timeMs) ? null : timeMs;
}

function listOf(text: string | null): string[] {
  return [...new Set((text ?? "").split(",").filter((part) => part !== ""))];
}

function readRange(query: URLSearchParams, first: ViewState): TimeRange {
  const fromMs = Date.parse(query.get("from") ?? "");
  const toMs = Date.parse(query.get("to") ?? "");
  if (!Number.isNaN(fromMs) && !Number.isNaN(toMs) && fromMs < toMs) return between(fromMs, toMs);
  const name = query.get("range");
  if (name === "all") return { kind: "all" };
  const preset = presetNames.find((known) => known === name);
  return preset === undefined ? first.range : { kind: "last", preset };
}

/** The address part of a state; what is as in `first` is left out. */
export function writeViewState(state: ViewState, first: ViewState = firstView): string {
  const query = new URLSearchParams();
  const name = rangeName(state.range);
  if (name !== null && name !== rangeName(first.range)) query.set("range", name);
  if (state.range.kind === "between") {
    query.set("from", new Date(state.range.fromMs).toISOString());
    query.set("to", new Date(state.range.toMs).toISOString());
  }
  if (state.resolution !== firstView.resolution) query.set("res", state.resolution);
  if (state.beside.length > 0) query.set("with", state.beside.join(","));
  if (state.hidden.length > 0) query.set("hide", state.hidden.join(","));
  if (state.layout !== firstView.layout) query.set("layout", state.layout);
  if (state.view !== firstView.view) query.set("view", state.view);
  if (state.measure !== firstView.measure) query.set("measure", state.measure);
  if (state.asOfMs !== null) query.set("asof", new Date(state.asOfMs).toISOString());
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

/** Name of a range that moves with now; null for fixed instants. */
export function rangeName(range: TimeRange): Preset | "all" | null {
  if (range.kind === "between") return null;
  return range.kind === "all" ? "all" : range.preset;
}

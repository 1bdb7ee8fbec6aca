import type { Cell } from "../wire/history.ts";
import type { Trace } from "./merge.ts";

/** One variable of one point, ready to be drawn. */
export interface Line extends Trace {
  readonly point: string;
  readonly pointName: string;
  readonly variable: string;
  readonly variableName: string;
  readonly kind: string;
  readonly unit: string;
  /** Bars for what buckets counted, lines for all else. */
  readonly draw: "line" | "bars";
  /** Place in the palette; lines of one point that share a chart differ in it. */
  readonly colour: number;
  readonly cells: readonly Cell[];
}

/** One chart: at most two units, the first on the left scale, the second on the right. */
export interface Panel {
  readonly id: string;
  readonly units: readonly string[];
  readonly lines: readonly Line[];
}

export const layouts = ["apart", "together"] as const;
export type PanelLayout = (typeof layouts)[number];

const SCALES_A_PANEL = 2;

/**
 * Spreads lines over charts. apart: a chart for each variable, the points on it together. together: as few charts as two scales each allow.
 * Order of charts follows the order of lines.
 */
export function panelsOf(lines: readonly Line[], layout: PanelLayout): Panel[] {
  return layout === "apart" ? apart(lines) : together(lines);
}

function apart(lines: readonly Line[]): Panel[] {
  const byVariable = new Map<string, Line[]>();
  for (const line of lines) {
    const key = `${line.variable}|${line.unit}`;
    byVariable.set(key, [...(byVariable.get(key) ?? []), line]);
  }
  return [...byVariable].map(([id, members]) => ({ id, units: [members[0]?.unit ?? ""], lines: recoloured(members) }));
}

function together(lines: readonly Line[]): Panel[] {
  const units = [...new Set(lines.map((line) => line.unit))];
  const panels: Panel[] = [];
  for (let first = 0; first < units.length; first += SCALES_A_PANEL) {
    const shown = units.slice(first, first + SCALES_A_PANEL);
    panels.push({ id: shown.join("|"), units: shown, lines: recoloured(lines.filter((line) => shown.includes(line.unit))) });
  }
  return panels;
}

/** On one chart each line has a colour of its own. */
function recoloured(lines: readonly Line[]): Line[] {
  return lines.map((line, index) => ({ ...line, colour: index }));
}

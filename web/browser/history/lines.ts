import type { VariableOption } from "../wire/operations.ts";
import { measuredVariables, type Point } from "../wire/point.ts";
import type { Cell, History } from "../wire/history.ts";
import type { Language } from "../text/catalog.ts";
import { gapLimitMs } from "./gaps.ts";
import type { Line } from "./panels.ts";

export interface LineSource {
  readonly point: Point;
  readonly history: History;
}

export interface LineChoice {
  readonly hidden: ReadonlySet<string>;
  readonly measure: "value" | "consumption";
  readonly language: Language;
  /** Names of what no key of a device says. */
  readonly catalogue?: ReadonlyMap<string, VariableOption>;
}

/** The lines of all points that are shown: each variable that is not hidden, in the order of the points. */
export function linesOf(sources: readonly LineSource[], { hidden, measure, language, catalogue }: LineChoice): Line[] {
  return sources.flatMap(({ point, history }) =>
    variablesOf(point, history, language, catalogue).filter((row) => !hidden.has(row.variable)).map((row) => {
      const cells = history.cells.get(row.variable) ?? [];
      const counted = measure === "consumption" && row.kind === "total" && history.resolution !== "raw";
      const shown = counted ? cells.map(consumptionCell) : cells;
      return {
        point: point.id, pointName: point.name, variable: row.variable, variableName: row.name, kind: row.kind, unit: row.unit, colour: 0,
        draw: counted ? ("bars" as const) : ("line" as const),
        cells: shown, gapLimitMs: gapLimitMs(shown, history.resolution, point.periodS),
      };
    }),
  );
}

interface NamedVariable {
  readonly variable: string;
  readonly name: string;
  readonly kind: string;
  readonly unit: string;
}

/** Variables of the history, named by the point's configuration where it knows them, else by the catalogue. */
export function variablesOf(point: Point, history: History | undefined, language: Language, catalogue: ReadonlyMap<string, VariableOption> = new Map()): NamedVariable[] {
  const known = new Map(measuredVariables(point).map((row) => [row.variable, row]));
  const columns = history === undefined ? [] : history.columns;
  const order = [...known.keys(), ...columns.map((column) => column.variable).filter((variable) => !known.has(variable))];
  return order.map((variable) => {
    const row = known.get(variable) ?? catalogue.get(variable);
    const column = columns.find((candidate) => candidate.variable === variable);
    return { variable, name: row?.name[language] ?? variable, kind: row?.kind ?? "level", unit: column?.unit || row?.unit || "" };
  });
}

/** A bucket as what it counted, without the band of its values. */
function consumptionCell(cell: Cell): Cell {
  if (cell.bucket === null) return cell;
  return { ...cell, value: cell.bucket.consumption, bucket: { ...cell.bucket, min: null, max: null } };
}

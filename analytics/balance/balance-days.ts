import { settingsAt, type Scope } from "@caudal/core";
import { SECOND_US, type Span } from "../buckets/calendar.ts";
import type { PointInfo, VariableInfo } from "../points/point-directory.ts";
import { lastFitting } from "../tiers/edge-values.ts";
import type { RowSeries } from "../tiers/point-series.ts";
import { isHeld } from "./counted.ts";
import { balanceOf, type DayBalance, type DayTerms } from "./day-balance.ts";
import { SampleWindow } from "./sample-window.ts";
import { AFTER_US, BEFORE_US } from "./usual-interval.ts";
import type { Incomparable, Tolerance } from "./verdict.ts";

const L_PER_M3 = 1000;

export interface BalanceQuery {
  readonly scope: Scope;
  readonly info: PointInfo;
  /** What the point has. */
  readonly columns: readonly VariableInfo[];
  /** In order, without gap. */
  readonly days: readonly Span[];
  readonly tolerance: Tolerance;
  readonly nowUs: number;
}

/** Balances of days in order, each once the rows it takes are read: a few days of them are held at a time, however many are asked for. */
export async function* balanceDays(series: RowSeries, query: BalanceQuery): AsyncGenerator<DayBalance> {
  const { scope, info, days, nowUs } = query;
  const has = { flow: suits(query, "flow", "L/s", ["no-flow", "flow-unit"]), volume: suits(query, "volume", "m3", ["no-totaliser", "totaliser-unit"]), total: suits(query, "total", "m3", ["no-totaliser", "totaliser-unit"]) };
  const termsOf = (day: Span): DayTerms => ({ has, nowUs, tolerance: toleranceOf(query, day), intervalUs: info.record.periodS === null ? undefined : info.record.periodS * SECOND_US });
  const variables = (["flow", "volume", "total"] as const).filter((variable) => has[variable] === true);
  const window = new SampleWindow();
  let at = 0;
  if (days.length > 0 && variables.length > 0) {
    const span = { fromUs: days[0]!.fromUs - BEFORE_US, toUs: days.at(-1)!.toUs + AFTER_US };
    const read = series.read.bind(series);
    for (const variable of ["volume", "total"] as const) {
      if (has[variable] !== true) continue;
      const before = await lastFitting(read, { scope, key: info.key }, variable, { span: { fromUs: -Infinity, toUs: span.fromUs }, fits: (reasons) => variable === "volume" || !isHeld(reasons) });
      if (before !== undefined) window.begin(variable, before);
    }
    for await (const block of read(scope, info.key, { ...span, variables })) {
      window.add(block);
      while (at < days.length && window.reachedUs >= days[at]!.toUs + AFTER_US) {
        yield balanceOf(days[at]!, window, termsOf(days[at]!));
        at += 1;
        if (at < days.length) window.drop(days[at]!.fromUs - BEFORE_US);
      }
    }
  }
  for (; at < days.length; at++) yield balanceOf(days[at]!, window, termsOf(days[at]!));
}

function suits({ columns }: BalanceQuery, variable: string, unit: string, [absent, otherUnit]: readonly [Incomparable, Incomparable]): Incomparable | true {
  const found = columns.find((column) => column.variable === variable);
  return found === undefined ? absent : found.unit === unit ? true : otherUnit;
}

/** No meter tells less than one of its pulses. */
function toleranceOf({ info, tolerance }: BalanceQuery, day: Span): Tolerance {
  const { pulseFactorL = 0 } = settingsAt(info.record.settings ?? [], day.toUs);
  return { percent: tolerance.percent, m3: Math.max(tolerance.m3, pulseFactorL / L_PER_M3) };
}

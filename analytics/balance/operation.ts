import { roundDecimal } from "@caudal/core";
import { defineOperation, writeStream, type Clock, type Operation } from "@caudal/runtime";
import { z } from "zod";
import { HOUR_US } from "../buckets/calendar.ts";
import { csvComment } from "../formats/csv-text.ts";
import { TimeText } from "../formats/time-text.ts";
import type { History } from "../history/history.ts";
import { findPoint, formatOf } from "../history/query.ts";
import type { PointDirectory, PointInfo } from "../points/point-directory.ts";
import type { RowSeries } from "../tiers/point-series.ts";
import { balanceDays, type BalanceQuery } from "./balance-days.ts";
import type { DayBalance } from "./day-balance.ts";
import { balanceQuerySchema, parseBalanceQuery, writeCursor } from "./query.ts";
import { incomparable, verdicts } from "./verdict.ts";

export interface BalanceParts {
  readonly directory: PointDirectory;
  readonly history: History;
  readonly series: RowSeries;
  readonly seriesAsOf: (asOfUs: number) => RowSeries;
}

const daySchema = z.object({
  day: z.string(), from: z.string(), to: z.string(), hours: z.number().describe("23 and 25 where the clocks were moved."),
  compared: z.object({ from: z.string(), to: z.string() }).describe("Between which flow and totaliser are held against each other: the last count before the day and the last in it."),
  flowM3: z.number().nullable().describe("The area under the flow; null while none is known."), coverage: z.number().describe("0 to 1: share of the day over which a flow is known."),
  totaliser: z.enum(["volume", "total"]).nullable(), totaliserM3: z.number().nullable().describe("Growth of the counter, exact."),
  differenceM3: z.number().nullable().describe("Flow minus totaliser."), differencePercent: z.number().nullable().describe("Of what the totaliser counted."), allowedM3: z.number().nullable(),
  verdict: z.enum(verdicts), why: z.enum(incomparable).nullable().describe("Why a day is not comparable."),
});

export type DayItem = z.output<typeof daySchema>;
const COVERAGE_DECIMALS = 4;
const columns = ["day", "from", "to", "hours", "flow_m3", "coverage", "totaliser", "totaliser_m3", "difference_m3", "difference_percent", "allowed_m3", "verdict", "why"];

/** `GET /api/v1/analytics/points/{id}/balance`: does what flowed agree with what was counted, day by day? Computed when asked, so late and corrected data are in it at once. */
export function balanceOperation(parts: () => Promise<BalanceParts>, clock: Clock): Operation {
  return defineOperation({
    method: "GET", path: "/api/v1/analytics/points/{id}/balance", operationId: "getBalance", tag: "analytics", permission: "read",
    summary: { en: "Daily balance of a point's flow against its totaliser", es: "Balance diario del caudal de un punto contra su totalizador" },
    params: z.object({ id: z.string().min(1).max(128) }),
    query: balanceQuerySchema,
    replies: {
      200: {
        description: "Days in order", contentTypes: ["application/json", "text/csv"],
        schema: z.object({ point: z.string(), from: z.string(), to: z.string(), tz: z.string(), asOf: z.string().optional(), tolerance: z.object({ percent: z.number(), m3: z.number() }), items: z.array(daySchema), next: z.string().nullable() }),
      },
    },
    handle: async (request) => {
      const { scope, params, query, headers, signal } = request;
      const { res } = request.express;
      const { directory, history, series, seriesAsOf } = await parts();
      const info = await findPoint(directory, scope, params.id);
      const format = query.format ?? (formatOf(undefined, headers.accept) === "csv" ? "csv" : "json");
      const parsed = parseBalanceQuery(request);
      const { asOfUs, zone, span } = parsed;
      const days = format === "csv" ? parsed.days : parsed.days.slice(0, query.limit);
      const asked: BalanceQuery = {
        scope, info, days, columns: await history.columnsOf(scope, info), tolerance: { percent: query.tolerancePercent, m3: query.toleranceM3 }, nowUs: Math.min(clock.nowUs(), asOfUs ?? Infinity),
      };
      const balances = balanceDays(asOfUs === undefined ? series : seriesAsOf(asOfUs), asked);
      const times = new TimeText(zone);
      res.setHeader("Cache-Control", "no-store");
      if (format === "csv") {
        const fresh = await balances.next();
        res.setHeader("Content-Type", "text/csv; charset=utf-8");
        res.setHeader("Content-Disposition", `attachment; filename="caudal-balance-${info.key.point}-${times.format(span.fromUs).slice(0, 10)}.csv"`);
        await writeStream(res, csv({ info, zone, asked, times }, fresh, balances), signal);
        return { streamed: true };
      }
      const items: DayItem[] = [];
      for await (const balance of balances) items.push(itemOf(balance, times));
      const next = parsed.days[days.length];
      return {
        status: 200,
        body: {
          point: info.key.point, from: times.format(span.fromUs), to: times.format(span.toUs), tz: zone, ...(asOfUs === undefined ? {} : { asOf: times.format(asOfUs) }),
          tolerance: asked.tolerance, items, next: next === undefined ? null : writeCursor(next.fromUs),
        },
      };
    },
  });
}

function itemOf({ fromUs, toUs, compared, ...rest }: DayBalance, times: TimeText): DayItem {
  return {
    day: times.format(fromUs).slice(0, 10), from: times.format(fromUs), to: times.format(toUs), hours: (toUs - fromUs) / HOUR_US,
    compared: { from: times.format(compared.fromUs), to: times.format(compared.toUs) }, ...rest, coverage: roundDecimal(rest.coverage, COVERAGE_DECIMALS),
  };
}

interface CsvHead {
  readonly info: PointInfo;
  readonly zone: string;
  readonly asked: BalanceQuery;
  readonly times: TimeText;
}

/** Comment lines, a header, a row a day; the first day is computed before anything is written, so that what fails is answered as a problem. */
async function* csv({ info, zone, asked, times }: CsvHead, first: IteratorResult<DayBalance>, rest: AsyncGenerator<DayBalance>): AsyncGenerator<string> {
  const { percent, m3 } = asked.tolerance;
  yield csvComment("point", info.key.point) + csvComment("name", info.record.name) + csvComment("client", info.key.client) + csvComment("tz", zone) + csvComment("tolerance", `${percent} % or ${m3} m3`) + `${columns.join(",")}\n`;
  if (first.done === true) return;
  yield line(first.value, times);
  for await (const balance of rest) yield line(balance, times);
}

function line(balance: DayBalance, times: TimeText): string {
  const item = itemOf(balance, times);
  const { day, from, to, hours, flowM3, coverage, totaliser, totaliserM3, differenceM3, differencePercent, allowedM3, verdict, why } = item;
  return `${[day, from, to, hours, flowM3, coverage, totaliser, totaliserM3, differenceM3, differencePercent, allowedM3, verdict, why].map((cell) => cell ?? "").join(",")}\n`;
}

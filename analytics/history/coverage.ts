import { z } from "zod";
import type { VariableInfo } from "../points/point-directory.ts";
import type { Periods } from "../points/periods.ts";
import { SECOND_US, type Span } from "../buckets/calendar.ts";
import type { Bucket } from "../buckets/bucket.ts";

/** How complete something is, in facts. */
export const coverageSchema = z.object({
  expected: z.number(), received: z.number(), flagged: z.number(), ratio: z.number().nullable().describe("0 to 1; null where nothing can be expected."),
});

export type Coverage = Readonly<z.output<typeof coverageSchema>>;

export interface ExpectationOptions {
  /** What a person said, for all variables of the point. */
  readonly periodS: number | null;
  readonly learned: Periods;
  /** Nothing is expected before the point's first fact, nor after now. */
  readonly firstUs: number;
  readonly nowUs: number;
}

/** How many facts a variable should have in a span of time. */
export class Expectation {
  readonly #options: ExpectationOptions;

  constructor(options: ExpectationOptions) {
    this.#options = options;
  }

  /** Seconds between readings; undefined while nobody knows. */
  periodS(variable: string): number | undefined {
    return this.#options.periodS ?? this.#options.learned.get(variable);
  }

  /** At least one where any time of the span counts; undefined while nobody knows the period. */
  facts(variable: string, { fromUs, toUs }: Span): number | undefined {
    const periodS = this.periodS(variable);
    const seconds = (Math.min(toUs, this.#options.nowUs) - Math.max(fromUs, this.#options.firstUs)) / SECOND_US;
    if (periodS === undefined) return undefined;
    return seconds > 0 ? Math.max(1, Math.round(seconds / periodS)) : 0;
  }

  /** Share of the facts expected in a bucket that came; null where none are. */
  ratio(variable: string, span: Span, received: number): number | null {
    const expected = this.facts(variable, span);
    return expected === undefined || expected === 0 ? null : Math.min(1, received / expected);
  }

  /** Of all columns together; what one has too many does not stand in for what another lacks. */
  coverage(columns: readonly VariableInfo[], span: Span, cells: readonly (Bucket | undefined)[]): Coverage {
    const total = { expected: 0, received: 0, flagged: 0, met: 0 };
    columns.forEach(({ variable }, column) => {
      const expected = this.facts(variable, span) ?? 0;
      const received = cells[column]?.count ?? 0;
      total.expected += expected;
      total.received += received;
      total.flagged += cells[column]?.flagged ?? 0;
      total.met += Math.min(expected, received);
    });
    const { met, ...counts } = total;
    return { ...counts, ratio: counts.expected === 0 ? null : met / counts.expected };
  }
}

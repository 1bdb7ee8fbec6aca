import { systemScope, type PointKey, type RowBlock, type SeriesTier } from "@caudal/core";
import { judgementOf } from "../rules/rules.ts";
import { maskOf } from "../rules/reason-mask.ts";

/** A fact as a tier holds it; the judgement is packed as rules/rules.ts does, the value NaN where there is none. */
export interface PastFact {
  readonly timeUs: number;
  readonly variable: string;
  readonly value: number;
  readonly judgement: number;
  readonly authority: number;
}

/** What is held of a point, as it was known at one time. */
export interface HeldPast {
  /** Facts of some variables before an instant, the newest instant first. */
  before(variables: readonly string[], beforeUs: number): AsyncIterable<readonly PastFact[]>;
  /** All facts from an instant on, in time order, withdrawn ones included; one list an instant, by variable. */
  from(fromUs: number): AsyncIterable<readonly PastFact[]>;
}

/** The past of a point in a tier; `asOfUs` where the tier keeps all revisions and others go on writing. */
export function pastIn(tier: SeriesTier, key: PointKey, asOfUs?: number): HeldPast {
  const known = asOfUs === undefined ? {} : { asOfUs };
  return {
    before: (variables, beforeUs) => instants(tier.read(systemScope, { ...key, ...known, variables, fromUs: -Infinity, toUs: beforeUs, order: "descending" })),
    from: (fromUs) => instants(tier.read(systemScope, { ...key, ...known, fromUs, toUs: Infinity, includeWithdrawn: true })),
  };
}

async function* instants(blocks: AsyncIterable<RowBlock>): AsyncGenerator<readonly PastFact[]> {
  for await (const { rows, timesUs, columns } of blocks) {
    const inOrder = columns.toSorted((a, b) => (a.variable < b.variable ? -1 : 1));
    for (let row = 0; row < rows; row++) {
      const facts: PastFact[] = [];
      for (const { variable, values, flags, reasons, authorities } of inOrder) {
        const flag = flags[row]!;
        if (flag === 0) continue;
        facts.push({ timeUs: timesUs[row]!, variable, value: values[row]!, judgement: judgementOf(flag, maskOf(...(reasons.get(row) ?? []))), authority: authorities[row]! });
      }
      yield facts;
    }
  }
}

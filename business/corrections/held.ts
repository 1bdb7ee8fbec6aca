import { MAX_CORRECTED, type PointKey, type Scope, type SeriesTier } from "@caudal/core";
import { refused, type Span } from "./body.ts";

/** A fact as it stands before it is corrected; null where there is none. */
export interface Held {
  readonly instantUs: number;
  readonly fact: { readonly value: number | null; readonly flag: number; readonly reasons: readonly string[]; readonly authority: number } | null;
}

/** The facts of a variable that a correction is about, in time order; an instant without one where it was named. Throws Problem "invalid-body" when they are too many. */
export async function heldOf(cold: SeriesTier, scope: Scope, key: PointKey & { readonly variable: string }, span: Span): Promise<readonly Held[]> {
  const { client, point, variable } = key;
  const [fromUs, toUs] = "atUs" in span ? [span.atUs, span.atUs + 1] : [span.fromUs, span.toUs];
  const found: Held[] = [];
  for await (const { rows, timesUs, columns } of cold.read(scope, { client, point, fromUs, toUs, variables: [variable], includeWithdrawn: true, limit: MAX_CORRECTED + 1 })) {
    const column = columns.find((candidate) => candidate.variable === variable);
    for (let row = 0; column !== undefined && row < rows; row++) {
      if (column.flags[row] === 0) continue;
      const value = column.values[row]!;
      found.push({ instantUs: timesUs[row]!, fact: { value: Number.isNaN(value) ? null : value, flag: column.flags[row]!, reasons: column.reasons.get(row) ?? [], authority: column.authorities[row]! } });
    }
  }
  if (found.length > MAX_CORRECTED) throw refused("to", { en: `more than ${MAX_CORRECTED} facts; expected a shorter span`, es: `más de ${MAX_CORRECTED} hechos; se esperaba un tramo más corto` });
  return found.length === 0 && "atUs" in span ? [{ instantUs: span.atUs, fact: null }] : found;
}

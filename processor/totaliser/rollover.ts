import { litreModuli } from "@caudal/core";
import { mostBetween, type CounterTerms } from "./terms.ts";

/** A guess needs both ends near the turn. */
const NEAR = 0.05;
/** Wobbles before the turn within which a count goes on from zero itself; from further away it would hardly hit that. */
const ZERO_WITHIN = 20;

/**
 * Counts after which the counter went on from zero between two samples; 0 when it did not. A modulus that a person gave needs a difference that is
 * plausible; one of the usual ones also both counts near the turn.
 */
export function rolledOver(before: number, after: number, terms: CounterTerms, { fromUs, toUs }: { readonly fromUs: number; readonly toUs: number }): number {
  const most = mostBetween(terms, fromUs, toUs);
  if (terms.modulus > 0) {
    const passed = after + terms.modulus - before;
    const silent = toUs - fromUs > terms.reconnectionUs;
    return before < terms.modulus && passed >= 0 && (passed <= most || (silent && passed <= terms.modulus / 2)) ? terms.modulus : 0;
  }
  for (const modulus of terms.moduli) {
    if (before >= modulus || modulus - before > NEAR * modulus || after > NEAR * modulus) continue;
    // Whole m3 are of no register that counts litres.
    if (litreModuli.includes(modulus) && Number.isInteger(before) && Number.isInteger(after)) continue;
    if (after === 0 && modulus - before > ZERO_WITHIN * terms.jitter) continue;
    if (after + modulus - before <= most) return modulus;
  }
  return 0;
}

import type { SeededFaultsOptions } from "./seeded-faults.ts";

/** What CAUDAL_FAULTS asks for. */
export type FaultsAsked = { readonly seed: string } & Pick<SeededFaultsOptions, "under" | "arrival">;

const FORM = /^([A-Za-z0-9._-]{1,100})(?::([^@\s]+)(?:@([1-9]\d{0,8}))?)?$/;

/** `SEED`, `SEED:PREFIX` or `SEED:POINT@ARRIVAL`; undefined when it is none of them. */
export function parseFaults(text: string): FaultsAsked | undefined {
  const [, seed, under, arrival] = FORM.exec(text.trim()) ?? [];
  if (seed === undefined) return undefined;
  return { seed, ...(under === undefined ? {} : { under }), ...(arrival === undefined ? {} : { arrival: Number(arrival) }) };
}

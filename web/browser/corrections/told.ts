import type { Correction, Revision } from "../wire/correction.ts";

/** A revision with who said it and why, where a person did and it is known which of their words it is. */
export interface Told {
  readonly revision: Revision;
  readonly word: Correction | undefined;
}

/** Revisions of one variable at one instant, and what people said of it, both the newest first: each word gave one revision, in the same order. */
export function toldOf(revisions: readonly Revision[], words: readonly Correction[]): { readonly told: readonly Told[]; readonly waiting: readonly Correction[] } {
  const left = [...words];
  const told = revisions.map((revision): Told => {
    if (!revision.bySomebody) return { revision, word: undefined };
    const at = left.findIndex(({ value, saidAtMs }) => value === revision.value && (saidAtMs ?? 0) <= (revision.knownAtMs ?? 0));
    return { revision, word: at === -1 ? undefined : left.splice(at, 1)[0] };
  });
  const newestMs = Math.max(-Infinity, ...revisions.filter(({ bySomebody }) => bySomebody).map(({ knownAtMs }) => knownAtMs ?? -Infinity));
  return { told, waiting: left.filter(({ saidAtMs }) => (saidAtMs ?? 0) > newestMs) };
}

/** The newest that the source, or what Caudal computes, says: it stays beside whatever people say. */
export function sourceOf(revisions: readonly Revision[]): Revision | undefined {
  return revisions.find(({ bySomebody }) => !bySomebody);
}

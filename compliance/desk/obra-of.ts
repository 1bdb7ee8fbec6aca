import type { Scope } from "@caudal/core";
import type { TakenValue } from "../ledger/entry.ts";
import type { ObraBook } from "../obras/obra-book.ts";
import type { Obra } from "../obras/obra.ts";

/** The work as it was when these were taken, for what its feeds mean. */
export type ObraOf = (taken: readonly TakenValue[]) => Obra;

/** Reads a work's versions once. */
export async function obraOfTaken(obras: Pick<ObraBook, "versions">, scope: Scope, obra: Obra): Promise<ObraOf> {
  if (obra.version === 1) return () => obra;
  const versions = await obras.versions(scope, obra.work);
  return (taken) => versions.findLast(({ feeds }) => taken.every(({ point, variable }) => feeds.some((feed) => feed.point === point && feed.variable === variable))) ?? obra;
}

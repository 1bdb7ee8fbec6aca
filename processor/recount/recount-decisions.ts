import { systemScope, type DecisionRecord, type DocumentCollection } from "@caudal/core";
import { keepDecisions, type KeptDecision } from "../totaliser/decision-store.ts";
import type { Recounted } from "./recount.ts";

const PAGE = 500;

/** Lists what a recount decides, and takes back what it no longer does. Durable when it resolves; twice is as good as once. */
export async function decideAgain(
  collection: DocumentCollection<DecisionRecord>, point: string, { standing, fromUs, toUs }: Pick<Recounted, "standing" | "fromUs" | "toUs">, known: { readonly knownAtUs: number; readonly causeId: string },
): Promise<{ readonly made: number; readonly gone: number }> {
  const left = new Map(standing);
  const changed: KeptDecision[] = [];
  let gone = 0;
  let cursor: string | undefined;
  const range = { field: "instantUs", ...(fromUs === -Infinity ? {} : { from: fromUs }), ...(toUs === Infinity ? {} : { to: toUs }) };
  do {
    const page = await collection.find(systemScope, { where: { point }, ...("from" in range || "to" in range ? { range } : {}), orderBy: "instantUs", limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    for (const { id, body } of page.items) {
      const decision = left.get(id);
      left.delete(id);
      if (decision === undefined) {
        if (body.state === "gone") continue;
        changed.push({ id, body: { ...body, state: "gone", ...known } });
        gone++;
      } else {
        const { id: _, ...made } = decision;
        if (body.state !== "made" || body.said !== made.said || body.baseline !== made.baseline || body.count !== made.count || body.volumeM3 !== made.volumeM3) changed.push({ id, body: { ...made, ...known } });
      }
    }
    cursor = page.next;
  } while (cursor !== undefined);
  for (const [id, { id: _, ...made }] of left) changed.push({ id, body: { ...made, ...known } });
  for (let at = 0; at < changed.length; at += PAGE) await keepDecisions(collection, changed.slice(at, at + PAGE));
  return { made: changed.length - gone, gone };
}

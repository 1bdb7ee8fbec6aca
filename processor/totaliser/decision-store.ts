import { hasCode, systemScope, type DecisionRecord, type DocumentCollection, type NewDocument } from "@caudal/core";

export type KeptDecision = NewDocument<DecisionRecord>;

const TRIES = 8;

/**
 * Keeps what was decided of each count as it was known last: the same again changes nothing, and what an owner who was replaced still writes never
 * covers what is known later. Durable when it resolves.
 */
export async function keepDecisions(collection: DocumentCollection<DecisionRecord>, decisions: readonly KeptDecision[]): Promise<void> {
  const known = new Map((await collection.getMany(systemScope, decisions.map(({ id }) => id))).map((stored) => [stored.id, stored]));
  for (const decision of decisions) {
    let stored = known.get(decision.id);
    for (let attempt = 1; stored === undefined || stored.body.knownAtUs < decision.body.knownAtUs; attempt++) {
      try {
        if (stored === undefined) await collection.insert(systemScope, decision);
        else await collection.replace(systemScope, decision, stored.version);
        break;
      } catch (error) {
        if ((!hasCode(error, "duplicate-key") && !hasCode(error, "version-conflict")) || attempt >= TRIES) throw error;
        stored = await collection.get(systemScope, decision.id);
      }
    }
  }
}

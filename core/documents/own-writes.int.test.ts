import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode, systemScope, type DocumentCollection } from "../index.ts";
import { SimulatedDocuments } from "../../regression/simulation/world/documents.ts";
import { quietTemper } from "../../regression/simulation/world/conditions.ts";
import { World } from "../../regression/simulation/world/world.ts";
import { OwnWrites } from "./own-writes.ts";

interface Body {
  readonly owner: string;
  readonly offset: number;
  readonly note?: string | undefined;
}

/** A store that answers, and the same store when its answers are lost. */
async function opened(): Promise<{ examples: DocumentCollection<Body>; losing: (work: () => Promise<unknown>) => Promise<void> }> {
  const world = new World({ seed: "own writes", tempers: { documents: { ...quietTemper, lostAnswer: 1 } } });
  const documents = new SimulatedDocuments(world.documents, world.store("documents"), world.process("owner"));
  const examples = await documents.collection<Body>({ name: "examples", tenant: false });
  world.troubled = false;
  return {
    examples,
    losing: async (work) => {
      world.troubled = true;
      await assert.rejects(work(), { code: "timeout" });
      world.troubled = false;
    },
  };
}

test("an owner knows its own write whose answer was lost, and goes on behind it", async () => {
  const { examples, losing } = await opened();
  await examples.insert(systemScope, { id: "1", body: { owner: "a", offset: 0 } });
  const writes = new OwnWrites(examples, "1", 1);
  await writes.replace({ owner: "a", offset: 1 });
  await losing(() => writes.replace({ owner: "a", offset: 2, note: undefined }));
  await losing(() => writes.replace({ owner: "a", offset: 3 }));
  await losing(() => writes.replace({ owner: "a", offset: 3 }));
  await writes.replace({ owner: "a", offset: 4 });
  assert.deepEqual(await examples.get(systemScope, "1"), { id: "1", version: 6, body: { owner: "a", offset: 4 } });
});

test("another owner's write is a conflict, also when an answer was lost before it", async () => {
  const { examples, losing } = await opened();
  await examples.insert(systemScope, { id: "1", body: { owner: "a", offset: 0 } });
  const writes = new OwnWrites(examples, "1", 1);
  await losing(() => writes.replace({ owner: "a", offset: 1 }));
  await examples.replace(systemScope, { id: "1", body: { owner: "b", offset: 1 } }, 2);
  await assert.rejects(writes.replace({ owner: "a", offset: 2 }), (error) => hasCode(error, "version-conflict"));
  const late = new OwnWrites(examples, "1", 1);
  await assert.rejects(late.replace({ owner: "a", offset: 2 }), (error) => hasCode(error, "version-conflict"));
  assert.equal((await examples.get(systemScope, "1"))?.body.owner, "b");
});

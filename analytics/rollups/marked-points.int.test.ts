import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { Documents } from "@caudal/core";
import { openEmbeddedDocuments } from "@caudal/embedded";
import fc from "fast-check";
import { MarkStore } from "./mark-store.ts";
import { MarkedPoints } from "./marked-points.ts";

const span = fc.record({ from: fc.integer({ min: 0, max: 40 }), length: fc.integer({ min: 1, max: 9 }) }).map(({ from, length }) => ({ from, to: from + length }));
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("touch" as const), point: fc.integer({ min: 0, max: 3 }), span }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("clear" as const), point: fc.integer({ min: 0, max: 3 }), span }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("forget" as const), client: fc.integer({ min: 0, max: 1 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("load" as const) }) },
);

async function emptyDocuments(context: TestContext): Promise<Documents> {
  const directory = await mkdtemp(join(tmpdir(), "caudal-marks-"));
  const documents = await openEmbeddedDocuments({ directory });
  context.after(async () => {
    await documents.close();
    await rm(directory, { recursive: true, force: true });
  });
  return documents;
}

test("the count is that of all marks, whatever is marked, cleared, forgotten or taken over", async (context) => {
  const store = await MarkStore.open(await emptyDocuments(context));
  let partition = 0;
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
    partition += 1;
    let offset = 0;
    let points = await MarkedPoints.load(store, partition, 0);
    for (const each of steps) {
      offset += 1;
      const pointOf = (n: number): { client: string; point: string } => ({ client: `c${n % 2}`, point: `p${partition}-${n}` });
      if (each.kind === "touch") await points.touch([{ ...pointOf(each.point), marks: [{ ...each.span, offset }] }], offset + 1);
      else if (each.kind === "clear") await points.clear(pointOf(each.point).point, [each.span], offset);
      else if (each.kind === "forget") points.forget(`c${each.client}`);
      else points = await MarkedPoints.load(store, partition, offset);
      assert.equal(points.count, points.marked().reduce((sum, { marks }) => sum + marks.length, 0));
    }
  }), { numRuns: 40 });
});

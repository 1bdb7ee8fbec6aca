import assert from "node:assert/strict";
import { test } from "node:test";
import type { DocumentCollection, Documents, FindQuery } from "@caudal/core";
import { onEachStore } from "../ledger/test-stores/each-store.ts";
import { HOUR_US, openScene, START, type Scene } from "./test-scene/scene.ts";

const SLOT = START - HOUR_US / 2;
const MANY = 500;

/** The same store, and what its slots are asked. */
function listened(documents: Documents, asked: FindQuery[]): Documents {
  return Object.assign(Object.create(documents) as Documents, {
    collection: async <T extends object>(spec: Parameters<Documents["collection"]>[0]): Promise<DocumentCollection<T>> => {
      const real = await documents.collection<T>(spec);
      if (spec.name !== "slots") return real;
      return new Proxy(real, {
        get: (target, property) => {
          const value = Reflect.get(target, property, target) as unknown;
          if (typeof value !== "function") return value;
          return (...given: unknown[]): unknown => {
            if (property === "find") asked.push(given[1] as FindQuery);
            return (value as (...all: unknown[]) => unknown).apply(target, given);
          };
        },
      });
    },
  });
}

async function duplicateOf(scene: Scene, voucher: string, at = SLOT): Promise<readonly [standing: string, voucher: string | null]> {
  scene.server.manner = ({ slot }) => (slot === wireOf(at) ? { duplicateOf: voucher } : "accept");
  await scene.submitter.round();
  const obra = (await scene.obras.all())[0]!;
  const { standing, state } = await scene.row(obra, at);
  return [standing, state.voucher];
}

/** As the server takes it down: date and time on the regulator's clock. */
function wireOf(slotUs: number): string {
  return new Date(slotUs / 1000 - 4 * 3_600_000).toISOString().slice(0, 19).replace("T", " ");
}

onEachStore((store, open) => {
  test(`${store}: among very many rows, who holds a duplicate's voucher is one question, and another slot's voucher is nobody else's`, async (context) => {
    const asked: FindQuery[] = [];
    const scene = await openScene(context, { documents: listened((await open(context)).first, asked) });
    const obra = await scene.work();
    await scene.slots.ensure(obra, { fromUs: SLOT - MANY * HOUR_US, toUs: SLOT });
    const oldest = SLOT - MANY * HOUR_US;
    await scene.slots.append(obra, oldest, { by: "import", decide: () => ({ kind: "imported", slotUs: oldest, voucher: "VFAR", source: "old platform" }) });
    await scene.freeze(obra, SLOT);
    asked.length = 0;
    assert.deepEqual(await duplicateOf(scene, "VFAR"), ["held", null]);
    assert.deepEqual(asked.filter(({ where = {} }) => "voucher" in where).map(({ where }) => where), [{ work: obra.work, voucher: "VFAR" }]);
    assert.ok(asked.every(({ where = {} }) => Object.keys(where).length > 1), "no row is read that was not asked for");
  });

  test(`${store}: a voucher that nobody holds, that another work holds, or that is the slot's own is believed; it is never more than a text`, async (context) => {
    const scene = await openScene(context, { documents: (await open(context)).first });
    const obra = await scene.work();
    const other = await scene.work({ code: "OB-0602-8", mode: "shadow" });
    await scene.slots.ensure(other, { fromUs: SLOT, toUs: SLOT + 1 });
    await scene.slots.append(other, SLOT, { by: "import", decide: () => ({ kind: "imported", slotUs: SLOT, voucher: "VOTHER", source: "old platform" }) });
    await scene.freeze(obra, SLOT);
    assert.equal((await duplicateOf(scene, "VOTHER"))[1], "VOTHER");
    assert.equal(await scene.slots.holderOf(obra.work, "VOTHER", SLOT), undefined, "its own");
    assert.equal(await scene.slots.holderOf(obra.work, "VOTHER", SLOT - HOUR_US), SLOT);
    for (const voucher of ["", "null", "0", "vother", "VOTHER ", "$ne", "{\"$ne\":null}"]) assert.equal(await scene.slots.holderOf(obra.work, voucher, SLOT - HOUR_US), undefined, voucher);
  });
});

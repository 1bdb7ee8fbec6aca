import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CaudalError, hasCode, type SchemaRegistry } from "@caudal/core";

export interface CommittedSchema {
  readonly subject: string;
  readonly json: string;
}

/** What the suite needs of an adapter; one harness serves one test. */
export interface SchemaRegistryHarness {
  open(): Promise<SchemaRegistry>;
  /** Every schema that the registry should know, or be able to take, in the order to ask for them. */
  readonly committed: readonly CommittedSchema[];
  /** true: `idFor` registers a schema that is new. false: it refuses one. */
  readonly registers: boolean;
  /** Makes the registry unreachable, where there is a network between. */
  cutOff?(): Promise<void>;
  dispose(): Promise<void>;
}

/** The meaning of the port SchemaRegistry, as tests of one adapter. */
export function schemaRegistrySuite(name: string, factory: () => Promise<SchemaRegistryHarness>): void {
  const scene = (body: (registry: SchemaRegistry, harness: SchemaRegistryHarness) => Promise<void>) => async (): Promise<void> => {
    const harness = await factory();
    const registry = await harness.open();
    try {
      await body(registry, harness);
    } finally {
      await registry.close();
      await harness.dispose();
    }
  };

  describe(`SchemaRegistry: ${name}`, () => {
    test("each schema has an id of its own, and the id leads back to it", scene(async (registry, { committed }) => {
      const ids = new Set<number>();
      for (const { subject, json } of committed) {
        const id = await registry.idFor(subject, json);
        assert.ok(Number.isSafeInteger(id) && id > 0 && id < 2 ** 32, String(id));
        assert.equal(await registry.idFor(subject, json), id);
        assert.deepEqual(JSON.parse((await registry.schemaById(id)) ?? "null"), JSON.parse(json));
        ids.add(id);
      }
      assert.ok(committed.length > 0);
      assert.equal(ids.size, committed.length);
    }));

    test("white space and the order of members make no other schema", scene(async (registry, { committed }) => {
      for (const { subject, json } of committed) {
        const respelled = JSON.stringify(reversed(JSON.parse(json)), null, 3);
        assert.notEqual(respelled, json);
        assert.equal(await registry.idFor(subject, respelled), await registry.idFor(subject, json));
      }
    }));

    test("an id that was never given is denied, which is no error", scene(async (registry) => {
      assert.equal(await registry.schemaById(999_999), undefined);
    }));

    test("a schema that does not fit is refused in words", scene(async (registry, { committed, registers }) => {
      const [{ subject }] = committed as [CommittedSchema];
      const incompatible = JSON.stringify({ type: "record", name: "Other", namespace: "caudal", fields: [{ name: "quite", type: "bytes" }] });
      await assert.rejects(registry.idFor(subject, incompatible), (error) => error instanceof CaudalError && error.message.includes(subject));
      await assert.rejects(registry.idFor(subject, "{ no json"), (error) => error instanceof CaudalError && error.code === "bad-request");
      if (!registers) await assert.rejects(registry.idFor("caudal.nowhere-value", incompatible), (error) => hasCode(error, "not-found"));
    }));

    test("an outage stops nothing known, and what cannot be asked is not denied", scene(async (registry, harness) => {
      const [{ subject, json }] = harness.committed as [CommittedSchema];
      const id = await registry.idFor(subject, json);
      await harness.cutOff?.();
      assert.equal(await registry.idFor(subject, json), id);
      assert.deepEqual(JSON.parse((await registry.schemaById(id)) ?? "null"), JSON.parse(json));
      if (harness.cutOff !== undefined) await assert.rejects(registry.schemaById(999_998), (error) => hasCode(error, "unavailable"));
    }));

    test("a closed registry refuses", scene(async (registry, { committed }) => {
      const [{ subject, json }] = committed as [CommittedSchema];
      await registry.close();
      await assert.rejects(registry.idFor(subject, json), (error) => hasCode(error, "closed"));
      await assert.rejects(registry.schemaById(1), (error) => hasCode(error, "closed"));
    }));
  });
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).reverse().map(([name, member]) => [name, reversed(member)]));
}

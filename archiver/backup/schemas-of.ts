import { CaudalError, type SchemaRegistry } from "@caudal/core";
import { recordTypes, subjectOf } from "@caudal/schemas";
import type { Manifest } from "./manifest.ts";

/** The schemas of the ids; one that the registry denies belongs to a record that nobody can read, which is copied as it is. */
export async function schemasOf(registry: SchemaRegistry, ids: ReadonlySet<number>): Promise<Manifest["schemas"]> {
  const schemas: Manifest["schemas"] = [];
  for (const id of [...ids].sort((a, b) => a - b)) {
    const schema = await registry.schemaById(id);
    if (schema !== undefined) schemas.push({ id, schema });
  }
  return schemas;
}

/** Sees to it that each id means the same in this registry. An empty registry gives the same ids in the same order. Fails with "setting" where it does not. */
export async function sameSchemas(registry: SchemaRegistry, schemas: Manifest["schemas"]): Promise<void> {
  for (const { id, schema } of schemas) {
    const known = await registry.schemaById(id);
    if (known !== undefined && canonical(known) === canonical(schema)) continue;
    const given = known === undefined ? await registry.idFor(subjectFor(id, schema), schema).catch(() => undefined) : undefined;
    if (given === id) continue;
    const why = known === undefined ? `gives ${given === undefined ? "no id" : `id ${given}`} to the schema` : "has another schema";
    throw new CaudalError("setting", `the schema registry ${why} that the backup's records call ${id}; restore beside a registry that is empty or has the same ids`);
  }
}

function subjectFor(id: number, schema: string): string {
  const { name } = JSON.parse(schema) as { name?: string };
  const row = recordTypes.find((type) => type.name === name?.split(".").at(-1));
  if (row === undefined) throw new CaudalError("setting", `schema ${id} of the backup is no record that this release knows`);
  return subjectOf(row.topic);
}

/** One spelling for equal schemas: no white space, members of objects by name. */
function canonical(json: string): string {
  return JSON.stringify(JSON.parse(json), (_, value: unknown) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

import { readdirSync, readFileSync } from "node:fs";
import { recordTypes, subjectOf, type RecordTypeRow } from "./catalog.ts";
import { readRegistryFile } from "./registry-file.ts";

export interface SchemaVersion {
  readonly row: RecordTypeRow;
  readonly subject: string;
  readonly version: number;
  /** Registry id, the same in every installation that starts from these files. */
  readonly id: number;
  /** The schema as written in the file. */
  readonly json: string;
}

const here = new URL("./", import.meta.url);

/** Every version of every record type, oldest first. Throws when a file has no id in `registry.json`. */
export function readSchemaFiles(): SchemaVersion[] {
  const registry = readRegistryFile();
  return recordTypes.flatMap((row) => {
    const folder = new URL(`${row.folder}/`, here);
    const subject = subjectOf(row.topic);
    return readdirSync(folder)
      .map((name) => /^v(\d+)\.avsc$/.exec(name)?.[1])
      .filter((version) => version !== undefined)
      .map(Number)
      .sort((a, b) => a - b)
      .map((version) => {
        const registered = registry[subject]?.[String(version)];
        if (registered === undefined) throw new Error(`schemas/registry.json has no id for ${subject} version ${version}`);
        return { row, subject, version, id: registered.id, json: readFileSync(new URL(`v${version}.avsc`, folder), "utf8") };
      });
  });
}

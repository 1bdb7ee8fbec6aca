import avro from "avsc";
import { readSchemaFiles } from "./files.ts";
import { readRegistryFile } from "./registry-file.ts";

/** One thing that stands against the rules of the schemas. */
export interface SchemaFinding {
  readonly subject: string;
  readonly version: number;
  readonly what: "incompatible" | "changed-after-release" | "enum" | "id-used-twice" | "not-avro";
  readonly detail: string;
}

/** One version as the check sees it. */
export interface CheckedVersion {
  readonly subject: string;
  readonly version: number;
  readonly json: string;
}

function parse(json: string): avro.Type {
  return avro.Type.forSchema(JSON.parse(json) as avro.Schema, { registry: {} });
}

/** SHA-256 of the parsing canonical form, lower-case hex. Throws when the text is no Avro schema. */
export function fingerprint(json: string): string {
  return parse(json).fingerprint("sha256").toString("hex");
}

function reads(reader: avro.Type, writer: avro.Type): string | undefined {
  try {
    reader.createResolver(writer);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** FULL_TRANSITIVE: every version of a subject reads what every other version of it wrote. Enums never: their readers break on growth. */
export function checkCompatibility(versions: readonly CheckedVersion[]): SchemaFinding[] {
  const findings: SchemaFinding[] = [];
  const parsed = new Map<CheckedVersion, avro.Type>();
  for (const checked of versions) {
    try {
      parsed.set(checked, parse(checked.json));
      if (/"type"\s*:\s*"enum"/.test(checked.json)) findings.push({ subject: checked.subject, version: checked.version, what: "enum", detail: "use a string checked against core's registry" });
    } catch (error) {
      findings.push({ subject: checked.subject, version: checked.version, what: "not-avro", detail: error instanceof Error ? error.message : String(error) });
    }
  }
  for (const [reader, readerType] of parsed) {
    for (const [writer, writerType] of parsed) {
      if (reader === writer || reader.subject !== writer.subject) continue;
      const why = reads(readerType, writerType);
      if (why !== undefined) {
        findings.push({ subject: reader.subject, version: reader.version, what: "incompatible", detail: `cannot read version ${writer.version}: ${why}` });
      }
    }
  }
  return findings;
}

/** Checks the committed schemas: compatibility, that no released version changed, and that no id stands for two. */
export function checkSchemas(): SchemaFinding[] {
  const files = readSchemaFiles();
  const findings = checkCompatibility(files);
  const registry = readRegistryFile();
  const owners = new Map<number, string>();
  for (const file of files) {
    const registered = registry[file.subject]?.[String(file.version)];
    if (registered !== undefined && registered.sha256 !== fingerprint(file.json)) {
      findings.push({ subject: file.subject, version: file.version, what: "changed-after-release", detail: `v${file.version}.avsc differs from the fingerprint in registry.json; write v${file.version + 1}.avsc instead` });
    }
    const owner = owners.get(file.id);
    if (owner !== undefined) findings.push({ subject: file.subject, version: file.version, what: "id-used-twice", detail: `id ${file.id} belongs to ${owner}` });
    owners.set(file.id, `${file.subject} version ${file.version}`);
  }
  return findings;
}

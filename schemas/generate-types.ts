import { readFileSync, writeFileSync } from "node:fs";
import { readSchemaFiles } from "./files.ts";

interface AvroField { name: string; type: AvroType; doc?: string }
interface AvroRecord { type: "record"; name: string; doc?: string; fields: AvroField[] }
type AvroType = string | AvroType[] | AvroRecord | { type: "array"; items: AvroType } | { type: "map"; values: AvroType };

const primitives: Record<string, string> = { null: "null", boolean: "boolean", int: "number", long: "number", double: "number", string: "string", bytes: "Uint8Array" };

function typeText(type: AvroType, records: AvroRecord[]): string {
  if (typeof type === "string") return primitives[type] ?? type;
  if (Array.isArray(type)) return type.map((member) => typeText(member, records)).join(" | ");
  if (type.type === "array") return `readonly ${typeText(type.items, records)}[]`;
  if (type.type === "map") return `Readonly<Record<string, ${typeText(type.values, records)}>>`;
  if (type.type === "record") {
    records.push(type);
    return type.name;
  }
  throw new Error(`no TypeScript for Avro type ${JSON.stringify(type)}`);
}

function interfaceText(record: AvroRecord, records: AvroRecord[]): string {
  const fields = record.fields.map((field) => {
    const doc = field.doc === undefined ? "" : `  /** ${field.doc} */\n`;
    return `${doc}  readonly ${field.name}: ${typeText(field.type, records)};\n`;
  });
  return `/** ${record.doc ?? record.name} */\nexport interface ${record.name} {\n${fields.join("")}}\n`;
}

/** TypeScript for the newest version of every record type. */
export function generateTypes(): string {
  const newest = new Map(readSchemaFiles().map((schema) => [schema.subject, schema]));
  const queue = [...newest.values()].map((schema) => JSON.parse(schema.json) as AvroRecord);
  const texts: string[] = [];
  for (let record = queue.shift(); record !== undefined; record = queue.shift()) texts.push(interfaceText(record, queue));
  return `// Written by schemas/generate-types.ts from the newest schemas; do not edit.\n\n${texts.join("\n")}`;
}

const target = new URL("generated/types.ts", import.meta.url);

if (import.meta.main) {
  const text = generateTypes();
  if (!process.argv.includes("--check")) writeFileSync(target, text);
  else if (readFileSync(target, "utf8") !== text) {
    process.stderr.write("schemas/generated/types.ts differs from the schemas; run: node schemas/generate-types.ts\n");
    process.exitCode = 1;
  }
}

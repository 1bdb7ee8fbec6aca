import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { CaudalError, isZone } from "@caudal/core";
import { parse } from "yaml";
import { z } from "zod";
import { formatNames, type FormatName } from "../decode/formats.ts";
import type { FormatOptions } from "../decode/decoded.ts";
import { parseTemplate, type TopicTemplate } from "./topic-template.ts";

/** One row of `config/mqtt.yaml`. */
export interface Mapping {
  readonly name: string;
  readonly template: TopicTemplate;
  /** presence: the payload is the word online or offline. */
  readonly format: FormatName | "presence";
  readonly priority: number;
  /** Text with captures, or undefined when the topic does not say. */
  readonly client: string | undefined;
  readonly device: string | undefined;
  readonly source: string;
  readonly zone: string;
  readonly options: FormatOptions;
}

const texts = z.record(z.string(), z.string());
const rowSchema = z.strictObject({
  name: z.string().min(1),
  topic: z.string(),
  format: z.enum(["presence", ...formatNames]),
  priority: z.int().default(0),
  client: z.string().min(1).optional(),
  device: z.string().min(1).optional(),
  source: z.string().min(1).default("mqtt"),
  zone: z.string().refine(isZone, "expected an IANA time zone such as America/Santiago").default("UTC"),
  key: z.string().min(1).optional(),
  columns: z.array(z.string().min(1)).min(1).optional(),
  units: texts.optional(),
  keys: texts.optional(),
});
const fileSchema = z.strictObject({ mappings: z.array(rowSchema) });

/** `config/mqtt.yaml`, wherever the program was started from. */
export const shippedMappingFile = fileURLToPath(new URL("../../config/mqtt.yaml", import.meta.url));

/** Reads a mapping file. CaudalError "setting" names the file, the row and what is wrong with it. */
export async function readMappingFile(path: string): Promise<readonly Mapping[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new CaudalError("setting", `${path} cannot be read`, { cause });
  }
  return parseMappings(text, path);
}

/** The rows of a mapping file's text; `name` stands in errors. */
export function parseMappings(text: string, name = "mqtt.yaml"): readonly Mapping[] {
  let content: unknown;
  try {
    content = parse(text);
  } catch (cause) {
    throw new CaudalError("setting", `${name} is not YAML: ${cause instanceof Error ? cause.message : "unreadable"}`, { cause });
  }
  const checked = fileSchema.safeParse(content);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    throw new CaudalError("setting", `${name}: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not a list of mappings"}`);
  }
  return checked.data.mappings.map((row) => mappingOf(row, name));
}

function mappingOf(row: z.output<typeof rowSchema>, file: string): Mapping {
  const wrong = (what: string): CaudalError => new CaudalError("setting", `${file}: mapping ${row.name}: ${what}`);
  let template: TopicTemplate;
  try {
    template = parseTemplate(row.topic);
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : "the topic is no template");
  }
  for (const text of [row.client, row.device, row.source]) {
    for (const [, capture] of (text ?? "").matchAll(/\{([^}]*)\}/g)) {
      if (!template.captures.includes(capture ?? "")) throw wrong(`{${capture}} is not captured by ${row.topic}`);
    }
  }
  if (row.format === "presence" && row.device === undefined) throw wrong("presence needs a device from its topic");
  const { name, format, priority, client, device, source, zone, key, columns, units, keys } = row;
  const options = { ...(key === undefined ? {} : { key }), ...(columns === undefined ? {} : { columns }), ...(units === undefined ? {} : { units }), ...(keys === undefined ? {} : { keys }) };
  return { name, template, format, priority, client, device, source, zone, options };
}

/** A text of a mapping with the topic's captures put in. */
export function filled(text: string, captures: Readonly<Record<string, string>>): string {
  return text.replace(/\{([^}]*)\}/g, (_, name: string) => captures[name] ?? "");
}

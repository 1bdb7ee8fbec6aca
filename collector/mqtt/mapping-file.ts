import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { CaudalError, isZone } from "@caudal/core";
import { z } from "zod";
import { checkedYaml } from "../checked-yaml.ts";
import { formatNames, type FormatName } from "../decode/formats.ts";
import type { FormatOptions } from "../decode/decoded.ts";
import { findDecoder } from "../decode/decoders/decoders.ts";
import { parseCertificateRules, type CertificateRule } from "./certificate-identity.ts";
import { parseTemplate, type TopicTemplate } from "./topic-template.ts";

/** One row of `config/mqtt.yaml`. */
export interface Mapping {
  readonly name: string;
  readonly template: TopicTemplate;
  /** presence: the payload is a word such as online or offline. sparkplug-b: births, data and deaths of Sparkplug B. */
  readonly format: FormatName | "presence" | "sparkplug-b";
  readonly priority: number;
  /** Text with captures, or undefined when the topic does not say. */
  readonly client: string | undefined;
  readonly device: string | undefined;
  readonly source: string;
  readonly zone: string;
  readonly options: FormatOptions;
  /** Captures that are secrets: they are kept and shown as a part of their hash. */
  readonly secrets: readonly string[];
  /** Whether Sparkplug nodes may be asked to publish their births again. */
  readonly rebirth: boolean;
}

const texts = z.record(z.string(), z.string());
const decoderName = z.string().refine((name) => findDecoder(name) !== undefined, "no decoder has this name; collector/decode/decoders/README.md lists them");
const decoderNames = z.record(z.string(), decoderName);
const place = z.union([z.string().min(1), z.int().min(0).transform(String)]);
const registerSchema = z.strictObject({
  key: z.string().min(1), word: place, second: place.optional(), type: z.enum(["uint16", "int16", "uint32", "int32", "float"]).default("uint16"),
  order: z.enum(["ABCD", "DCBA", "CDAB", "BADC"]).default("ABCD"), factor: z.number().default(1), offset: z.number().default(0), unit: z.string().min(1).optional(),
});
const rowSchema = z.strictObject({
  name: z.string().min(1),
  topic: z.string(),
  format: z.enum(["presence", "sparkplug-b", ...formatNames]),
  priority: z.int().default(0),
  client: z.string().min(1).optional(),
  device: z.string().min(1).optional(),
  source: z.string().min(1).default("mqtt"),
  zone: z.string().refine(isZone, "expected an IANA time zone such as America/Santiago").default("UTC"),
  key: z.string().min(1).optional(),
  columns: z.array(z.string().min(1)).min(1).optional(),
  units: texts.optional(),
  keys: texts.optional(),
  secrets: z.array(z.string().min(1)).default([]),
  rebirth: z.boolean().default(true),
  decoder: decoderName.optional(),
  profiles: decoderNames.optional(),
  ports: decoderNames.optional(),
  encoding: z.enum(["raw", "hex", "base64"]).optional(),
  port: z.int().min(0).max(255).optional(),
  settings: z.record(z.string(), z.number()).optional(),
  registers: z.array(registerSchema).min(1).optional(),
});
/** What a row says to its format, as it is written there. */
const OPTIONS = ["key", "columns", "units", "keys", "decoder", "profiles", "ports", "encoding", "port", "settings", "registers"] as const satisfies readonly (keyof FormatOptions)[];
const fileSchema = z.strictObject({ mappings: z.array(rowSchema), certificates: z.unknown().optional() });

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

/** Whose a client's certificate is, by the same file's `certificates:`. CaudalError "setting" names the file, the row and what is wrong with it. */
export async function readCertificateRules(path: string): Promise<readonly CertificateRule[]> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new CaudalError("setting", `${path} cannot be read`, { cause });
  });
  return parseCertificateRules(checkedYaml(text, path, fileSchema).certificates, path);
}

/** The rows of a mapping file's text; `name` stands in errors. */
export function parseMappings(text: string, name = "mqtt.yaml"): readonly Mapping[] {
  return checkedYaml(text, name, fileSchema).mappings.map((row) => mappingOf(row, name));
}

function mappingOf(row: z.output<typeof rowSchema>, file: string): Mapping {
  const wrong = (what: string): CaudalError => new CaudalError("setting", `${file}: mapping ${row.name}: ${what}`);
  let template: TopicTemplate;
  try {
    template = parseTemplate(row.topic);
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : "the topic is no template");
  }
  for (const text of [row.client, row.device, row.source, row.key]) {
    for (const [, capture] of (text ?? "").matchAll(/\{([^}]*)\}/g)) {
      if (!template.captures.includes(capture ?? "")) throw wrong(`{${capture}} is not captured by ${row.topic}`);
    }
  }
  const unknown = row.secrets.find((name) => !template.captures.includes(name));
  if (unknown !== undefined) throw wrong(`secrets: {${unknown}} is not captured by ${row.topic}`);
  if (row.format === "presence" && row.device === undefined) throw wrong("presence needs a device from its topic");
  if (row.format === "sparkplug-b" && (row.device === undefined || !row.topic.startsWith("spBv1.0/"))) throw wrong("sparkplug-b needs a topic under spBv1.0/ and a device from it");
  if (row.format === "registers" && row.registers === undefined) throw wrong("registers: says what is in the words");
  if (row.format === "frame" && row.decoder === undefined && row.ports === undefined) throw wrong("a frame needs a decoder");
  const { name, format, priority, client, device, source, zone, secrets, rebirth } = row;
  return { name, template, format, priority, client, device, source, zone, secrets, rebirth, options: pick(row) };
}

function pick(row: z.output<typeof rowSchema>): FormatOptions {
  return Object.fromEntries(OPTIONS.flatMap((option) => (row[option] === undefined ? [] : [[option, row[option]]])));
}

/** A text of a mapping with the topic's captures put in. */
export function filled(text: string, captures: Readonly<Record<string, string>>): string {
  return text.replace(/\{([^}]*)\}/g, (_, name: string) => captures[name] ?? "");
}

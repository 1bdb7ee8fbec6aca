import { documentSchema, refusalText } from "@caudal/business";
import { fieldsAt, nearest } from "@caudal/collector";
import { isClient, limitNames, pointSettingRows, readSaid, type ReadDevice, type SaidDevice, type StatedClient, type StatedDevice, type StatedFinding } from "@caudal/core";
import type { Language } from "@caudal/runtime";
import { z } from "zod";
import type { CliText } from "../commandline/say.ts";
import { parseText, placeOf, type FieldPath } from "./located.ts";
import { placeText, type Told } from "./told.ts";
import { documentsOf, type DocumentText } from "./yaml-files.ts";
import { HEADER, VERSION } from "./yaml-text.ts";

/** A device's document of the files: whose it is and where it stands. What it says is read again when it is needed: many are held at once. */
export interface DeviceFile {
  readonly source: DocumentText;
  readonly client: string;
  readonly device: string;
}

/** What it says. */
export interface SaidFile extends DeviceFile {
  readonly said: SaidDevice;
  readonly read: ReadDevice;
}

export interface SaidClient {
  readonly source: DocumentText;
  readonly stated: StatedClient;
}

export interface ReadFiles {
  readonly clients: readonly SaidClient[];
  readonly devices: readonly DeviceFile[];
  readonly told: readonly Told[];
}

export interface ReadOptions extends Speaking {
  /** Which devices are wanted; all are checked. Every one when absent. */
  includes?(stated: StatedDevice): boolean;
  tick?(done: number): void;
}

export interface Speaking {
  readonly say: CliText;
  readonly language: Language;
}

const clientSchema = z.strictObject({ client: z.string().min(1).max(63), name: z.string().trim().min(1).max(128) });
const messages: Record<Language, z.core.$ZodErrorMap> = { en: z.locales.en().localeError, es: z.locales.es().localeError };
const settingNames = pointSettingRows.map(({ name }) => name);

/** Reads all that the files say, and all that is wrong with them. */
export async function readFiles(files: readonly string[], { includes = () => true, tick = () => undefined, ...speaking }: ReadOptions): Promise<ReadFiles> {
  const clients = new Map<string, SaidClient>();
  const devices = new Map<string, DeviceFile & { readonly isIncluded: boolean }>();
  const told: Told[] = [];
  for (const [index, file] of files.entries()) {
    for (const source of await documentsOf(file, speaking.say)) {
      const one = readOne(source, speaking);
      told.push(...one.told);
      if (one.client !== undefined) once(clients, one.client.stated.client, one.client);
      if (one.device === undefined) continue;
      const { client, device, read } = one.device;
      once(devices, JSON.stringify([client, device]), { source, client, device, isIncluded: includes(read.stated) });
    }
    tick(index + 1);
  }
  return { clients: [...clients.values()], devices: [...devices.values()].filter(({ isIncluded }) => isIncluded), told };

  function once<T extends { readonly source: DocumentText }>(map: Map<string, T>, id: string, one: T): void {
    const first = map.get(id);
    if (first === undefined) map.set(id, one);
    else told.push({ place: placeOf(one.source, []), path: [], detail: speaking.say("config.twice", { place: placeText(placeOf(first.source, [])) }), next: speaking.say("config.twice.next") });
  }
}

/** Reads a document again that was found to be right. */
export function saidIn(file: DeviceFile, speaking: Speaking): SaidFile {
  const { device } = readOne(file.source, speaking);
  if (device === undefined) throw new Error(`${file.source.file} was read before`);
  return device;
}

interface One {
  readonly client?: SaidClient;
  readonly device?: SaidFile;
  readonly told: readonly Told[];
}

function readOne(source: DocumentText, { say, language }: Speaking): One {
  const parsed = parseText(source);
  if (!parsed.ok) return { told: parsed.faults.map(({ place, code }) => ({ place, path: [], detail: say("config.no-yaml-here", { code }), next: say("config.no-yaml-here.next") })) };
  const { content } = parsed;
  const wrong = (path: FieldPath, detail: string, next: string): One => ({ told: [{ place: placeOf(source, path), path, detail, next }] });
  const header = isFields(content) ? content[HEADER] : undefined;
  if (!isFields(content) || header === undefined) return wrong([], say("config.no-header", { header: HEADER }), say("config.no-header.next", { header: `${HEADER}: ${VERSION}` }));
  if (header !== VERSION) return wrong([HEADER], say("config.bad-version", { version: JSON.stringify(header), known: VERSION }), say("config.bad-version.next"));
  const { [HEADER]: _, ...fields } = content;
  const schema = "device" in fields || !("name" in fields) ? documentSchema : clientSchema;
  const shape = schema.safeParse(fields, { error: messages[language] });
  if (!shape.success) return { told: shape.error.issues.flatMap((issue) => toldOfIssue(issue, schema, source, say)) };
  if (!("device" in shape.data)) {
    const { client, name } = shape.data as StatedClient;
    if (!isClient(client)) return wrong(["client"], ...textsOf({ path: ["client"], why: "client-id", values: { met: client } }, language));
    return { client: { source, stated: { client, name } }, told: [] };
  }
  const said = shape.data as SaidDevice;
  const read = readSaid(said);
  return { device: { source, client: read.stated.client, device: read.stated.device, said, read }, told: read.findings.map((finding) => toldOf(finding, source, { say, language })) };
}

/** A finding of what is said, at its place in the file. */
export function toldOf(finding: StatedFinding, source: DocumentText, { say, language }: Speaking, path: FieldPath = finding.path): Told {
  const [detail, next] = textsOf(finding, language);
  const written = String(path.at(-1));
  const near = finding.why === "setting-unknown" ? nearest(written, path.includes("limits") ? limitNames : settingNames) : undefined;
  return { place: placeOf(source, path), path, detail, next: near === undefined ? next : say("config.did-you-mean", { name: near }) };
}

function textsOf({ why, values }: StatedFinding, language: Language): [string, string] {
  const { detail, next } = refusalText(why, values);
  return [detail[language], next[language]];
}

function toldOfIssue(issue: z.core.$ZodIssue, schema: z.ZodType, source: DocumentText, say: CliText): Told[] {
  const path = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
  if (issue.code !== "unrecognized_keys") {
    // A code of digits alone is a number to YAML.
    const next = issue.code === "invalid_type" && issue.expected === "string" && !issue.message.includes("undefined") ? "config.quotes.next" : "config.wrong-shape.next";
    return [{ place: placeOf(source, path), path, detail: issue.message, next: say(next) }];
  }
  const known = fieldsAt(schema, path);
  return issue.keys.map((key) => {
    const near = nearest(key, known);
    return {
      place: placeOf(source, [...path, key]), path: [...path, key], detail: say("config.unknown-field", { name: key }),
      next: near === undefined ? say("config.known-fields", { names: [...known].sort().join(", ") }) : say("config.did-you-mean", { name: near }),
    };
  });
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

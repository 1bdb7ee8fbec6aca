import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseInstant } from "@caudal/core";
import { z } from "zod";
import type { Answer, PageAsk, Provider } from "../provider.ts";

const instant = z.string().transform((text, context) => {
  const timeUs = parseInstant(text);
  if (timeUs === undefined) context.addIssue({ code: "custom", message: `${text} is no instant` });
  return timeUs ?? 0;
});
const texts = z.record(z.string(), z.string());
const pairs = z.array(z.tuple([z.string(), z.string()]));

const fixtureSpec = z.strictObject({
  what: z.string().min(10),
  trap: z.int().min(1).max(25).optional(),
  settings: z.unknown().default({}),
  secrets: texts.optional(),
  device: z.strictObject({ device: z.string(), remote: z.string(), secrets: texts.default({}) }).default({ device: "pozo-norte", remote: "pozo-norte", secrets: {} }),
  keys: z.array(z.string()),
  window: z.strictObject({ from: instant, to: instant }).optional(),
  page: z.unknown().optional(),
  now: instant,
  request: z.strictObject({
    method: z.string().optional(), path: z.string().optional(), headers: texts.optional(), json: z.unknown().optional(), form: texts.optional(),
    query: z.union([pairs, z.record(z.string(), z.union([z.string(), z.array(z.string())])).transform((byName) => Object.entries(byName).flatMap(([name, values]) => [values].flat().map((value): [string, string] => [name, value])))]).optional(),
  }).optional(),
  answer: z.strictObject({ status: z.int().default(200), headers: texts.default({}), body: z.string().optional(), json: z.unknown().optional(), base64: z.string().optional() }).default({ status: 200, headers: {} }),
  expect: z.strictObject({
    kind: z.enum(["ok", "no_data", "auth_failed", "config_error", "rate_limited", "request_failed", "bad_payload"]),
    samples: z.array(z.strictObject({ key: z.string(), value: z.union([z.number(), z.string(), z.boolean(), z.null()]), unit: z.string().nullable().default(null), time: instant })).optional(),
    labels: texts.optional(),
    next: z.unknown().optional(),
    detail: z.string().optional(),
    refused: z.int().default(0),
    retryAfterMs: z.number().optional(),
  }),
});

export type Fixture = z.infer<typeof fixtureSpec>;

/** Fixtures of a provider with their file names, in their order. */
export async function fixturesOf(provider: Provider): Promise<readonly (readonly [name: string, fixture: Fixture])[]> {
  const folder = fileURLToPath(new URL(`../${provider.id}/fixtures/`, import.meta.url));
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json")).sort();
  return Promise.all(names.map(async (name) => {
    const parsed = fixtureSpec.safeParse(JSON.parse(await readFile(`${folder}${name}`, "utf8")));
    if (!parsed.success) throw new Error(`${provider.id}/fixtures/${name}: ${z.prettifyError(parsed.error)}`);
    return [name, parsed.data] as const;
  }));
}

export function answerOf({ answer }: Fixture): Answer {
  const body = answer.base64 !== undefined ? Buffer.from(answer.base64, "base64") : Buffer.from(answer.body ?? (answer.json === undefined ? "" : JSON.stringify(answer.json)), "utf8");
  return { status: answer.status, headers: answer.headers, body };
}

export function askOf(provider: Provider, { settings, secrets, device, keys, window, page, now }: Fixture): PageAsk<unknown> {
  return {
    settings: provider.settings.parse(settings),
    secrets: secrets ?? Object.fromEntries(provider.secrets.account.map((name) => [name, `${name}-of-the-account`])),
    device, keys, window: window === undefined ? undefined : { fromUs: window.from, toUs: window.to }, page, nowUs: now,
  };
}

import { isZone } from "@caudal/core";
import { z } from "zod";
import { authField, pathField, secretName } from "./authentication.ts";
import { compileTimeFormat, type TimeFormat } from "./time-format.ts";

const texts = z.record(z.string(), z.string());
const zone = z.string().refine(isZone, "expected an IANA time zone such as America/Santiago");
const relativePath = z.string().regex(/^\/(?!\/)/, "expected a path below baseUrl, beginning with one /");

const timeFormat: z.ZodType<TimeFormat, string> = z.string().transform((text, context) => {
  try {
    return compileTimeFormat(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: error instanceof Error ? error.message : "expected a time format" });
    return z.NEVER;
  }
});

export const spanMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const span = z.string().transform((text, context) => {
  const match = /^(\d+)(m|h|d)$/.exec(text.trim());
  if (match?.[1] !== undefined) return Number(match[1]) * spanMs[match[2] as keyof typeof spanMs];
  context.addIssue({ code: "custom", message: "expected a duration such as 30m, 24h or 2d" });
  return z.NEVER;
});

const requestFields = {
  method: z.enum(["GET", "POST"]).default("GET"),
  path: relativePath,
  query: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  headers: texts.default({}),
  json: z.unknown().optional(),
  form: texts.optional(),
  timeoutMs: z.int().min(100).max(300_000).optional(),
};
const requestField = z.strictObject(requestFields);

const timeField = z.strictObject({
  path: pathField,
  /** The answer: one time above all rows. */
  in: z.enum(["row", "answer"]).default("row"),
  format: timeFormat.default(compileTimeFormat("iso")),
  zone: zone.optional(),
});
const columnField = z.union([pathField, z.strictObject({ path: pathField, unit: z.string().min(1).optional(), time: timeField.optional() })]);
const rowsField = z.strictObject({ variable: pathField.optional(), value: pathField, unit: pathField.optional(), time: timeField });
const columnsField = z.strictObject({ columns: z.record(z.string().min(1), columnField), time: timeField });
const mapField = z.union([rowsField, columnsField]);

const bounded = { maxPages: z.int().min(1).max(100_000).default(1000), until: z.enum(["short", "empty"]).default("short") };
const pagingField = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("none") }),
  z.strictObject({ kind: z.literal("time"), order: z.enum(["oldest-first", "newest-first"]).default("oldest-first"), ...bounded }),
  z.strictObject({ kind: z.literal("offset"), first: z.int().min(0).default(0), ...bounded }),
  z.strictObject({ kind: z.literal("page"), first: z.int().min(0).default(1), ...bounded }),
  z.strictObject({ kind: z.literal("token"), next: pathField, maxPages: bounded.maxPages }),
]);
const historyField = z.strictObject({
  ...requestFields,
  samples: pathField.optional(),
  map: mapField.optional(),
  paging: pagingField.default({ kind: "none" }),
  limit: z.int().min(1).max(50_000).default(1000),
  /** How `{from}` and `{to}` are written. */
  time: z.strictObject({ format: timeFormat.default(compileTimeFormat("iso")), zone: zone.optional() }).prefault({}),
  /** Where there is no `request`: how far back the newest is looked for. */
  newest: span.default(spanMs.d),
});

const window = z.strictObject({ calls: z.int().min(1), per: z.string().regex(/^\d+(ms|s|m|h|d)$/, "expected a duration such as 1s, 1m or 1h") });
const rateField = z.union([
  z.strictObject({ perSecond: z.number().positive().max(1000), burst: z.int().min(1).max(1000).default(1) }),
  z.array(window).min(1).max(4),
]);

/** A block of `config/providers.yaml`, field by field. What fields mean only together is `checkBlock`'s. */
export const blockFields = z.strictObject({
  id: z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, "expected a-z, 0-9 and dashes inside").optional(),
  kind: z.literal("http-json").default("http-json"),
  title: z.string().min(1).optional(),
  baseUrl: z.url({ protocol: /^https?$/, error: "expected a URL such as https://telemetry.example.test" })
    .refine((url) => !/^https?:\/\/[^/]*@/i.test(url), "expected no credential in the URL: name it under auth").transform((url) => url.replace(/\/+$/, "")),
  auth: authField.default({ kind: "none" }),
  /** Secrets that each device has of its own, instead of its account. */
  deviceSecrets: z.array(secretName).default([]),
  request: requestField.optional(),
  history: historyField.optional(),
  samples: pathField.optional(),
  map: mapField.optional(),
  variables: z.record(z.string(), z.strictObject({ type: z.string().min(1).optional(), unit: z.string().min(1).optional() })).default({}),
  sentinels: z.array(z.number()).default([]),
  numbers: z.strictObject({ decimal: z.enum([".", ","]).default("."), thousands: z.enum(["", ".", ",", " ", "'"]).default("") }).prefault({}),
  /** Found and neither null, false nor empty: the answer says that it failed, whatever its status. */
  failure: z.strictObject({ path: pathField, kind: z.enum(["request_failed", "config_error", "auth_failed", "rate_limited"]).default("request_failed") }).optional(),
  statuses: z.record(z.string().regex(/^[1-5]\d\d$/, "expected an HTTP status"), z.enum(["request_failed", "config_error", "auth_failed", "rate_limited"])).default({}),
  rate: rateField.optional(),
  /** What the collector does for all providers; a block may say so, and nothing else. */
  retry: z.strictObject({
    attempts: z.literal(3, "expected 3: every call is tried that often").optional(),
    baseMs: z.literal(1000, "expected 1000: the first pause is about a second for all").optional(),
    honourRetryAfter: z.literal(true, "expected true: Retry-After is always honoured").optional(),
  }).optional(),
});

/** A block, checked and with its paths read. */
export type HttpJsonSettings = z.output<typeof blockFields>;
export type RequestSettings = z.output<typeof requestField>;
export type HistorySettings = z.output<typeof historyField>;
export type MapSettings = z.output<typeof mapField>;
export type TimeSettings = z.output<typeof timeField>;
export type Paging = z.output<typeof pagingField>;

import { MAX_POINT_NAME_CHARACTERS } from "@caudal/core";
import { z } from "zod";
import { isClientId } from "../../edge/client-resolver.ts";
import { MAX_DEVICE_CHARACTERS, MAX_KEY_CHARACTERS } from "../../decode/limits.ts";
import { boundedDuration, everyField, zoneField } from "./cadence.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Where a secret is. A secret itself is refused, and not shown. */
const reference = z.string("expected env:NAME or file:/path").regex(
  /^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:\/\S.*)$/, "expected env:NAME or file:/path: put the secret into an environment variable or a file, and its name here",
);
const secrets = z.record(z.string(), reference);
const texts = z.record(z.string(), z.string());
// Dots alone would climb out of a path; the rest is what a device's name may be at every edge.
const name = (most: number): z.ZodType<string> => z.string().trim().min(1).max(most).regex(/^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffd]*$/, "expected printable characters")
  .refine((text) => text !== "." && text !== "..", "expected a name, not dots");

const spread = {
  /** How often each device is asked. */
  every: everyField.optional(),
  /** The zone of a cron pattern's clock. */
  zone: zoneField.optional(),
  keys: z.array(name(MAX_KEY_CHARACTERS)).optional(),
  names: texts.optional(),
  units: texts.optional(),
  sentinels: z.array(z.number()).optional(),
};

export const deviceShape = z.strictObject({
  device: name(MAX_DEVICE_CHARACTERS),
  remote: name(MAX_DEVICE_CHARACTERS).optional(),
  name: name(MAX_POINT_NAME_CHARACTERS).optional(),
  ...spread,
  live: z.boolean().optional(),
  secrets: secrets.optional(),
});

const overlapShape = z.union([
  z.literal("off"),
  z.strictObject({
    every: boundedDuration({ minMs: 60_000, maxMs: 31 * DAY_MS, expected: "expected a duration such as 1h" }).default(HOUR_MS),
    window: boundedDuration({ minMs: 60_000, maxMs: 366 * DAY_MS, expected: "expected a duration such as 48h" }).default(48 * HOUR_MS),
  }),
]).default({ every: HOUR_MS, window: 48 * HOUR_MS });

const budgetShape = z.array(z.strictObject({
  calls: z.int().min(1).max(1_000_000),
  per: boundedDuration({ minMs: 1, maxMs: 31 * DAY_MS, expected: "expected a duration such as 1s, 1m or 1h" }),
})).min(1).max(8);

export const accountShape = z.strictObject({
  id: z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, "expected a-z, 0-9 and dashes inside"),
  provider: z.string().trim().min(1),
  client: z.string().refine(isClientId, "expected a client: a-z, 0-9 and dashes inside").default("default"),
  baseUrl: z.url({ protocol: /^https?$/, error: "expected a URL such as https://telemetry.example.test" }).refine((url) => !/^https?:\/\/[^/]*@/i.test(url), "expected no credential in the URL: name it under secrets").optional(),
  settings: z.record(z.string(), z.unknown()).optional(),
  secrets: secrets.default({}),
  budget: budgetShape.optional(),
  concurrency: z.int().min(1).max(100).default(2),
  allowPrivate: z.boolean().default(false),
  overlap: overlapShape,
  ...spread,
  devices: z.array(z.unknown()).min(1),
});

export type WrittenAccount = z.output<typeof accountShape>;
export type WrittenDevice = z.output<typeof deviceShape>;

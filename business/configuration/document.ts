import type { StatedDevice } from "@caudal/core";
import { z } from "zod";

const instant = z.string().max(40).optional().describe("RFC 3339 time from which this holds; absent: from the first reading.");
const period = z.record(z.string().max(64), z.union([z.number(), z.string().max(64), z.null()]));

const key = z.strictObject({
  key: z.string().min(1).max(256).describe("The source's own name for the value."),
  validFrom: instant,
  channel: z.string().max(64).optional().describe("Channel of the device that the key belongs to; absent: its main point."),
  point: z.string().min(1).max(64).optional().describe("Id of a point of another device that the key feeds instead."),
  variable: z.string().min(1).max(80),
  unit: z.string().max(256).optional().describe("Unit that the source's values are in; absent: the variable's own."),
  guessed: z.boolean().optional().describe("true: nobody said so yet."),
  ignored: z.boolean().optional().describe("true: it is no measurement."),
});

const feed = z.strictObject({
  key: z.string().min(1).max(256),
  point: z.string().min(1).max(64).describe("Id of a point of the same client that the key feeds besides its own."),
  variable: z.string().min(1).max(80).optional().describe("Which variable of that point; absent: the key's own."),
  validFrom: instant,
  validUntil: z.string().max(40).optional().describe("First instant that it holds for no longer; absent: it holds on."),
});

const point = z.strictObject({
  channel: z.string().max(64).optional().describe("Absent: the device's main point."),
  name: z.string().max(600).optional(),
  periodS: z.number().nullable().optional().describe("Seconds between readings; absent or null: learned from the data."),
  limits: z.record(z.string().max(80), z.array(period).max(256)).optional().describe("By variable: limits of the quality tests, each with its `validFrom`."),
  settings: z.array(period).max(256).optional().describe("Settings by name, each with its `validFrom`; GET /api/v1/variables/settings lists them."),
});

/** A device's configuration as files and requests write it. What a field may hold besides its type is for `readSaid` to say. */
export const documentSchema = z.strictObject({
  client: z.string().min(1).max(128), device: z.string().min(1).max(256),
  keys: z.array(key).max(1024).optional(), feeds: z.array(feed).max(4000).optional(), points: z.array(point).max(1024).optional(),
});

export const heldSchema = z.object({
  document: documentSchema as unknown as z.ZodType<StatedDevice>,
  tag: z.string().describe("Changes with the configuration and with nothing else."),
  adopted: z.boolean().describe("The device is adopted; else only points of it are there."),
  heard: z.boolean().describe("Something was heard of the device."),
});

export const clientSchema = z.object({ client: z.string(), name: z.string() });

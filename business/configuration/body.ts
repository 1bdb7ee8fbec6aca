import { z } from "zod";
import { documentSchema } from "./document.ts";

const tag = z.string().max(64);

/** Documents that one request may carry. */
export const MOST_DOCUMENTS = 200;

export const askedSchema = z.strictObject({
  devices: z.array(z.strictObject({ client: z.string().min(1).max(128), device: z.string().min(1).max(256) })).max(MOST_DOCUMENTS),
});

export const applySchema = z.strictObject({
  dryRun: z.boolean().optional().describe("true: everything is checked and nothing is written."),
  reason: z.string().trim().max(1000).optional().describe("Why; kept with what changes, and in the audit trail."),
  coming: z.array(z.string().max(64)).max(10_000).optional().describe("Ids of points that are not there yet and that other requests make."),
  clients: z.array(z.strictObject({
    client: z.string().min(1).max(128), name: z.string().trim().min(1).max(128), seen: z.string().max(128).nullable().describe("Its name as it was seen; null: there was no such client."),
  })).max(MOST_DOCUMENTS).optional(),
  devices: z.array(z.strictObject({
    document: documentSchema.describe("All that is to hold: what it does not say is as it goes without saying."),
    seen: tag.nullable().describe("Tag of the configuration that the change was decided on; null: there was none."),
  })).max(MOST_DOCUMENTS).optional(),
  remove: z.array(z.strictObject({ client: z.string().min(1).max(128), device: z.string().min(1).max(256), seen: tag })).max(MOST_DOCUMENTS).optional()
    .describe("Devices to take away. One that was ever heard stays, and is told."),
});
export type ApplyBody = z.output<typeof applySchema>;

const finding = z.object({
  path: z.array(z.union([z.string(), z.number()])).describe("From the document's root."), why: z.string(), detail: z.string(), next: z.string(),
});

const outcome = z.object({
  client: z.string(), device: z.string().nullable().describe("null of a client."),
  outcome: z.enum(["applied", "unchanged", "conflict", "refused", "removed", "kept", "checked"])
    .describe("conflict: it changed since it was seen. kept: not taken away, because it has data. checked: nothing is wrong and nothing was written."),
  tag: z.string().nullable(), kept: z.array(z.string()).describe("Points that stay because they have data."), findings: z.array(finding),
});
export type ApplyOutcome = z.output<typeof outcome>;

export const appliedSchema = z.object({
  written: z.boolean().describe("false: a document was refused, or only a check was asked for; nothing was written."),
  items: z.array(outcome).describe("Clients, devices, and what was to be taken away, in the order of the request."),
});

import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { formatInstant, parseInstant } from "@caudal/core";
import { createJobs, defineOperation, jobOperations, jobSchema, Problem, writeStream, type Component, type JobRun, type Jobs, type JobView, type Operation } from "@caudal/runtime";
import { z } from "zod";
import { Findings, readFindings } from "./findings.ts";
import type { ReplayOptions, ReplayRequest } from "./options.ts";
import { Replay, type ReplayResult } from "./replay.ts";
import { triedRules, triedRulesSchema } from "./tried-rules.ts";

const BASE = "/api/v1/processor";
const KIND = "replay";
const CHANGES = "changes.ndjson";

export interface Replays extends Component {
  readonly operations: readonly Operation[];
  readonly jobs: Jobs;
  /** Problem 409 while one runs. */
  begin(request: ReplayRequest): JobView;
  /** The same work for a caller that runs it by itself. One at a time. */
  perform(request: ReplayRequest, run: JobRun): Promise<PerformedReplay>;
  /** Lines of what the newest replay found; undefined when that is another. */
  changes(findings: string): AsyncIterable<Uint8Array> | undefined;
}

/** `findings` names what was found: see `changes`. */
export type PerformedReplay = ReplayResult & { readonly findings: string };

const requestSchema = z.object({
  from: z.string().max(64).optional().describe("First instant whose facts are compared, RFC 3339 (UTC without an offset); the beginning when absent."),
  to: z.string().max(64).optional().describe("Instant after the last; no end when absent."),
  client: z.string().min(1).max(128).optional(),
  device: z.string().min(1).max(512).optional().describe("With client: the points that its keys feed."),
  point: z.string().min(1).max(128).optional(),
  apply: z.boolean().default(false).describe("Publish what would change."),
  withdraw: z.boolean().default(false).describe("With apply: take back facts that nothing in archive and log gives."),
  rules: triedRulesSchema.optional().describe("Judge by these limits and settings in place of those in force, to see what they would change. Not with apply: what is to hold is configured."),
});

/** Replays of this process: one at a time, each in a folder of its own that goes with the next one, or with the next start. */
export function createReplays(options: ReplayOptions): Replays {
  const { folder, clock, logger, metrics } = options;
  const jobs = createJobs({ clock, logger });
  const found = new Map<string, string>();
  const changesTotal = metrics.counter("caudal_replay_changes_total");

  async function perform(request: ReplayRequest, run: JobRun): Promise<PerformedReplay> {
    const id = randomUUID();
    await clear();
    const home = join(folder, id);
    await mkdir(home, { recursive: true });
    const findings = new Findings(join(home, CHANGES));
    try {
      const shadow = await options.openShadow(join(home, "shadow"));
      let result: ReplayResult;
      try {
        result = await new Replay(options, { request, run, id }).run(shadow, findings);
      } finally {
        await shadow.close();
        await rm(join(home, "shadow"), { recursive: true, force: true });
      }
      await findings.close();
      found.set(id, findings.path);
      if (request.rules === undefined) for (const [reason, count] of Object.entries(result.byReason)) changesTotal.inc({ reason }, count);
      return { ...result, findings: id };
    } catch (error) {
      findings.discard();
      await rm(home, { recursive: true, force: true });
      throw error;
    }
  }

  /** Removes what earlier replays left, also those that a crash ended. */
  async function clear(): Promise<void> {
    found.clear();
    for (const name of await readdir(folder).catch(() => [])) await rm(join(folder, name), { recursive: true, force: true });
  }

  const begin = (request: ReplayRequest): JobView => jobs.start(KIND, (run) => perform(request, run));
  const changes = (id: string): AsyncIterable<Uint8Array> | undefined => {
    const path = found.get(id);
    return path === undefined ? undefined : readFindings(path);
  };
  return {
    name: "replays", jobs, begin, perform, changes,
    operations: [...jobOperations({ base: BASE, jobs }), startOperation(begin), changesOperation(changes)],
    start: clear,
    stop: async (deadlineMs) => {
      await jobs.stop(deadlineMs);
      await clear();
    },
  };
}

function startOperation(begin: Replays["begin"]): Operation {
  return defineOperation({
    method: "POST", path: `${BASE}/replays`, operationId: "startReplay", tag: "processor", permission: "administer",
    summary: { en: "Recompute from raw archive and log, and say what would change", es: "Recalcula desde el archivo crudo y el log, y dice qué cambiaría" },
    body: requestSchema,
    replies: { 202: { description: "The job", schema: jobSchema } },
    handle: ({ body: { from, to, device, client, point, apply, withdraw, rules } }) => {
      if (device !== undefined && client === undefined) throw refused("body.device", { en: "needs body.client: devices are named within a client", es: "necesita body.client: los equipos se nombran dentro de un cliente" });
      const [fromUs, toUs] = [instantOf(from, "body.from"), instantOf(to, "body.to")];
      if (fromUs !== undefined && toUs !== undefined && fromUs >= toUs) {
        throw refused("body.from", { en: `is not before body.to: ${formatInstant(fromUs)}`, es: `no es anterior a body.to: ${formatInstant(fromUs)}` });
      }
      if (rules !== undefined && apply) {
        throw refused("body.apply", { en: "rules that are tried cannot be applied: configure the points, and the past follows", es: "las reglas que se prueban no se pueden aplicar: configure los puntos y el pasado las sigue" });
      }
      return { status: 202, body: begin({ fromUs, toUs, client, device, point, apply, withdraw, rules: rules === undefined ? undefined : triedRules(rules) }) };
    },
  });
}

function changesOperation(changes: Replays["changes"]): Operation {
  return defineOperation({
    method: "GET", path: `${BASE}/replays/{id}/changes`, operationId: "listReplayChanges", tag: "processor", permission: "administer",
    summary: { en: "Every change that a replay found, one JSON object a line", es: "Cada cambio que encontró un recálculo, un objeto JSON por línea" },
    params: z.object({ id: z.string().min(1).max(64).describe("`result.findings` of the job; kept until the next replay.") }),
    replies: { 200: { description: "Changes by point, in time order", contentTypes: ["application/x-ndjson"] } },
    handle: async ({ params: { id }, express: { res }, signal }) => {
      const lines = changes(id);
      if (lines === undefined) throw new Problem("job-not-found", { field: "params.id", detail: id });
      res.setHeader("Content-Type", "application/x-ndjson; charset=utf-8");
      res.setHeader("Cache-Control", "no-store");
      await writeStream(res, lines, signal);
      return { streamed: true };
    },
  });
}

function instantOf(text: string | undefined, field: string): number | undefined {
  if (text === undefined) return undefined;
  const instantUs = parseInstant(text, "UTC");
  if (instantUs === undefined) throw refused(field, { en: `${text} is not a time such as 2026-03-01 or 2026-03-01T12:00:00Z`, es: `${text} no es una hora como 2026-03-01 o 2026-03-01T12:00:00Z` });
  return instantUs;
}

function refused(field: string, detail: { readonly en: string; readonly es: string }): Problem {
  return new Problem("invalid-parameter", { field, detail });
}

import { allows, parseInstant } from "@caudal/core";
import { defineOperation, jobOperations, jobSchema, Problem, type JobRun, type Jobs, type Operation } from "@caudal/runtime";
import { z } from "zod";
import { failureKinds } from "../providers/provider.ts";
import type { Account } from "../providers/account.ts";
import { collectOperation, rowsSchema } from "./collect.ts";
import { namedAccounts, runningPolls, type ProvidersOptions } from "./named-accounts.ts";
import { runBackfill, type BackfillReport, type BackfillRequest } from "../polling/backfill.ts";
import { accountViews, deviceViews, pollerOf, scoreCardViews } from "../polling/overview.ts";
import { outcomeKinds } from "../polling/outcome.ts";
import type { Polling } from "../polling/polling.ts";

const tag = "providers";
const BASE = "/api/v1/collector";

const outageSchema = z.object({ kind: z.enum(failureKinds), detail: z.string(), since: z.string(), retryAt: z.string() });
const budgetSchema = z.array(z.object({ calls: z.number(), perMs: z.number(), used: z.number() }));
const accountSchema = z.object({
  account: z.string(), provider: z.string(), title: z.string(), client: z.string(), devices: z.int(), state: z.enum(["polling", "away", "standby"]), here: z.boolean(), outage: outageSchema.nullable(), budget: budgetSchema,
});
const scoreSchema = z.object({ outcomes: z.record(z.enum(outcomeKinds), z.int()), rows: rowsSchema, calls: z.int(), filled: z.int() });
const quantilesSchema = z.object({ p50: z.number(), p95: z.number() }).nullable();
const cardSchema = accountSchema.extend({
  at: z.string().nullable(), hour: scoreSchema, day: scoreSchema, delayMs: quantilesSchema, ageMs: quantilesSchema, neverSeen: z.int(), late: z.int(), misconfigured: z.int(),
  gaps: z.array(z.object({ device: z.string(), keys: z.array(z.string()), from: z.string(), to: z.string() })),
});
const deviceSchema = z.object({
  account: z.string(), device: z.string(), newest: z.string().nullable(), ageMs: z.number().nullable(), periodMs: z.number(), late: z.boolean(), live: z.boolean(),
  keys: z.array(z.object({ key: z.string(), newest: z.string() })),
  troubles: z.array(z.object({ keys: z.array(z.string()), kind: z.string(), detail: z.string(), at: z.string(), misconfiguredSince: z.string().nullable() })),
});
const params = z.object({ provider: z.string().min(1).max(64) });
const instant = z.string().transform((text, context) => {
  const timeUs = /^\d{4}-\d{2}-\d{2}$/.test(text) ? parseInstant(`${text}T00:00:00Z`) : parseInstant(text);
  if (timeUs !== undefined) return timeUs;
  context.addIssue({ code: "custom", message: "expected a day or an RFC 3339 instant, such as 2026-03-01 or 2026-03-01T12:00:00Z" });
  return z.NEVER;
});

/** What a backfill takes; days are UTC's. */
export const backfillBodySchema = z.strictObject({ from: instant, to: instant, account: z.string().optional(), device: z.string().optional(), dryRun: z.boolean().default(false) });

/** Accounts at providers: how they do, asking now, and reading the past again. `parts` throws while the collector is not running. */
export function providerOperations(parts: () => ProvidersOptions, jobs: Jobs): Operation[] {
  const running = (): ReturnType<typeof runningPolls> => runningPolls(parts());
  return [
    defineOperation({
      method: "GET", path: "/api/v1/providers", operationId: "listProviders", tag, permission: "read",
      summary: { en: "Accounts at providers, and whether they answer", es: "Cuentas en proveedores, y si responden" },
      replies: { 200: { description: "Accounts in the order of the file", schema: z.object({ items: z.array(accountSchema), problems: z.array(z.object({ account: z.string(), device: z.string().nullable(), line: z.int(), detail: z.string() })) }) } },
      handle: async ({ scope }) => {
        const { polling, polls } = running();
        const items = await accountViews(polling, polls, polling.accounts().filter(({ client }) => allows(scope, client)));
        // Whose an account that could not be read is, nobody can say.
        const problems = scope.clients === "all" ? polling.problems().map((problem) => ({ ...problem, device: problem.device ?? null })) : [];
        return { status: 200, body: { items, problems } };
      },
    }),
    defineOperation({
      method: "GET", path: "/api/v1/status/{provider}", operationId: "getProviderStatus", tag, permission: "read", params,
      query: z.object({ limit: z.coerce.number().int().min(1).max(1000).default(100), cursor: z.string().max(300).optional() }),
      summary: { en: "A provider's scorecard: freshness, gaps, corrections, budget, kinds of error; devices by page", es: "Ficha de un proveedor: frescura, vacíos, correcciones, presupuesto, clases de error; equipos por página" },
      replies: { 200: { description: "An account, or all of a provider", schema: z.object({ items: z.array(cardSchema), devices: z.object({ items: z.array(deviceSchema), next: z.string().nullable() }) }) }, 404: { description: "There is none of that name" } },
      handle: async ({ params: { provider }, query, scope }) => {
        const { polling, polls } = running();
        const accounts = namedAccounts(polling, provider, scope);
        return { status: 200, body: { items: await scoreCardViews(polling, polls, accounts), devices: await deviceViews(polling, polls, accounts, query) } };
      },
    }),
    collectOperation(parts, jobs),
    defineOperation({
      method: "POST", path: `${BASE}/backfill`, operationId: "startBackfill", tag, permission: "administer", body: backfillBodySchema,
      summary: { en: "Read a stretch of the past from providers again, as a job", es: "Leer otra vez un tramo del pasado desde los proveedores, como trabajo" },
      replies: { 202: { description: "The job", schema: jobSchema }, 409: { description: "One runs already, or another collector asks for the account" } },
      handle: ({ body: { from, to, account, device, dryRun }, scope }) => {
        const { polling } = running();
        if (from >= to) throw new Problem("invalid-body", { field: "body.to", detail: { en: "to must be later than from", es: "to debe ser posterior a from" } });
        const accounts = account === undefined ? polling.accounts().filter(({ client }) => allows(scope, client)) : namedAccounts(polling, account, scope);
        const request: BackfillRequest = { window: { fromUs: from, toUs: to }, dryRun, ...(device === undefined ? {} : { device }) };
        const started = backfillOf(polling, accounts, request);
        return { status: 202, body: jobs.start("backfill", started) };
      },
    }),
    ...jobOperations({ base: BASE, jobs }),
  ];
}

/** The work of a backfill of these accounts. Problem "in-use" when another collector asks for one of them. */
export function backfillOf(polling: Polling, accounts: readonly Account[], request: BackfillRequest): (run: JobRun) => Promise<BackfillReport> {
  const polls = polling.polls();
  if (polls === undefined) throw new Problem("unavailable");
  const pollers = accounts.map((account) => pollerOf(polls, account));
  const elsewhere = pollers.filter((poller) => !poller.isHolder()).map((poller) => poller.tools().account.id).join(", ");
  if (elsewhere !== "") throw new Problem("in-use", { detail: { en: `another collector asks for ${elsewhere}`, es: `otro colector consulta ${elsewhere}` } });
  return (run) => runBackfill({ pollers, checkpoints: polls.checkpoints, clock: polling.clock(), sleep: polling.sleep() }, request, run);
}

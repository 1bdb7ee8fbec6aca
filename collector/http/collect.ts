import { formatInstant } from "@caudal/core";
import { defineOperation, Problem, type Jobs, type Operation } from "@caudal/runtime";
import { z } from "zod";
import type { AccountPoller } from "../polling/account-poller.ts";
import { outcomeKinds } from "../polling/outcome.ts";
import { pollerOf } from "../polling/overview.ts";
import { planPoll, type PollPlan } from "../polling/poll-plan.ts";
import type { Account, AccountDevice } from "../providers/account.ts";
import { namedAccounts, runningPolls, type ProvidersOptions } from "./named-accounts.ts";

const MAX_DEVICES_AT_ONCE = 100;

export const rowsSchema = z.object({ forward: z.int(), corrected: z.int(), late: z.int(), repeated: z.int(), stale: z.int(), refused: z.int() });
const collectedSchema = z.object({
  items: z.array(z.object({ account: z.string(), device: z.string(), rows: rowsSchema, outcomes: z.array(z.object({ keys: z.array(z.string()), kind: z.enum(outcomeKinds), detail: z.string() })) })),
});
const queuedSchema = z.object({
  queued: z.array(z.object({
    account: z.string(), job: z.string().describe("GET /api/v1/collector/jobs/{id} says how far it is."), devices: z.int(), devicesNow: z.int(), calls: z.int(), callsNow: z.int(),
    restBy: z.string().nullable().describe("When the last of the rest may go out, if nothing else asks meanwhile."),
  })),
});

interface Wanted {
  readonly account: Account;
  readonly poller: AccountPoller;
  readonly devices: readonly AccountDevice[];
  readonly plan: PollPlan;
}

/** What asks for devices now: the jobs of an account, one at a time. */
const kindOf = ({ id }: Account): string => `collect ${id}`;

/** `POST /api/v1/collect/{provider}`: asks now. What the budget does not let out at once goes out as it does, after the answer. */
export function collectOperation(parts: () => ProvidersOptions, jobs: Jobs): Operation {
  return defineOperation({
    method: "POST", path: "/api/v1/collect/{provider}", operationId: "collectProvider", tag: "providers", permission: "configure", params: z.object({ provider: z.string().min(1).max(64) }),
    query: z.object({ device: z.string().min(1).max(200).optional() }),
    summary: { en: "Ask for an account's or a provider's devices now", es: "Pedir ahora los equipos de una cuenta o de un proveedor" },
    replies: {
      200: { description: "What came of each device; rows are durable", schema: collectedSchema }, 202: { description: "Some are asked now, the rest as the provider's budget allows", schema: queuedSchema },
      404: { description: "There is no such account, provider or device" }, 409: { description: "Another collector asks for this account, or a poll that was asked for is under way" },
      429: { description: "The provider's budget allows none now; again after Retry-After" },
    },
    handle: async ({ params: { provider }, query: { device }, scope, signal }) => {
      const { polling, polls } = runningPolls(parts());
      const wanted = namedAccounts(polling, provider, scope).map((account): Wanted => wantedOf(account, pollerOf(polls, account), device)).filter(({ devices }) => devices.length > 0);
      const count = wanted.reduce((sum, { devices }) => sum + devices.length, 0);
      if (count === 0) throw new Problem("not-found", { field: "query.device" });
      if (count > MAX_DEVICES_AT_ONCE) throw new Problem("invalid-parameter", { field: "query.device", detail: { en: `${count} devices are more than the ${MAX_DEVICES_AT_ONCE} of one request; name one`, es: `${count} equipos son más que los ${MAX_DEVICES_AT_ONCE} de una solicitud; indique uno` } });
      for (const each of wanted) refuseWhileBusy(each, jobs);
      if (wanted.every(({ plan }) => plan.restMs === 0)) {
        const items = [];
        for (const { account, poller, devices } of wanted) for (const polled of await poller.collect(devices, signal)) items.push({ account: account.id, ...polled });
        return { status: 200, body: { items } };
      }
      refuseWhenNone(wanted);
      const nowUs = polling.clock().nowUs();
      const queued = wanted.map((each) => {
        const { account, plan: { restMs, ...plan } } = each;
        return { account: account.id, job: startPoll(each, jobs), ...plan, restBy: restMs === 0 ? null : formatInstant(nowUs + Math.ceil(restMs / 1000) * 1_000_000) };
      });
      return { status: 202, body: { queued } };
    },
  });
}

function wantedOf(account: Account, poller: AccountPoller, device: string | undefined): Wanted {
  const devices = account.devices.filter((each) => device === undefined || each.device === device);
  const callsOf = poller.devices().filter((each) => devices.includes(each.device)).map(({ poll }) => poll.chunks().length);
  return { account, poller, devices, plan: planPoll(callsOf, poller.tools().calls.budget()) };
}

function refuseWhileBusy({ account, poller }: Wanted, jobs: Jobs): void {
  if (!poller.isHolder()) throw new Problem("in-use", { detail: { en: `another collector asks for ${account.id}`, es: `otro colector consulta ${account.id}` } });
  const running = jobs.list().find(({ kind, state }) => kind === kindOf(account) && state === "running");
  if (running === undefined) return;
  const { done, total } = running.progress ?? { done: 0, total: null };
  throw new Problem("job-running", { detail: { en: `${account.id} is being asked: ${done} of ${total ?? "?"} devices so far`, es: `se está consultando ${account.id}: ${done} de ${total ?? "?"} equipos hasta ahora` } });
}

function refuseWhenNone(wanted: readonly Wanted[]): void {
  if (wanted.some(({ plan }) => plan.callsNow > 0)) return;
  const full = wanted.flatMap(({ poller }) => poller.tools().calls.budget()).filter(({ calls, used }) => used >= calls).sort((a, b) => b.perMs - a.perMs)[0];
  const { calls, perMs, used } = full ?? { calls: 0, perMs: 1000, used: 0 };
  throw new Problem("too-many-requests", {
    headers: { "Retry-After": String(Math.ceil(perMs / 1000)) }, detail: { en: `${used} of ${calls} calls every ${perMs} ms are used`, es: `${used} de ${calls} consultas cada ${perMs} ms ya están usadas` },
  });
}

/** Asks as the budget lets; resolves with the job's id. */
function startPoll({ account, poller, devices }: Wanted, jobs: Jobs): string {
  return jobs.start(kindOf(account), async (run) => {
    let done = 0;
    run.progress({ done, total: devices.length, unit: "devices" });
    const polled = await poller.collect(devices, run.signal, () => run.progress({ done: ++done, total: devices.length, unit: "devices" }));
    run.signal.throwIfAborted();
    return { items: polled };
  }).id;
}

import { CaudalError } from "@caudal/core";
import { createJobs, rounds, systemSleep, type Component, type ConsumerStatus, type JobRun, type Operation } from "@caudal/runtime";
import { forgetOperations } from "./audience/forget-operation.ts";
import { forgetRehearsal, mustFinishForgetting, planForgetting, type ForgetOptions, type ForgetPlan } from "./audience/forget-rehearsal.ts";
import { LedgerAudience } from "./audience/ledger-audience.ts";
import { Changes } from "./changes.ts";
import type { ComplianceOptions, ComplianceParts } from "./options.ts";
import { openRunning, type Running } from "./running.ts";

export type { ComplianceOptions } from "./options.ts";

export interface Compliance extends Component {
  readonly operations: readonly Operation[];
  /** As of now: others once a rehearsal was forgotten. */
  readonly parts: ComplianceParts;
  /** Of its group; none before it started. */
  status(): readonly ConsumerStatus[];
}

/** How soon a process sees that another one forgot a rehearsal. */
const WATCH_EVERY_MS = 2000;
const OTHERS_KNOW_MS = 2 * WATCH_EVERY_MS;
const STOP_MS = 30_000;

/**
 * Slots, the ledger, submissions, reports. Opens its collections at once; works from `start` on. Any number may run over one installation. CaudalError "setting" where the ledger holds submissions for another
 * audience than the mode's.
 */
export async function createCompliance(options: ComplianceOptions): Promise<Compliance> {
  const { documents, instanceId, settings: { mode }, clock } = options;
  const logger = options.logger.child({ service: "compliance" });
  const nowUs = (): number => clock.nowUs();
  const forgetting: ForgetOptions = { documents, instanceId, by: "system", nowUs };
  if (await mustFinishForgetting(documents)) await forgetRehearsal(forgetting);
  let audience = await LedgerAudience.open(documents, { mode, nowUs });
  let running: Running | undefined = await openRunning(options, audience);
  let last: Running = running;
  const changes = new Changes();
  const jobs = createJobs({ clock, logger });
  let turn: Promise<unknown> = Promise.resolve();
  let isStarted = false;
  let endWatch: (() => Promise<void>) | undefined;

  /** One at a time: what stops and opens anew would else do it twice. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  }

  async function halt(): Promise<void> {
    changes.close();
    await running?.stop(STOP_MS);
    running = undefined;
    await changes.ended(STOP_MS);
  }

  async function openAnew(): Promise<void> {
    audience = await LedgerAudience.open(documents, { mode, nowUs });
    const opened = await openRunning(options, audience);
    if (isStarted) await opened.start();
    running = last = opened;
    changes.open();
  }

  function forget(by: string, { progress }: Pick<JobRun, "progress">): Promise<ForgetPlan> {
    return inTurn(async () => {
      const settled = async (): Promise<void> => {
        await halt();
        await systemSleep(OTHERS_KNOW_MS);
      };
      const plan = await forgetRehearsal({ ...forgetting, by, progress, settled });
      logger.warn("rehearsal.forgotten", { by, works: plan.works.length, ...plan.counts });
      await openAnew();
      return plan;
    });
  }

  async function watch(): Promise<void> {
    if (running !== undefined && (await audience.holds())) return;
    await inTurn(async () => {
      if (!isStarted || (running !== undefined && (await audience.holds()))) return;
      if (running !== undefined) logger.warn("ledger.audience-changed", { was: audience.audience });
      await halt();
      if (!(await mustFinishForgetting(documents))) await openAnew();
    });
  }

  return {
    name: "compliance",
    get parts() {
      return last.parts;
    },
    operations: [
      ...last.operations.map((operation) => changes.guarded(operation, () => found(last.operations, operation))),
      ...forgetOperations({ jobs, plan: () => planForgetting({ documents, nowUs }), forget }),
    ],
    status: () => last.status(),
    async start() {
      await last.start();
      isStarted = true;
      endWatch = rounds(WATCH_EVERY_MS, watch, (error) => logger.error("ledger.not-reopened", { error }));
    },
    async stop(deadlineMs) {
      isStarted = false;
      await jobs.stop(deadlineMs);
      await endWatch?.();
      await turn;
      await running?.stop(deadlineMs);
    },
  };
}

function found(operations: readonly Operation[], { operationId }: Operation): Operation {
  const operation = operations.find((each) => each.operationId === operationId);
  if (operation === undefined) throw new CaudalError("not-found", `there is no operation ${operationId}`);
  return operation;
}

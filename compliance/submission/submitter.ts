import { noFaults, systemSleep } from "@caudal/runtime";
import { bounded } from "./bounded.ts";
import { CentreLeases } from "./centre-leases.ts";
import { lookOnly } from "./look.ts";
import { usualPace, type SubmitterOptions, type SubmitterParts } from "./options.ts";
import { planOf, type Plan, type PlannedWork } from "./plan.ts";
import { Rounds, type SubmitRound } from "./round.ts";
import { SendBreaker, type BreakerState } from "./send-breaker.ts";
import { Verifications, type VerifyRound } from "./verify-round.ts";
import { WorkTimes } from "./work-times.ts";

/** Sends what is due, asks for what was accepted, and says what is still to come. Any number may run over one store: what they send is decided in the works' chains. */
export interface Submitter {
  /** Sends what is due now; a control centre is left after half a minute, so call it again and again. Rounds run one after the other. `work`: that one alone, looked at anew. */
  round(only?: { readonly work?: string | undefined }): Promise<SubmitRound>;
  /** Asks the regulators for what is accepted and not verified yet. `work`: all of that one, also what was answered before. */
  verifyRound(only?: { readonly work?: string | undefined }): Promise<VerifyRound>;
  plan(): Promise<Plan>;
  /** Of each regulator. */
  breakers(): readonly BreakerState[];
  /** Begins nothing new; resolves when the sends under way have their outcomes written. */
  stop(): Promise<void>;
}

/** A send whose answer takes no time to speak of; with the pause it is what one takes of its control centre. */
const USUAL_ANSWER_MS = 300;

/** Beyond what an attempt may wait for its socket and its answer. */
const ABANDONED_MARGIN_MS = 15_000;

export function createSubmitter({ settings, documents, sleep = systemSleep, faults = noFaults, ...given }: SubmitterOptions): Submitter {
  const stop = new AbortController();
  const pace = { ...usualPace, ...settings };
  const abandonedMs = Math.max(pace.abandonedMs, pace.staleMs + pace.timeoutMs + ABANDONED_MARGIN_MS);
  const parts: SubmitterParts = { ...given, pace: { ...pace, abandonedMs }, sleep, faults, leases: new CentreLeases(documents, given.clock), stopping: stop.signal };
  const { clock, logger, metrics, regulators, obras, sendSwitch, leases } = parts;
  const times = new WorkTimes(clock);
  const breakers = new Map([...regulators.keys()].map((name) => {
    const gauge = (open: number): void => metrics.gauge("caudal_submission_breaker_open").set({ regulator: name }, open);
    gauge(0);
    return [name, new SendBreaker(name, clock, (state) => {
      gauge(state.state === "closed" ? 0 : 1);
      logger.warn("submission.breaker", { ...state });
    })];
  }));
  const rounds = new Rounds(parts, times, (regulator) => breakers.get(regulator)!);
  const verifications = new Verifications(parts);
  const sending = inOrder();
  const verifying = inOrder();

  async function plan(): Promise<Plan> {
    const works: PlannedWork[] = [];
    await bounded((await obras.all()).filter(({ mode }) => mode === "live"), pace.looks, async (obra) => void works.push(await lookOnly(parts, times, obra)));
    const { on } = await sendSwitch.get();
    return planOf(works, { nowUs: clock.nowUs(), sending: on, perSendUs: (pace.pauseMs + USUAL_ANSWER_MS) * 1000 });
  }

  return {
    round: (only) => sending(() => rounds.run(only)),
    verifyRound: (only) => verifying(() => verifications.run(only)),
    plan,
    breakers: () => [...breakers.values()].map((breaker) => breaker.state()),
    stop: async () => {
      stop.abort();
      await Promise.all([sending(() => leases.leave()), verifying(() => Promise.resolve())]);
    },
  };
}

/** Runs one after the other; one that fails keeps no other from running. */
function inOrder(): <T>(run: () => Promise<T>) => Promise<T> {
  let turn: Promise<unknown> = Promise.resolve();
  return (run) => {
    const mine = turn.then(run);
    turn = mine.catch(() => undefined);
    return mine;
  };
}

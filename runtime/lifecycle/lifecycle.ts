import { CaudalError } from "@caudal/core";
import { systemClock, type Clock } from "../clock/clock.ts";
import type { Logger } from "../log/logger.ts";
import { settleWithin } from "./settle-within.ts";

/** A part that is opened before it works and closed after it. */
export interface Component {
  readonly name: string;
  /** Ready for work when it resolves. A rejection leaves nothing open: `stop` is not called for it. */
  start(): Promise<void>;
  /** Takes no more work, and returns at once or soon; what is in hand goes on. Called on every component before the first `stop`. */
  quiesce?(): Promise<void>;
  /** Drains, settles and closes within `deadlineMs` milliseconds from now. Safe to call once after a successful `start`. */
  stop(deadlineMs: number): Promise<void>;
}

export interface StopReport {
  readonly tookMs: number;
  /** Components that were given up on, with the milliseconds they had. */
  readonly exceeded: readonly { readonly name: string; readonly afterMs: number }[];
  /** Components whose stop rejected. */
  readonly failed: readonly { readonly name: string; readonly error: unknown }[];
}

export interface Lifecycle {
  /** Opened after all that were added before it. Throws once started. */
  add(component: Component): void;
  /** Opens in order. On a failure closes what is open in reverse order and rejects with that failure. */
  start(): Promise<void>;
  /** Quiesces all, then closes in reverse order, all within `budgetMs`. A second call waits for the first. */
  stop(budgetMs: number): Promise<StopReport>;
  /** Names of what is open now, in the order it was opened. */
  running(): readonly string[];
}

/** Kept back for each component that still waits for its turn, so that one that hangs does not leave the stores unclosed. */
const RESERVE_MS = 100;
const ROLLBACK_MS = 5000;

export function createLifecycle(logger: Logger, clock: Clock = systemClock): Lifecycle {
  const components: Component[] = [];
  const open: Component[] = [];
  let starting: Promise<void> | undefined;
  let stopping: Promise<StopReport> | undefined;

  async function openAll(): Promise<void> {
    for (const component of components) {
      if (stopping !== undefined) throw new CaudalError("closed", "stopped while starting");
      const beganMs = clock.monotonicMs();
      try {
        await component.start();
      } catch (error) {
        // Whoever starts us hears of it by the rejection, and says it once.
        logger.debug("component.start-failed", { component: component.name, error });
        await closeAll(ROLLBACK_MS);
        throw error;
      }
      open.push(component);
      logger.debug("component.started", { component: component.name, tookMs: Math.round(clock.monotonicMs() - beganMs) });
    }
  }

  async function closeAll(budgetMs: number): Promise<StopReport> {
    const beganMs = clock.monotonicMs();
    const leftMs = (): number => budgetMs - (clock.monotonicMs() - beganMs);
    const exceeded: { name: string; afterMs: number }[] = [];
    const failed: { name: string; error: unknown }[] = [];

    async function close(component: Component, step: "quiesce" | "stop", waiting: number): Promise<void> {
      const allowedMs = Math.max(leftMs() - waiting * RESERVE_MS, RESERVE_MS);
      const sinceMs = clock.monotonicMs();
      const call = step === "quiesce" ? () => component.quiesce?.() : () => component.stop(allowedMs);
      const outcome = await settleWithin(call, allowedMs);
      const tookMs = Math.round(clock.monotonicMs() - sinceMs);
      if (outcome.kind === "late") {
        exceeded.push({ name: component.name, afterMs: tookMs });
        logger.warn("component.stop-exceeded", { component: component.name, step, afterMs: tookMs });
      } else if (outcome.kind === "failed") {
        failed.push({ name: component.name, error: outcome.error });
        logger.error("component.stop-failed", { component: component.name, step, error: outcome.error });
      } else logger.debug("component.stopped", { component: component.name, step, tookMs });
    }

    const closing = open.splice(0).reverse();
    await Promise.all(closing.filter((component) => component.quiesce !== undefined).map((component) => close(component, "quiesce", closing.length)));
    for (const [index, component] of closing.entries()) await close(component, "stop", closing.length - 1 - index);
    return { tookMs: Math.round(clock.monotonicMs() - beganMs), exceeded, failed };
  }

  return {
    add: (component) => {
      if (starting !== undefined) throw new Error(`${component.name} was added after the start`);
      components.push(component);
    },
    start: () => (starting ??= openAll()),
    stop: (budgetMs) => {
      stopping ??= Promise.resolve(starting).catch(() => {}).then(() => closeAll(budgetMs));
      return stopping;
    },
    running: () => open.map((component) => component.name),
  };
}

import type { CommandContext } from "../commandline/command.ts";
import { durationText } from "../commandline/duration-text.ts";

const EVERY_MS = 100;
/** Sooner there is no rate to tell. */
const RATE_AFTER_MS = 1000;

/** A line at the bottom of a terminal: how much of a step is done, how fast, and how long the rest takes. */
export function progress({ terminal, say }: Pick<CommandContext, "terminal" | "say">): (step: string, done: number, total: number) => void {
  let current = "";
  let beganMs = 0;
  let shownMs = -Infinity;
  return (step, done, total) => {
    const nowMs = performance.now();
    if (step !== current) [current, beganMs] = [step, nowMs];
    if (nowMs - shownMs < EVERY_MS && done < total) return;
    shownMs = nowMs;
    const elapsedMs = nowMs - beganMs;
    const perS = (1000 * done) / elapsedMs;
    const rate = elapsedMs < RATE_AFTER_MS || done === 0 ? "" : ` · ${Math.round(perS)}/s · ${say("cli.job-left", { time: durationText((total - done) / perS) })}`;
    terminal.status(`${step}: ${done} / ${total}${rate}`);
  };
}

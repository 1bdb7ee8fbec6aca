import { createJobs, silentLogger, systemClock, systemSleep, type JobRun, type JobView } from "@caudal/runtime";
import { CommandFailure } from "./command-failure.ts";
import type { CommandContext } from "./command.ts";
import { durationText } from "./duration-text.ts";

type FollowContext = Pick<CommandContext, "terminal" | "say" | "signals">;

interface Followed {
  look(): Promise<JobView>;
  cancel(): Promise<void>;
}

const LOOK_EVERY_MS = 250;

/** Follows a job of the running installation to its end: progress with rate and ETA on a terminal, Ctrl-C cancels it. Fails when the job failed or was cancelled. */
export function followJob(context: FollowContext & Pick<CommandContext, "api">, base: string, { id }: JobView): Promise<JobView> {
  const path = `${base}/jobs/${id}`;
  return follow(context, {
    look: () => context.api().get<JobView>(path),
    cancel: async () => void (await context.api().send("DELETE", path)),
  });
}

/** Does the same work in this process, where no installation runs. */
export async function jobHere(context: FollowContext, kind: string, work: (run: JobRun) => Promise<object>): Promise<JobView> {
  const jobs = createJobs({ clock: systemClock, logger: silentLogger });
  const started = jobs.start(kind, work);
  try {
    return await follow(context, { look: async () => jobs.get(started.id) ?? started, cancel: async () => void jobs.cancel(started.id) });
  } finally {
    await jobs.stop(LOOK_EVERY_MS);
  }
}

async function follow({ terminal, say, signals }: FollowContext, { look, cancel }: Followed): Promise<JobView> {
  const pressed = new AbortController();
  const stop = (): void => pressed.abort();
  signals.once("SIGINT", stop).once("SIGTERM", stop);
  let cancelled = false;
  try {
    for (;;) {
      const view = await look();
      if (view.state !== "running") return ended(view, say);
      terminal.status(progressLine(view, say));
      if (pressed.signal.aborted && !cancelled) {
        cancelled = true;
        await cancel();
      }
      await systemSleep(LOOK_EVERY_MS, cancelled ? undefined : pressed.signal).catch(() => undefined);
    }
  } finally {
    terminal.status("");
    signals.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

function ended(view: JobView, say: FollowContext["say"]): JobView {
  if (view.state === "done") return view;
  if (view.state === "cancelled") throw new CommandFailure("closed", say("cli.job-cancelled", { kind: view.kind }), { next: say("cli.job-cancelled.next") });
  throw new CommandFailure("unavailable", say("cli.job-failed", { kind: view.kind, why: view.error ?? "" }), { next: say("cli.job-failed.next") });
}

function progressLine({ kind, progress, ratePerS, etaS }: JobView, say: FollowContext["say"]): string {
  if (progress === null) return say("cli.job-begins", { kind });
  const { done, total, unit, note } = progress;
  const parts = [
    total === null ? `${done} ${unit}` : `${done} / ${total} ${unit} (${total === 0 ? 100 : Math.floor((100 * done) / total)} %)`,
    ...(ratePerS === null ? [] : [`${ratePerS < 10 ? ratePerS.toFixed(1) : Math.round(ratePerS)} ${unit}/s`]),
    ...(etaS === null ? [] : [say("cli.job-left", { time: durationText(etaS) })]),
    ...(note === undefined ? [] : [note]),
  ];
  return `${kind}: ${parts.join(" · ")}`;
}

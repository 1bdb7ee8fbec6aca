import type { FleetStatus } from "@caudal/fleet";
import type { CliText } from "../commandline/say.ts";
import type { Terminal } from "../commandline/terminal.ts";
import { groupsBehind, type InstallationStatus } from "./installation-status.ts";

export interface StatusLineOptions {
  readonly terminal: Terminal;
  readonly say: CliText;
  readonly read: () => Promise<InstallationStatus>;
  readonly fleet: () => FleetStatus | undefined;
  readonly nowMs: () => number;
  /** Milliseconds between lines; a second where somebody watches, ten elsewhere, when absent. */
  readonly everyMs?: number;
}

const TERMINAL_EVERY_MS = 1000;
const PLAIN_EVERY_MS = 10_000;

/** The line itself: rate, lag, parked, age of each tier's last write, and how far the demo's history is. */
export function statusText(status: InstallationStatus, { say, fleet, nowMs }: Pick<StatusLineOptions, "say" | "fleet" | "nowMs">, backfillEtaS: number | undefined): string {
  const age = (at: string | null): string => (at === null ? say("status.never") : `${Math.max(0, Math.round((nowMs() - Date.parse(at)) / 1000))} s`);
  const { hot, warm, cold } = status.lastWrite;
  const behind = groupsBehind(status.lag).map(([group, records]) => `${group.replace(/^(processor|analytics|business|archiver)-/, "")} ${records}`);
  const lag = behind.length === 0 ? "0" : behind.join(" ");
  const line = say("status.line", { rate: status.readingsPerS >= 100 ? Math.round(status.readingsPerS) : status.readingsPerS, lag, parked: status.parked, hot: age(hot), warm: age(warm), cold: age(cold) });
  const demo = fleet();
  if (demo === undefined || demo.phase !== "backfill" || demo.backfillTotal === 0) return line;
  return `${line} | ${say("status.backfill", { percent: Math.floor((100 * demo.backfillSent) / demo.backfillTotal), eta: backfillEtaS ?? "?" })}`;
}

/** Keeps a live line on a terminal, and prints a plain one every ten seconds elsewhere. The function returned ends it. */
export function startStatusLine(options: StatusLineOptions): () => void {
  const { terminal, read, fleet, nowMs, everyMs = terminal.interactive ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS } = options;
  const startedMs = nowMs();
  const etaS = (): number | undefined => {
    const demo = fleet();
    if (demo === undefined || demo.backfillSent === 0) return undefined;
    return Math.ceil(((nowMs() - startedMs) / demo.backfillSent) * (demo.backfillTotal - demo.backfillSent) / 1000);
  };
  let busy = false;
  let ended = false;
  const show = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    try {
      const text = statusText(await read(), options, etaS());
      if (ended) return;
      if (terminal.interactive) terminal.status(text);
      else terminal.line(text);
    } catch {
      // The line is a courtesy: a store that does not answer is told by the log and by /health.
    } finally {
      busy = false;
    }
  };
  const timer = setInterval(() => void show(), everyMs);
  return () => {
    ended = true;
    clearInterval(timer);
    terminal.status("");
  };
}

import type { Death } from "./installation.ts";
import { takeReport } from "./installation.ts";
import { runService, type ServiceProcess } from "./service-process.ts";

/** A process that is started again and again on one folder, and whose deaths are told. */
export interface WatchedProcess {
  isRunning(): boolean;
  start(args: readonly string[], env: NodeJS.ProcessEnv): Promise<boolean>;
  kill(): Promise<void>;
  /** False when it ended otherwise than asked. */
  stop(): Promise<boolean>;
  /** What the last one printed. */
  readonly output: () => string;
  /** Points that its processes reached, with how often, those of a process that was killed from outside left out. */
  readonly reached: ReadonlyMap<string, number>;
}

/** A process that was told to stop answers with one of these. */
const ASKED_CODES: readonly (number | null)[] = [0];

export function watchedProcess(service: string, folder: string, onDeath: (death: Death) => void): WatchedProcess {
  let current: ServiceProcess | undefined;
  let stopping = false;
  const reached = new Map<string, number>();

  return {
    isRunning: () => current !== undefined && !current.isGone(),
    reached,
    output: () => current?.output() ?? "",
    start: async (args, env) => {
      const process = runService(args, env);
      current = process;
      stopping = false;
      void process.ended.then(({ code, signal }) => {
        const report = takeReport(folder, process.pid);
        for (const [point, count] of Object.entries(report?.reached ?? {})) reached.set(point, (reached.get(point) ?? 0) + count);
        if (stopping && ASKED_CODES.includes(code)) return;
        onDeath({ service, code, signal, report, output: process.output() });
      });
      return process.ready;
    },
    kill: async () => current?.kill(),
    stop: async () => {
      if (current === undefined || current.isGone()) return true;
      stopping = true;
      await current.stop();
      return ASKED_CODES.includes((await current.ended).code);
    },
  };
}

import { fork } from "node:child_process";
import { join } from "node:path";
import type { IntakeOrder, IntakeWord } from "./intake-alone.ts";

/** A collector in a process of its own, with nobody behind it. */
export interface IntakeChild {
  /** Where devices publish. */
  readonly mqtt: string;
  /** Readings in the log that nobody has taken on. */
  waiting(): Promise<number>;
  stop(): Promise<void>;
}

const STOP_MS = 30_000;

export async function startIntakeAlone(folder: string, env: NodeJS.ProcessEnv): Promise<IntakeChild> {
  const child = fork(join(import.meta.dirname, "intake-alone.ts"), { env: { ...process.env, ...env } });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const failed = exited.then((): never => {
    throw new Error(`the collector ended with ${child.exitCode ?? child.signalCode}`);
  });
  // Whoever waits for an answer hears of it.
  failed.catch(() => undefined);
  const ask = async (order: IntakeOrder): Promise<IntakeWord> => {
    const answered = new Promise<IntakeWord>((resolve) => child.once("message", (word: IntakeWord) => resolve(word)));
    child.send(order);
    return Promise.race([answered, failed]);
  };
  const stop = async (): Promise<void> => {
    if (child.connected) child.send({ kind: "stop" } satisfies IntakeOrder);
    const hard = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await exited;
    clearTimeout(hard);
  };
  try {
    const word = await ask({ kind: "open", folder });
    if (word.kind !== "open") throw new Error(`the collector began with "${word.kind}"`);
    return {
      mqtt: word.mqtt, stop,
      async waiting() {
        const answer = await ask({ kind: "look" });
        return answer.kind === "waiting" ? answer.readings : 0;
      },
    };
  } catch (error) {
    child.kill("SIGKILL");
    await exited;
    throw error;
  }
}

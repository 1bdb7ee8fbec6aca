import { fork } from "node:child_process";
import { join } from "node:path";
import type { Receiver } from "./receiver.ts";
import type { ReceiverAsked, ReceiverTold } from "./receiver-words.ts";

const ANSWER_MS = 180_000;
const STOP_MS = 20_000;

export interface ChildReceiverOptions {
  readonly name: string;
  /** File beside this one that calls `answerParent`. */
  readonly file: string;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly root: string;
}

/** Starts what receives in a process of its own; resolves when it does. */
export async function startChildReceiver({ name, file, args = [], env = {}, root }: ChildReceiverOptions): Promise<Receiver> {
  const child = fork(join(import.meta.dirname, file), [...args], { env: { ...process.env, ...env } });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const told = <K extends ReceiverTold["kind"]>(kind: K): Promise<Extract<ReceiverTold, { kind: K }>> => new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      clearTimeout(late);
      child.off("message", hear).off("exit", ended);
      settle();
    };
    const hear = (word: ReceiverTold): void => {
      if (word.kind === kind) end(() => resolve(word as Extract<ReceiverTold, { kind: K }>));
    };
    const ended = (code: number | null): void => end(() => reject(new Error(`${name} ended with ${code}`)));
    const late = setTimeout(() => end(() => reject(new Error(`${name} did not say "${kind}" within ${ANSWER_MS} ms`))), ANSWER_MS);
    child.on("message", hear).once("exit", ended);
  });
  const ask = <K extends ReceiverAsked["kind"]>(asked: Extract<ReceiverAsked, { kind: K }>): Promise<Extract<ReceiverTold, { kind: K }>> => {
    const answer = told(asked.kind);
    child.send(asked);
    return answer as Promise<Extract<ReceiverTold, { kind: K }>>;
  };
  const stop = async (): Promise<void> => {
    if (child.connected) child.disconnect();
    const hard = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await exited;
    clearTimeout(hard);
  };
  try {
    const { url } = await told("ready");
    return {
      name, root, url, pid: child.pid ?? 0, stop,
      through: async (messages) => void (await ask<"through">({ kind: "through", messages })),
      stored: async () => (await ask<"stored">({ kind: "stored" })).stored,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

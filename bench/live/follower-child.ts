import { fork } from "node:child_process";
import { join } from "node:path";
import type { FollowerOrder, FollowerWord, Seen } from "./follower.ts";

/** A follower in a process of its own. */
export interface FollowerChild {
  readonly pid: number;
  /** Forgets what it saw and begins to count. */
  count(): Promise<void>;
  seen(): Promise<Seen>;
  end(): void;
}

/** Resolves once it is connected. */
export async function startFollower(analytics: string): Promise<FollowerChild> {
  const child = fork(join(import.meta.dirname, "follower.ts"));
  const failed = new Promise<never>((_, reject) => child.once("exit", (code) => reject(new Error(`the follower ended with ${code}`))));
  // Whoever waits for an answer hears of it.
  failed.catch(() => undefined);
  const ask = (order: FollowerOrder): Promise<FollowerWord> => {
    const answered = new Promise<FollowerWord>((resolve) => child.once("message", (word: FollowerWord) => resolve(word)));
    child.send(order);
    return Promise.race([answered, failed]);
  };
  try {
    await ask({ kind: "follow", analytics });
  } catch (error) {
    child.kill();
    throw error;
  }
  return {
    pid: child.pid ?? 0,
    count: async () => void (await ask({ kind: "count" })),
    async seen() {
      const word = await ask({ kind: "look" });
      if (word.kind !== "seen") throw new Error(`the follower answered "${word.kind}"`);
      return word.seen;
    },
    end: () => void child.kill(),
  };
}

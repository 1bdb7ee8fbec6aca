import { once } from "node:events";
import { createContext, runInContext } from "node:vm";
import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";

const COMMAND_MS = 20_000;

/** `quit(code)` of a script. */
class Quit extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`quit(${code})`);
    this.code = code;
  }
}

/**
 * Runs a script of mongosh as it stands, with what of the shell the deployment files use: `db.adminCommand`, `sleep`, `quit`. Commands go to the
 * real server by the driver, and the script waits for each. Resolves with the exit code; rejects with what the script throws.
 */
export async function runMongoScript(url: string, script: string): Promise<number> {
  const signal = new SharedArrayBuffer(4);
  const flag = new Int32Array(signal);
  const { port1: near, port2: far } = new MessageChannel();
  const worker = new Worker(new URL("mongo-shell-worker.ts", import.meta.url), { workerData: { url, signal, port: far }, transferList: [far] });

  function adminCommand(command: unknown): unknown {
    Atomics.store(flag, 0, 0);
    near.postMessage(JSON.parse(JSON.stringify(command)));
    if (Atomics.wait(flag, 0, 0, COMMAND_MS) === "timed-out") throw new Error("the server did not answer");
    const { answer, error } = receiveMessageOnPort(near)?.message as { answer?: unknown; error?: { message: string; code?: number } };
    if (error !== undefined) throw Object.assign(new Error(error.message), { code: error.code });
    return answer;
  }

  try {
    runInContext(script, createContext({
      db: { adminCommand },
      sleep: (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms),
      quit: (code: number) => {
        throw new Quit(code);
      },
    }));
    return 0;
  } catch (error) {
    if (error instanceof Quit) return error.code;
    throw error;
  } finally {
    near.close();
    worker.postMessage("close");
    await once(worker, "exit");
  }
}

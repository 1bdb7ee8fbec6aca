import { Worker, type Transferable } from "node:worker_threads";
import { CaudalError } from "@caudal/core";
import { fromFailure, type AnswerMessage, type CallMessage } from "./call.ts";

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Calls into one worker thread that answers with `answerCalls`. The thread keeps the process alive only while a call is open.
 * When the thread dies, open and later calls fail with "unavailable", retry unknown: what they wrote may be durable.
 */
export class WorkerCalls {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #death: Error | undefined;

  constructor(entry: URL, workerData: unknown) {
    this.#worker = new Worker(entry, { workerData });
    this.#worker.on("message", (answer: AnswerMessage) => this.#settle(answer));
    this.#worker.on("error", (error) => this.#die(error));
    this.#worker.on("exit", (code) => this.#die(new Error(`the thread ended with code ${code}`)));
    this.#worker.unref();
  }

  /** Sends `body` and resolves with the answer, which the caller knows the shape of. */
  call<T>(body: unknown, transfer: readonly Transferable[] = []): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#death !== undefined) return reject(this.#death);
      const id = this.#nextId++;
      const message: CallMessage = { id, body };
      this.#worker.postMessage(message, transfer as Transferable[]);
      if (this.#pending.size === 0) this.#worker.ref();
      this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject });
    });
  }

  /** Ends the thread at once; whatever is still open fails. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle(answer: AnswerMessage): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if (this.#pending.size === 0) this.#worker.unref();
    if ("failure" in answer) pending?.reject(fromFailure(answer.failure));
    else pending?.resolve(answer.value);
  }

  #die(cause: unknown): void {
    this.#death ??= new CaudalError("unavailable", "the storage thread has ended", { cause, retry: "unknown" });
    for (const pending of this.#pending.values()) pending.reject(this.#death);
    this.#pending.clear();
  }
}

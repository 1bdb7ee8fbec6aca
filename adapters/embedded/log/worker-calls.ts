import type { MessagePort, Transferable, Worker } from "node:worker_threads";
import { CaudalError, type ErrorCode, type RetryPolicy } from "@caudal/core";

/** What a worker thread can be asked: by name, the request's and the reply's shape. */
export type CallMap = Record<string, { request: unknown; reply: unknown }>;

/** A reply, and the buffers in it that change hands instead of being copied. */
export interface Answer<T> {
  readonly reply: T;
  readonly transfer?: readonly Transferable[];
}

export type CallHandlers<C extends CallMap> = { readonly [K in keyof C]: (request: C[K]["request"]) => Answer<C[K]["reply"]> };

interface CallMessage { readonly id: number; readonly kind: string; readonly request: unknown }
interface ReplyMessage { readonly id: number; readonly reply?: unknown; readonly failure?: Failure }
interface Failure { readonly code: ErrorCode | undefined; readonly message: string; readonly retry: RetryPolicy | undefined; readonly stack: string | undefined }

interface Waiting { readonly resolve: (reply: never) => void; readonly reject: (error: unknown) => void }

/** The calling side of a worker thread. When the thread dies every open call fails with "unavailable", outcome unknown. */
export class WorkerClient<C extends CallMap> {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  #nextId = 1;
  #dead: CaudalError | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("message", (message: ReplyMessage) => this.#settle(message));
    worker.on("error", (error) => this.#die(error));
    this.#exited = new Promise((resolve) => {
      worker.once("exit", () => {
        this.#die(undefined);
        resolve();
      });
    });
  }

  call<K extends keyof C & string>(kind: K, request: C[K]["request"], transfer: readonly Transferable[] = []): Promise<C[K]["reply"]> {
    if (this.#dead !== undefined) return Promise.reject(new CaudalError("unavailable", this.#dead.message, { cause: this.#dead }));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, kind, request } satisfies CallMessage, transfer);
    });
  }

  /** Ends the thread where it stands. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
    await this.#exited;
  }

  /** Waits for a thread that has nothing left to do; one that hangs is ended. */
  async ended(withinMs: number): Promise<void> {
    const timer = setTimeout(() => void this.#worker.terminate(), withinMs);
    await this.#exited;
    clearTimeout(timer);
  }

  #settle(message: ReplyMessage): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.failure === undefined) waiting?.resolve(message.reply as never);
    else waiting?.reject(toError(message.failure));
  }

  #die(cause: unknown): void {
    this.#dead ??= new CaudalError("unavailable", `the log's worker thread ended${cause instanceof Error ? `: ${cause.message}` : ""}`, { cause, retry: "unknown" });
    for (const { reject } of this.#waiting.values()) reject(this.#dead);
    this.#waiting.clear();
  }
}

/** The answering side: one call at a time, in order of arrival; what a handler throws becomes the caller's rejection. */
export function serveCalls<C extends CallMap>(port: MessagePort, handlers: CallHandlers<C>, afterEach: () => void = () => undefined): void {
  port.on("message", ({ id, kind, request }: CallMessage) => {
    try {
      const handler = handlers[kind];
      if (handler === undefined) throw new Error(`no such call: ${kind}`);
      const { reply, transfer } = handler(request as never);
      port.postMessage({ id, reply } satisfies ReplyMessage, transfer ?? []);
    } catch (error) {
      port.postMessage({ id, failure: toFailure(error) } satisfies ReplyMessage);
    }
    afterEach();
  });
}

function toFailure(error: unknown): Failure {
  if (error instanceof CaudalError) return { code: error.code, message: error.message, retry: error.retry, stack: error.stack };
  const stack = error instanceof Error ? error.stack : undefined;
  return { code: undefined, message: error instanceof Error ? error.message : String(error), retry: undefined, stack };
}

/** A worker's own stack is kept as the cause; a CaudalError stays one. */
function toError(failure: Failure): Error {
  const cause = failure.stack;
  if (failure.code === undefined) return new Error(failure.message, { cause });
  return new CaudalError(failure.code, failure.message, failure.retry === undefined ? { cause } : { cause, retry: failure.retry });
}

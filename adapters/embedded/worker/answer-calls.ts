import type { MessagePort, Transferable } from "node:worker_threads";
import { toFailure, type AnswerMessage, type CallMessage } from "./call.ts";

/** A question inside the worker. Exactly one of `answer` and `fail` ends it. */
export interface Call<Body> {
  readonly body: Body;
  answer(value: unknown, transfer?: readonly Transferable[]): void;
  fail(error: unknown): void;
}

export interface CallHandlers<Body> {
  /** All calls that had come in by then, in order, so that their writes can share one commit. */
  handle(calls: readonly Call<Body>[]): void;
  /** A slice of work for when no call waits; true while there is more. */
  idle?(): boolean;
}

/** Collects calls from the port and hands them over in groups; fills the time between with idle slices. */
export function answerCalls<Body>(port: MessagePort, handlers: CallHandlers<Body>): void {
  let waiting: Call<Body>[] = [];
  let scheduled = false;

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(turn);
  }

  function turn(): void {
    scheduled = false;
    const calls = waiting;
    waiting = [];
    if (calls.length > 0) handlers.handle(calls);
    // Idle work yields to the event loop after each slice, so a call waits for one slice at most.
    if (handlers.idle?.() === true) schedule();
  }

  port.on("message", (message: CallMessage) => {
    waiting.push(callOf<Body>(port, message));
    schedule();
  });
}

function callOf<Body>(port: MessagePort, message: CallMessage): Call<Body> {
  const { id } = message;
  return {
    body: message.body as Body,
    answer(value, transfer = []) {
      const reply: AnswerMessage = { id, value };
      port.postMessage(reply, transfer as Transferable[]);
    },
    fail(error) {
      const reply: AnswerMessage = { id, failure: toFailure(error) };
      port.postMessage(reply);
    },
  };
}

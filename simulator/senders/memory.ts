import type { FleetMessage } from "../fleet/message.ts";
import { acknowledged, unknownOf, type Outcome, type Sender } from "./sender.ts";

export interface MemoryDestination {
  readonly over: "memory";
  /** Takes messages in this process: durable when it resolves. Without outcomes all are acknowledged; a rejection is an unknown. */
  readonly deliver: (messages: readonly FleetMessage[]) => Promise<readonly Outcome[] | void> | readonly Outcome[] | void;
  /** 1 when absent: all messages in the order of the fleet. */
  readonly lanes?: number;
  /** 500 when absent. */
  readonly batch?: number;
}

export function memorySender({ deliver, lanes = 1, batch = 500 }: MemoryDestination): Sender {
  return {
    transport: "memory",
    lanes,
    batch,
    async send(_lane, messages, signal) {
      const ended = Promise.withResolvers<never>();
      const end = (): void => ended.reject(new Error("the run ended before it resolved"));
      signal.addEventListener("abort", end, { once: true });
      try {
        const outcomes = await Promise.race([deliver(messages), ended.promise]);
        return outcomes ?? messages.map(() => acknowledged);
      } catch (error) {
        return messages.map(() => unknownOf(error));
      } finally {
        signal.removeEventListener("abort", end);
      }
    },
    close: async () => {},
  };
}

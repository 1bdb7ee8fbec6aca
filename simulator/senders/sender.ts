import type { FleetMessage } from "../fleet/message.ts";

export type Transport = "mqtt" | "http" | "drop" | "memory";

/** What became of one attempt. Unknown: no answer, or one that promises nothing; it is sent again. */
export type Outcome =
  | { readonly outcome: "acknowledged" }
  | { readonly outcome: "refused"; readonly why: string }
  | { readonly outcome: "unknown"; readonly why: string; readonly retryAfterMs?: number };

export const acknowledged: Outcome = { outcome: "acknowledged" };

/** A way into Caudal. A lane sends one batch at a time; a device keeps to its lane. */
export interface Sender {
  readonly transport: Transport;
  readonly lanes: number;
  /** Messages of a batch at most. */
  readonly batch: number;
  /** An outcome a message, in their order; never rejects. The signal ends all waiting: what is open then is unknown. */
  send(lane: number, messages: readonly FleetMessage[], signal: AbortSignal): Promise<readonly Outcome[]>;
  close(): Promise<void>;
}

/** Where a server answers; a function is asked before each new connection, for a server that comes back elsewhere. */
export type Address = string | (() => string | Promise<string>);

export async function addressNow(address: Address): Promise<string> {
  return typeof address === "string" ? address : address();
}

export function unknownOf(error: unknown): Outcome {
  return { outcome: "unknown", why: error instanceof Error ? error.message : String(error) };
}

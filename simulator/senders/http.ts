import { createHash } from "node:crypto";
import { payloadOf, type FleetMessage } from "../fleet/message.ts";
import { acknowledged, addressNow, unknownOf, type Address, type Outcome, type Sender } from "./sender.ts";

export interface HttpDestination {
  readonly over: "http";
  /** Origin of the collector, `http://host:port/`. */
  readonly url: Address;
  readonly token?: string;
  /** Rows of a request at most; 200 when absent. */
  readonly rowsPerRequest?: number;
  /** Requests at once; 4 when absent. */
  readonly requests?: number;
  /** 30,000 when absent. */
  readonly timeoutMs?: number;
  /** Sends an `Idempotency-Key`; on when absent. */
  readonly idempotencyKeys?: boolean;
}

interface Answer {
  readonly items?: readonly { readonly index: number; readonly status: string; readonly error?: { readonly code?: string } }[];
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
}

/** NDJSON to POST /api/v1/readings, a row a message: acknowledged is what a 202 calls accepted. */
export function httpSender(destination: HttpDestination, { client, runId }: { readonly client: string; readonly runId: string }): Sender {
  const { rowsPerRequest = 200, requests = 4, timeoutMs = 30_000, idempotencyKeys = true, token } = destination;
  const headers: Readonly<Record<string, string>> = { "content-type": "application/x-ndjson", ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  return {
    transport: "http",
    lanes: requests,
    batch: rowsPerRequest,
    async send(_lane, messages, signal) {
      const body = messages.map((message) => payloadOf(message, { device: true })).join("\n");
      const key: Record<string, string> = idempotencyKeys ? { "idempotency-key": keyOf(runId, messages) } : {};
      try {
        const url = new URL(`/api/v1/readings?client=${encodeURIComponent(client)}`, await addressNow(destination.url));
        const response = await fetch(url, { method: "POST", body, headers: { ...headers, ...key }, signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) });
        return outcomesOf(response, (await response.text()), messages.length);
      } catch (error) {
        return messages.map(() => unknownOf(error));
      }
    },
    close: async () => {},
  };
}

/** The same for the same messages of the same run. */
function keyOf(runId: string, messages: readonly FleetMessage[]): string {
  return `${runId}-${createHash("sha256").update(messages.map(({ seq }) => seq).join(",")).digest("hex").slice(0, 32)}`;
}

function outcomesOf(response: Response, text: string, rows: number): readonly Outcome[] {
  const all = (outcome: Outcome): readonly Outcome[] => Array.from({ length: rows }, () => outcome);
  if (response.status >= 500 || response.status === 429 || response.status === 408) {
    const retryAfterMs = retryAfterOf(response.headers.get("retry-after"));
    return all({ outcome: "unknown", why: `HTTP ${response.status}`, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  }
  const { items, code, title, detail } = JSON.parse(text) as Answer;
  if (response.status !== 202) return all({ outcome: "refused", why: [`HTTP ${response.status}`, code ?? title, detail].filter((word) => word !== undefined).join(": ") });
  return Array.from({ length: rows }, (_, index): Outcome => {
    const item = items?.[index];
    if (item?.status === "accepted") return acknowledged;
    if (item?.status === "refused") return { outcome: "refused", why: item.error?.code ?? "refused" };
    return { outcome: "unknown", why: "the answer does not name the row" };
  });
}

/** Seconds, or a date. */
function retryAfterOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

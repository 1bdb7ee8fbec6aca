import type { LogEntry } from "../../sandbox/index.ts";

/** What a sandbox's log says of a stretch of time. */
export interface CallsSeen {
  readonly requests: number;
  /** Requests that were answered with something else than a 200. */
  readonly failed: number;
  /** Of all time: requests that a provider's limit refused. */
  readonly exceeded: number;
  /** Of all time, by provider: the fullest that its tightest limit was, as used of allowed. */
  readonly fullest: Readonly<Record<string, string>>;
  readonly devices: number;
  /** By provider, milliseconds: the longest time between two good answers for one device, the stretch's own ends counted. */
  readonly silenceMs: Readonly<Record<string, number>>;
}

interface Call {
  readonly atMs: number;
  readonly device: string | undefined;
  readonly provider: string;
  readonly good: boolean;
}

/** Counts every request that a sandbox logs. */
export class CallCounts {
  readonly #calls: Call[] = [];
  readonly #fullest = new Map<string, { readonly share: number; readonly text: string }>();
  #exceeded = 0;

  take({ atMs, device, provider, status, limit }: LogEntry): void {
    this.#calls.push({ atMs, device, provider, good: status === 200 });
    if (limit === undefined) return;
    if (limit.exceeded) this.#exceeded += 1;
    const allowed = Number(limit.limit.split(":")[0]);
    const share = limit.used / allowed;
    if (share > (this.#fullest.get(provider)?.share ?? 0)) this.#fullest.set(provider, { share, text: `${limit.used} of ${limit.limit.replace(":", " in ")} s` });
  }

  /** Of the calls from an instant until now, milliseconds since 1970. */
  since(fromMs: number, nowMs = Date.now()): CallsSeen {
    const calls = this.#calls.filter(({ atMs }) => atMs >= fromMs);
    const last = new Map<string, { readonly provider: string; readonly atMs: number }>();
    const silenceMs: Record<string, number> = {};
    const heard = (device: string, provider: string, atMs: number): void => {
      silenceMs[provider] = Math.max(silenceMs[provider] ?? 0, atMs - (last.get(device)?.atMs ?? fromMs));
      last.set(device, { provider, atMs });
    };
    for (const { device, provider, atMs, good } of calls) if (device !== undefined && good) heard(device, provider, atMs);
    for (const [device, { provider }] of [...last]) heard(device, provider, nowMs);
    return {
      requests: calls.length, failed: calls.filter(({ good }) => !good).length, exceeded: this.#exceeded, devices: last.size, silenceMs,
      fullest: Object.fromEntries([...this.#fullest].map(([provider, { text }]) => [provider, text])),
    };
  }
}

import { formatInstant } from "@caudal/core";
import type { Clock, Logger, Metrics } from "@caudal/runtime";
import { openCalls } from "../outbound/open-calls.ts";
import { openTransport } from "../outbound/transport.ts";
import type { Account } from "../providers/account.ts";
import type { PageAsk, Window } from "../providers/provider.ts";
import { namedRows } from "./named-rows.ts";
import type { OutcomeKind } from "./outcome.ts";

export interface TryOptions {
  readonly account: Account;
  /** The first of the account when absent. */
  readonly device?: string;
  /** The newest when absent. */
  readonly window?: Window;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly signal: AbortSignal;
}

/** What some keys of a device would give. */
export interface TriedKeys {
  readonly account: string;
  readonly device: string;
  readonly keys: readonly string[];
  readonly outcome: OutcomeKind;
  /** Holds no secret. */
  readonly detail: string;
  readonly samples: readonly { readonly key: string; readonly value: number | string | boolean | null; readonly unit: string | null; readonly time: string }[];
  /** Rows that would be parked, each with why. */
  readonly refused: readonly string[];
  /** True when there are more pages than were read. */
  readonly more: boolean;
}

const MAX_PAGES = 3;
const MAX_SAMPLES = 1000;

/** Asks a provider as a poll does, and gives what would be published; nothing is. */
export async function tryAccount({ account, device: wanted, window, clock, logger, metrics, signal }: TryOptions): Promise<readonly TriedKeys[]> {
  const device = account.devices.find((each) => wanted === undefined || each.device === wanted);
  if (device === undefined) return [];
  const transport = openTransport();
  const calls = openCalls({ account, transport, clock, logger, metrics });
  try {
    const { provider } = account;
    const chunks = provider.keysPerCall === "one" && device.keys.length > 0 ? device.keys.map((key) => [key]) : [device.keys];
    const tried: TriedKeys[] = [];
    for (const keys of chunks) {
      const samples: TriedKeys["samples"][number][] = [];
      const refused: string[] = [];
      let outcome: OutcomeKind = "no_data";
      let detail = "";
      let page: unknown;
      let more = false;
      for (let pages = 1; ; pages += 1) {
        const ask: PageAsk<unknown> = { settings: account.settings, secrets: account.secrets, device, keys, window, page, nowUs: clock.nowUs() };
        const answered = await calls.call(provider.request(ask), signal);
        const said = answered.ok ? provider.normalise(answered.answer, ask) : answered.failure;
        if (said.kind !== "ok") {
          if (samples.length === 0 || said.kind !== "no_data") [outcome, detail] = [said.kind, calls.redactor.text(said.detail)];
        } else {
          outcome = "ok";
          const rows = namedRows(said.samples, device, clock.nowUs());
          samples.push(...rows.samples.map(({ key, value, unit, timeUs }) => ({ key, value, unit, time: formatInstant(timeUs) })));
          refused.push(...[...(said.refused ?? []), ...rows.implausible].map((row) => `${row.why}: ${calls.redactor.text(row.detail)}`));
        }
        page = said.kind === "ok" || said.kind === "no_data" ? said.next : undefined;
        more = page !== undefined;
        if (!more || pages >= MAX_PAGES || samples.length >= MAX_SAMPLES) break;
      }
      tried.push({ account: account.id, device: device.device, keys, outcome, detail, samples: samples.slice(0, MAX_SAMPLES), refused, more: more || samples.length > MAX_SAMPLES });
    }
    return tried;
  } finally {
    await calls.close();
    await transport.close();
  }
}

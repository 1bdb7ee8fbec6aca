import type { ProviderId, SandboxAccount, SandboxDevice, SandboxKey } from "../fleet/device.ts";
import type { QuirkName } from "../quirks/quirks.ts";
import type { Row } from "../series/row.ts";
import type { Series } from "../series/series.ts";
import type { WrittenRows } from "../series/written-rows.ts";

/** What a perfect collector would have of one row. */
export interface TruthRow {
  readonly provider: ProviderId;
  readonly device: string;
  readonly remote: string;
  readonly key: string;
  readonly unit: string;
  readonly ts: number;
  readonly timeUs: number;
  /** The newest value that could be seen. Text and NaN stand as they are. */
  readonly value: number | string | boolean;
  /** Milliseconds since 1970. */
  readonly firstVisibleAt: number;
  /** All that could be seen, oldest first. */
  readonly revisions: readonly { readonly value: number | string | boolean; readonly visibleAt: number }[];
  /** What is odd in the row itself. */
  readonly marks: readonly QuirkName[];
}

export interface TruthAsk {
  /** Of the rows' own times: from inclusive, to exclusive. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Rows and revisions that appear after this are left out. */
  readonly asOfMs: number;
  readonly provider?: ProviderId;
  readonly device?: string;
}

export interface TruthSource {
  readonly accounts: readonly SandboxAccount[];
  readonly series: Series;
  readonly written: WrittenRows;
}

/** Rows by account, device and key, each by time. Nothing is held but the row at hand. */
export function* truthOf({ accounts, series, written }: TruthSource, ask: TruthAsk): Generator<TruthRow> {
  for (const account of accounts) {
    if (ask.provider !== undefined && account.provider !== ask.provider) continue;
    for (const device of account.devices) {
      if (ask.device !== undefined && device.device !== ask.device) continue;
      for (const key of device.keys) {
        yield* seen(series.rows(device, key, { fromMs: ask.fromMs, toMs: Math.min(ask.toMs, ask.asOfMs + 1) }), { device, key, ask });
        yield* seen(written.rows(device, key, ask), { device, key, ask });
      }
    }
  }
}

function* seen(rows: Iterable<Row>, { device, key, ask }: { readonly device: SandboxDevice; readonly key: SandboxKey; readonly ask: TruthAsk }): Generator<TruthRow> {
  for (const { timeMs, timeUs, revisions, marks } of rows) {
    const visible = revisions.filter(({ visibleAtMs }) => visibleAtMs <= ask.asOfMs);
    const [first, last] = [visible[0], visible.at(-1)];
    if (first === undefined || last === undefined) continue;
    yield {
      provider: device.provider, device: device.device, remote: device.remote, key: key.key, unit: key.unit, ts: timeMs, timeUs, value: last.value, firstVisibleAt: first.visibleAtMs,
      revisions: visible.map(({ value, visibleAtMs }) => ({ value, visibleAt: visibleAtMs })), marks,
    };
  }
}

import type { SandboxDevice, SandboxKey } from "../fleet/device.ts";
import { seenAt, type Range, type Row, type SeenRow } from "./row.ts";

/** Kept of each key; the oldest go first. */
const ROWS_KEPT = 1000;

/** What clients wrote themselves, where a provider takes values. */
export class WrittenRows {
  readonly #rows = new Map<string, Row[]>();

  /** A second value for the same instant is a revision of the first. */
  write(device: SandboxDevice, key: SandboxKey, { value, timeMs, nowMs }: { readonly value: number | string | boolean; readonly timeMs: number; readonly nowMs: number }): void {
    const name = `${device.device}/${key.key}`;
    const rows = this.#rows.get(name) ?? [];
    const revision = { value, visibleAtMs: nowMs };
    const known = rows.findIndex((row) => row.timeMs === timeMs);
    const before = rows[known];
    if (before !== undefined) rows[known] = { ...before, revisions: [...before.revisions, revision] };
    else rows.push({ device, key, slot: undefined, timeMs, timeUs: timeMs * 1000, revisions: [revision], marks: [] });
    if (rows.length > ROWS_KEPT) rows.shift();
    this.#rows.set(name, rows);
  }

  of(device: SandboxDevice, key: SandboxKey, { fromMs, toMs, nowMs }: Range & { readonly nowMs: number }): readonly SeenRow[] {
    return this.rows(device, key, { fromMs, toMs }).flatMap((row) => seenAt(row, nowMs) ?? []);
  }

  rows(device: SandboxDevice, key: SandboxKey, { fromMs, toMs }: Range): readonly Row[] {
    return (this.#rows.get(`${device.device}/${key.key}`) ?? []).filter(({ timeMs }) => timeMs >= fromMs && timeMs < toMs);
  }
}

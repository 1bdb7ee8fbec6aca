import type { SandboxDevice, SandboxKey } from "../fleet/device.ts";
import type { QuirkName } from "../quirks/quirks.ts";

/** From inclusive, to exclusive; milliseconds since 1970 UTC. */
export interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What stands in a row from an instant on. The text NaN is all that is ever given besides numbers and what was written by a client. */
export interface Revision {
  readonly value: number | string | boolean;
  readonly visibleAtMs: number;
}

/** One value of one key at one instant, with all that it ever said. */
export interface Row {
  readonly device: SandboxDevice;
  readonly key: SandboxKey;
  /** Number of the slot of the device's period; rows that a client wrote have none. */
  readonly slot: number | undefined;
  readonly timeMs: number;
  /** The same instant with the microseconds that the provider writes. */
  readonly timeUs: number;
  /** Oldest first; at least one. */
  readonly revisions: readonly Revision[];
  /** Quirks that show in it. */
  readonly marks: readonly QuirkName[];
}

/** A row as it was given at an instant. */
export interface SeenRow {
  readonly row: Row;
  readonly revision: number;
  readonly value: Revision["value"];
}

/** Undefined while it cannot be seen. */
export function seenAt(row: Row, nowMs: number): SeenRow | undefined {
  const revision = row.revisions.findLastIndex(({ visibleAtMs }) => visibleAtMs <= nowMs);
  const at = row.revisions[revision];
  return at === undefined ? undefined : { row, revision, value: at.value };
}

import type { SettingRow } from "../wire/setting.ts";

/** Settings as people look for them; what no group names comes in the last one. */
const groups = [
  { id: "counter", names: ["counter", "pulseFactorL", "dialStartM3", "counterModulus", "counterJitter", "reconnectionS"] },
  { id: "level", names: ["levelKind", "sensorDepthM", "levelOffset", "levelDivisor", "currentRangeM", "barometer", "barometerWindowS"] },
  { id: "works", names: ["wellDepthM", "pumpDepthM", "pipeDiameterMm", "meterDiameterMm"] },
  { id: "right", names: ["rightFlowLps", "rightTolerance"] },
] as const;

export interface SettingGroup {
  readonly id: string;
  readonly rows: readonly SettingRow[];
}

/** The catalogue's rows by group, in its order; empty groups are left out. */
export function grouped(rows: readonly SettingRow[]): SettingGroup[] {
  const named = new Set<string>(groups.flatMap(({ names }) => names));
  const found = groups.map(({ id, names }) => ({ id, rows: names.flatMap((name) => rows.find((row) => row.name === name) ?? []) }));
  return [...found, { id: "other", rows: rows.filter((row) => !named.has(row.name)) }].filter((group) => group.rows.length > 0);
}

/** Kinds of PointEvent. */
export const eventKinds = { samples: "samples", configuration: "configuration", remap: "remap", replayed: "replayed", recount: "recount", decision: "decision", correction: "correction" } as const;

/** A remap that must take back facts that another key gives from now on does so for the whole past first, and maps it anew afterwards. */
export type RemapPhase = "withdraw" | "map";

/** Names a change of a device's mapping: the cause of the remap events that follow from it. */
export function changeIdOf(client: string, device: string, directoryVersion: number, phase: RemapPhase): string {
  return `${client}/${device}@${directoryVersion}.${phase}`;
}

/** Grows with each phase of each change of a device; undefined when the text names none. */
export function stepOfChange(changeId: string): number | undefined {
  const match = /@(\d{1,14})\.(withdraw|map)$/.exec(changeId);
  return match === null ? undefined : Number(match[1]) * 2 + (match[2] === "map" ? 1 : 0);
}

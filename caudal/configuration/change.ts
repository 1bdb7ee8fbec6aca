/**
 * One difference between the files and the installation. added: the files alone have it. changed: both do. removed: it goes with what replaces
 * it, or because of --prune. only-here: the installation alone has it, and it stays. kept: --prune would take it, and it has data.
 */
export interface Change {
  readonly kind: "added" | "changed" | "removed" | "only-here" | "kept";
  /** Which field: `keys.caudal.unit`, `point.settings[2026-03-01T00:00:00Z].pulseFactorL`. */
  readonly field: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** True of changes that applying would make. */
export function isMade({ kind }: Change): boolean {
  return kind === "added" || kind === "changed" || kind === "removed";
}

/** Texts of the same for the same changes. */
export function changesText(changes: readonly Change[]): string {
  return JSON.stringify(changes);
}

import type { OffsetRow } from "./calls.ts";
import type { PartitionLog } from "./partition-log.ts";

/** Positions of all groups. What `commit` takes counts at once; it is made durable with the next group commit or soon after. */
export class GroupOffsets {
  /** By partition id, then group. */
  readonly #positions = new Map<number, Map<string, number>>();
  #dirty = new Map<string, OffsetRow>();
  readonly #onDirty: () => void;

  constructor(onDirty: () => void) {
    this.#onDirty = onDirty;
  }

  load(rows: readonly OffsetRow[]): void {
    for (const { partitionId, group, nextOffset } of rows) this.#of(partitionId).set(group, nextOffset);
  }

  get(partition: PartitionLog, group: string): number | undefined {
    return this.#positions.get(partition.id)?.get(group);
  }

  commit(partition: PartitionLog, group: string, nextOffset: number): void {
    const positions = this.#of(partition.id);
    if (positions.get(group) === nextOffset) return;
    positions.set(group, nextOffset);
    this.#dirty.set(`${partition.id} ${group}`, { partitionId: partition.id, group, nextOffset });
    this.#onDirty();
  }

  /** Groups that ever committed on one of the partitions, in order. */
  groups(partitions: readonly PartitionLog[]): string[] {
    const names = partitions.flatMap((partition) => [...(this.#positions.get(partition.id)?.keys() ?? [])]);
    return [...new Set(names)].sort();
  }

  /** Least position of the groups that committed on the partition; Infinity without one. */
  slowest(partition: PartitionLog): number {
    return Math.min(Infinity, ...(this.#positions.get(partition.id)?.values() ?? []));
  }

  /** Takes what is not durable yet; `giveBack` it when it could not be written. */
  takeDirty(): readonly OffsetRow[] {
    if (this.#dirty.size === 0) return [];
    const rows = [...this.#dirty.values()];
    this.#dirty = new Map();
    return rows;
  }

  giveBack(rows: readonly OffsetRow[]): void {
    for (const row of rows) {
      const key = `${row.partitionId} ${row.group}`;
      if (!this.#dirty.has(key)) this.#dirty.set(key, row);
    }
    if (rows.length > 0) this.#onDirty();
  }

  #of(partitionId: number): Map<string, number> {
    let positions = this.#positions.get(partitionId);
    if (positions === undefined) {
      positions = new Map();
      this.#positions.set(partitionId, positions);
    }
    return positions;
  }
}

import { totalmem } from "node:os";

const MIB = 1024 * 1024;
/** States of one partition have this much wherever they run … */
const LEAST_BYTES = 24 * MIB;
/** … and never more: as many as `maxStates` lets in need less. */
const MOST_BYTES = 192 * MIB;
/** Of the memory that the process may have, this share is for states, … */
const SHARE = 1 / 8;
/** … of six partitions in two groups, which is what one process on a small machine owns. */
const PARTITIONS = 12;

/** Memory that this process may have: the machine's, or what its container is given. */
export function memoryOfProcess(): number {
  // 0 or more than the machine has where nothing constrains it.
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

/**
 * Bytes for the states of one partition. A fleet whose states do not fit loads and writes one with every reading, since devices report
 * in turns: the state used longest ago is the one that is needed next.
 */
export function stateBytes(memoryBytes: number): number {
  return Math.min(MOST_BYTES, Math.max(LEAST_BYTES, Math.floor((memoryBytes * SHARE) / PARTITIONS)));
}

import type { CollectionSpec, DocumentCollection } from "@caudal/core";
import type { Checkpoint } from "./checkpoints.ts";
import type { TallyBody } from "./tally.ts";

/** Conservation line of a group on a partition, in the document that holds its offset: both are written together or not at all. */
export interface LineBody {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly generation: number;
  /** Everything below it is handled and counted. */
  readonly offset: number;
  readonly tally: TallyBody;
  /** What was read, at offsets where others keep theirs. */
  readonly checkpoints?: readonly Checkpoint[];
  /** What was made of it for another topic, by that topic's offsets on the partition of the same number. */
  /** Samples handed over to a topic that others fill too, by this partition's offsets, and the ends of that topic's partitions when all of it stood there. */
  readonly handedOver?: { readonly to: string; readonly ends: readonly number[]; readonly checkpoints: readonly Checkpoint[] };
  /** Samples taken in, by the partition that they came from and its offsets; the last of each is the count so far. */
  readonly takenFrom?: Readonly<Record<number, readonly Checkpoint[]>>;
  readonly published?: { readonly topic: string; readonly checkpoints: readonly Checkpoint[] };
}

/** Line of a group that keeps no other state: the document is its ledger. Document id: group and partition. */
export interface LedgerBody extends LineBody {
  /** Where the count began. */
  readonly beganOffset: number;
  /** Records handled since. */
  readonly records: number;
  /** Offsets passed over because the log had let go of them, and because no record stands there. */
  readonly trimmed: number;
  readonly holes: number;
}

export const ledgerCollection: CollectionSpec = { name: "conservation-ledgers", tenant: false };
/** Heads of the processor's partitions: lines too. */
export const HEADS = "processor-heads";

export type Ledgers = DocumentCollection<LedgerBody>;

/**
 * SegmentStore: immutable named blobs, for the raw archive. A `put` is whole and durable when it resolves, or not there at all;
 * a second put of a name with other bytes fails with "duplicate-key", with the same bytes it changes nothing.
 * Names are paths of `[a-z0-9.=_-]` parts with `/`, so that they are files, object keys and URLs alike.
 */
export interface SegmentStore {
  put(name: string, bytes: Uint8Array): Promise<void>;
  get(name: string): Promise<Uint8Array | undefined>;
  /** Names that start with the prefix, in order, after `after`; at most `limit` (1000). */
  list(prefix: string, after?: string, limit?: number): Promise<readonly string[]>;
  remove(name: string): Promise<void>;
  close(): Promise<void>;
}

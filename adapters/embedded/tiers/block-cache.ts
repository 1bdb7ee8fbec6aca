import { CaudalError, FACT_BYTES, type FactList, type PointKey } from "@caudal/core";
import { decodeBlock } from "./block-codec.ts";
import type { BlockMeta, TierFile } from "./tier-file.ts";

/** Decoded blocks, the ones used last, within a bound of bytes. */
export class BlockCache {
  readonly #file: TierFile;
  readonly #maxBytes: number;
  readonly #blocks = new Map<number, FactList>();
  #bytes = 0;

  constructor(file: TierFile, maxBytes: number) {
    this.#file = file;
    this.#maxBytes = maxBytes;
  }

  /** The block's facts in order, not to be changed. Fails with "corrupt", naming the point and the block. */
  facts(point: PointKey, meta: BlockMeta): FactList {
    const cached = this.#blocks.get(meta.id);
    if (cached !== undefined) {
      // Maps keep the order of insertion: the first is the one not used for longest.
      this.#blocks.delete(meta.id);
      this.#blocks.set(meta.id, cached);
      return cached;
    }
    // An index that was damaged may lead to a block that is not there.
    const data = meta.stranded ? undefined : this.#file.blockData(meta.id);
    const facts = data === undefined ? undefined : decodeBlock(meta, data);
    if (facts === undefined) throw this.#damaged(point, meta);
    this.#blocks.set(meta.id, facts);
    this.#bytes += facts.capacity * FACT_BYTES;
    for (const id of this.#blocks.keys()) {
      if (this.#bytes <= this.#maxBytes || id === meta.id) break;
      this.forget(id);
    }
    return facts;
  }

  forget(id: number): void {
    const facts = this.#blocks.get(id);
    if (facts === undefined) return;
    this.#blocks.delete(id);
    this.#bytes -= facts.capacity * FACT_BYTES;
  }

  clear(): void {
    this.#blocks.clear();
    this.#bytes = 0;
  }

  #damaged({ client, point }: PointKey, { firstUs, lastUs, stranded }: BlockMeta): CaudalError {
    const range = `${new Date(firstUs / 1000).toISOString()} to ${new Date(lastUs / 1000).toISOString()}`;
    const what = stranded ? "waits for a damaged block around it" : "is damaged";
    return new CaudalError("corrupt", `${this.#file.path}: the block of point ${point} of ${client} from ${range} ${what}`);
  }
}

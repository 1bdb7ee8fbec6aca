import { type CheckedSlice, type FactList, hasCode } from "@caudal/core";
import { toCaudalError } from "../sqlite/failure.ts";
import type { BlockCache } from "./block-cache.ts";
import { decodeBlock } from "./block-codec.ts";
import { Folder } from "./folder.ts";
import type { KnownPoint } from "./known-point.ts";
import type { StoredBlock, TierFile } from "./tier-file.ts";

/** Inclusive instants. */
export interface DamagedSpan {
  readonly fromUs: number;
  readonly toUs: number;
}

const BLOCKS_PER_SLICE = 32;
const INDEX = "blocks_by_time";

/** Looks at a tier's blocks as they lie in the file, without the index that reading goes by, and takes out those that nobody can read. */
export class BlockCheck {
  readonly #file: TierFile;
  readonly #cache: BlockCache;
  readonly #keepAll: boolean;

  constructor({ file, cache, keepAll }: { readonly file: TierFile; readonly cache: BlockCache; readonly keepAll: boolean }) {
    this.#file = file;
    this.#cache = cache;
    this.#keepAll = keepAll;
  }

  /** From the block after the one that `after` names. */
  slice(after: string | undefined): CheckedSlice {
    try {
      return this.#slice(after);
    } catch (error) {
      const failure = toCaudalError(error, this.#file.path);
      if (!hasCode(failure, "corrupt")) throw failure;
      return { problems: [{ place: "blocks", detail: `a page of blocks after block ${after ?? "0"} cannot be read` }], bytes: 0 };
    }
  }

  #slice(after: string | undefined): CheckedSlice {
    const problems: { place: string; detail: string }[] = [];
    const blocks = this.#file.blocksInOrder(after === undefined ? -1 : Number(after), BLOCKS_PER_SLICE);
    let bytes = 0;
    for (const { meta, data } of blocks) {
      bytes += data.length;
      const owner = this.#file.ownerOf(meta.pointId);
      const place = owner === undefined ? `point ${meta.pointId}` : `${owner.client}/${owner.point}`;
      const span = `block ${meta.id} from ${new Date(meta.firstUs / 1000).toISOString()} to ${new Date(meta.lastUs / 1000).toISOString()}`;
      if (factsOf({ meta, data }) === undefined) problems.push({ place, detail: `${span} is damaged` });
      else if (meta.stranded) problems.push({ place, detail: `${span} waits for a damaged block around it` });
      if (!this.#file.isIndexed(meta)) problems.push({ place: INDEX, detail: `${span} is not in the index` });
    }
    const last = blocks.at(-1);
    if (last !== undefined) return { problems, bytes, next: String(last.meta.id) };
    const { stored, entries } = this.#file.blockCounts();
    return { problems: stored === entries ? [] : [{ place: INDEX, detail: `the index has ${entries} entries for ${stored} blocks` }], bytes };
  }

  /** A block that the index does not lead to is not damaged, only not found. */
  reindex(): void {
    this.#file.reindex();
  }

  discard(point: KnownPoint): readonly DamagedSpan[] {
    const folder = new Folder(this.#file, this.#cache, this.#keepAll);
    const spans: DamagedSpan[] = [];
    this.#file.transaction(() => {
      const waiting: FactList[] = [];
      for (const block of this.#file.blocksOf(point.id)) {
        const facts = factsOf(block);
        if (facts !== undefined && !block.meta.stranded) continue;
        if (facts === undefined) spans.push({ fromUs: block.meta.firstUs, toUs: block.meta.lastUs });
        else waiting.push(facts);
        this.#file.removeBlock(block.meta.id);
        this.#cache.forget(block.meta.id);
      }
      for (const facts of waiting) folder.fold(point, { facts, start: 0, end: facts.length });
    });
    return spans;
  }
}

/** Undefined for bytes that are not those that were written, whatever reading them ends with. */
function factsOf({ meta, data }: StoredBlock): FactList | undefined {
  try {
    return decodeBlock(meta, data);
  } catch {
    return undefined;
  }
}

import type { FetchCost } from "../../tools/engines/server.ts";

/** A program that ours is measured beside, at one pinned version. */
export interface Peer {
  /** What `fetch` takes. */
  readonly name: string;
  readonly version: string;
  /** As "npm"; where it comes from and how. */
  readonly from: string;
  /** As measured, said before a fetch. */
  readonly estimate: { readonly downloadMb: number; readonly seconds: number };
  /** What a fetch left in the cache; undefined when there was none of this version. */
  here(): FetchedPeer | undefined;
  /** Rejects with what is wrong and what to do. Gives what is there where it is there. */
  fetch(): Promise<FetchedPeer>;
}

export interface FetchedPeer {
  /** What is run: an executable, or a script for Node. */
  readonly path: string;
  readonly cost: FetchCost;
}

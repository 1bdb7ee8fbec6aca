import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MongoClient } from "mongodb";
import type { Documents, RangeQuery, RowBlock, Scope, SeriesTier } from "@caudal/core";
import { openEmbeddedDocuments, openEmbeddedTier } from "../../adapters/embedded/index.ts";
import { openMongoDocuments, openMongoTier } from "../../adapters/mongo/index.ts";
import { databaseUrl } from "../../adapters/mongo/test-database.ts";
import { Random } from "../simulation/time/random.ts";
import { RealDocuments } from "./real-documents.ts";
import type { OpenStores } from "./stores.ts";

/** A real engine with a place of its own. */
export interface RealEngine {
  readonly name: "embedded" | "mongo";
  /** True where one process at a time has its documents: then all services are parts of one. */
  readonly isAlone: boolean;
  documents(): Promise<Documents>;
  warm(): Promise<SeriesTier>;
  /** Lets go of the place and all that is in it. */
  remove(): Promise<void>;
}

const RETENTION_MS = 800 * 86_400_000;

/** SQLite in a temporary folder. */
export async function embeddedEngine(): Promise<RealEngine> {
  const directory = await mkdtemp(join(tmpdir(), "caudal-days-"));
  return {
    name: "embedded", isAlone: true,
    documents: () => openEmbeddedDocuments({ directory: join(directory, "documents") }),
    warm: () => openEmbeddedTier({ name: "warm", directory: join(directory, "tiers"), retentionMs: RETENTION_MS, revisions: "latest" }),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** A database of its own on the server. */
export function mongoEngine(server: string): RealEngine {
  const url = databaseUrl(server);
  return {
    name: "mongo", isAlone: false,
    documents: () => openMongoDocuments({ url }),
    warm: () => openMongoTier({ url, name: "warm", retentionMs: RETENTION_MS }),
    remove: async () => {
      const client = await MongoClient.connect(url);
      await client.db().dropDatabase();
      await client.close();
    },
  };
}

/** Documents and a warm tier of a real engine. Each process has a connection of its own where the engine has such; measurements are written as they become known. */
export function engineStores(engine: RealEngine): OpenStores {
  return async ({ seed, world, time, onEntry }) => {
    const store = world.store("documents");
    const random = new Random(`${seed}/way`);
    const warm = await time.machine(() => engine.warm());
    const opened = new Set<Documents>();
    const closing = new Set<Promise<void>>();
    let shared = engine.isAlone ? await time.machine(() => engine.documents()) : undefined;
    const letGo = (documents: Documents): void => {
      if (!opened.delete(documents)) return;
      // What was under way may fail at that; whoever asked is gone.
      const closed = time.machine(() => documents.close()).catch(() => undefined);
      closing.add(closed);
      void closed.then(() => closing.delete(closed));
    };
    return {
      isComputed: false,
      open: async (process) => {
        if (shared !== undefined) return new RealDocuments({ process, source: () => shared!, store, time, random, onEntry });
        const own = await time.machine(() => engine.documents());
        opened.add(own);
        process.onEnd(() => letGo(own));
        return new RealDocuments({ process, source: () => own, store, time, random, onEntry });
      },
      series: (process) => ({
        read: (scope, query) => blocksOf(() => store.carry(process, "warm.read", () => time.machine(() => every(warm, scope, query)), "read")),
      }),
      measured: async (batch) => {
        const { failed } = await time.machine(() => warm.write(batch));
        if (failed.length > 0) throw failed[0]!.error;
      },
      rest: async () => {
        if (shared === undefined) return;
        const before = shared;
        shared = await time.machine(async () => {
          await before.close();
          return engine.documents();
        });
      },
      close: async () => {
        for (const own of opened) letGo(own);
        await Promise.all(closing);
        await time.machine(async () => {
          await warm.close();
          await shared?.close();
        });
      },
    };
  };
}

/** A slot's windows are some hours of one point. */
async function every(tier: SeriesTier, scope: Scope, query: RangeQuery): Promise<readonly RowBlock[]> {
  const blocks: RowBlock[] = [];
  for await (const block of tier.read(scope, query)) blocks.push(block);
  return blocks;
}

async function* blocksOf(read: () => Promise<readonly RowBlock[]>): AsyncGenerator<RowBlock> {
  yield* await read();
}

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { cached, fillCache, type Cached } from "../../tools/engines/provision/cache.ts";
import { runClient } from "./client.ts";
import type { FetchedPeer, Peer } from "./peer.ts";

const INSTALL_LIMIT_S = 600;

export interface NpmPeer extends Pick<Peer, "name" | "version" | "estimate"> {
  readonly package: string;
  /** Below its node_modules, the file that is run or imported. */
  readonly entry: string;
  /** Besides those that every install has. */
  readonly options?: readonly string[];
}

/** A peer out of npm, in a folder of its own with its own package.json; no script of it runs at its install. */
export function npmPeer({ name, version, estimate, package: packageName, entry, options = [] }: NpmPeer): Peer {
  const cacheName = `${name}-${version}`;
  const entryIn = ({ folder, cost }: Cached): FetchedPeer => ({ path: join(folder, "node_modules", entry), cost });
  const install = async (folder: string): Promise<void> => {
    writeFileSync(join(folder, "package.json"), `${JSON.stringify({ name: `caudal-bench-${name}`, private: true, dependencies: { [packageName]: version } }, null, 2)}\n`);
    await runClient({ command: ["npm", "install", "--ignore-scripts", "--omit=dev", ...options, "--no-audit", "--no-fund"], cwd: folder, limitS: INSTALL_LIMIT_S, missing: "It comes with Node." });
  };
  return {
    name, version, estimate, from: "npm",
    here() {
      const there = cached(cacheName);
      return there && entryIn(there);
    },
    fetch: async () => entryIn(await fillCache(cacheName, install)),
  };
}

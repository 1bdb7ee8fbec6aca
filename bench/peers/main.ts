import { cacheFolder } from "../../tools/engines/provision/cache.ts";
import { bento } from "./bento-build.ts";
import { duckdb } from "./duckdb.ts";
import { nodeRed } from "./node-red-install.ts";
import type { Peer } from "./peer.ts";

const peers: readonly Peer[] = [nodeRed, bento, duckdb];
const usage = `node bench/peers/main.ts list | fetch [${peers.map(({ name }) => name).join(" ")}]`;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function list(): void {
  print(`in ${cacheFolder()}:`);
  for (const { name, version, here, estimate } of peers) {
    const there = here();
    print(`${name} ${version}: ${there === undefined ? `not here (about ${estimate.downloadMb} MB, ${estimate.seconds} s): node bench/peers/main.ts fetch ${name}` : `${there.cost.megabytes} MB on disk, ${there.path}`}`);
  }
}

async function fetchAll(chosen: readonly Peer[]): Promise<void> {
  for (const { name, version, from, here, fetch, estimate } of chosen) {
    const there = here();
    if (there !== undefined) {
      print(`${name} ${version} is here: ${there.path}`);
      continue;
    }
    print(`${name} ${version} from ${from}: some ${estimate.downloadMb} MB and ${estimate.seconds} s …`);
    try {
      const { path, cost } = await fetch();
      print(`${name} ${version}: ${cost.seconds} s, ${cost.megabytes} MB on disk, ${path}`);
    } catch (error) {
      print(`${name} ${version}: FAILED. ${error instanceof Error ? error.message : String(error)}`);
      process.exitCode = 1;
    }
  }
}

const [command, ...names] = process.argv.slice(2);
const unknown = names.filter((asked) => !peers.some(({ name }) => name === asked));
if (unknown.length > 0 || (command !== "list" && command !== "fetch") || (command === "list" && names.length > 0)) {
  process.stderr.write(`${usage}\n`);
  process.exitCode = 2;
} else if (command === "list") list();
else await fetchAll(names.length === 0 ? peers : peers.filter(({ name }) => names.includes(name)));

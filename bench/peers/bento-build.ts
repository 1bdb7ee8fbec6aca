import { copyFileSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cached, fillCache, type Cached } from "../../tools/engines/provision/cache.ts";
import { runClient } from "./client.ts";
import type { FetchedPeer, Peer } from "./peer.ts";

/** Our `main.go` names the components; `go.mod` and `go.sum` pin Bento and everything below it. */
const sources = ["main.go", "go.mod", "go.sum"] as const;
const module = join(import.meta.dirname, "bento");
const program = process.platform === "win32" ? "bento.exe" : "bento";
const BUILD_LIMIT_S = 3600;

function pinned(): string {
  const version = /warpstreamlabs\/bento v(\S+)/.exec(readFileSync(join(module, "go.mod"), "utf8"))?.[1];
  if (version === undefined) throw new Error("bench/peers/bento/go.mod names no version of Bento");
  return version;
}

function programIn({ folder, cost }: Cached): FetchedPeer {
  return { path: join(folder, program), cost };
}

async function build(folder: string): Promise<void> {
  for (const name of sources) copyFileSync(join(module, name), join(folder, name));
  await runClient({
    command: ["go", "build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", program, "."], cwd: folder, limitS: BUILD_LIMIT_S,
    // Without a C compiler: none of the components needs one.
    env: { CGO_ENABLED: "0" }, missing: "Install the version of Go that bench/peers/bento/go.mod names, or a later one, so that it is on the PATH.",
  });
  for (const name of sources) rmSync(join(folder, name));
}

/** Bento out of the Go module proxy that the environment names, compiled here with the components that the benchmarks use. */
export const bento: Peer = {
  name: "bento",
  get version() {
    return pinned();
  },
  from: "the Go module proxy, compiled by go build",
  estimate: { downloadMb: 150, seconds: 300 },
  here() {
    const there = cached(`bento-${pinned()}`);
    return there && programIn(there);
  },
  fetch: async () => programIn(await fillCache(`bento-${pinned()}`, build)),
};

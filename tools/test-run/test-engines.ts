import type { Engine, EngineName } from "../engines/engine.ts";
import { engineUrl } from "../engines/for-tests.ts";
import { servers } from "../engines/known-servers.ts";
import { folderBytes } from "../engines/provision/cache.ts";
import { residentMb } from "../engines/process-identity.ts";
import type { ServerFiles } from "../engines/server.ts";
import { startEngine } from "../engines/start.ts";
import { table } from "./port-report.ts";

/** Kept free for the tests themselves, which start servers of ours and a browser. */
const testsMb = 1_500;

/** An engine that the tests do without, and why. */
export interface LeftOut {
  readonly name: EngineName;
  readonly reason: string;
}

interface Started {
  readonly engine: Engine;
  readonly files: ServerFiles;
  readonly startSeconds: number;
}

/** The engines of one run of the tests: on free ports, in temporary folders, ended with the run. */
export class TestEngines {
  readonly leftOut: LeftOut[] = [];
  readonly #started: Started[] = [];
  readonly #print: (line: string) => void;
  readonly #availableMb: () => number;
  #stopping = false;

  constructor(options: { print: (line: string) => void; availableMb?: () => number }) {
    this.#print = options.print;
    this.#availableMb = options.availableMb ?? (() => process.availableMemory() / 1e6);
  }

  /**
   * Starts each engine and tells the tests where it is. One that cannot be had is left out with its reason; nothing is
   * downloaded unless `fetch`, and memory is looked at unless `evenWithLittleMemory`.
   */
  async start(names: readonly EngineName[], { fetch, evenWithLittleMemory }: { fetch: boolean; evenWithLittleMemory: boolean }): Promise<void> {
    for (const name of names) {
      if (this.#stopping) return;
      if (engineUrl(name) !== undefined) {
        this.#print(`engine: ${name} … the one that CAUDAL_TEST_${name.toUpperCase()} names`);
        continue;
      }
      const reason = (fetch || servers[name].find() ? undefined : "neither on this machine nor fetched yet") ?? (evenWithLittleMemory ? undefined : this.#tooLittleMemory(name));
      if (reason !== undefined) this.#leaveOut(name, reason);
      else await this.#startOne(name);
    }
  }

  async #startOne(name: EngineName): Promise<void> {
    try {
      const fetched = servers[name].find() === undefined;
      const files = await servers[name].fetch();
      const startedMs = performance.now();
      const engine = await startEngine(name);
      const startSeconds = (performance.now() - startedMs) / 1000;
      if (this.#stopping) return void (await engine.stop());
      this.#started.push({ engine, files, startSeconds });
      process.env[`CAUDAL_TEST_${name.toUpperCase()}`] = engine.url;
      const cost = fetched ? `fetched in ${files.fetched?.seconds ?? 0} s, ` : "";
      this.#print(`engine: ${name} … ${cost}ready in ${startSeconds.toFixed(1)} s (${files.what})`);
    } catch (error) {
      this.#leaveOut(name, (error as Error).message);
    }
  }

  #leaveOut(name: EngineName, reason: string): void {
    const [first = reason] = reason.split("\n");
    this.#print(`engine: ${name} … left out: ${reason}`);
    this.leftOut.push({ name, reason: first });
    process.env[`CAUDAL_TEST_${name.toUpperCase()}_MISSING`] = first;
  }

  #tooLittleMemory(name: EngineName): string | undefined {
    const free = Math.floor(this.#availableMb());
    const wanted = servers[name].memoryMb + testsMb;
    return free < wanted ? `${free} MB of memory are free, and it wants ${wanted} MB with the tests` : undefined;
  }

  /** What each engine cost: fetched once, started for this run, and what it holds now. */
  costLines(): string[] {
    if (this.#started.length === 0) return [];
    const rows = this.#started.map(({ engine, files, startSeconds }) => {
      const pids = engine.nodes.flatMap(({ pid }) => pid ?? []);
      const memory = pids.reduce((sum, pid) => sum + (residentMb(pid) ?? 0), 0);
      const { fetched, what } = files;
      return [
        engine.name, fetched ? `${fetched.seconds} s` : "was here", fetched ? `${fetched.megabytes} MB` : "", `${startSeconds.toFixed(1)} s`, `${memory} MB`,
        dataSize(engine), what,
      ];
    });
    return table([["engine", "fetch", "on disk", "start", "memory", "data", "server"], ...rows]);
  }

  /** Ends them all; data goes with them. Safe to call while they start. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#started.splice(0).map(({ engine }) => engine.stop()));
  }
}

/** Of all nodes; a server may remove files while they are counted. */
function dataSize({ nodes }: Engine): string {
  try {
    return `${Math.ceil(nodes.reduce((sum, { folder }) => sum + folderBytes(folder), 0) / 1e6)} MB`;
  } catch {
    return "";
  }
}

/** What fetching these engines would download and take; nothing for those that are there. */
export function fetchEstimate(names: readonly EngineName[]): { names: EngineName[]; downloadMb: number; seconds: number } {
  const absent = names.filter((name) => servers[name].find() === undefined);
  const sum = (of: (name: EngineName) => number) => absent.reduce((total, name) => total + of(name), 0);
  return { names: absent, downloadMb: sum((name) => servers[name].estimate.downloadMb), seconds: sum((name) => servers[name].estimate.seconds) };
}

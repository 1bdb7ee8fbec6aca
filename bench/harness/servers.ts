import type { Engine, EngineName } from "../../tools/engines/engine.ts";
import { engineUrl } from "../../tools/engines/for-tests.ts";
import { servers } from "../../tools/engines/known-servers.ts";
import { startEngine } from "../../tools/engines/start.ts";
import type { EngineServer } from "./benchmark.ts";
import { listeningPids } from "./process-cpu.ts";

/** Says how to have engines that are not on this machine. */
export function engineAdvice(names: readonly EngineName[]): string {
  return `npm run engines -- up ${names.join(" ")}`;
}

export interface ServersOptions {
  /** Starts servers of its own even where `CAUDAL_TEST_…` names one: as a test starts them, Java's compile quickly and run slowly. */
  readonly own: boolean;
  readonly print: (line: string) => void;
}

/** The servers of a run: those that the environment names, else private ones, started when first asked for and kept until the end. */
export class Servers {
  readonly #options: ServersOptions;
  readonly #started = new Map<EngineName, Engine>();

  constructor(options: ServersOptions) {
    this.#options = options;
  }

  /** Those that are neither named nor on this machine; nothing is downloaded for a benchmark. */
  missing(names: readonly EngineName[]): EngineName[] {
    return names.filter((name) => this.#named(name) === undefined && servers[name].find() === undefined);
  }

  async open(names: readonly EngineName[]): Promise<Map<EngineName, EngineServer>> {
    const found = new Map<EngineName, EngineServer>();
    for (const name of names) found.set(name, await this.#server(name));
    return found;
  }

  async close(): Promise<void> {
    for (const engine of this.#started.values()) await engine.stop();
    this.#started.clear();
  }

  async #server(name: EngineName): Promise<EngineServer> {
    const url = this.#named(name);
    if (url !== undefined) return { name, url, pids: pidsOf(url) };
    let engine = this.#started.get(name);
    if (engine === undefined) {
      const startedMs = performance.now();
      engine = await startEngine(name, { jit: "full" });
      this.#started.set(name, engine);
      this.#options.print(`  ${servers[name].find()?.what ?? name} started in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
    }
    return { name, url: engine.url, pids: engine.nodes.flatMap(({ pid }) => (pid === undefined ? [] : [pid])) };
  }

  #named(name: EngineName): string | undefined {
    return this.#options.own ? undefined : engineUrl(name);
  }
}

/** The processes on this machine that listen on the ports that a URL names, several hosts included. */
export function pidsOf(url: string): number[] {
  const ports = new Set([...(url.split("/")[2] ?? "").matchAll(/:(\d+)(?=,|$)/g)].map(([, port]) => Number(port)));
  return [...ports].flatMap(listeningPids);
}

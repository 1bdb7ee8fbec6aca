import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { firstExecutable } from "../executable.ts";
import type { EngineNode } from "./engine.ts";
import { EngineFailure } from "./failure.ts";
import { identify, isPaused, runs } from "./process-identity.ts";
import type { ProcessIdentity } from "./process-identity.ts";
import type { ClusterSettings, NodeSettings, Server } from "./server.ts";

const startLimitMs = 100_000;
const stopLimitMs = 30_000;
const pollMs = 25;
const logKeptBytes = 32e6;
const toldLogChars = 4_000;

/** Ended with this process, also where it ends without stopping them. */
const attached = new Set<NodeProcess>();
let endsAtExit = false;

/**
 * One server process and its folder. `attached` to this process it ends with it; otherwise it goes on alone and is
 * found again by the pid file in its folder.
 */
export class NodeProcess implements EngineNode {
  readonly host: string;
  readonly port: number;
  readonly folder: string;
  readonly settings: NodeSettings;
  readonly #server: Server;
  readonly #cluster: ClusterSettings;
  readonly #attached: boolean;
  #identity: ProcessIdentity | undefined;

  constructor(options: { server: Server; settings: NodeSettings; cluster: ClusterSettings; attached: boolean }) {
    this.#server = options.server;
    this.settings = options.settings;
    this.#cluster = options.cluster;
    this.#attached = options.attached;
    this.host = options.settings.host;
    this.port = options.settings.port;
    this.folder = options.settings.folder;
    this.#identity = readPidFile(this.folder);
  }

  get pid(): number | undefined {
    return this.#identity && runs(this.#identity) ? this.#identity.pid : undefined;
  }

  get logPath(): string {
    return logPath(this.folder);
  }

  async start(): Promise<void> {
    await this.launch();
    await this.ready();
  }

  /** Starts the process and does not wait for it to answer. */
  async launch(): Promise<void> {
    if (this.pid !== undefined) return;
    mkdirSync(this.folder, { recursive: true });
    await this.#server.prepare(this.settings, this.#cluster);
    const { program, args, env } = this.#server.command(this.settings, this.#cluster);
    const [first = program, ...rest] = this.#attached ? [...endWithParent(), program, ...args] : [program, ...args];
    const log = openLog(this.logPath);
    try {
      const child = spawn(first, rest, {
        cwd: this.folder,
        env: { ...process.env, NODE_V8_COVERAGE: undefined, ...this.#cluster.files.env, ...env },
        stdio: ["ignore", log, log],
        detached: !this.#attached,
      });
      await new Promise<void>((resolve, reject) => {
        child.once("spawn", resolve);
        child.once("error", reject);
      });
      child.unref();
      this.#identity = child.pid === undefined ? undefined : identify(child.pid);
    } finally {
      closeSync(log);
    }
    if (this.#attached) endAtExit(this);
    if (this.#identity) writeFileSync(pidPath(this.folder), `${JSON.stringify(this.#identity)}\n`);
  }

  /** Resolves when the server answers; throws with the end of its log when it ends or takes too long. */
  async ready(): Promise<void> {
    const untilMs = performance.now() + startLimitMs;
    for (;;) {
      if (this.pid === undefined) throw this.#failed("ended while it started.");
      if (await this.#server.answers(this.settings, this.#cluster).catch(() => false)) return;
      if (performance.now() > untilMs) throw this.#failed(`did not answer within ${startLimitMs / 1000} s.`);
      await delay(pollMs);
    }
  }

  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.#gone(stopLimitMs);
  }

  async stop(): Promise<void> {
    this.signal("SIGTERM");
    // A paused process takes no other signal.
    this.signal("SIGCONT");
    if (!(await this.#gone(stopLimitMs))) await this.kill();
  }

  async pause(): Promise<void> {
    this.signal("SIGSTOP");
    for (let { pid } = this; pid !== undefined && !isPaused(pid); { pid } = this) await delay(1);
  }

  resume(): void {
    this.signal("SIGCONT");
  }

  signal(signal: NodeJS.Signals): void {
    const { pid } = this;
    if (pid === undefined) return;
    try {
      process.kill(pid, signal);
    } catch (error) {
      // It ended between the look and the signal.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }

  async #gone(limitMs: number): Promise<boolean> {
    const untilMs = performance.now() + limitMs;
    while (this.pid !== undefined) {
      if (performance.now() > untilMs) return false;
      await delay(pollMs);
    }
    this.#identity = undefined;
    attached.delete(this);
    rmSync(pidPath(this.folder), { force: true });
    return true;
  }

  #failed(what: string): EngineFailure {
    const log = existsSync(this.logPath) ? readFileSync(this.logPath, "utf8").slice(-toldLogChars) : "";
    const { what: server } = this.#cluster.files;
    return new EngineFailure(`${server} on ${this.host}:${this.port} ${what}`, `The end of its log ${this.logPath}:\n${log}`);
  }
}

/** Where a node's server writes what it prints. */
export function logPath(folder: string): string {
  return join(folder, "server.log");
}

function pidPath(folder: string): string {
  return join(folder, "pid.json");
}

function readPidFile(folder: string): ProcessIdentity | undefined {
  try {
    const { pid, started } = JSON.parse(readFileSync(pidPath(folder), "utf8")) as Partial<ProcessIdentity>;
    return typeof pid === "number" && typeof started === "string" ? { pid, started } : undefined;
  } catch {
    return undefined;
  }
}

function openLog(path: string): number {
  if (existsSync(path) && statSync(path).size > logKeptBytes) renameSync(path, `${path}.1`);
  return openSync(path, "a");
}

/** On Linux the kernel ends the server when we end, however that happens. */
function endWithParent(): string[] {
  const setpriv = process.platform === "linux" ? firstExecutable(["/usr/bin/setpriv", "/bin/setpriv"]) : undefined;
  return setpriv ? [setpriv, "--pdeathsig", "KILL", "--"] : [];
}

function endAtExit(node: NodeProcess): void {
  attached.add(node);
  // Before the removal of their folders, which waits for the same event.
  if (!endsAtExit) process.prependOnceListener("exit", endAttached);
  endsAtExit = true;
}

function endAttached(): void {
  for (const node of attached) node.signal("SIGKILL");
}

import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startProcess, type FleetProcess } from "../integrity/fleet-process.ts";

/** In the order of starting: the first makes the topics, tables and indexes that the others find. */
export const serviceNames = ["processor", "archiver", "analytics", "business", "collector", "web"] as const;
export type ServiceName = (typeof serviceNames)[number];

/** One process of the fleet, under a name that stays when it is started again. */
export interface Member {
  readonly service: ServiceName;
  readonly number: number;
  /** Undefined while it does not run. */
  process: FleetProcess | undefined;
}

export interface FleetOptions {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

const KB_PER_MB = 1024;
const LAST_LINES = 5;

/** The services as processes of their own, which a scenario kills, stops, starts and holds. */
export class Fleet {
  readonly members: Member[] = [];
  readonly #options: FleetOptions;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** One of each service, ready. */
  static async start(options: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet(options);
    try {
      for (const service of serviceNames) await fleet.join(service);
      return fleet;
    } catch (error) {
      await fleet.stop();
      throw error;
    }
  }

  /** One more of a service, ready. */
  async join(service: ServiceName): Promise<Member> {
    const member: Member = { service, number: this.members.filter((each) => each.service === service).length, process: undefined };
    this.members.push(member);
    await this.start(member);
    return member;
  }

  async start(member: Member): Promise<void> {
    const { folder, env } = this.#options;
    const own = join(folder, `${member.service}-${member.number}`);
    mkdirSync(own, { recursive: true });
    member.process = await startProcess(member.service, own, env);
  }

  async kill(member: Member): Promise<void> {
    const { process } = member;
    member.process = undefined;
    await process?.kill();
  }

  /** SIGTERM: it drains, and its name is gone from the fleet. */
  async leave(member: Member): Promise<void> {
    this.members.splice(this.members.indexOf(member), 1);
    await member.process?.stop();
  }

  first(service: ServiceName): Member {
    const found = this.members.find((member) => member.service === service);
    if (found === undefined) throw new Error(`no ${service} in the fleet`);
    return found;
  }

  /** Of the first that runs. */
  url(service: ServiceName): string | undefined {
    return this.members.find((member) => member.service === service && member.process !== undefined)?.process?.url;
  }

  /** Resident memory of each process that runs, in MB. */
  memoryMb(): ReadonlyMap<string, number> {
    const sizes = new Map<string, number>();
    for (const { service, number, process } of this.members) {
      const megabytes = process === undefined ? undefined : residentMb(process.pid);
      if (megabytes !== undefined) sizes.set(`${service}-${number}`, megabytes);
    }
    return sizes;
  }

  /** What each has printed, for whoever looks into a failure. */
  outputs(): ReadonlyMap<string, string> {
    return new Map(this.members.map(({ service, number, process }) => [`${service}-${number}`, process?.output() ?? ""]));
  }

  /** Starts again what ended by itself, and says what it was. */
  async startAgainWhatEnded(): Promise<readonly string[]> {
    const ended: string[] = [];
    for (const member of this.members) {
      const how = member.process?.endedByItself();
      if (how === undefined) continue;
      ended.push(`${member.service}-${member.number} ended by itself ${how}: ${member.process?.output().trimEnd().split("\n").slice(-LAST_LINES).join(" | ")}`);
      await this.start(member);
    }
    return ended;
  }

  /** kill -9 of all, for when this process ends. */
  killNow(): void {
    for (const { process: running } of this.members) if (running !== undefined) killOf(running.pid);
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map(async ({ process }) => process?.stop()));
  }
}

function killOf(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}

function residentMb(pid: number): number | undefined {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kilobytes === undefined ? undefined : Math.round(Number(kilobytes) / KB_PER_MB);
  } catch {
    return undefined;
  }
}

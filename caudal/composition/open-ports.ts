import { mkdir } from "node:fs/promises";
import { CaudalError, type Tell } from "@caudal/core";
import type { Logger } from "@caudal/runtime";
import { embeddedChoice, type EngineChoice } from "../engine-settings.ts";
import type { InstallationSettings } from "../settings.ts";
import { openers, type OpenContext } from "./openers.ts";
import { portNames, shownPorts, type OpenPorts, type PortName, type Ports } from "./ports.ts";

/** What fills each port. */
export type EngineChoices = Readonly<Record<PortName, EngineChoice>>;

export interface OpenPortsOptions {
  readonly dataDirectory: string;
  readonly choices: EngineChoices;
  readonly settings: Pick<InstallationSettings, "hotDays" | "warmDays" | "logBytes" | "partitions">;
  readonly logger: Logger;
  /** Opens what is damaged where that is possible; for those who mend. */
  readonly mending?: boolean;
}

const DAY_MS = 24 * 3600 * 1000;

/**
 * Opens the ports asked for, each by the engine chosen for it. Takes the data folder's lock when an embedded engine keeps files in it, and fails
 * with "in-use" while another process has that; closes what it opened when one fails.
 */
export async function openPorts<const P extends PortName>(wanted: readonly P[], options: OpenPortsOptions): Promise<OpenPorts<P>> {
  const { dataDirectory, choices, settings, logger } = options;
  const names = portNames.filter((name): name is P => (wanted as readonly PortName[]).includes(name));
  const closers: (() => Promise<void>)[] = [];
  let closing: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (const closer of closers.splice(0).reverse()) await closer().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  };
  try {
    await mkdir(dataDirectory, { recursive: true });
    if (names.some((name) => openers[name][choices[name].kind]?.ownsFolder === true)) {
      const { lockDataFolder } = await import("@caudal/embedded");
      const lock = await lockDataFolder(dataDirectory);
      closers.push(() => lock.release());
    }
    const open: Partial<Record<PortName, Ports[PortName]>> = {};
    for (const name of names) {
      const port = await openOne(name, choices[name], {
        dataDirectory, url: choices[name].url, logBytes: settings.logBytes, hotRetentionMs: settings.hotDays * DAY_MS, warmRetentionMs: settings.warmDays * DAY_MS, partitions: settings.partitions,
        tell: tellOf(logger.child({ port: name })), mending: options.mending === true,
      });
      closers.push(() => port.close());
      open[name] = port;
    }
    return { ...(open as Pick<Ports, P>), engines: enginesOf(names, choices), close: () => (closing ??= closeAll()) };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** What fills the ports, for people. */
export function enginesOf(names: readonly PortName[], choices: EngineChoices): Readonly<Record<string, string>> {
  return Object.fromEntries(shownPorts.filter((name) => names.includes(name)).map((name) => {
    const { kind, place } = choices[name];
    return [name, `${openers[name][kind]?.title ?? kind}${place === "" ? "" : ` ${place}`}`];
  }));
}

async function openOne<P extends PortName>(name: P, { kind }: EngineChoice, context: OpenContext): Promise<Ports[P]> {
  const opener = openers[name][kind];
  if (opener === undefined) throw new CaudalError("setting", `no engine fills ${name} by ${kind}://`);
  return opener.open(context);
}

function tellOf(logger: Logger): Tell {
  return (event, fields, level = "warn") => logger[level](event, fields);
}

/** Fails with "setting" when a port that processes of a fleet share is embedded, which is one process's own. */
export function refuseEmbedded(names: readonly PortName[], choices: EngineChoices): void {
  const alone = names.filter((name) => choices[name] === embeddedChoice && name !== "registry");
  if (alone.length === 0) return;
  const variables = alone.map((name) => `CAUDAL_${name.toUpperCase()}`).join(", ");
  throw new CaudalError("setting", `${variables}: a process of its own shares this with others, so it needs a server; set its URL, or CAUDAL_ENGINES=on for servers on this machine`);
}

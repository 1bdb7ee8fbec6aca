import { parseArgs } from "node:util";
import { engineNames } from "./engine.ts";
import type { EngineName } from "./engine.ts";
import type { Jit } from "./server.ts";

const commands = ["up", "down", "status", "logs"] as const;
export type EngineCommand = (typeof commands)[number];

/** What `npm run engines -- …` was asked for. */
export interface EngineOptions {
  readonly command: EngineCommand;
  /** All of them when none was named. */
  readonly names: readonly EngineName[];
  /** For the engines that can; the others run one. */
  readonly nodes: 1 | 3;
  /** The first node's port, where it is not the usual one. */
  readonly ports: ReadonlyMap<EngineName, number>;
  /** Instead of the cache's `run`. */
  readonly folder: string | undefined;
  readonly json: boolean;
  /** Installs Debian packages instead of fetching without root. */
  readonly system: boolean;
  readonly jit: Jit;
  /** Of each log. */
  readonly lines: number;
}

export const usage = `npm run engines -- up|down|status|logs [${engineNames.join(" ")}]
  --nodes 3            three nodes of kafka, mongo and cassandra (the others run one)
  --port kafka=19092   another port than the usual one; more may follow
  --folder PATH        data, logs and pid files there instead of in the cache; for every command
  --system             up: install Debian packages for what is missing
  --jit full           up: let Java servers compile fully, as a benchmark wants
  --lines 40           logs: how many lines of each
  --json               one JSON document instead of text`;

/** Reads the arguments after `npm run engines --`; throws with the reason on one that it does not know. */
export function readOptions(args: readonly string[]): EngineOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      nodes: { type: "string", default: "1" },
      port: { type: "string", multiple: true, default: [] },
      folder: { type: "string" },
      json: { type: "boolean", default: false },
      system: { type: "boolean", default: false },
      jit: { type: "string", default: "quick" },
      lines: { type: "string", default: "40" },
    },
  });
  const [command = "", ...rest] = positionals;
  if (!isOneOf(commands, command)) throw new Error(`"${command}" is none of ${commands.join(", ")}`);
  const { nodes, jit, folder, json, system } = values;
  if (nodes !== "1" && nodes !== "3") throw new Error(`--nodes is 1 or 3, not ${nodes}`);
  if (jit !== "quick" && jit !== "full") throw new Error(`--jit is quick or full, not ${jit}`);
  if (!/^[1-9]\d{0,5}$/.test(values.lines)) throw new Error(`--lines is a number of lines, not ${values.lines}`);
  // What follows the first --port stands as a word of its own.
  const ports = readPorts([...values.port, ...rest.filter((word) => word.includes("="))]);
  const named = rest.filter((word) => !word.includes("=")).map(engineName);
  return {
    command, names: named.length > 0 ? [...new Set(named)] : engineNames, nodes: nodes === "3" ? 3 : 1, ports,
    folder, json, system, jit, lines: Number(values.lines),
  };
}

/** `kafka=19092` and so on; a port that no server can have is refused. */
function readPorts(words: readonly string[]): Map<EngineName, number> {
  return new Map(words.map((word) => {
    const [name = "", port = ""] = word.split("=");
    const number = /^\d{1,5}$/.test(port) ? Number(port) : 0;
    if (number < 1 || number > 65_535) throw new Error(`--port ${word} is not of the form kafka=19092`);
    return [engineName(name), number];
  }));
}

function engineName(name: string): EngineName {
  if (!isOneOf(engineNames, name)) throw new Error(`"${name}" is none of ${engineNames.join(", ")}`);
  return name;
}

function isOneOf<T extends string>(all: readonly T[], name: string): name is T {
  return (all as readonly string[]).includes(name);
}

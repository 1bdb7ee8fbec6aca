import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { durationMs, listenAddress, text as textOf, type TextKey } from "@caudal/runtime";
import type { RegulatorQuirkShares, RegulatorSandbox, SandboxWork } from "@caudal/sandbox";
import { CommandFailure } from "../commandline/command-failure.ts";
import type { Command, CommandContext } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { watchStopSignals } from "../commandline/stop-signals.ts";

const flagTexts = {
  "--listen HOST:PORT": "sandbox.help.listen", "--port N": "sandbox.dga.help.port", "--seed TEXT": "sandbox.dga.help.seed", "--data FOLDER": "sandbox.dga.help.data", "--works FILE": "sandbox.dga.help.works",
  "--latency 50ms": "sandbox.help.latency", "--quirk [REGULATOR:]NAME[=SHARE]": "sandbox.dga.help.quirk",
} as const satisfies Record<string, TextKey>;

const SHOW_EVERY_MS = 500;
const MAX_LATENCY_MS = 600_000;
const MAX_PORT = 65_535;

/** Plays the regulators on one port until it is told to stop. */
export const sandboxDga: Command = {
  name: "sandbox dga",
  usage: "[--port N | --listen 127.0.0.1:0] [--seed TEXT] [--data FOLDER] [--works FILE] [--latency 50ms] [--quirk [REGULATOR:]NAME[=SHARE]]…",
  spec: { values: ["--listen", "--port", "--seed", "--works", "--latency", "--quirk"] },
  async flagHelp(language) {
    const { regulatorQuirkNames } = await import("@caudal/sandbox");
    return Object.entries(flagTexts).map(([flag, key]) => ({ flag, text: textOf(language, key, { names: regulatorQuirkNames.join(", ") }) }));
  },
  async run(context) {
    const { arguments: { flags }, json, say, terminal, signals } = context;
    const { openRegulatorSandbox } = await import("@caudal/sandbox");
    const asked = await askedFor(context);
    const { "--seed": seed = randomBytes(4).toString("hex"), "--data": data } = flags;
    const dataDirectory = data === undefined ? undefined : join(data, "regulator-sandbox");
    const stop = watchStopSignals({ source: signals, monotonicMs: () => performance.now(), onImpatience: () => undefined });
    try {
      const sandbox = await openRegulatorSandbox({ ...asked, seed, ...(dataDirectory === undefined ? {} : { dataDirectory }) }).catch((error: unknown) => {
        throw new CommandFailure("unavailable", say("sandbox.not-opened", { why: error instanceof Error ? error.message : String(error) }), { next: say("sandbox.dga.not-opened.next"), cause: error });
      });
      try {
        const settings = { CAUDAL_DGA_MODE: "sandbox", CAUDAL_DGA_URL: sandbox.baseUrls.dga, CAUDAL_SMA_URL: sandbox.baseUrls.sma };
        if (json) terminal.json({ url: sandbox.url, seed, baseUrls: sandbox.baseUrls, stored: sandbox.counts().stored, settings, ...(dataDirectory === undefined ? {} : { data: dataDirectory }) });
        else {
          terminal.line(say("sandbox.dga.opened", { url: `${sandbox.url}/`, seed, stored: sandbox.counts().stored }));
          terminal.line(dataDirectory === undefined ? say("sandbox.dga.memory") : say("sandbox.dga.data", { path: dataDirectory }));
          terminal.line(say("sandbox.dga.point"));
          for (const [name, value] of Object.entries(settings)) terminal.line(`  ${name}=${value}`);
          terminal.line(say("sandbox.stop"));
        }
        await followed(sandbox, stop.asked, context);
      } finally {
        await sandbox.close();
      }
      return exitCodes.ok;
    } finally {
      stop.release();
    }
  },
};

interface Asked {
  readonly host: string;
  readonly port: number;
  readonly quirks: RegulatorQuirkShares;
  readonly latencyMs?: number;
  readonly works?: readonly SandboxWork[];
}

/** What the flags say; usage error where they say nothing that can be. */
async function askedFor({ arguments: { flags, all }, say, usageError }: CommandContext): Promise<Asked> {
  const { parseRegulatorQuirk, readWorks, regulatorQuirkNames } = await import("@caudal/sandbox");
  const wrong = (flag: string, expected: string): CommandFailure => usageError(say("simulate.bad-flag", { flag, text: flags[flag] ?? "", expected }));
  const { "--listen": listen = "127.0.0.1:0", "--port": port, "--latency": latency, "--works": worksFile } = flags;
  const address = listenAddress.safeParse(listen);
  if (!address.success) throw wrong("--listen", "127.0.0.1:0");
  if (port !== undefined && (!/^\d{1,5}$/.test(port) || Number(port) > MAX_PORT)) throw wrong("--port", `0 … ${MAX_PORT}`);
  const waited = latency === undefined ? undefined : durationMs.safeParse(latency);
  if (waited !== undefined && (!waited.success || waited.data > MAX_LATENCY_MS)) throw wrong("--latency", "0ms … 10m");
  const quirks: Record<string, Record<string, number>> = {};
  for (const text of all("--quirk")) {
    const quirk = parseRegulatorQuirk(text);
    if (quirk === undefined) throw usageError(say("sandbox.dga.bad-quirk", { text, names: regulatorQuirkNames.join(", ") }));
    quirks[quirk.regulator] = { ...quirks[quirk.regulator], [quirk.name]: quirk.share };
  }
  const works = worksFile === undefined ? undefined : readWorks(await readFile(worksFile, "utf8").then((text): unknown => JSON.parse(text)).catch(() => undefined));
  if (worksFile !== undefined && works === undefined) throw wrong("--works", "[{code, centreRut, informantRut, password, levelMayBeMissing?}, …]");
  return { host: address.data.host ?? "127.0.0.1", port: port === undefined ? address.data.port : Number(port), quirks, ...(waited === undefined ? {} : { latencyMs: waited.data }), ...(works === undefined ? {} : { works }) };
}

/** Shows how many requests come, until the sandbox is to stop. */
async function followed(sandbox: RegulatorSandbox, stopped: Promise<void>, { terminal, say, json }: CommandContext): Promise<void> {
  const begun = sandbox.counts().requests;
  let before = { requests: 0, atMs: performance.now() };
  const timer = setInterval(() => {
    const requests = sandbox.counts().requests - begun;
    const atMs = performance.now();
    const rate = ((requests - before.requests) * 1000) / Math.max(1, atMs - before.atMs);
    before = { requests, atMs };
    if (!json) terminal.status(say("sandbox.dga.progress", { requests, rate: rate.toFixed(1), stored: sandbox.counts().stored, blocked: sandbox.blocked().length }));
  }, SHOW_EVERY_MS);
  try {
    await stopped;
  } finally {
    clearInterval(timer);
    terminal.status("");
  }
}

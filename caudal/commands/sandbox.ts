import { randomBytes } from "node:crypto";
import { durationMs, listenAddress, text as textOf, type TextKey } from "@caudal/runtime";
import type { QuirkShares, Sandbox } from "@caudal/sandbox";
import { CommandFailure } from "../commandline/command-failure.ts";
import type { Command, CommandContext } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { watchStopSignals } from "../commandline/stop-signals.ts";

const flagTexts = {
  "--listen HOST:PORT": "sandbox.help.listen", "--seed TEXT": "sandbox.help.seed", "--devices N": "sandbox.help.devices", "--days N": "sandbox.help.days", "--every 5m": "sandbox.help.every",
  "--latency 50ms": "sandbox.help.latency", "--quirk [PROVIDER:]NAME[=SHARE]": "sandbox.help.quirk", "--log FILE": "sandbox.help.log", "--config FILE": "sandbox.help.config",
} as const satisfies Record<string, TextKey>;

const SHOW_EVERY_MS = 500;
const MAX_DEVICES = 100_000;
const MAX_DAYS = 3650;
const MAX_LATENCY_MS = 600_000;

/** Plays every provider on one port until it is told to stop. */
export const sandboxProviders: Command = {
  name: "sandbox providers",
  usage: "[--listen 127.0.0.1:0] [--seed TEXT] [--devices N] [--days N] [--every 5m] [--latency 50ms] [--quirk [PROVIDER:]NAME[=SHARE]]… [--log FILE] [--config FILE]",
  spec: { values: ["--listen", "--seed", "--devices", "--days", "--every", "--latency", "--quirk", "--log", "--config"] },
  async flagHelp(language) {
    const { quirkNames } = await import("@caudal/sandbox");
    return Object.entries(flagTexts).map(([flag, key]) => ({ flag, text: textOf(language, key, { names: quirkNames.join(", ") }) }));
  },
  async run(context) {
    const { arguments: { flags }, json, say, terminal, signals } = context;
    const { openSandbox, writeProvidersFile } = await import("@caudal/sandbox");
    const { seed = randomBytes(4).toString("hex"), ...asked } = await askedFor(context);
    const stop = watchStopSignals({ source: signals, monotonicMs: () => performance.now(), onImpatience: () => undefined });
    try {
      const sandbox = await openSandbox({ ...asked, seed }).catch((error: unknown) => {
        throw new CommandFailure("unavailable", say("sandbox.not-opened", { why: error instanceof Error ? error.message : String(error) }), { next: say("sandbox.not-opened.next"), cause: error });
      });
      try {
        const config = flags["--config"] === undefined ? undefined : await writeProvidersFile(sandbox, flags["--config"]);
        if (json) terminal.json({ url: sandbox.url, seed, baseUrls: sandbox.baseUrls, accounts: sandbox.accounts().map(({ id, provider, baseUrl, limits, devices }) => ({ id, provider, baseUrl, limits, devices: devices.length })), ...(config === undefined ? {} : { config: config.path }) });
        else opened(sandbox, { seed, config: config?.path }, context);
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
  readonly seed?: string;
  readonly devices?: number;
  readonly days?: number;
  readonly everyMs?: readonly number[];
  readonly latencyMs?: number;
  readonly quirks: QuirkShares;
  readonly logFile?: string;
}

/** What the flags say; usage error where they say nothing that can be. */
async function askedFor({ arguments: { flags, all }, say, usageError }: CommandContext): Promise<Asked> {
  const { parseQuirk, quirkNames } = await import("@caudal/sandbox");
  const wrong = (flag: string, expected: string): CommandFailure => usageError(say("simulate.bad-flag", { flag, text: flags[flag] ?? "", expected }));
  const number = (flag: string, min: number, max: number): number | undefined => {
    const written = flags[flag];
    if (written === undefined) return undefined;
    if (!/^\d{1,9}$/.test(written) || Number(written) < min || Number(written) > max) throw wrong(flag, `${min} … ${max}`);
    return Number(written);
  };
  const duration = (flag: string, { min, max, expected }: { readonly min: number; readonly max: number; readonly expected: string }): number | undefined => {
    const written = flags[flag];
    const parsed = written === undefined ? undefined : durationMs.safeParse(written);
    if (parsed !== undefined && (!parsed.success || parsed.data < min || parsed.data > max)) throw wrong(flag, expected);
    return parsed?.data;
  };
  const address = listenAddress.safeParse(flags["--listen"] ?? "127.0.0.1:0");
  if (!address.success) throw wrong("--listen", "127.0.0.1:0");
  const [devices, days, everyMs, latencyMs] = [number("--devices", 1, MAX_DEVICES), number("--days", 0, MAX_DAYS), duration("--every", { min: 30_000, max: 86_400_000, expected: "30s … 24h" }), duration("--latency", { min: 0, max: MAX_LATENCY_MS, expected: "0ms … 10m" })];
  const quirks: Record<string, Record<string, number>> = {};
  for (const text of all("--quirk")) {
    const quirk = parseQuirk(text);
    if (quirk === undefined) throw usageError(say("sandbox.bad-quirk", { text, names: quirkNames.join(", ") }));
    quirks[quirk.provider] = { ...quirks[quirk.provider], [quirk.name]: quirk.share };
  }
  const { "--seed": seed, "--log": logFile } = flags;
  return {
    host: address.data.host ?? "127.0.0.1", port: address.data.port, quirks, ...(seed === undefined ? {} : { seed }), ...(devices === undefined ? {} : { devices }), ...(days === undefined ? {} : { days }),
    ...(everyMs === undefined ? {} : { everyMs: [everyMs] }), ...(latencyMs === undefined ? {} : { latencyMs }), ...(logFile === undefined ? {} : { logFile }),
  };
}

function opened(sandbox: Sandbox, { seed, config }: { readonly seed: string; readonly config: string | undefined }, { terminal, say }: CommandContext): void {
  terminal.line(say("sandbox.opened", { url: `${sandbox.url}/`, seed }));
  for (const { title, baseUrl, devices, limits } of sandbox.accounts()) terminal.line(say("sandbox.account", { title, url: baseUrl, devices: devices.length, limits: limits === "" ? "–" : limits }));
  if (config !== undefined) terminal.line(say("sandbox.config", { path: config }));
  terminal.line(say("sandbox.stop"));
}

/** Shows how many requests come, until the sandbox is to stop. */
async function followed(sandbox: Sandbox, stopped: Promise<void>, { terminal, say, json }: CommandContext): Promise<void> {
  let before = { requests: 0, atMs: performance.now() };
  const timer = setInterval(() => {
    const { requests, exceeded } = sandbox.log.counts();
    const atMs = performance.now();
    const rate = ((requests - before.requests) * 1000) / Math.max(1, atMs - before.atMs);
    before = { requests, atMs };
    if (!json) terminal.status(say("sandbox.progress", { requests, exceeded, rate: rate.toFixed(1) }));
  }, SHOW_EVERY_MS);
  try {
    await stopped;
  } finally {
    clearInterval(timer);
    terminal.status("");
  }
}

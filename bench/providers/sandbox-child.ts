import { createInterface } from "node:readline";
import { openSandbox, providersFileText, type SandboxOptions } from "../../sandbox/index.ts";
import { CallCounts } from "./call-counts.ts";
import { fastClock } from "./fast-clock.ts";

/** What the sandbox's process is told. */
export interface SandboxOrder extends Pick<SandboxOptions, "seed" | "devices" | "everyMs" | "days" | "latencyMs" | "limits"> {
  /** When its fast clock began, milliseconds since 1970; the machine's clock when absent. */
  readonly fastFromMs?: number;
  /** How often each device is asked. */
  readonly every: string;
  readonly concurrency: number;
}

/**
 * A provider sandbox in a process of its own, so that its CPU time is not ours. Argument: a SandboxOrder as JSON. Prints a line with the text of a
 * providers.yaml and its secrets; then, for each line of its input, a line with what its log counted. Ends with its input.
 */
const { fastFromMs, every, concurrency, ...options } = JSON.parse(process.argv[2] ?? "{}") as SandboxOrder;
const clock = fastFromMs === undefined ? undefined : fastClock(fastFromMs);
const sandbox = await openSandbox({ ...options, logKept: { entries: 10, rows: 1000 }, ...(clock === undefined ? {} : { nowMs: () => clock.nowUs() / 1000 }) });
const counts = new CallCounts();
sandbox.log.listen((entry) => counts.take(entry));
const secrets = sandbox.accounts().flatMap(({ id, secrets: own, devices }) => [
  ...Object.entries(own).map(([name, secret]) => [`${id}.${name}`, secret]), ...devices.flatMap(({ device, secrets: each }) => Object.entries(each).map(([name, secret]) => [`${device}.${name}`, secret])),
]);
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
say({ text: providersFileText(sandbox.accounts(), (file) => `file:/secrets/${file}`, { client: "acme", every, concurrency }), secrets });
for await (const line of createInterface(process.stdin)) say(counts.since(Number(line)));
await sandbox.close();

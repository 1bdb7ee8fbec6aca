import { connect } from "node:net";
import type { Destination } from "@caudal/simulator";
import type { CommandContext } from "../commandline/command.ts";
import { CommandFailure } from "../commandline/command-failure.ts";
import { baseUrlOf } from "../commandline/api-client.ts";
import { findRunning } from "../commandline/running-instance.ts";

const ways = ["mqtt", "http", "drop"] as const;
type Way = (typeof ways)[number];

const CONNECT_MS = 5000;

export interface DestinationOptions {
  /** --url, CAUDAL_URL. */
  readonly url: string | undefined;
  readonly token: string | undefined;
}

/**
 * Where the readings go: what --over names; else what has an address of its own; else the running installation's broker, or its HTTP where it
 * has none. An installation that comes back at other ports is found again. Fails where there is nothing, or nothing answers.
 */
export async function destinationsOf(context: CommandContext, { url, token }: DestinationOptions): Promise<readonly Destination[]> {
  const { arguments: { flags }, running, dataDirectory, say, usageError } = context;
  const mqttUrl = flags["--mqtt-url"];
  const folder = flags["--drop"];
  const destinations = waysOf(context, url).map((way): Destination => {
    if (way === "drop") {
      if (folder === undefined) throw usageError(say("simulate.no-drop-folder"));
      return { over: "drop", folder };
    }
    if (way === "http") {
      const asked = url === undefined ? undefined : baseUrlOf(url, say);
      if (asked === undefined && running === undefined) throw nobody(context);
      return { over: "http", url: asked ?? ((): string => findRunning(dataDirectory)?.http ?? running!.http), ...(token === undefined ? {} : { token }) };
    }
    if (mqttUrl === undefined && running === undefined) throw nobody(context);
    if (mqttUrl === undefined && running?.mqtt == null) throw new CommandFailure("unavailable", say("simulate.no-broker"), { next: say("simulate.no-broker.next") });
    const broker = mqttUrl === undefined ? undefined : brokerOf(mqttUrl, context);
    const credentials = broker !== undefined && broker.password !== "" ? { username: broker.username, password: decodeURIComponent(broker.password) } : token === undefined ? {} : { username: "caudal", password: token };
    return { over: "mqtt", url: broker === undefined ? (): string => findRunning(dataDirectory)?.mqtt ?? running!.mqtt! : `${broker.protocol}//${broker.host}`, ...credentials };
  });
  for (const destination of destinations) if (destination.over === "http" || destination.over === "mqtt") await answers(destination.url, context);
  return destinations;
}

function waysOf({ arguments: { flags }, running, say, usageError }: CommandContext, url: string | undefined): readonly Way[] {
  const over = flags["--over"];
  if (over !== undefined) {
    return over.split(",").map((word) => ways.find((way) => way === word.trim()) ?? ((): never => {
      throw usageError(say("simulate.bad-flag", { flag: "--over", text: word, expected: ways.join(", ") }));
    })());
  }
  const named = ways.filter((way) => ({ mqtt: flags["--mqtt-url"], http: url, drop: flags["--drop"] })[way] !== undefined);
  return named.length > 0 ? named : [running?.mqtt == null && running !== undefined ? "http" : "mqtt"];
}

function brokerOf(written: string, { say }: CommandContext): URL {
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (url?.protocol === "mqtt:" || url?.protocol === "mqtts:") return url;
  throw new CommandFailure("setting", say("simulate.bad-broker", { url: written }));
}

function nobody({ say, dataDirectory }: CommandContext): CommandFailure {
  return new CommandFailure("unavailable", say("simulate.nobody", { folder: dataDirectory }), { next: say("simulate.nobody.next") });
}

/** A run that nobody hears would only end after its last try. */
async function answers(address: string | (() => string | Promise<string>), { say }: CommandContext): Promise<void> {
  const written = typeof address === "string" ? address : await address();
  const { protocol, hostname, port } = new URL(written);
  const usual: Record<string, number> = { "http:": 80, "https:": 443, "mqtt:": 1883, "mqtts:": 8883 };
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ""), port: port === "" ? (usual[protocol] ?? 80) : Number(port) });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.setTimeout(CONNECT_MS, () => reject(new Error("no answer in time"))).once("connect", resolve).once("error", reject);
    });
  } catch (cause) {
    throw new CommandFailure("unavailable", say("cli.nothing-answers", { url: written }), { next: say("simulate.nobody.next"), cause });
  } finally {
    socket.destroy();
  }
}

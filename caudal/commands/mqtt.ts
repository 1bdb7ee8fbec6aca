import { readFile } from "node:fs/promises";
import type { TriedMessage } from "@caudal/collector";
import type { Command, CommandContext } from "../commandline/command.ts";
import { CommandFailure } from "../commandline/command-failure.ts";
import { exitCodes } from "../commandline/exit-codes.ts";

const HEX = /^(?:[0-9a-f]{2})*$/i;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The bytes that a person gave, in one of three spellings; undefined when none was. */
async function payloadOf(context: CommandContext): Promise<Buffer | undefined> {
  const { arguments: { flags }, say, usageError } = context;
  const { "--payload": text, "--payload-hex": hex, "--payload-base64": base64 } = flags;
  const given = [text, hex, base64].filter((one) => one !== undefined);
  if (given.length > 1) throw usageError(say("mqtt.two-payloads"));
  if (hex !== undefined) return bytesOf(hex, "hex", context);
  if (base64 !== undefined) return bytesOf(base64, "base64", context);
  return text === undefined ? undefined : textOrFile(text, context);
}

function bytesOf(written: string, spelling: "hex" | "base64", { say, usageError }: CommandContext): Buffer {
  const compact = written.replaceAll(/\s+/g, "");
  if (!(spelling === "hex" ? HEX : BASE64).test(compact)) throw usageError(say("mqtt.not-bytes", { spelling }));
  return Buffer.from(compact, spelling);
}

async function textOrFile(written: string, { say }: CommandContext): Promise<Buffer> {
  if (!written.startsWith("@")) return Buffer.from(written);
  const path = written.slice(1);
  return readFile(path).catch((cause: unknown) => {
    throw new CommandFailure("bad-request", say("mqtt.no-file", { path }), { next: say("mqtt.no-file.next"), cause });
  });
}

function print({ mapping, readings, parked, dropped, presence, said = [], topic }: TriedMessage, { terminal, say }: CommandContext): void {
  if (mapping === null) return terminal.complain(say("mqtt.no-mapping", { topic }));
  terminal.line(terminal.paint("dim", mapping));
  for (const { client, device, source, time, samples } of readings) {
    terminal.line(`${terminal.paint("bold", `${client ?? "?"}/${device}`)}  ${source}  ${time ?? say("mqtt.edge-time")}`);
    terminal.table(samples.map((sample) => [`  ${sample.key}`, String(sample.value ?? say("cli.none")), sample.unit ?? "", sample.time ?? ""]));
  }
  for (const { client, device, is } of said) terminal.line(`${terminal.paint("bold", `${client ?? "?"}/${device}`)}  ${is}`);
  if (presence !== undefined) terminal.line(`${terminal.paint("bold", `${presence.client ?? "?"}/${presence.device}`)}  ${presence.is}`);
  for (const { reason, detail } of parked) terminal.complain(`${reason}: ${detail}`);
  for (const reason of dropped) terminal.complain(reason);
}

export const mqttTry: Command = {
  name: "mqtt try",
  usage: "--topic TOPIC --payload TEXT|@FILE | --payload-hex HEX | --payload-base64 BASE64 [--mappings FILE]",
  spec: { values: ["--topic", "--payload", "--payload-hex", "--payload-base64", "--mappings"] },
  async run(context) {
    const { arguments: { flags }, env, json, terminal, say, usageError } = context;
    const { "--topic": topic } = flags;
    const payload = await payloadOf(context);
    if (topic === undefined || payload === undefined) throw usageError(say("mqtt.incomplete"));
    const { MappingTable, readMappingFile, shippedMappingFile, tryMqtt } = await import("@caudal/collector");
    const mappings = new MappingTable(await readMappingFile(flags["--mappings"] ?? (env["CAUDAL_MQTT_MAPPINGS"] || shippedMappingFile)));
    const tried = tryMqtt(mappings, { topic, payload, receivedAtUs: Date.now() * 1000, retained: false });
    if (json) terminal.json(tried);
    else print(tried, context);
    return tried.mapping !== null && tried.parked.length === 0 ? exitCodes.ok : exitCodes.finding;
  },
};

import { readFile } from "node:fs/promises";
import type { TriedMessage } from "@caudal/collector";
import type { Command, CommandContext } from "../commandline/command.ts";
import { CommandFailure } from "../commandline/command-failure.ts";
import { exitCodes } from "../commandline/exit-codes.ts";

async function payloadOf(written: string, { say }: CommandContext): Promise<Buffer> {
  if (!written.startsWith("@")) return Buffer.from(written);
  const path = written.slice(1);
  return readFile(path).catch((cause: unknown) => {
    throw new CommandFailure("bad-request", say("mqtt.no-file", { path }), { next: say("mqtt.no-file.next"), cause });
  });
}

function print({ mapping, readings, parked, dropped, presence, topic }: TriedMessage, { terminal, say }: CommandContext): void {
  if (mapping === null) return terminal.complain(say("mqtt.no-mapping", { topic }));
  terminal.line(terminal.paint("dim", mapping));
  for (const { client, device, source, time, samples } of readings) {
    terminal.line(`${terminal.paint("bold", `${client ?? "?"}/${device}`)}  ${source}  ${time ?? say("mqtt.edge-time")}`);
    terminal.table(samples.map((sample) => [`  ${sample.key}`, String(sample.value ?? say("cli.none")), sample.unit ?? "", sample.time ?? ""]));
  }
  if (presence !== undefined) terminal.line(`${terminal.paint("bold", `${presence.client ?? "?"}/${presence.device}`)}  ${presence.is}`);
  for (const { reason, detail } of parked) terminal.complain(`${reason}: ${detail}`);
  for (const reason of dropped) terminal.complain(reason);
}

export const mqttTry: Command = {
  name: "mqtt try",
  usage: "--topic TOPIC --payload TEXT|@FILE [--mappings FILE]",
  spec: { values: ["--topic", "--payload", "--mappings"] },
  async run(context) {
    const { arguments: { flags }, env, json, terminal, say, usageError } = context;
    const { "--topic": topic, "--payload": written } = flags;
    if (topic === undefined || written === undefined) throw usageError(say("mqtt.incomplete"));
    const { MappingTable, readMappingFile, shippedMappingFile, tryMqtt } = await import("@caudal/collector");
    const mappings = new MappingTable(await readMappingFile(flags["--mappings"] ?? (env["CAUDAL_MQTT_MAPPINGS"] || shippedMappingFile)));
    const tried = tryMqtt(mappings, { topic, payload: await payloadOf(written, context), receivedAtUs: Date.now() * 1000, retained: false });
    if (json) terminal.json(tried);
    else print(tried, context);
    return tried.mapping !== null && tried.parked.length === 0 ? exitCodes.ok : exitCodes.finding;
  },
};

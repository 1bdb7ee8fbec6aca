import { readFileSync } from "node:fs";
import { CaudalError } from "@caudal/core";
import type { Command } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";

const USAGE = "--topic TOPIC --payload TEXT|@FILE [--mappings FILE]";

export const mqttTry: Command = {
  name: "mqtt try",
  usage: USAGE,
  spec: { values: ["--topic", "--payload", "--mappings"] },
  async run({ arguments: { flags }, env, json, terminal, say }) {
    const { "--topic": topic, "--payload": written, "--mappings": file = env["CAUDAL_MQTT_MAPPINGS"] } = flags;
    if (topic === undefined || written === undefined) throw new CaudalError("bad-request", `caudal mqtt try ${USAGE}`);
    const { MappingTable, readMappingFile, shippedMappingFile, tryMqtt } = await import("@caudal/collector");
    const mappings = new MappingTable(await readMappingFile(file ?? shippedMappingFile));
    const payload = written.startsWith("@") ? readFileSync(written.slice(1)) : Buffer.from(written);
    const tried = tryMqtt(mappings, { topic, payload, receivedAtUs: Date.now() * 1000, retained: false });
    if (json) terminal.json(tried);
    else if (tried.mapping === null) terminal.complain(say("mqtt.no-mapping", { topic }));
    else {
      terminal.line(terminal.paint("dim", tried.mapping));
      for (const { client, device, source, time, samples } of tried.readings) {
        terminal.line(`${terminal.paint("bold", `${client ?? "?"}/${device}`)}  ${source}  ${time ?? say("mqtt.edge-time")}`);
        terminal.table(samples.map((sample) => [`  ${sample.key}`, String(sample.value ?? say("cli.none")), sample.unit ?? "", sample.time ?? ""]));
      }
      for (const { reason, detail } of tried.parked) terminal.complain(`${reason}: ${detail}`);
    }
    return tried.mapping !== null && tried.parked.length === 0 ? exitCodes.ok : exitCodes.finding;
  },
};

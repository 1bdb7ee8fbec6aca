import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { until } from "../../caudal/test-parts/until.ts";
import { firstExecutable } from "../executable.ts";
import { readCompose } from "./compose-file.ts";
import { healthCommand, root, withServer } from "./test-parts/container.ts";
import { secrets, startMosquitto } from "./test-parts/mosquitto.ts";

const run = promisify(execFile);

withServer("mosquitto", "mosquitto: the container's files let in who has a password, to what is theirs, and its health check passes", async (t, files) => {
  const { service, node } = await startMosquitto(t, files);
  assert.deepEqual(service.command, ["mosquitto", "-c", "/etc/caudal/mosquitto.conf"]);
  const enter = async (options: IClientOptions): Promise<MqttClient> => {
    const client = await connectAsync(`mqtt://${node.host}:${node.port}`, { reconnectPeriod: 0, ...options });
    t.after(() => client.endAsync(true));
    return client;
  };
  const { CAUDAL_MQTT_USER: username = "" } = readCompose(root).services["collector"]?.environment ?? {};
  const password = (await readFile(join(secrets, "mqtt-password"), "utf8")).trim();
  await assert.rejects(enter({ username, password: "wrong" }));

  const collector = await enter({ username, password, protocolVersion: 5 });
  const heard: string[] = [];
  collector.on("message", (topic, payload) => heard.push(`${topic} ${payload.toString()}`));
  await collector.subscribeAsync("$share/caudal/caudal/+/+/readings", { qos: 1 });
  const device = await enter({ username: "development-device", password: "development-only-device" });
  await device.publishAsync("caudal/default/meter/readings", "{}", { qos: 1 });
  await until("the collector has the reading", () => (heard.length === 1 ? true : undefined), 5000);
  assert.deepEqual(heard, ["caudal/default/meter/readings {}"]);
  // The collector only listens.
  await collector.publishAsync("caudal/default/meter/readings", "forged", { qos: 0 });
  await device.publishAsync("caudal/default/meter/readings", "last", { qos: 1 });
  await until("the last", () => (heard.at(-1)?.endsWith("last") ? true : undefined), 5000);
  assert.equal(heard.some((line) => line.endsWith("forged")), false);

  if (firstExecutable(["/usr/bin/mosquitto_sub", "/usr/local/bin/mosquitto_sub", "/opt/homebrew/bin/mosquitto_sub"]) === undefined) return t.diagnostic("mosquitto_sub is not installed here: the health check was not run");
  const [shell = "", ...words] = healthCommand(service).map((word) => word.replace("1883", String(node.port)).replace("/run/secrets", secrets));
  assert.match((await run(shell, words)).stdout, /seconds/);
});

import { randomUUID } from "node:crypto";
import { defineBenchmark } from "../harness/benchmark.ts";
import { startChildReceiver } from "./child-receiver.ts";
import { forgetSession } from "./forget-session.ts";
import { measureIntake, opened } from "./measure-intake.ts";

export const benchmark = defineBenchmark({
  name: "mqtt-intake",
  about:
    "JSON readings of three values by MQTT with QoS 1 into the collector by itself on the embedded log: decoded, encoded, appended, and acknowledged once they are durable; from Mosquitto through our bridge, and by the built-in broker. " +
    "Against mqtt.js, the bridge's client, that acknowledges and drops each message, and Bento's mqtt input into its drop output, both from the same Mosquitto. Per CPU second of the receiving process.",
  needs: ["mosquitto"],
  seconds: 120,
  onlyByName: true,
  async run(context) {
    const { url } = context.engine("mosquitto");
    const clientId = `bench-${randomUUID().slice(0, 8)}`;
    context.closing(() => forgetSession(url, clientId));
    const bridge = await opened(context, startChildReceiver({ name: "ours, from Mosquitto", file: "collector-child.ts", env: { CAUDAL_MQTT: url, CAUDAL_MQTT_CLIENT_ID: clientId }, root: "caudal" }));
    const broker = await opened(context, startChildReceiver({ name: "ours, built-in broker", file: "collector-child.ts", env: { CAUDAL_MQTT: "127.0.0.1:0" }, root: "caudal" }));
    const bare = await opened(context, startChildReceiver({ name: "bare aedes, dropping", file: "dropping-broker.ts", root: "caudal" }));
    await measureIntake(context, { ours: [bridge, broker], beside: [bare] });
    context.note("Each receiver is a process of its own with topics of its own, of one length; 1,000 devices over eight connections, 500 unacknowledged messages each at most, and 1,000 from Mosquitto to ours and to mqtt.js. CPU time is that of the receiving process with all its threads; Mosquitto and the publisher stand beside it.");
    context.note("Bare aedes, on which the built-in broker stands, acknowledges what nobody subscribed to and keeps nothing.");
  },
});

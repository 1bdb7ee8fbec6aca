import { randomUUID } from "node:crypto";
import { extended } from "../../tools/fault-proxy/urls.ts";
import { defineBenchmark } from "../harness/benchmark.ts";
import { startChildReceiver } from "./child-receiver.ts";
import { forgetSession } from "./forget-session.ts";
import { measureIntake, opened } from "./measure-intake.ts";
import { deleteTopics } from "./delete-topics.ts";

export const benchmark = defineBenchmark({
  name: "mqtt-intake-kafka",
  about: "As mqtt-intake, from Mosquitto alone, into Kafka: acknowledged once Kafka has the reading with acks=all.",
  needs: ["mosquitto", "kafka"],
  seconds: 60,
  onlyByName: true,
  async run(context) {
    const { url } = context.engine("mosquitto");
    const kafka = context.engine("kafka");
    const name = `bench-${randomUUID().slice(0, 8)}`;
    context.closing(() => forgetSession(url, name));
    context.closing(() => deleteTopics(kafka.url, `${name}.`));
    const env = { CAUDAL_MQTT: url, CAUDAL_MQTT_CLIENT_ID: name, CAUDAL_LOG: extended(kafka.url, "", { prefix: `${name}.`, replication: "1", minInSync: "1" }) };
    const bridge = await opened(context, startChildReceiver({ name: "ours, from Mosquitto into Kafka", file: "collector-child.ts", env, root: "caudal" }));
    await measureIntake(context, { ours: [bridge] });
    context.note("CPU time is that of the receiving process; Kafka's own is not in it. The schema registry and the documents are files.");
  },
});

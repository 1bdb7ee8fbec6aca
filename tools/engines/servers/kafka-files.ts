import { join } from "node:path";
import { clientAddress, type ClusterSettings, type NodeSettings } from "../server.ts";

/** `server.properties` of one node. */
export function kafkaProperties(node: NodeSettings, { nodes }: ClusterSettings): string {
  const controller = ({ host, morePorts }: NodeSettings) => `${host}:${morePorts["controller"]}`;
  const copies = nodes.length;
  const inSync = Math.max(1, copies - 1);
  const quorum = copies === 1
    ? `controller.quorum.bootstrap.servers=${controller(node)}`
    : `controller.quorum.voters=${nodes.map((each) => `${each.id}@${controller(each)}`).join(",")}`;
  const internal = [
    ["offsets.topic", ""], ["transaction.state.log", "transaction.state.log.min.isr"],
    ["share.coordinator.state.topic", "share.coordinator.state.topic.min.isr"],
  ].flatMap(([topic, minimum]) => [
    `${topic}.replication.factor=${copies}`, `${topic}.num.partitions=4`, ...(minimum ? [`${minimum}=${inSync}`] : []),
  ]);
  return `${[
    "process.roles=broker,controller", `node.id=${node.id}`, quorum,
    `listeners=PLAINTEXT://${node.host}:${node.port},CONTROLLER://${controller(node)}`,
    `advertised.listeners=PLAINTEXT://${clientAddress(node).host}:${clientAddress(node).port}`,
    "controller.listener.names=CONTROLLER", "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    `log.dirs=${join(node.folder, "data")}`, "auto.create.topics.enable=false",
    `default.replication.factor=${copies}`, `min.insync.replicas=${inSync}`, ...internal,
    "group.initial.rebalance.delay.ms=0", "group.min.session.timeout.ms=1000",
    // A killed broker comes back only when its old session has ended: 9 s by default.
    "broker.session.timeout.ms=4000", "broker.heartbeat.interval.ms=500",
    "log.cleaner.dedupe.buffer.size=2097152", "num.network.threads=2", "num.io.threads=2",
  ].join("\n")}\n`;
}

/** Logs to where the process prints. */
export const kafkaLogging = `<Configuration status="warn" shutdownHook="disable">
  <Appenders><Console name="out"><PatternLayout pattern="%d{ISO8601} %p %c{1} %m%n"/></Console></Appenders>
  <Loggers><Root level="info"><AppenderRef ref="out"/></Root></Loggers>
</Configuration>
`;

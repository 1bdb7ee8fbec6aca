/** A node of a flow as Node-RED's files have it. */
export interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly [field: string]: unknown;
}

export interface MqttToFile {
  readonly host: string;
  readonly port: number;
  readonly topic: string;
  /** The body of the function node: takes `msg`, returns it. */
  readonly function: string;
  /** Absolute; a line is appended for each message. */
  readonly file: string;
}

/** Like Node-RED's own: a field whose value is the id of a node makes that node a setting of the other. */
const ids = { tab: "ca0da10000000001", broker: "ca0da10000000002", input: "ca0da10000000003", function: "ca0da10000000004", output: "ca0da10000000005" } as const;

/** MQTT in (QoS 1) → function → file (append), as the editor writes them with everything else left as it comes. */
export function mqttToFile({ host, port, topic, function: body, file }: MqttToFile): readonly FlowNode[] {
  const z = ids.tab;
  return [
    { id: ids.tab, type: "tab", label: "readings", disabled: false },
    { id: ids.broker, type: "mqtt-broker", name: "", broker: host, port: String(port), clientid: "", autoConnect: true, usetls: false, protocolVersion: "4", keepalive: "60", cleansession: true },
    { id: ids.input, type: "mqtt in", z, name: "", topic, qos: "1", datatype: "utf8", broker: ids.broker, inputs: 0, wires: [[ids.function]] },
    { id: ids.function, type: "function", z, name: "", func: body, outputs: 1, timeout: "0", noerr: 0, initialize: "", finalize: "", libs: [], wires: [[ids.output]] },
    { id: ids.output, type: "file", z, name: "", filename: file, filenameType: "str", appendNewline: true, createDir: false, overwriteFile: "false", encoding: "none", wires: [[]] },
  ];
}

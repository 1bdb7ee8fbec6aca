/** The levels of `spBv1.0/{group}/{type}/{node}[/{device}]`. */
export interface SparkplugTopic {
  readonly group: string;
  readonly type: string;
  readonly node: string;
  readonly device: string | undefined;
}

export const NAMESPACE = "spBv1.0";
const BIRTHS_AND_DATA = ["NBIRTH", "DBIRTH", "NDATA", "DDATA", "NDEATH", "DDEATH"];

/** The levels of a topic; undefined where it is none of Sparkplug's. */
export function parseSparkplugTopic(topic: string): SparkplugTopic | undefined {
  const [space, group, type, node, device, ...rest] = topic.split("/");
  if (space !== NAMESPACE || group === undefined || group === "" || type === undefined || node === undefined || node === "" || device === "" || rest.length > 0) return undefined;
  return { group, type, node, device };
}

/** True for what nodes say; commands and host states are others' affair. */
export function isNodesWord({ type, device }: SparkplugTopic): boolean {
  return BIRTHS_AND_DATA.includes(type) && (type.startsWith("D") === (device !== undefined));
}

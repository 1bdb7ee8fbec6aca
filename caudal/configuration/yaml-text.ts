import type { StatedClient, StatedDevice } from "@caudal/core";
import { stringify } from "yaml";

/** First field of each document: says what it is, and by which rules it is read. */
export const HEADER = "caudal-configuration";
export const VERSION = 1;

/** A document of YAML with its header. The same bytes for the same configuration: fields stand as they come, and no line is folded. */
export function yamlOf(stated: StatedClient | StatedDevice): string {
  return stringify({ [HEADER]: VERSION, ...stated }, { lineWidth: 0, indent: 2, indentSeq: true, aliasDuplicateObjects: false });
}

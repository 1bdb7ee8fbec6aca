import { CaudalError } from "@caudal/core";

export interface RecordPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** A record that is gone from the middle of a partition, or whose bytes are not those that were written. */
export function corruptRecord(place: RecordPlace): CaudalError {
  return new CaudalError("corrupt", corruptText(place));
}

export function corruptText({ topic, partition, offset }: RecordPlace): string {
  return `record ${topic}/${partition}@${offset} is missing or does not have the bytes that were written`;
}

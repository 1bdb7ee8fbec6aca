import { MemberAssignment, MemberMetadata } from "../wire/kafkajs.ts";

/** Members of one group must all name the same; it changes only when the sharing does. */
export const SHARING = "caudal-round-robin";
const VERSION = 1;
const NOTHING = Buffer.alloc(0);

/** Each partition to one member, as evenly as can be, the same whoever computes it. */
export function share(memberIds: readonly string[], partitions: number): ReadonlyMap<string, readonly number[]> {
  const members = [...memberIds].sort();
  return new Map(members.map((member, at) => [member, Array.from({ length: partitions }, (_, partition) => partition).filter((partition) => partition % members.length === at)]));
}

export function encodeSubscription(topic: string): Buffer {
  return MemberMetadata.encode({ version: VERSION, topics: [topic], userData: NOTHING });
}

export function encodeShare(topic: string, partitions: readonly number[]): Buffer {
  return MemberAssignment.encode({ version: VERSION, assignment: { [topic]: [...partitions] }, userData: NOTHING });
}

/** Partitions of the topic that the leader dealt to this member. */
export function decodeShare(bytes: Buffer, topic: string): readonly number[] {
  if (bytes.length === 0) return [];
  return [...(MemberAssignment.decode(bytes)?.assignment[topic] ?? [])].sort((a, b) => a - b);
}

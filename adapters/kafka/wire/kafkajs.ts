import assigner from "kafkajs/src/consumer/assignerProtocol.js";
import Connection from "kafkajs/src/network/connection.js";
import Encoder from "kafkajs/src/protocol/encoder.js";
import errors from "kafkajs/src/protocol/error.js";
import apiKeys from "kafkajs/src/protocol/requests/apiKeys.js";
import protocol from "kafkajs/src/protocol/requests/index.js";

/** The kafkajs whose inside is used here; `kafkajs.unit.test.ts` holds the installed one against it. */
export const KAFKAJS_VERSION = "2.2.4";

/** One request and how its answer is read. */
export type Exchange = ReturnType<ReturnType<(typeof protocol.requests)[string]["protocol"]>>;
/** Highest version of each request that the broker speaks. */
export type ApiVersions = Readonly<Record<number, { readonly minVersion: number; readonly maxVersion: number }>>;

export type ApiName =
  | "AlterConfigs" | "ApiVersions" | "CreateTopics" | "DeleteRecords" | "DescribeConfigs" | "Fetch" | "GroupCoordinator" | "Heartbeat" | "InitProducerId"
  | "JoinGroup" | "LeaveGroup" | "ListGroups" | "ListOffsets" | "Metadata" | "OffsetCommit" | "OffsetFetch" | "Produce" | "SyncGroup";

/** The request in the highest version that both sides speak. */
export function exchangeFor(api: ApiName, versions: ApiVersions, options: object): Exchange {
  return protocol.lookup(versions)(keyOf(api), definition(api))(options);
}

/** The request in one version. */
export function exchangeOfVersion(api: ApiName, version: number, options: object): Exchange {
  return definition(api).protocol({ version })(options);
}

export function keyOf(api: ApiName): number {
  const key = apiKeys[api];
  if (key === undefined) throw new Error(`kafkajs has no request ${api}`);
  return key;
}

/** An error as kafkajs makes it of a code in an answer. */
export const errorOfCode = errors.createErrorFromCode;
export const { MemberAssignment, MemberMetadata } = assigner;
export { Connection, Encoder };

function definition(api: ApiName): (typeof protocol.requests)[string] {
  const found = protocol.requests[api];
  if (found === undefined) throw new Error(`kafkajs has no request ${api}`);
  return found;
}

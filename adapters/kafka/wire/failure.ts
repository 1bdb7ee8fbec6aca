import { CaudalError, type ErrorCode } from "@caudal/core";

/** A broker that did not answer in time, or a connection of ours that was closed meanwhile: whether the request was done is unknown. */
export class WireLost extends Error {
  override readonly name = "WireLost";
}

/** Kafka's own name of the error, as ILLEGAL_GENERATION; for all else the JavaScript name. */
export function kindOf(error: unknown): string {
  const root = rootOf(error);
  if (!(root instanceof Error)) return "UNKNOWN";
  const { type } = root as { type?: unknown };
  return typeof type === "string" ? type : root.name;
}

const codes: Readonly<Record<string, ErrorCode>> = {
  UNKNOWN_TOPIC_OR_PARTITION: "unknown-topic", INVALID_TOPIC_EXCEPTION: "unknown-topic", UNKNOWN_TOPIC_ID: "unknown-topic",
  MESSAGE_TOO_LARGE: "too-large", RECORD_LIST_TOO_LARGE: "too-large", OFFSET_OUT_OF_RANGE: "offset-out-of-range",
  ILLEGAL_GENERATION: "stale-generation", UNKNOWN_MEMBER_ID: "stale-generation", FENCED_INSTANCE_ID: "stale-generation", REBALANCE_IN_PROGRESS: "stale-generation",
  TOPIC_AUTHORIZATION_FAILED: "forbidden", GROUP_AUTHORIZATION_FAILED: "forbidden", CLUSTER_AUTHORIZATION_FAILED: "forbidden",
  KafkaJSSASLAuthenticationError: "setting", SASL_AUTHENTICATION_FAILED: "setting", UNSUPPORTED_SASL_MECHANISM: "setting",
  INVALID_REPLICATION_FACTOR: "setting", INVALID_PARTITIONS: "setting", INVALID_CONFIG: "setting", POLICY_VIOLATION: "setting", INCONSISTENT_GROUP_PROTOCOL: "setting",
  INVALID_SESSION_TIMEOUT: "setting", INVALID_GROUP_ID: "setting", UNSUPPORTED_VERSION: "setting", KafkaJSServerDoesNotSupportApiKey: "setting", UNSUPPORTED_COMPRESSION_TYPE: "setting",
};

/** Errors of these codes are final; every other failure of Kafka's may pass by itself. */
export function isFinal(error: unknown): boolean {
  return error instanceof CaudalError ? error.retry === "no" : codes[kindOf(error)] !== undefined;
}

/** The error as it crosses the port; what is not known better is "unavailable". */
export function toCaudal(error: unknown, doing: string): CaudalError {
  if (error instanceof CaudalError) return error;
  const root = rootOf(error);
  const why = root instanceof Error ? root.message : String(root);
  return new CaudalError(codes[kindOf(error)] ?? "unavailable", `${doing}: ${why}`, { cause: error });
}

// kafkajs wraps errors in some places, an aggregate of one in others.
function rootOf(error: unknown): unknown {
  let root = error;
  for (let depth = 0; depth < 5 && root instanceof Error; depth += 1) {
    const { cause, type, errors } = root as { cause?: unknown; type?: unknown; errors?: readonly unknown[] };
    const inner = type !== undefined ? undefined : (errors?.[0] ?? (root.name.startsWith("KafkaJSN") ? cause : undefined));
    if (!(inner instanceof Error)) return root;
    root = inner;
  }
  return root;
}

import {
  MongoBulkWriteError, MongoClientClosedError, MongoCompatibilityError, MongoError, MongoInvalidArgumentError, MongoMissingCredentialsError, MongoMissingDependencyError,
  MongoNetworkError, MongoNotConnectedError, MongoOperationTimeoutError, MongoParseError, MongoServerError, MongoServerSelectionError, MongoTopologyClosedError, MongoWriteConcernError,
} from "mongodb";
import { CaudalError, type ErrorCode } from "@caudal/core";

/** Whether asking again may help, and whether the server can have done what was asked: "unsent" never reached it. */
export type Trouble = "unsent" | "unknown" | "lasting";

/** The server is going, electing, not primary any more, or has not got its majority in time. */
const passing: ReadonlySet<number> = new Set([6, 7, 24, 43, 50, 63, 64, 89, 91, 112, 133, 134, 150, 189, 262, 9001, 10058, 10107, 11600, 11602, 13388, 13435, 13436]);

const codes: Readonly<Record<number, ErrorCode>> = {
  11000: "duplicate-key", 11001: "duplicate-key",
  13: "setting", 18: "setting", 20: "setting", 67: "setting", 73: "setting", 85: "setting", 86: "setting", 100: "setting", 8000: "setting",
  10334: "too-large", 17280: "too-large", 17420: "too-large",
  14031: "storage-full", 12501: "storage-full",
};

const socketFaults: ReadonlySet<unknown> = new Set(["EPIPE", "ECONNRESET", "ECONNREFUSED", "ECONNABORTED", "ETIMEDOUT", "ERR_STREAM_DESTROYED", "ERR_STREAM_WRITE_AFTER_END"]);

const misused = [MongoParseError, MongoInvalidArgumentError, MongoCompatibilityError, MongoMissingCredentialsError, MongoMissingDependencyError];

/** What the driver met: a bulk write wraps it. */
function met(error: unknown): unknown {
  return error instanceof MongoBulkWriteError && (error.errorResponse as unknown) instanceof Error ? error.errorResponse : error;
}

export function troubleOf(error: unknown): Trouble {
  const inner = met(error);
  if (inner instanceof MongoServerSelectionError) return "unsent";
  if (inner instanceof MongoNetworkError || inner instanceof MongoOperationTimeoutError || inner instanceof MongoWriteConcernError) return "unknown";
  // Parts of a bulk may be refused while the rest lacks its majority: what was applied is not durable yet.
  if (inner instanceof MongoBulkWriteError && inner.result.getWriteConcernError() !== undefined) return "unknown";
  if (inner instanceof MongoServerError && passing.has(Number(inner.code))) return "unknown";
  // The pool's own classes are not exported.
  if (inner instanceof MongoError && inner.name === "MongoWaitQueueTimeoutError") return "unsent";
  if (inner instanceof MongoError && (inner.hasErrorLabel("RetryableWriteError") || inner.hasErrorLabel("SystemOverloadedError"))) return "unknown";
  // A socket that ended while a command was written to it: the driver lets Node's own error through.
  if (inner instanceof Error && "code" in inner && socketFaults.has(inner.code)) return "unknown";
  return "lasting";
}

/** True for the driver's word for a unique key that is taken. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && (error.code === 11000 || error.code === 11001);
}

function codeOf(error: unknown): ErrorCode {
  if (troubleOf(error) !== "lasting") return "unavailable";
  const inner = met(error);
  if (inner instanceof MongoClientClosedError || inner instanceof MongoTopologyClosedError || inner instanceof MongoNotConnectedError) return "closed";
  if (misused.some((kind) => inner instanceof kind)) return "setting";
  if (inner instanceof RangeError) return "too-large";
  return (inner instanceof MongoServerError ? codes[Number(inner.code)] : undefined) ?? "unavailable";
}

/** The driver's error as one that may cross a port. What is a CaudalError already, or no error of the driver, stays as it is. */
export function toMongoError(error: unknown, place: string): unknown {
  if (error instanceof CaudalError || !(error instanceof MongoError || error instanceof RangeError)) return error;
  const code = codeOf(error);
  const known = code !== "unavailable" || troubleOf(error) !== "lasting";
  return new CaudalError(code, `${place}: ${error.message}`, known ? { cause: error } : { cause: error, retry: "no" });
}

import { CaudalError, type ErrorCode } from "@caudal/core";
import { errors, types } from "cassandra-driver";

const { responseErrorCodes: codes } = types;

/** Answers of a server that may well succeed later: too few replicas answered, too much to do, still starting. */
const passing: ReadonlySet<number> = new Set([
  codes.unavailableException, codes.overloaded, codes.isBootstrapping, codes.truncateError, codes.writeTimeout, codes.readTimeout, codes.readFailure, codes.writeFailure,
  // What prepared statements are prepared again for; the driver does so by itself once.
  codes.unprepared,
]);
const ofSettings: ReadonlySet<number> = new Set([codes.badCredentials, codes.unauthorized, codes.configError]);

/**
 * What went wrong, in the words of the ports. A write that timed out may have been applied; all that this adapter writes may be repeated,
 * so it is "unavailable" (try again) and not an unknown. Errors that are none of the driver's are faults of ours and stay as they are.
 */
export function failureOf(error: unknown, shown: string): unknown {
  if (!(error instanceof Error) || error instanceof CaudalError) return error;
  const code = codeOf(error);
  return code === undefined ? error : new CaudalError(code, `Cassandra at ${shown}: ${textOf(error)}`, { cause: error });
}

function codeOf(error: Error): ErrorCode | undefined {
  if (error instanceof errors.AuthenticationError) return "setting";
  if (error instanceof errors.NoHostAvailableError) return innerErrors(error).some((inner) => inner instanceof errors.AuthenticationError) ? "setting" : "unavailable";
  if (error instanceof errors.ResponseError) {
    if (passing.has(error.code)) return "unavailable";
    return ofSettings.has(error.code) ? "setting" : error.code >= codes.syntaxError ? "bad-request" : "unavailable";
  }
  if (error instanceof errors.OperationTimedOutError || error instanceof errors.BusyConnectionError || error instanceof errors.DriverInternalError) return "unavailable";
  if (error instanceof errors.ArgumentError) return "setting";
  // Where a host has no connection left the driver throws a plain error, without a class or a code.
  if (error.message === "No connection available") return "unavailable";
  if (error instanceof errors.DriverError || "syscall" in error || "isSocketError" in error) return "unavailable";
  return undefined;
}

function textOf(error: Error): string {
  if (!(error instanceof errors.NoHostAvailableError)) return error.message;
  const reasons = innerErrors(error).map(({ message }) => message);
  return reasons.length === 0 ? "no host answers" : `no host answers: ${[...new Set(reasons)].join("; ")}`;
}

function innerErrors({ innerErrors: inner }: errors.NoHostAvailableError): Error[] {
  return Object.values((inner ?? {}) as Readonly<Record<string, unknown>>).filter((each): each is Error => each instanceof Error);
}

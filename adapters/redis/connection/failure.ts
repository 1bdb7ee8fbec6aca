import { CaudalError, type ErrorCode } from "@caudal/core";

/** First word of an error that Redis replied, and what it means for us; all others are bugs of ours or a damaged store. */
const codeOfReply: Readonly<Record<string, ErrorCode>> = {
  OOM: "storage-full", MISCONF: "storage-full", NOAUTH: "setting", WRONGPASS: "setting", NOPERM: "setting", LOADING: "unavailable", READONLY: "unavailable",
  MASTERDOWN: "unavailable", BUSY: "unavailable", NOREPLICAS: "unavailable", CLUSTERDOWN: "unavailable", TRYAGAIN: "unavailable", NOSCRIPT: "unavailable",
};

/** What went wrong with Redis as an error of ours. Whatever is no reply is the connection's: everything we send may be sent again. */
export function toCaudalError(error: unknown, shown: string): CaudalError {
  if (error instanceof CaudalError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof Error) || error.name !== "ReplyError") return new CaudalError("unavailable", `Redis at ${shown} does not answer: ${message}`, { cause: error });
  const code = message.includes("max number of clients") ? "unavailable" : (codeOfReply[message.split(" ", 1)[0] ?? ""] ?? "corrupt");
  return new CaudalError(code, `Redis at ${shown} refused: ${message}`, { cause: error });
}

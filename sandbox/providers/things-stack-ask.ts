import type { SandboxDevice } from "../fleet/device.ts";
import { listOf, wholeOf } from "./query.ts";
import { parseTime } from "./time-text.ts";

export const APPLICATION = "riego-demo";
const MAX_LIMIT = 10_000;
const spans: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** A question to the storage, understood. */
export interface StorageAsk {
  readonly type: string;
  readonly devices: readonly SandboxDevice[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly ascending: boolean;
  readonly limit: number;
  readonly skip: number;
  /** Undefined: all. */
  readonly fields: readonly string[] | undefined;
  readonly port: number | undefined;
  /** What a continuation token says again. */
  readonly again: Readonly<Record<string, string>>;
}

interface About {
  readonly type: string;
  readonly devices: readonly SandboxDevice[];
  readonly nowMs: number;
  readonly retentionMs: number;
}

/** What is wrong with the question, as text, when it is not one. With a continuation token the other filters do not count. */
export function askedOf(query: URLSearchParams, about: About): StorageAsk | string {
  const token = query.get("continuation_token");
  if (token === null || token === "") return understood(query, about, 0);
  const said = decoded(token);
  return said === undefined ? "invalid continuation token" : understood(new URLSearchParams(said.again), about, said.skip);
}

function decoded(token: string): { readonly again: Record<string, string>; readonly skip: number } | undefined {
  try {
    const { skip, ...again } = JSON.parse(Buffer.from(token, "base64url").toString()) as { skip: number } & Record<string, string>;
    return Number.isSafeInteger(skip) && skip >= 0 ? { again, skip } : undefined;
  } catch {
    return undefined;
  }
}

function understood(query: URLSearchParams, { type, devices, nowMs, retentionMs }: About, skip: number): StorageAsk | string {
  const [after, before, last, order] = [query.get("after"), query.get("before"), query.get("last"), query.get("order") ?? "received_at"];
  const [, count, span] = /^(\d{1,6})(s|m|h)$/.exec(last ?? "") ?? [];
  if (last !== null && (after !== null || before !== null)) return "last cannot be used with after or before";
  if (last !== null && (count === undefined || span === undefined)) return "last is a duration such as 30m";
  if (order !== "received_at" && order !== "-received_at") return "order is received_at or -received_at";
  const from = last !== null ? nowMs - Number(count) * (spans[span ?? ""] ?? 0) : after === null ? -Infinity : parseTime(after, "UTC");
  const to = before === null ? nowMs + 1 : parseTime(before, "UTC");
  const limit = wholeOf(query, "limit", { absent: MAX_LIMIT, min: 1, max: MAX_LIMIT });
  const port = wholeOf(query, "f_port", { absent: -1, min: 1, max: 255 });
  if (from === undefined || to === undefined || limit === undefined || port === undefined) return "after, before, limit or f_port is not valid";
  const fields = listOf(query, "field_mask", "field_mask.paths");
  return {
    type, devices, limit, skip,
    fromMs: Math.max(from, nowMs - retentionMs),
    toMs: Math.min(to, nowMs + 1),
    ascending: order === "received_at",
    fields: fields.length === 0 ? undefined : fields,
    port: port === -1 ? undefined : port,
    // The end stands still while one pages, as the storage's own tokens do.
    again: { ...Object.fromEntries([...query].filter(([name]) => name !== "last")), ...(last === null ? {} : { after: new Date(from).toISOString() }), before: before ?? new Date(nowMs + 1).toISOString() },
  };
}

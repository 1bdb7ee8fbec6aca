import { allows, CaudalError, type FindQuery, type Scope } from "@caudal/core";
import { monthSpan } from "../ledger/regulator-day.ts";
import { openOf } from "./projected-row.ts";
import type { SlotStanding } from "./slot-state.ts";

/** Which rows are wanted, in order of time; all of them hold together. */
export interface SlotQuery {
  readonly work?: string | undefined;
  readonly client?: string | undefined;
  readonly standing?: SlotStanding | undefined;
  /** `2026-06` on the regulator's clock. */
  readonly month?: string | undefined;
  /** Half-open: fromUs <= instant < toUs. */
  readonly fromUs?: number | undefined;
  readonly toUs?: number | undefined;
  readonly open?: boolean | undefined;
  /** Newest first. */
  readonly descending?: boolean | undefined;
  /** 100 when absent, 1000 at most. */
  readonly limit?: number | undefined;
  /** `next` of the page before. */
  readonly cursor?: string | undefined;
}

/** The query that a store answers from one index; undefined when nothing can fit. CaudalError "bad-request" for a month that is none. */
export function findQueryOf(scope: Scope, query: SlotQuery): { readonly scope: Scope; readonly find: FindQuery } | undefined {
  const { work, client, standing, month, open, descending, limit, cursor } = query;
  if (client !== undefined && !allows(scope, client)) return undefined;
  if (open !== undefined && standing !== undefined && openOf(standing) !== Number(open)) return undefined;
  if (month !== undefined && !/^\d{4}-(0[1-9]|1[0-2])$/.test(month)) throw new CaudalError("bad-request", `${month} is no month; write it as 2026-06`);
  const span = month === undefined ? undefined : monthSpan(month);
  const fromUs = Math.max(query.fromUs ?? -Infinity, span?.fromUs ?? -Infinity);
  const toUs = Math.min(query.toUs ?? Infinity, span?.toUs ?? Infinity);
  if (fromUs >= toUs) return undefined;
  const where = {
    // A work is one client's, and the scope sees to that.
    ...(work === undefined ? (client === undefined ? {} : { client }) : { work }),
    ...(standing === undefined ? (open === undefined ? {} : { open: Number(open) }) : { standing }),
  };
  const range = { field: "slotUs", ...(fromUs === -Infinity ? {} : { from: fromUs }), ...(toUs === Infinity ? {} : { to: toUs }) };
  const paging = { ...(descending === undefined ? {} : { descending }), ...(limit === undefined ? {} : { limit }), ...(cursor === undefined ? {} : { cursor }) };
  return { scope: client === undefined ? scope : { clients: [client] }, find: { where, range, orderBy: "slotUs", ...paging } };
}

import type { Clock, FaultPoints, Logger, Metrics, Sleep } from "@caudal/runtime";
import type { Edge } from "../edge/edge.ts";
import type { Receipts } from "../edge/receipts.ts";
import type { Calls } from "../outbound/calls.ts";
import type { Redactor } from "../outbound/redact.ts";
import type { Account } from "../providers/account.ts";
import type { AccountScore } from "./account-score.ts";
import type { SeenRows } from "./seen-rows.ts";
import type { Watermarks } from "./watermarks.ts";

/** What the polls of one account work with. */
export interface PollTools {
  readonly account: Account;
  readonly calls: Calls;
  readonly redactor: Redactor;
  readonly edge: Edge;
  readonly receipts: Receipts;
  readonly watermarks: Watermarks;
  readonly seen: SeenRows;
  readonly score: AccountScore;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly faults: FaultPoints;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

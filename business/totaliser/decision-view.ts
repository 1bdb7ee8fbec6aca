import { formatInstant, type DecisionRecord, type FindQuery, type StoredDocument } from "@caudal/core";
import { z } from "zod";
import type { SpokenWord } from "./words.ts";

export const decisionStates = ["made", "gone"] as const satisfies readonly DecisionRecord["state"][];

const spokenSchema = z.object({
  asked: z.enum(["confirm", "correct", "undo"]), of: z.string().describe("Kind of the decision that it was said of."), verdict: z.string().nullable().describe("null took back what was said before."),
  author: z.string(), reason: z.string(), at: z.string(), modulus: z.number().optional(), finalCount: z.number().optional(), initialCount: z.number().optional(),
});

export const decisionSchema = z.object({
  id: z.string(), client: z.string(), point: z.string(), variable: z.string().describe("The counter."), at: z.string(), kind: z.string().describe("reset, rollover, swap, truncated, zero, spike, dip, jump, ignored or accepted."),
  state: z.enum(decisionStates).describe("gone: later samples, or a person, made it otherwise."), said: z.boolean().describe("True when a person said so."),
  baseline: z.number().nullable().describe("The last count before it that counts."), count: z.number().nullable(), volumeM3: z.number().nullable(), knownAt: z.string(),
  words: z.array(spokenSchema).describe("What people said of this count, the newest last."),
});

export function decisionView({ id, body }: StoredDocument<DecisionRecord>, words: readonly SpokenWord[] = []): z.input<typeof decisionSchema> {
  const { client, point, variable, instantUs, kind, state, said, baseline, count, volumeM3, knownAtUs } = body;
  return { id, client, point, variable, at: formatInstant(instantUs), kind, state, said, baseline, count, volumeM3, knownAt: formatInstant(knownAtUs), words: words.map(({ atUs, ...word }) => ({ ...word, at: formatInstant(atUs) })) };
}

/** True of what waits for a person's look: nobody spoke to it, and it does not follow from what somebody said of a count before it. */
export function isOpen({ state, said, kind }: DecisionRecord): boolean {
  return state === "made" && !said && kind !== "ignored";
}

/** Which decisions; absent fields let all through. */
export interface DecisionFilter {
  readonly client?: string | undefined;
  readonly point?: string | undefined;
  readonly kind?: string | undefined;
  readonly state?: DecisionRecord["state"] | undefined;
  readonly said?: boolean | undefined;
  /** Only those that wait for a look. */
  readonly open?: boolean | undefined;
  readonly fromUs?: number | undefined;
  readonly toUs?: number | undefined;
}

/** The query that an index answers, and what is left to be looked at one by one. */
export function queryOf({ fromUs, toUs, open = false, ...given }: DecisionFilter): { readonly query: FindQuery; readonly fits: ((stored: StoredDocument<DecisionRecord>) => boolean) | undefined } {
  const filter = open ? { ...given, state: "made" as const } : given;
  const key = (["point", "state", "client"] as const).find((field) => filter[field] !== undefined);
  const value = key === undefined ? undefined : filter[key];
  const left = (["client", "point", "kind", "state", "said"] as const).filter((field) => field !== key && filter[field] !== undefined);
  const range = fromUs === undefined && toUs === undefined ? {} : { range: { field: "instantUs", ...(fromUs === undefined ? {} : { from: fromUs }), ...(toUs === undefined ? {} : { to: toUs }) } };
  return {
    query: { ...(key === undefined || value === undefined ? {} : { where: { [key]: value } }), ...range, orderBy: "instantUs", descending: true },
    fits: left.length === 0 && !open ? undefined : ({ body }) => left.every((field) => body[field] === filter[field]) && (!open || isOpen(body)),
  };
}

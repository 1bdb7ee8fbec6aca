import type { QueryValue } from "../http/request.ts";

/** What a list of decisions shows. */
export const shownStates = ["open", "said", "gone", "all"] as const;
export type ShownState = (typeof shownStates)[number];

export const kindNames = ["reset", "rollover", "swap", "truncated", "zero", "spike", "dip", "jump", "ignored", "accepted"] as const;

export interface DecisionFilter {
  readonly shown: ShownState;
  readonly kind: string;
  readonly client: string;
}

const stateQueries: Readonly<Record<ShownState, Readonly<Record<string, QueryValue>>>> = {
  open: { open: "true" }, said: { state: "made", said: "true" }, gone: { state: "gone" }, all: {},
};

export function queryOf({ shown, kind, client }: DecisionFilter, point: string | null): Readonly<Record<string, QueryValue>> {
  return { ...stateQueries[shown], kind, client, point };
}

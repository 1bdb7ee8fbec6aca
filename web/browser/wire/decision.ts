import { asInstantMs, asList, asNumber, asNumberOrNull, asRecord, asText } from "./read.ts";

/** What a person said of one count. */
export interface SpokenWord {
  /** confirm, correct or undo. */
  readonly asked: string;
  readonly of: string;
  /** null took back what was said before. */
  readonly verdict: string | null;
  readonly author: string;
  readonly reason: string;
  readonly atMs: number | null;
  readonly modulus: number | null;
  readonly finalCount: number | null;
  readonly initialCount: number | null;
}

/** What an odd count was taken for. */
export interface Decision {
  readonly id: string;
  readonly client: string;
  readonly point: string;
  readonly variable: string;
  readonly at: string;
  readonly atMs: number;
  readonly kind: string;
  readonly gone: boolean;
  /** True when a person said so. */
  readonly said: boolean;
  readonly baseline: number | null;
  readonly count: number | null;
  readonly volumeM3: number | null;
  readonly knownAt: string;
  /** The newest last. */
  readonly words: readonly SpokenWord[];
}

export function readDecision(value: unknown): Decision | undefined {
  const row = asRecord(value);
  const id = asText(row["id"]);
  const at = asText(row["at"]);
  const atMs = asInstantMs(at);
  if (id === "" || atMs === null) return undefined;
  return {
    id, client: asText(row["client"]), point: asText(row["point"]), variable: asText(row["variable"]), at, atMs, kind: asText(row["kind"]), gone: row["state"] === "gone", said: row["said"] === true,
    baseline: asNumberOrNull(row["baseline"]), count: asNumberOrNull(row["count"]), volumeM3: asNumberOrNull(row["volumeM3"]), knownAt: asText(row["knownAt"]), words: asList(row["words"], readWord),
  };
}

function readWord(value: unknown): SpokenWord | undefined {
  const row = asRecord(value);
  const asked = asText(row["asked"]);
  if (asked === "") return undefined;
  return {
    asked, of: asText(row["of"]), verdict: typeof row["verdict"] === "string" ? row["verdict"] : null, author: asText(row["author"]), reason: asText(row["reason"]), atMs: asInstantMs(row["at"]),
    modulus: asNumberOrNull(row["modulus"]), finalCount: asNumberOrNull(row["finalCount"]), initialCount: asNumberOrNull(row["initialCount"]),
  };
}

/** How many decisions nobody has spoken to yet, by point. */
export interface OpenDecisions {
  readonly byPoint: ReadonlyMap<string, number>;
  readonly total: number;
  readonly more: boolean;
}

export const noneOpen: OpenDecisions = { byPoint: new Map(), total: 0, more: false };

export function readOpenDecisions(body: unknown): OpenDecisions {
  const row = asRecord(body);
  const items = asList(row["items"], (item) => {
    const { point, count } = asRecord(item);
    return typeof point === "string" ? ([point, asNumber(count)] as const) : undefined;
  });
  return { byPoint: new Map(items), total: asNumber(row["total"]), more: row["more"] === true };
}

import { parentPort, workerData } from "node:worker_threads";
import type { PointKey } from "@caudal/core";
import { toCaudalError } from "../sqlite/failure.ts";
import { answerCalls, type Call } from "../worker/answer-calls.ts";
import { TierStore, type ReadRequest, type TierStoreOptions } from "./tier-store.ts";
import type { BatchCounts } from "./fact-writer.ts";
import { toFailure, type Failure } from "../worker/call.ts";

/** What the tier's worker can be asked. */
export type TierCall =
  | { readonly kind: "open" | "close" }
  | { readonly kind: "write"; readonly batch: Uint8Array }
  | { readonly kind: "read"; readonly request: ReadRequest }
  | { readonly kind: "latest"; readonly keys: readonly PointKey[] }
  | { readonly kind: "digest"; readonly key: PointKey; readonly dayStartUs: number }
  | { readonly kind: "floor"; readonly key: PointKey }
  | { readonly kind: "raise-floor"; readonly key: PointKey; readonly floorUs: number }
  | { readonly kind: "check"; readonly after: string | undefined }
  | { readonly kind: "discard-damaged"; readonly key: PointKey }
  | { readonly kind: "erase-client"; readonly client: string };

export interface WriteAnswer extends Omit<BatchCounts, "failed"> {
  readonly failed: readonly { readonly index: number; readonly failure: Failure }[];
}

if (parentPort !== null) {
  let store: TierStore | undefined;
  const options = workerData as TierStoreOptions;
  answerCalls<TierCall>(parentPort, {
    handle(calls) {
      for (const call of calls) if (call.body.kind === "open") attempt(call, () => void (store = new TierStore(options)));
      if (store !== undefined) answerAll(store, calls);
    },
    idle: () => store?.idle() ?? false,
  });
}

/** Answers calls in order; writes that stand together share one commit. */
function answerAll(store: TierStore, calls: readonly Call<TierCall>[]): void {
  for (let at = 0; at < calls.length;) {
    let end = at;
    while (calls[end]?.body.kind === "write") end += 1;
    if (end > at) write(store, calls.slice(at, end));
    else answer(store, calls[end++]!);
    at = end;
  }
}

function write(store: TierStore, calls: readonly Call<TierCall>[]): void {
  try {
    const batches = calls.flatMap(({ body }) => (body.kind === "write" ? [body.batch] : []));
    const counts = store.write(batches);
    calls.forEach((call, i) => call.answer(toAnswer(counts[i]!)));
  } catch (error) {
    for (const call of calls) call.fail(toCaudalError(error, store.path));
  }
}

function toAnswer({ failed, ...counts }: BatchCounts): WriteAnswer {
  return { ...counts, failed: failed.map(({ index, error }) => ({ index, failure: toFailure(error) })) };
}

function answer(store: TierStore, call: Call<TierCall>): void {
  const { body } = call;
  switch (body.kind) {
    case "read": return attempt(call, () => store.read(body.request), ({ rows }) => [rows.numbers.buffer, rows.bytes.buffer, rows.reasons.buffer]);
    case "latest": return attempt(call, () => store.latest(body.keys), ({ numbers, references }) => [numbers.buffer, references.buffer]);
    case "digest": return attempt(call, () => store.digest(body.key, body.dayStartUs));
    case "floor": return attempt(call, () => store.floor(body.key));
    case "raise-floor": return attempt(call, () => store.raiseFloor(body.key, body.floorUs));
    case "check": return attempt(call, () => store.check(body.after));
    case "discard-damaged": return attempt(call, () => store.discardDamaged(body.key));
    case "erase-client": return attempt(call, () => store.eraseClient(body.client));
    case "close": return attempt(call, () => store.close());
    case "open": case "write": return;
  }
}

function attempt<T>(call: Call<TierCall>, work: () => T, transfer: (value: T) => readonly ArrayBufferLike[] = () => []): void {
  try {
    const value = work();
    call.answer(value, transfer(value) as readonly ArrayBuffer[]);
  } catch (error) {
    call.fail(toCaudalError(error, (workerData as TierStoreOptions).name));
  }
}

import { CaudalError, type StoredDocument } from "@caudal/core";
import type { SignedRoot } from "./daily-root.ts";
import { headsOf, type RootHeads } from "./root-heads.ts";

/** A root in its store: document of its number, zero-padded to 10 digits, so that of two who write the next one only one does. What it was made over lies beside it, as the document's blob. */
export interface RootRecord {
  readonly number: number;
  readonly day: string;
  readonly signed: SignedRoot;
}

export const rootCollection = { name: "ledger_roots", tenant: false, unique: [["day"]], indexes: [["number"]] } as const;

export function rootId(number: number): string {
  return String(number).padStart(10, "0");
}

/** What was stored as a root. CaudalError "corrupt" for what is none, and for one that lists heads, as roots did before they had trees. */
export function rootOf({ id, body: { day, signed } }: StoredDocument<RootRecord>): SignedRoot {
  const root = (signed as Partial<SignedRoot> | undefined)?.root as Partial<Record<string, unknown>> | undefined;
  if (root?.["heads"] !== undefined) throw new CaudalError("corrupt", `the stored root of ${day} is of a form that was never released and names the works of all clients: nothing is read of it, and nothing signed behind it. Forget the rehearsal that it is of`);
  if (typeof root?.["tree"] !== "string" || !Number.isSafeInteger(root["works"])) throw new CaudalError("corrupt", `the stored root ${id} is none`);
  return signed;
}

/** What a stored root was made over. CaudalError "corrupt" where that is not beside it. */
export function headsBeside({ body: { day }, blob }: StoredDocument<RootRecord>): RootHeads {
  const heads = blob === undefined ? undefined : headsOf(blob);
  if (heads === undefined) throw new CaudalError("corrupt", `what the root of ${day} was made over is not beside it`);
  return heads;
}

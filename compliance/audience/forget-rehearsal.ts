import { CaudalError, hasCode, systemScope, type DeclaredCollection, type Documents } from "@caudal/core";
import { ObraBook } from "../obras/obra-book.ts";
import type { Obra } from "../obras/obra.ts";
import { draftOf } from "../obras/settled.ts";
import { SendSwitch } from "../submission/send-switch.ts";
import { Forgetting, switchMark, type Audience } from "./ledger-audience.ts";

/** What a rehearsal leaves: the ledger last, so that what is left of one is known for one. Works, their versions, credentials and certificates stay. */
const forgotten: readonly DeclaredCollection[] = [
  { name: "slot_edits", tenant: true }, { name: "slot_touches", tenant: true }, { name: "slot_horizons", tenant: true }, { name: "slots", tenant: true }, { name: "slot_marks", tenant: false },
  { name: "ledger_roots", tenant: false }, { name: "ledger", tenant: false },
];

const PAGE = 500;
/** What another process had under way when it was told comes a little later. */
const MOST_ROUNDS = 5;
const TRIES = 5;

export interface ForgetPlan {
  /** Null: nothing was ever to be sent from this ledger. */
  readonly audience: Audience | null;
  /** Documents that would go (or went), by collection. */
  readonly counts: Readonly<Record<string, number>>;
  /** Works that are live and would be (or were) set to off. */
  readonly works: readonly string[];
}

export interface ForgetOptions {
  readonly documents: Documents;
  /** What no backup carries (see `SendSwitch`). */
  readonly instanceId: string;
  readonly by: string;
  readonly nowUs: () => number;
  readonly progress?: (progress: { readonly done: number; readonly total: number; readonly unit: string; readonly note: string }) => void;
  /** Between the word that it begins and the first removal: resolves when nobody appends any more. */
  readonly settled?: () => Promise<void>;
}

/** What forgetting would do; changes nothing. */
export async function planForgetting({ documents, nowUs }: Pick<ForgetOptions, "documents" | "nowUs">): Promise<ForgetPlan> {
  const obras = await ObraBook.open(documents, nowUs);
  return { audience: (await (await Forgetting.open(documents)).state()).audience, counts: await countOf(documents), works: (await live(obras)).map(({ work }) => work) };
}

/**
 * Forgets what was sent to a sandbox: the switch goes off, live works go to off by a version of their own, then slots, edits, roots and the ledger go. Safe to ask again after a crash at any step. CaudalError
 * "forbidden" where the ledger is live, "version-conflict" where another one does the same.
 */
export async function forgetRehearsal({ documents, instanceId, by, nowUs, progress = () => undefined, settled = async () => undefined }: ForgetOptions): Promise<ForgetPlan> {
  const forgetting = await Forgetting.open(documents);
  const { audience } = await forgetting.state();
  await forgetting.begin(by, nowUs());
  const sendSwitch = await SendSwitch.open(documents, { nowUs, instanceId: switchMark(instanceId, "rehearsal") });
  await sendSwitch.set(false, by, REASON);
  const obras = await ObraBook.open(documents, nowUs);
  const works: string[] = [];
  for (const { work } of await live(obras)) if (await setOff(obras, work, by)) works.push(work);
  await settled();
  const counts: Record<string, number> = {};
  let total = sum(await countOf(documents));
  let done = 0;
  for (let round = 0; total > done || round === 0; round++) {
    if (round === MOST_ROUNDS) throw new CaudalError("unavailable", "other processes of this installation go on writing; stop them, then ask again", { retry: "yes" });
    for (const { name, tenant } of forgotten) {
      const collection = await documents.collection<object>({ name, tenant });
      for (let items = await page(collection); items.length > 0; items = await page(collection)) {
        await forgetting.goesOn();
        await Promise.all(items.map((id) => collection.remove(systemScope, id)));
        counts[name] = (counts[name] ?? 0) + items.length;
        done += items.length;
        progress({ done, total: Math.max(total, done), unit: "documents", note: name });
      }
    }
    total = done + sum(await countOf(documents));
  }
  await forgetting.end(nowUs());
  return { audience, counts, works };
}

/** True where a process that starts has one to finish. */
export async function mustFinishForgetting(documents: Documents): Promise<boolean> {
  return (await (await Forgetting.open(documents)).state()).forgetting;
}

const REASON = "a rehearsal was forgotten; its works go on when a person says so";

async function live(obras: ObraBook): Promise<readonly Obra[]> {
  return (await obras.all()).filter(({ mode }) => mode === "live");
}

/** False where somebody else did. */
async function setOff(obras: ObraBook, work: string, by: string): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries++) {
    const obra = await obras.get(systemScope, work);
    if (obra?.mode !== "live") return false;
    try {
      await obras.put(by, { ...draftOf(obra), mode: "off" }, REASON, { version: obra.version });
      return true;
    } catch (error) {
      if (!hasCode(error, "version-conflict")) throw error;
    }
  }
  throw new CaudalError("version-conflict", `${work} is being changed by others`);
}

async function page(collection: { find(scope: typeof systemScope, query: { readonly limit: number }): Promise<{ readonly items: readonly { readonly id: string }[] }> }): Promise<readonly string[]> {
  return (await collection.find(systemScope, { limit: PAGE })).items.map(({ id }) => id);
}

async function countOf(documents: Documents): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (const { name, tenant } of forgotten) {
    const count = await (await documents.collection<object>({ name, tenant })).count(systemScope);
    if (count > 0) counts[name] = count;
  }
  return counts;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

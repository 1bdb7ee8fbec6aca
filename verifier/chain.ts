import { canonical, sha256 } from "./canonical.ts";
import { isObject, isText, isWhole, type Fields } from "./fields.ts";
import { timeText, type FindingList } from "./finding.ts";
import { jsonLines } from "./json-lines.ts";
import type { PackFile } from "./pack-files.ts";
import type { SignedHead, SignedHeads } from "./roots.ts";
import { dayEndUs, fold, newSlot, type Slot } from "./slot-rules.ts";

export interface Attempt {
  /** As `attempts.ndjson` must tell it; canonical JSON. */
  text: string;
  readonly fields: Record<string, unknown>;
}

export interface WalkedChain {
  readonly entries: number;
  readonly signedThrough: number;
  /** What the entries add up to, by slot. */
  readonly slots: ReadonlyMap<number, Slot>;
  /** In the order of the chain. */
  readonly attempts: readonly Attempt[];
}

export interface ChainQuestion {
  readonly work: string;
  readonly heads: ReadonlyMap<number, SignedHead>;
  /** The newest signed root in which the work is said not to stand. */
  readonly absent?: SignedHeads["absent"];
  /** Where heads and roots stand. */
  readonly rootsFile: string;
  readonly findings: FindingList;
}

const NOTHING_BEFORE = "0".repeat(64);
/** An entry takes a moment from its time to its store: one that was written so shortly before a day's end may be missing in its root. */
const ON_ITS_WAY_US = 3_600_000_000;

/** Walks a work's entries from the first on: each in its place, with its hash, and one that may follow those before it. */
export function walkChain(file: PackFile, { work, heads, absent, rootsFile, findings }: ChainQuestion): WalkedChain {
  const slots = new Map<number, Slot>();
  const attempts: Attempt[] = [];
  const open = new Map<string, Attempt>();
  let seq = 0;
  let hash = NOTHING_BEFORE;
  let signedThrough = 0;
  let notBeforeUs = absent === undefined ? -Infinity : dayEndUs(absent.day) - ON_ITS_WAY_US;
  for (const { line, value } of jsonLines(file, findings)) {
    const { body } = value;
    const own = isWhole(value["seq"]) ? value["seq"] : -1;
    const slotUs = isObject(body) && isWhole(body["slotUs"]) ? body["slotUs"] : undefined;
    const place = { line, seq: own, ...(slotUs === undefined ? {} : { slot: timeText(slotUs) }) };
    if (own !== seq + 1) findings.add("chain-gap", file.name, { ...place, detail: `entry ${own} stands behind entry ${seq}` });
    else if (value["previous"] !== hash) findings.add("chain-link", file.name, { ...place, detail: `entry ${own} does not follow entry ${seq} as that stands here` });
    if (value["work"] !== work) findings.add("chain-work", file.name, { ...place, detail: `it is an entry of ${String(value["work"])}` });
    const written = isText(value["hash"]) ? value["hash"] : "";
    const { hash: _, ...hashed } = value;
    if (sha256(canonical(hashed)) !== written) findings.add("chain-hash", file.name, { ...place, detail: `entry ${own} is not the one that its hash was made of` });
    const head = heads.get(own);
    if (head !== undefined && head.hash !== written) findings.add("root-head", file.name, { ...place, detail: `the root of ${head.day} (${rootsFile}, line ${head.line}) was signed over another entry ${own}` });
    else if (head !== undefined) signedThrough = own;
    if (absent !== undefined && isWhole(value["atUs"]) && value["atUs"] < notBeforeUs) {
      findings.add("root-missing", rootsFile, { line: absent.line, seq: own, detail: `${work} is said not to stand in the root of ${absent.day}, and its entry ${own} was written before the end of that day` });
      notBeforeUs = -Infinity;
    }
    if (isObject(body)) {
      const wrong = checkBody({ slots, attempts, open }, { body, atUs: isWhole(value["atUs"]) ? value["atUs"] : NaN });
      if (wrong !== undefined) findings.add(wrong.startsWith("payload") ? "chain-payload" : "rule", file.name, { ...place, detail: wrong });
    } else findings.add("line", file.name, { ...place, detail: "it is not an entry" });
    seq = own;
    hash = written;
  }
  for (const [at, { day, line }] of heads) if (at > seq) findings.add("root-head", rootsFile, { line, seq: at, detail: `the root of ${day} was signed over entry ${at} of ${work}, and the chain ends with ${seq}` });
  return { entries: seq, signedThrough, slots, attempts };
}

interface Walk {
  readonly slots: Map<number, Slot>;
  readonly attempts: Attempt[];
  readonly open: Map<string, Attempt>;
}

function checkBody({ slots, attempts, open }: Walk, { body, atUs }: { readonly body: Fields; readonly atUs: number }): string | undefined {
  const { kind, slotUs } = body;
  if (kind === "stopped" || kind === "resumed") return undefined;
  if (!isWhole(slotUs)) return "an entry about a slot that names none";
  const slot = slots.get(slotUs) ?? newSlot();
  slots.set(slotUs, slot);
  const wrong = fold(slot, { atUs, body });
  if (kind === "attempt") {
    const fields = { slotUs, attempt: body["attempt"], day: body["day"], atUs, sha256: body["sha256"], outcome: null, outcomeAtUs: null, by: null, code: null, message: null, httpStatus: null, voucher: null };
    const attempt = { fields, text: textOf(fields) };
    attempts.push(attempt);
    open.set(`${slotUs}/${String(body["attempt"])}`, attempt);
  } else if (kind === "outcome") {
    const attempt = open.get(`${slotUs}/${String(body["attempt"])}`);
    if (attempt !== undefined) {
      Object.assign(attempt.fields, { outcome: body["outcome"], outcomeAtUs: atUs, by: body["by"], code: body["code"], message: body["message"], httpStatus: body["httpStatus"], voucher: body["voucher"] });
      attempt.text = textOf(attempt.fields);
    }
  }
  if (wrong !== undefined || kind !== "frozen") return wrong;
  return isText(body["payload"]) && sha256(body["payload"]) === body["sha256"] ? undefined : "payload: its SHA-256 is not the one that was frozen";
}

function textOf(fields: Fields): string {
  try {
    return canonical(fields);
  } catch {
    return "";
  }
}

import { useWords, type PageWords } from "../../app/hooks.tsx";
import type { LedgerEntry } from "../../wire/ledger-entry.ts";
import { regulatorInstant, regulatorMinute } from "../regulator-time.ts";

const kinds: ReadonlySet<string> = new Set(["frozen", "held", "reviewed", "attempt", "outcome", "verification", "late-revision", "imported", "written-off", "stopped", "resumed"]);

/** Entries of a ledger in their order: what happened, by whom, and the hash that chains it. `named` says of which slot. */
export function EntryList({ entries, named }: { readonly entries: readonly LedgerEntry[]; readonly named: boolean }) {
  const words = useWords();
  const { t, language } = words;
  return (
    <ol class="entry-list">
      {entries.map((entry) => (
        <li key={entry.seq} class={`entry entry-${toneOf(entry)}`}>
          <p class="entry-head">
            <span class="entry-seq">{words.count(entry.seq)}</span>
            <b>{kinds.has(entry.kind) ? t(`page.entry.${entry.kind}`) : entry.kind}</b>
            {entry.atMs !== null && <time class="muted" dateTime={new Date(entry.atMs).toISOString()}>{regulatorInstant(entry.atMs, language)}</time>}
          </p>
          {named && <p class="small">{entry.slotMs === null ? t("page.entry.whole") : t("page.entry.slot", { slot: regulatorMinute(entry.slotMs, language) })}</p>}
          {detailsOf(entry, words).map((line) => <p key={line}>{line}</p>)}
          {entry.voucher !== "" && <p>{t("page.slot.voucher")}: <code class="voucher-whole">{entry.voucher}</code></p>}
          <p class="small entry-hash"><span>{entry.by}</span> <code title={`${t("page.entry.hash")}: ${entry.hash}\n${t("page.entry.previous")}: ${entry.previous}`}>{entry.hash}</code></p>
        </li>
      ))}
    </ol>
  );
}

function toneOf({ kind, outcome, result }: LedgerEntry): "good" | "bad" | "warn" | "plain" {
  if (outcome === "accepted" || result === "verified" || kind === "imported") return "good";
  if (outcome.startsWith("refused") || result === "mismatch" || result === "not-found" || kind === "stopped") return "bad";
  return outcome === "unknown" || kind === "held" || kind === "late-revision" || kind === "written-off" ? "warn" : "plain";
}

/** What an entry says besides its kind, a line each. */
export function detailsOf(entry: LedgerEntry, words: Pick<PageWords, "t" | "slotReason" | "count">): string[] {
  const { t } = words;
  const outcome = entry.outcome === "" ? "" : t(`page.outcome.${entry.outcome}`);
  return [
    entry.attempt !== null && entry.kind === "attempt" ? t("page.entry.attempt.number", { number: words.count(entry.attempt) }) : "",
    [outcome, entry.httpStatus === null ? "" : `HTTP ${entry.httpStatus}`].filter((part) => part !== "").join(" · "), entry.message,
    entry.result === "" ? "" : t(`page.verification.${entry.result}`), entry.decision === "" ? "" : t(`page.review.decided.${entry.decision}`),
    entry.editedBy === "" ? "" : t("page.entry.edited", { by: entry.editedBy }), entry.reasons.map(words.slotReason).join("; "), entry.reason, entry.source === "" ? "" : t("page.entry.source", { source: entry.source }),
  ].filter((line) => line !== "");
}

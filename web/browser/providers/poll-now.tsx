import { useState } from "preact/hooks";
import { useShell, useWords, type PageWords } from "../app/hooks.tsx";
import { endpoints } from "../http/endpoints.ts";
import { Icon } from "../ui/icons.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { ApiProblem } from "../wire/problem.ts";
import { isFailure, readCollected, readQueued, type BudgetUse, type Collected, type Queued } from "../wire/provider.ts";

/** The server asks for no more devices than these in one request. */
const MOST_DEVICES = 100;

export interface PollNowProps {
  readonly account: string;
  readonly device?: string;
  readonly devices: number;
  readonly fullest: BudgetUse | undefined;
  /** Id of what names the account, for the button's description. */
  readonly title: string;
  readonly onPolled: () => void;
}

/** Asks a provider now, and says in words what came of it. */
export function PollNow({ account, device, devices, fullest, title, onPolled }: PollNowProps) {
  const shell = useShell();
  const words = useWords();
  const { t } = words;
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState<Collected | null>(null);
  const [later, setLater] = useState<Queued | null>(null);
  const [error, setError] = useState<unknown>(null);
  const isTooMany = device === undefined && devices > MOST_DEVICES;
  const poll = async () => {
    setBusy(true);
    setDone(null);
    setLater(null);
    setError(null);
    try {
      const answer = await shell.api.call(endpoints.collect(account, device), { method: "POST" });
      const begun = readQueued(answer);
      const collected = readCollected(answer);
      setLater(begun ?? null);
      if (begun === undefined) setDone(collected);
      shell.spoken.set(begun === undefined ? resultText(collected, words) : queuedText(begun, words));
      onPolled();
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <button type="button" class={device === undefined ? "button button-poll" : "button button-quiet button-poll"} disabled={busy || isTooMany} aria-describedby={title} onClick={() => void poll()}>
        <Icon name="replay" size={18} />{t(busy ? "page.providers.polling-now" : "page.providers.poll-now")}
      </button>
      {isTooMany && <p class="small account-answer">{t("page.providers.too-many", { most: MOST_DEVICES })}</p>}
      {done !== null && <p class={`note account-answer ${failedOf(done) > 0 ? "note-warn" : "note-water"}`}><Icon name={failedOf(done) > 0 ? "suspect" : "check"} /><span>{resultText(done, words)}{done.detail !== "" && <span class="account-detail"> {done.detail}</span>}</span></p>}
      {later !== null && <p class="note account-answer note-water"><Icon name="replay" /><span>{queuedText(later, words)}</span></p>}
      {error !== null && <div class="account-answer"><ProblemNote error={error}>{refusalText(error, fullest, words)}</ProblemNote></div>}
    </>
  );
}

function failedOf({ outcomes }: Collected): number {
  return Object.entries(outcomes).reduce((sum, [kind, count]) => sum + (isFailure(kind) ? count : 0), 0);
}

function resultText(collected: Collected, { t, count }: PageWords): string {
  const { devices, rows } = collected;
  const failed = failedOf(collected);
  const said = t("page.providers.polled", { devices: count(devices), rows: count(rows.forward), corrected: count(rows.corrected), known: count(rows.stale + rows.repeated + rows.late) });
  return failed === 0 ? said : `${said} ${t("page.providers.polled.failed", { count: count(failed) })}`;
}

function queuedText({ devices, devicesNow, calls, callsNow, restByMs }: Queued, { t, count, instant }: PageWords): string {
  const said = { devices: count(devices), now: count(devicesNow), calls: count(calls), callsNow: count(callsNow) };
  return restByMs === null ? t("page.providers.queued", said) : t("page.providers.queued.by", { ...said, time: instant(restByMs) });
}

/** What the two refusals that are no fault mean for who pressed the button. */
function refusalText(error: unknown, fullest: BudgetUse | undefined, { t, span }: PageWords) {
  if (!(error instanceof ApiProblem)) return null;
  if (error.status === 409 && error.code === "job-running") return <p>{t("page.providers.refused.running")}</p>;
  if (error.status === 409) return <p>{t("page.providers.refused.elsewhere")}</p>;
  if (error.status !== 429) return null;
  const waitMs = error.retryAfterS === null ? fullest?.perMs : error.retryAfterS * 1000;
  return <p>{waitMs === undefined ? t("page.providers.refused.budget") : t("page.providers.refused.budget.wait", { wait: span(waitMs) })}</p>;
}

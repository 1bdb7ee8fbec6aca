import { useState } from "preact/hooks";
import { useAsked, useShell, useStore, useWords } from "../app/hooks.tsx";
import { PageTitle } from "../app/page-title.tsx";
import { endpoints } from "../http/endpoints.ts";
import { Icon } from "../ui/icons.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { mayConfigure } from "../wire/operations.ts";
import { readProviderList } from "../wire/provider.ts";
import { AccountCard } from "./account-card.tsx";
import { accountStates, stateOf, type AccountState } from "./account-state.ts";
import { ConfigProblems } from "./config-problems.tsx";
import { NoAccounts } from "./no-accounts.tsx";
import { stateIcons } from "./state-icons.ts";
import { useSeenTick } from "./use-seen-tick.ts";

const LIST_EVERY_MS = 10_000;
const SHOWN_AT_ONCE = 20;

/** Who is asked for readings, and how each of them does. */
export function ProvidersScreen() {
  const shell = useShell();
  const words = useWords();
  const { t } = words;
  const session = useStore(shell.session);
  const { tick, element } = useSeenTick(LIST_EVERY_MS);
  const [turn, setTurn] = useState(0);
  const [wanted, setWanted] = useState<AccountState | null>(null);
  const [shown, setShown] = useState(SHOWN_AT_ONCE);
  const asked = useAsked(`${tick} ${turn}`, async (signal) => readProviderList(await shell.api.call(endpoints.providers(), { signal })));
  const mayAct = session.state === "signed-in" && mayConfigure(session.person);
  const { accounts = [], problems = [] } = asked.value ?? {};
  const counts = accountStates.map((state) => ({ state, count: accounts.filter((account) => stateOf(account) === state).length }));
  const known = new Set(accounts.map(({ account }) => account));
  const left = accounts.filter((account) => wanted === null || stateOf(account) === wanted);
  return (
    <>
      <div class="page-head" ref={(node) => { element.current = node; }}>
        <div><PageTitle text={t("page.providers")} /><p class="lead">{t("page.providers.text")}</p></div>
      </div>
      {asked.error !== null && <ProblemNote error={asked.error}><button type="button" class="button" onClick={() => setTurn(turn + 1)}>{t("page.retry")}</button></ProblemNote>}
      {asked.loading && asked.value === undefined && <div class="skeleton skeleton-row" role="status"><span class="sr">{t("page.loading")}</span></div>}
      {accounts.length > 0 && (
        <section class="tiles" aria-label={t("page.filter")}>
          {counts.map(({ state, count }) => (
            <button key={state} type="button" class={`tile tile-account-${state}${count === 0 ? " tile-zero" : ""}`} aria-pressed={wanted === state} onClick={() => setWanted(wanted === state ? null : state)}>
              <span class="tile-count">{words.count(count)}</span>
              <span class="tile-text"><Icon name={stateIcons[state]} size={16} />{t(`page.providers.state.${state}`)}</span>
            </button>
          ))}
        </section>
      )}
      <ConfigProblems problems={problems.filter(({ account }) => !known.has(account))} named />
      {asked.value !== undefined && accounts.length === 0 && problems.length === 0 && <NoAccounts />}
      <ul class="account-list">
        {left.slice(0, shown).map((account) => (
          <AccountCard key={account.account} account={account} problems={problems.filter((problem) => problem.account === account.account)} mayAct={mayAct} onChanged={() => setTurn((before) => before + 1)} />
        ))}
      </ul>
      {accounts.length > 0 && left.length === 0 && <div class="blank panel"><p>{t("page.providers.none-here")}</p></div>}
      {left.length > shown && <p class="more"><button type="button" class="button" onClick={() => setShown(shown + SHOWN_AT_ONCE)}>{t("page.more-items")}</button></p>}
    </>
  );
}

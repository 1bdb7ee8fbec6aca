import { useEffect, useId, useState } from "preact/hooks";
import { useAsked, useShell, useWords } from "../app/hooks.tsx";
import { endpoints } from "../http/endpoints.ts";
import { Icon } from "../ui/icons.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { readProviderStatus, type ConfigProblem, type ProviderAccount } from "../wire/provider.ts";
import { fullestOf, stateOf } from "./account-state.ts";
import { BudgetBars } from "./budget-bars.tsx";
import { ConfigProblems } from "./config-problems.tsx";
import { Freshness } from "./freshness.tsx";
import { GapList } from "./gap-list.tsx";
import { OutageNote } from "./outage-note.tsx";
import { OutcomePicture } from "./outcome-picture.tsx";
import { PollNow } from "./poll-now.tsx";
import { ProviderDevices } from "./provider-devices.tsx";
import { stateIcons } from "./state-icons.ts";
import { useSeenTick } from "./use-seen-tick.ts";

const FEW_DEVICES = 200;
const DEVICES_A_PAGE = 1000;

export interface AccountCardProps {
  readonly account: ProviderAccount;
  readonly problems: readonly ConfigProblem[];
  readonly mayAct: boolean;
  /** The list is to be asked again. */
  readonly onChanged: () => void;
}

/** The scorecard of one account. It is asked anew while it is in sight, less often the more devices it has. */
export function AccountCard({ account: listed, problems, mayAct, onChanged }: AccountCardProps) {
  const shell = useShell();
  const { t } = useWords();
  const titleId = useId();
  const { tick, element } = useSeenTick(listed.devices > FEW_DEVICES ? 30_000 : 10_000);
  const [turn, setTurn] = useState(0);
  const name = listed.account;
  const asked = useAsked(`${name} ${tick} ${turn}`, async (signal) => readProviderStatus(await shell.api.call(endpoints.providerStatus(name, { limit: DEVICES_A_PAGE }), { signal }), name));
  const status = asked.value;
  const account = status?.card ?? listed;
  const state = stateOf(account);
  // The list is older than the card: its counts are to say the same.
  useEffect(() => {
    if (state !== stateOf(listed)) onChanged();
  }, [state]);
  const polled = () => {
    setTurn((before) => before + 1);
    onChanged();
  };
  return (
    <li class={`panel account-card account-${state}`} ref={(node) => { element.current = node; }} aria-labelledby={titleId}>
      <div class="account-head">
        <div class="account-title">
          <h2 id={titleId}>{account.account}</h2>
          <p class="point-sub"><span>{[account.title, account.client, t(account.devices === 1 ? "page.providers.device-one" : "page.providers.device-count", { count: account.devices })].filter((part) => part !== "").join(" · ")}</span></p>
        </div>
        <p class={`account-state account-state-${state}`}><Icon name={stateIcons[state]} size={18} />{t(`page.providers.state.${state}`)}</p>
        {mayAct && <PollNow account={account.account} title={titleId} devices={account.devices} fullest={fullestOf(account.budget)} onPolled={polled} />}
      </div>
      {state === "outage" && account.outage !== null && <OutageNote outage={account.outage} account={account.account} />}
      {(state === "standby" || state === "elsewhere") && <p class="note"><Icon name={stateIcons[state]} />{t(`page.providers.state.${state}.text`)}</p>}
      <ConfigProblems problems={problems} />
      {asked.error !== null && <ProblemNote error={asked.error}><button type="button" class="button" onClick={() => setTurn(turn + 1)}>{t("page.retry")}</button></ProblemNote>}
      {status === undefined && asked.loading && <div class="skeleton skeleton-bars" role="status"><span class="sr">{t("page.loading")}</span></div>}
      {status !== undefined && (
        <>
          <div class="account-body">
            <Freshness status={status} />
            <OutcomePicture card={status.card} />
            <BudgetBars budget={status.card.budget} calls={{ hour: status.card.hour.calls, day: status.card.day.calls }} />
          </div>
          <GapList gaps={status.card.gaps} />
          <ProviderDevices status={status} mayAct={mayAct} onPolled={polled} />
        </>
      )}
    </li>
  );
}

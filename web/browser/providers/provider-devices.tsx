import { useId, useState } from "preact/hooks";
import { useShell, useWords } from "../app/hooks.tsx";
import { endpoints } from "../http/endpoints.ts";
import { Age } from "../ui/age.tsx";
import { Badge } from "../ui/badge.tsx";
import { Icon } from "../ui/icons.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { outcomeKinds, readProviderStatus, type ProviderDevice, type ProviderStatus } from "../wire/provider.ts";
import { byNeed, deviceStateOf } from "./account-state.ts";
import { PollNow } from "./poll-now.tsx";
import { deviceIcons } from "./state-icons.ts";

const SHOWN_AT_ONCE = 20;
const DEVICES_A_PAGE = 1000;

/** Devices of an account, those that need somebody first; of an account with more than a page, those of the pages that were asked for. */
export function ProviderDevices({ status, mayAct, onPolled }: { readonly status: ProviderStatus; readonly mayAct: boolean; readonly onPolled: () => void }) {
  const shell = useShell();
  const words = useWords();
  const { t } = words;
  const { account, devices: count } = status.card;
  const [open, setOpen] = useState(false);
  const [shown, setShown] = useState(SHOWN_AT_ONCE);
  const [further, setFurther] = useState<{ readonly devices: readonly ProviderDevice[]; readonly next: string | null } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const loaded = further === null ? status.devices : [...status.devices, ...further.devices];
  const next = further === null ? status.next : further.next;
  const more = async () => {
    setShown(shown + SHOWN_AT_ONCE);
    if (next === null || shown + SHOWN_AT_ONCE <= loaded.length) return;
    try {
      const page = readProviderStatus(await shell.api.call(endpoints.providerStatus(account, { limit: DEVICES_A_PAGE, cursor: next })), account);
      if (page !== undefined) setFurther({ devices: [...(further?.devices ?? []), ...page.devices], next: page.next });
      setError(null);
    } catch (refused) {
      setError(refused);
    }
  };
  return (
    <details class="account-more" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("page.providers.devices", { count: words.count(count) })}</summary>
      {open && (
        <>
          <ul class="polled-list">
            {byNeed(loaded).slice(0, shown).map((device) => <PolledRow key={device.device} account={account} device={device} mayAct={mayAct} onPolled={onPolled} />)}
          </ul>
          <ProblemNote error={error} />
          {(loaded.length > shown || next !== null) && <p class="more"><button type="button" class="button" onClick={() => void more()}>{t("page.more-items")}</button></p>}
        </>
      )}
    </details>
  );
}

function PolledRow({ account, device, mayAct, onPolled }: { readonly account: string; readonly device: ProviderDevice; readonly mayAct: boolean; readonly onPolled: () => void }) {
  const words = useWords();
  const { t } = words;
  const nameId = useId();
  const state = deviceStateOf(device);
  return (
    <li class="polled">
      <h3 id={nameId}>{device.device}</h3>
      <p class={`account-state device-state-${state}`}><Icon name={deviceIcons[state]} size={16} />{t(`page.providers.device.${state}`)}</p>
      <p class="polled-when">{device.newestMs === null ? t("page.providers.never") : <Age timeMs={device.newestMs} />} <span class="muted">· {t("page.providers.every", { span: words.span(device.periodMs) })}</span> {device.live && <Badge tone="water" title={t("page.providers.live.text")}>{t("page.providers.live")}</Badge>}</p>
      {mayAct && <PollNow account={account} device={device.device} devices={1} fullest={undefined} title={nameId} onPolled={onPolled} />}
      {device.troubles.length > 0 && (
        <ul class="polled-troubles">
          {device.troubles.map(({ keys, kind, detail, atMs, misconfiguredSinceMs }) => (
            <li key={`${kind} ${keys.join(",")}`}>
              <b>{outcomeKinds.some((known) => known === kind) ? t(`page.outcome.${kind}`) : kind}</b> {keys.map((key) => <code key={key}>{key} </code>)}
              <span class="account-detail">{detail}</span> {atMs !== null && <span class="muted">(<Age timeMs={atMs} />)</span>}
              {misconfiguredSinceMs !== null && <span class="polled-next">{t("page.providers.misconfigured.since", { since: words.minute(misconfiguredSinceMs) })}</span>}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

import { useShell, useStore, useWords } from "../app/hooks.tsx";
import { pointHref } from "../app/router.ts";
import { formatUnit } from "../format/number.ts";
import { Age } from "../ui/age.tsx";
import { Icon, type IconName } from "../ui/icons.tsx";
import type { Device } from "../wire/operations.ts";

/** A device that never told is shown without a word: most tell nothing. */
const presenceIcons: Readonly<Record<string, IconName>> = { online: "good", silent: "missing", offline: "bad" };

export interface DeviceRowProps {
  readonly device: Device;
  readonly mayAct: boolean;
  readonly busy: boolean;
  readonly onAdopt: () => void;
  readonly onFeeds: () => void;
}

export function DeviceRow({ device, mayAct, busy, onAdopt, onFeeds }: DeviceRowProps) {
  const shell = useShell();
  const words = useWords();
  const { t } = words;
  const directory = useStore(shell.directory.state);
  const presence = device.presence in presenceIcons ? device.presence : "unknown";
  const waiting = device.state === "waiting";
  return (
    <li class={waiting ? "panel device device-waiting" : "panel device"}>
      <div class="device-name">
        <h3>{device.device}</h3>
        <p class="point-sub"><span>{[...new Set([device.client, device.transport, device.source])].filter((part) => part !== "").join(" · ")}</span></p>
      </div>
      {presence === "unknown" ? <span class="presence" /> : <p class={`presence presence-${presence}`}><Icon name={presenceIcons[presence] ?? "missing"} size={18} />{t(`page.presence.${presence}`)}{device.detail !== "" && <span class="muted"> · {device.detail}</span>}</p>}
      <dl class="device-facts">
        <div><dt>{t("page.devices.last")}</dt><dd>{device.lastSeenMs === null ? t("page.value.none") : <Age timeMs={device.lastSeenMs} />}</dd></div>
        {device.silentSinceMs !== null && <div><dt>{t("page.devices.silent")}</dt><dd><Age timeMs={device.silentSinceMs} /></dd></div>}
        {device.readings !== null && <div><dt>{t("page.devices.readings")}</dt><dd>{words.count(device.readings)}</dd></div>}
        <div>
          <dt>{t("page.keys")}</dt>
          <dd class="device-keys">{device.keys.map((key) => <code key={key.key} title={key.variable === "" ? undefined : `${key.variable} ${formatUnit(key.unit)}`}>{key.key}</code>)}</dd>
        </div>
      </dl>
      <div class="device-end">
        {device.points.map((id) => <a key={id} href={pointHref(id)}>{directory.points.find((point) => point.id === id)?.name ?? t("page.point")}</a>)}
        {!waiting && (mayAct || device.feeds > 0) && device.keys.length > 0 && <button type="button" class="button" onClick={onFeeds}>{t("page.feeds")}{device.feeds > 0 && ` ${words.count(device.feeds)}`}</button>}
        {waiting && mayAct && <button type="button" class="button button-main" disabled={busy} onClick={onAdopt}>{t("page.devices.adopt")}</button>}
      </div>
    </li>
  );
}

import { useState } from "preact/hooks";
import { useShell, useStore, useWords } from "../app/hooks.tsx";
import { PageTitle } from "../app/page-title.tsx";
import { endpoints } from "../http/endpoints.ts";
import { Icon } from "../ui/icons.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Segments } from "../ui/segments.tsx";
import { usePages } from "../ui/use-pages.tsx";
import { mayConfigure, readDevice, type Device } from "../wire/operations.ts";
import { DeviceRow } from "./device-row.tsx";
import { FeedsDialog } from "./feeds-dialog.tsx";
import { RefusedDevices } from "./refused-devices.tsx";

const states = ["all", "active", "waiting"] as const;
type DeviceState = (typeof states)[number];

/** What sends: active devices feed points, waiting ones are kept aside until somebody adopts them. */
export function DevicesScreen() {
  const shell = useShell();
  const { t } = useWords();
  const session = useStore(shell.session);
  const [state, setState] = useState<DeviceState>("all");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState("");
  const [fed, setFed] = useState<Device | null>(null);
  const pages = usePages(endpoints.devices({ state: state === "all" ? "" : state }), readDevice);
  const mayAct = session.state === "signed-in" && mayConfigure(session.person);
  const waiting = pages.items.filter((device) => device.state === "waiting");
  const active = pages.items.filter((device) => device.state !== "waiting");

  const adopt = async (device: Device) => {
    setBusy(`${device.client}/${device.device}`);
    try {
      await shell.api.call(endpoints.adopt(device.client, device.device), { method: "POST" });
      setError(null);
      shell.spoken.set(t("page.devices.adopted", { device: device.device }));
      pages.reload();
      void shell.directory.load();
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy("");
    }
  };
  const rows = (devices: readonly Device[]) => devices.map((device) => {
    const key = `${device.client}/${device.device}`;
    return <DeviceRow key={key} device={device} mayAct={mayAct} busy={busy === key} onAdopt={() => void adopt(device)} onFeeds={() => setFed(device)} />;
  });
  return (
    <>
      <div class="page-head"><PageTitle text={t("page.devices")} />
        <Segments label={t("page.devices.state")} name="device-state" value={state} onChange={setState} options={states.map((value) => ({ value, text: t(`page.devices.state.${value}`) }))} />
      </div>
      <ProblemNote error={error} />
      {pages.error !== null && <ProblemNote error={pages.error}><button type="button" class="button" onClick={pages.reload}>{t("page.retry")}</button></ProblemNote>}
      {pages.loading && pages.items.length === 0 && <div class="skeleton skeleton-row" role="status"><span class="sr">{t("page.loading")}</span></div>}
      {!pages.loading && pages.error === null && pages.items.length === 0 && <div class="blank panel"><Icon name="devices" size={28} /><p>{t("page.devices.none")}</p></div>}
      {waiting.length > 0 && (
        <section aria-labelledby="waiting-title">
          <h2 id="waiting-title" class="section-title">{t("page.devices.waiting")}</h2>
          <p class="lead">{t("page.devices.waiting.text")}</p>
          <ul class="device-list">{rows(waiting)}</ul>
        </section>
      )}
      {active.length > 0 && (
        <section aria-labelledby="active-title">
          <h2 id="active-title" class="section-title">{t("page.devices.active")}</h2>
          <ul class="device-list">{rows(active)}</ul>
        </section>
      )}
      {pages.more && <p class="more"><button type="button" class="button" disabled={pages.loading} onClick={pages.loadMore}>{t("page.more-items")}</button></p>}
      <RefusedDevices />
      {fed !== null && <FeedsDialog device={fed} mayAct={mayAct} onClose={() => setFed(null)} onSaved={pages.reload} />}
    </>
  );
}

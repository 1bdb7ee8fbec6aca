import { useState } from "preact/hooks";
import { useShell, useStore, useWords } from "../app/hooks.tsx";
import { fromFieldValue } from "../format/instant.ts";
import { endpoints } from "../http/endpoints.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Choice, Field } from "../ui/field.tsx";
import { Icon } from "../ui/icons.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { usePages } from "../ui/use-pages.tsx";
import { readDeviceFeed, type Device } from "../wire/operations.ts";
import { asNumber, asRecord } from "../wire/read.ts";

export interface FeedsDialogProps {
  readonly device: Device;
  readonly mayAct: boolean;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

/** Points that are offered at a time: a search finds the others. */
const MOST_OFFERED = 50;

/** Which points a device's key feeds besides its own: one barometer for many wells. */
export function FeedsDialog({ device, mayAct, onClose, onSaved }: FeedsDialogProps) {
  const shell = useShell();
  const words = useWords();
  const { t } = words;
  const directory = useStore(shell.directory.state);
  const path = endpoints.feeds(device.client, device.device);
  const pages = usePages(path, readDeviceFeed);
  const [key, setKey] = useState(device.keys[0]?.key ?? "");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [search, setSearch] = useState("");
  const [from, setFrom] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const wanted = search.trim().toLowerCase();
  const offered = directory.points.filter(({ id, client, name, device: own }) => client === device.client && !device.points.includes(id) && (wanted === "" || `${name} ${own}`.toLowerCase().includes(wanted)));

  const send = async (feeds: readonly object[]) => {
    setBusy(true);
    try {
      const done = asRecord(await shell.api.call(path, { method: "PUT", body: { feeds } }));
      shell.spoken.set(t("page.feeds.saved", { device: device.device, count: words.count(asNumber(done["after"])) }));
      setError(null);
      setChosen(new Set());
      pages.reload();
      onSaved();
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  const add = (event: Event) => {
    event.preventDefault();
    const fromMs = fromFieldValue(from);
    const validFrom = fromMs === null ? {} : { validFrom: new Date(fromMs).toISOString() };
    if (chosen.size > 0) void send([...chosen].map((point) => ({ key, point, ...validFrom })));
  };
  const toggle = (id: string, on: boolean) => setChosen(on ? new Set([...chosen, id]) : new Set([...chosen].filter((other) => other !== id)));
  return (
    <Dialog title={t("page.feeds.title", { device: device.device })} onClose={onClose} wide>
      <p class="lead">{t("page.feeds.help")}</p>
      <ProblemNote error={error} />
      {mayAct && (
        <form onSubmit={add}>
          <div class="form-pair">
            <Choice label={t("page.feeds.key")} value={key} options={device.keys.map((row) => ({ value: row.key, text: row.variable === "" ? row.key : `${row.key} (${row.variable})` }))} onChange={setKey} />
            <Field type="datetime-local" label={t("page.feeds.from")} value={from} onInput={setFrom} />
          </div>
          <Field type="search" label={t("page.feeds.find")} value={search} onInput={setSearch} />
          <fieldset class="key-fields">
            <legend>{t("page.feeds.points")}</legend>
            {offered.slice(0, MOST_OFFERED).map(({ id, name }) => (
              <label key={id} class="check"><input type="checkbox" checked={chosen.has(id)} onChange={(event) => toggle(id, event.currentTarget.checked)} />{name}</label>
            ))}
          </fieldset>
          <div class="dialog-foot"><button type="submit" class="button button-main" disabled={busy || chosen.size === 0}>{t("page.feeds.add", { count: words.count(chosen.size) })}</button></div>
        </form>
      )}
      <h3>{t("page.feeds.now")}</h3>
      {pages.error !== null && <ProblemNote error={pages.error} />}
      {!pages.loading && pages.items.length === 0 && <p class="muted">{t("page.feeds.none")}</p>}
      <ul class="refused-list">
        {pages.items.map((feed) => (
          <li key={`${feed.key}/${feed.point}/${feed.fromMs}`}>
            <code>{feed.key}</code> <b>{feed.name}</b> <span>{feed.variable}</span>
            <span class="muted">{[feed.fromMs, feed.untilMs].map((timeMs) => (timeMs === null ? "…" : words.instant(timeMs))).join(" – ")}</span>
            {mayAct && <button type="button" class="button button-icon" disabled={busy} aria-label={t("page.feeds.remove", { point: feed.name })} onClick={() => void send([{ key: feed.key, point: feed.point, removed: true }])}><Icon name="close" /></button>}
          </li>
        ))}
      </ul>
      {pages.more && <p class="more"><button type="button" class="button" disabled={pages.loading} onClick={pages.loadMore}>{t("page.more-items")}</button></p>}
    </Dialog>
  );
}

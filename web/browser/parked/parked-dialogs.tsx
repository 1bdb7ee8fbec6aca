import { useState } from "preact/hooks";
import { useAsked, useShell, useWords } from "../app/hooks.tsx";
import { endpoints } from "../http/endpoints.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Field } from "../ui/field.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Segments } from "../ui/segments.tsx";
import { readParkedValue, readReplayResult, type ParkedItem, type ReplayResult } from "../wire/operations.ts";
import { hexDump, readableText } from "./hex.ts";
import type { ParkedFilter } from "./parked-filter.ts";

/** More than this a browser shows badly; the command line writes the whole. */
const MOST_SHOWN_BYTES = 256 * 1024;

/** The whole value, as text where it is text, and byte by byte. */
export function ValueDialog({ item, onClose }: { readonly item: ParkedItem; readonly onClose: () => void }) {
  const shell = useShell();
  const words = useWords();
  const { t } = words;
  const [as, setAs] = useState<"text" | "hex" | null>(null);
  const asked = useAsked(item.id, async (signal) => readParkedValue(await shell.api.call(endpoints.parkedItem(item.id), { signal })));
  const value = asked.value;
  const shown = as ?? (value === undefined || value.text !== null ? "text" : "hex");
  return (
    <Dialog title={words.park(item.reason)} onClose={onClose} wide>
      <ProblemNote error={asked.error} />
      {value !== undefined && (
        <>
          <div class="dialog-tools">
            {value.text !== null && <Segments label={t("page.parked.as")} name="as" value={shown} onChange={setAs} options={[{ value: "text", text: t("page.parked.as-text") }, { value: "hex", text: t("page.parked.as-hex") }]} />}
            <span class="muted">{words.bytes(value.bytes.length)}</span>
          </div>
          <pre class="value" tabIndex={0} role="region" aria-label={t("page.parked.value")}>{shown === "text" && value.text !== null ? readableText(value.text.slice(0, MOST_SHOWN_BYTES)) : hexDump(value.bytes, MOST_SHOWN_BYTES)}</pre>
          {value.bytes.length > MOST_SHOWN_BYTES && <p class="note note-warn">{t("page.parked.cut", { shown: words.bytes(MOST_SHOWN_BYTES) })} <code>npx caudal parked show {item.id}</code></p>}
        </>
      )}
    </Dialog>
  );
}

/** Discarding is for ever and is audited, so it asks why. */
export function DiscardDialog({ item, onClose, onDone }: { readonly item: ParkedItem; readonly onClose: () => void; readonly onDone: () => void }) {
  const shell = useShell();
  const { t } = useWords();
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const discard = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      await shell.api.call(endpoints.discard(item.id), { method: "POST", body: { reason: reason.trim() } });
      onDone();
    } catch (refused) {
      setError(refused);
      setBusy(false);
    }
  };
  return (
    <Dialog title={t("page.parked.discard.title")} onClose={onClose}>
      <form onSubmit={(event) => void discard(event)}>
        <p>{t("page.parked.discard.text")}</p>
        <ProblemNote error={error} />
        <Field label={t("page.parked.discard.why")} value={reason} onInput={setReason} required />
        <div class="dialog-foot">
          <button type="button" class="button" onClick={onClose}>{t("page.cancel")}</button>
          <button type="submit" class="button button-danger" disabled={busy || reason.trim() === ""}>{t("page.parked.discard")}</button>
        </div>
      </form>
    </Dialog>
  );
}

/** Replays all that the filter names, not only what is on the screen. */
export function ReplayAllDialog({ filter, onClose, onDone }: { readonly filter: ParkedFilter; readonly onClose: () => void; readonly onDone: (result: ReplayResult) => void }) {
  const shell = useShell();
  const words = useWords();
  const { t } = words;
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const { reason, group, client } = filter;
  const wanted = Object.fromEntries(Object.entries({ reason, group, client }).filter(([, value]) => value !== ""));
  const replay = async () => {
    setBusy(true);
    try {
      onDone(readReplayResult(await shell.api.call(endpoints.replayAll(), { method: "POST", body: wanted })));
    } catch (refused) {
      setError(refused);
      setBusy(false);
    }
  };
  return (
    <Dialog title={t("page.parked.replay-all")} onClose={onClose}>
      <p>{t("page.parked.replay-all.text")}</p>
      <ul>
        <li>{t("page.parked.reason")}: {reason === "" ? t("page.parked.any-reason") : words.park(reason)}</li>
        <li>{t("page.parked.group")}: {group === "" ? t("page.parked.any-group") : group}</li>
        {client !== "" && <li>{t("page.client")}: {client}</li>}
      </ul>
      <ProblemNote error={error} />
      <div class="dialog-foot">
        <button type="button" class="button" onClick={onClose}>{t("page.cancel")}</button>
        <button type="button" class="button button-main" disabled={busy} onClick={() => void replay()}>{t("page.parked.replay-all.do")}</button>
      </div>
    </Dialog>
  );
}

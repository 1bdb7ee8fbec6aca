import { useWords } from "../app/hooks.tsx";
import { Age } from "../ui/age.tsx";
import { Icon } from "../ui/icons.tsx";
import type { ParkedItem } from "../wire/operations.ts";

export interface ParkedRowProps {
  readonly item: ParkedItem;
  readonly mayAct: boolean;
  readonly onReplay: () => void;
  readonly onView: () => void;
  readonly onDiscard: () => void;
}

export function ParkedRow({ item, mayAct, onReplay, onView, onDiscard }: ParkedRowProps) {
  const words = useWords();
  const { t } = words;
  const next = item.next || words.parkNext(item.reason);
  const origin = [item.transport, item.origin || item.source].filter((part) => part !== "").join(" · ");
  return (
    <li class="panel parked">
      <div class="parked-head">
        <h2><Icon name="parked" />{item.reasonText || words.park(item.reason)}</h2>
        <p class="parked-when">{item.receivedAtMs !== null && <Age timeMs={item.receivedAtMs} />}</p>
      </div>
      {item.detail !== "" && <p class="parked-detail">{item.detail}</p>}
      <dl class="parked-facts">
        {item.client !== "" && <div><dt>{t("page.client")}</dt><dd>{item.client}</dd></div>}
        {item.device !== "" && <div><dt>{t("page.device")}</dt><dd>{item.device}</dd></div>}
        {origin !== "" && <div><dt>{t("page.parked.origin")}</dt><dd>{origin}</dd></div>}
        <div><dt>{t("page.parked.group")}</dt><dd>{item.group}</dd></div>
        <div><dt>{t("page.parked.size")}</dt><dd>{words.bytes(item.bytes)}</dd></div>
      </dl>
      {item.preview !== "" ? <pre class="preview" tabIndex={0} role="group" aria-label={t("page.parked.preview")}>{item.preview}</pre> : <p class="muted">{t("page.parked.binary")}</p>}
      {next !== "" && item.state === "parked" && <p class="parked-next"><b>{t("page.parked.next")}</b> {next}</p>}
      <div class="parked-actions">
        <button type="button" class="button" onClick={onView}>{t("page.parked.view")}</button>
        {mayAct && item.state === "parked" && <button type="button" class="button" onClick={onReplay}><Icon name="replay" size={18} />{t("page.parked.replay")}</button>}
        {mayAct && item.state === "parked" && <button type="button" class="button button-danger" onClick={onDiscard}>{t("page.parked.discard")}</button>}
        {item.state !== "parked" && <span class="badge badge-plain">{t(`page.parked.state.${item.state}`)}</span>}
      </div>
    </li>
  );
}

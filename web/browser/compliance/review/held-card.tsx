import { useWords } from "../../app/hooks.tsx";
import { obraHref } from "../../app/router.ts";
import { withQuery } from "../../http/request.ts";
import { Age } from "../../ui/age.tsx";
import { Icon } from "../../ui/icons.tsx";
import type { HeldSlot } from "../../wire/held-slot.ts";
import { regulatorDay, regulatorMinute } from "../regulator-time.ts";
import { markOf } from "../slots/slot-mark.ts";
import { SlotSign } from "../slots/slot-sign.tsx";
import { TakenList } from "../slots/slot-panel.tsx";
import { figuresOf } from "../slots/slot-text.ts";

/** What a person can do with a held slot. */
export type HeldAct = "confirm" | "annul" | "edit" | "approve" | "decline";

export interface HeldCardProps {
  readonly held: HeldSlot;
  readonly may: boolean;
  /** Name of who looks: nobody approves what he proposed. */
  readonly me: string;
  readonly onAct: (act: HeldAct) => void;
}

/** A slot that waits for a person: why, what was measured, what was sent before it. */
export function HeldCard({ held, may, me, onAct }: HeldCardProps) {
  const words = useWords();
  const { t, language } = words;
  const { proposal, neighbours } = held;
  const mine = proposal !== null && proposal.by === me;
  const figures = figuresOf(held.values, words);
  const mark = markOf(held, held.slotMs);
  return (
    <li class="panel held">
      <div class="decision-head">
        <h2><a href={withQuery(obraHref(held), { month: regulatorDay(held.slotMs).slice(0, 7), slot: held.slot })}>{held.name}</a></h2>
        <p class="slot-state"><span class={`legend-cell mark mark-${mark}`}><SlotSign mark={mark} /></span><b>{t(`page.mark.${mark}`)}</b></p>
      </div>
      <p class="decision-where"><code>{held.code}</code> · <time dateTime={held.slot}>{regulatorMinute(held.slotMs, language)}</time> · <Age timeMs={held.slotMs} /></p>
      <ul class="slot-reasons">{held.why.map((why) => <li key={why}>{why}</li>)}</ul>
      <div class="held-body">
        <div>
          <h3>{t("page.review.measured")}</h3>
          {figures.length === 0 && <p class="muted">{t("page.slot.taken.none")}</p>}
          <dl class="slot-facts">{held.voucher !== null && <div class="slot-voucher"><dt>{t("page.slot.voucher")}</dt><dd><code>{held.voucher}</code></dd></div>}{figures.map(({ name, text }) => <div key={name}><dt>{t(`page.figure.${name}`)}</dt><dd><b>{text}</b></dd></div>)}</dl>
          <TakenList slot={held} />
        </div>
        <dl class="held-context">
          {held.rightLps !== null && <div><dt>{t("page.right.flow")}</dt><dd>{words.exact(held.rightLps)} L/s</dd></div>}
          {held.sinceMs !== null && <div><dt>{t("page.review.since")}</dt><dd>{regulatorMinute(held.sinceMs, language)}</dd></div>}
          {neighbours.length > 0 && <div><dt>{t("page.review.around")}</dt>{neighbours.map(({ slotMs, values }) => <dd key={slotMs}><span class="muted">{regulatorMinute(slotMs, language)}</span> {figuresOf(values, words).map(({ text }) => text).join(" · ") || "—"}</dd>)}</div>}
        </dl>
      </div>
      {held.blocked !== "" && proposal === null && <p class="note note-warn"><Icon name="suspect" />{t("page.review.blocked", { why: held.blocked })}</p>}
      {held.wouldSend !== "" && proposal === null && <details class="held-send"><summary>{t("page.review.would-send")}</summary><pre class="preview" tabIndex={0}>{held.wouldSend}</pre></details>}
      {proposal !== null && (
        <div class="note note-water">
          <Icon name="edit" />
          <div>
            <p class="note-title">{t("page.review.proposed", { by: proposal.by })}</p>
            <p><b>{figuresOf(proposal.values, words).map(({ name, text }) => `${t(`page.figure.${name}`)} ${text}`).join(" · ")}</b></p>
            <p>{t(`page.review.code.${proposal.code}`)} <q>{proposal.reason}</q></p>
            {may && mine && <p class="small">{t("page.review.not-mine")}</p>}
          </div>
        </div>
      )}
      {may && (
        <div class="decision-actions">
          {proposal !== null && !mine && <button type="button" class="button button-main" onClick={() => onAct("approve")}><Icon name="check" size={18} />{t("page.review.approve")}</button>}
          {proposal !== null && <button type="button" class="button" onClick={() => onAct("decline")}>{t("page.review.decline")}</button>}
          {proposal === null && held.blocked === "" && <button type="button" class="button button-main" onClick={() => onAct("confirm")}><Icon name="check" size={18} />{t("page.review.confirm")}</button>}
          {proposal === null && <button type="button" class="button" onClick={() => onAct("edit")}><Icon name="edit" size={18} />{t("page.review.edit")}</button>}
          <button type="button" class="button button-danger" onClick={() => onAct("annul")}>{t("page.review.annul")}</button>
        </div>
      )}
    </li>
  );
}

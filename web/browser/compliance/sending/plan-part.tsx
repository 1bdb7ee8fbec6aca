import { useState } from "preact/hooks";
import { useAsked, useShell, useWords } from "../../app/hooks.tsx";
import { obraHref } from "../../app/router.ts";
import { endpoints } from "../../http/endpoints.ts";
import { useSeenTick } from "../../providers/use-seen-tick.ts";
import { Age } from "../../ui/age.tsx";
import { Icon } from "../../ui/icons.tsx";
import { ProblemNote } from "../../ui/problem-note.tsx";
import { mayAdminister, type Person } from "../../wire/operations.ts";
import type { ComplianceStatus, Sending } from "../../wire/obra-status.ts";
import { longestFirst, readSendPlan, type PlannedWork } from "../../wire/send-plan.ts";
import { regulatorMinute } from "../regulator-time.ts";
import { SendingDialog } from "./sending-dialog.tsx";
import { BreakerNotes, SendingSaid } from "./sending-note.tsx";

const PLAN_EVERY_MS = 30_000;
const SHOWN_AT_ONCE = 100;

/** What is still to be sent, how long it will take, and the switch of all sending. */
export function PlanPart({ person, status, onChanged }: { readonly person: Person | null; readonly status: ComplianceStatus | undefined; readonly onChanged: () => void }) {
  const shell = useShell();
  const words = useWords();
  const { t, language } = words;
  const { tick, element } = useSeenTick(PLAN_EVERY_MS);
  const [turn, setTurn] = useState(0);
  const [switching, setSwitching] = useState(false);
  const [shown, setShown] = useState(SHOWN_AT_ONCE);
  const asked = useAsked(`${tick} ${turn}`, async (signal) => readSendPlan(await shell.api.call(endpoints.plan(), { signal })));
  const plan = asked.value;
  const works = longestFirst((plan?.works ?? []).filter(({ waiting }) => waiting > 0));
  const changed = () => {
    setSwitching(false);
    setTurn((before) => before + 1);
    onChanged();
  };
  return (
    <div class="tab-body" ref={(node) => { element.current = node; }}>
      {asked.error !== null && <ProblemNote error={asked.error}><button type="button" class="button" onClick={changed}>{t("page.retry")}</button></ProblemNote>}
      {plan === undefined && asked.loading && <div class="skeleton skeleton-chart" role="status"><span class="sr">{t("page.loading")}</span></div>}
      {status !== undefined && (
        <>
          <SwitchPanel sending={status.sending} mayThrow={mayAdminister(person)} onThrow={() => setSwitching(true)} />
          <BreakerNotes breakers={status.breakers} />
        </>
      )}
      {plan !== undefined && (
        <>
          <dl class="plan-figures">
            <div><dt>{t("page.plan.total")}</dt><dd>{words.count(plan.total)}</dd></div>
            <div><dt>{t("page.plan.works")}</dt><dd>{words.count(works.length)}</dd></div>
            <div><dt>{t("page.plan.done")}</dt><dd>{plan.total === 0 ? t("page.plan.nothing") : plan.doneMs === null ? t("page.plan.never") : regulatorMinute(plan.doneMs, language)}</dd></div>
          </dl>
          {works.length === 0 ? <div class="blank panel"><Icon name="good" size={28} /><p>{t("page.plan.none")}</p></div> : <ul class="plan-list">{works.slice(0, shown).map((work) => <PlanRow key={work.work} work={work} />)}</ul>}
          {works.length > shown && <p class="more"><button type="button" class="button" onClick={() => setShown(shown + SHOWN_AT_ONCE)}>{t("page.more-items")}</button></p>}
          <p class="small">{t("page.plan.rules")}</p>
        </>
      )}
      {switching && status !== undefined && <SendingDialog on={!status.sending.on} waiting={plan?.total ?? 0} onClose={() => setSwitching(false)} onDone={changed} />}
    </div>
  );
}

function SwitchPanel({ sending, mayThrow, onThrow }: { readonly sending: Sending; readonly mayThrow: boolean; readonly onThrow: () => void }) {
  const { t } = useWords();
  const which = sending.on ? "on" : "off";
  return (
    <section class={`panel switch switch-${which}`} aria-labelledby="switch-title">
      <Icon name={sending.on ? "send" : "stop"} size={28} />
      <div>
        <h2 id="switch-title">{t(`page.compliance.sending.${which}`)}</h2>
        <p class="small"><SendingSaid sending={sending} /></p>
      </div>
      {mayThrow && <button type="button" class={sending.on ? "button button-danger" : "button button-main"} onClick={onThrow}>{t(sending.on ? "page.plan.switch.off" : "page.plan.switch.on")}</button>}
    </section>
  );
}

function PlanRow({ work }: { readonly work: PlannedWork }) {
  const words = useWords();
  const { t, language } = words;
  return (
    <li class="plan-row">
      <h3><a href={obraHref(work)}>{work.code}</a> <span class="muted">{work.regulator.toUpperCase()}</span></h3>
      <dl>
        <div><dt>{t("page.plan.waiting")}</dt><dd>{words.count(work.waiting)}</dd></div>
        <div><dt>{t("page.plan.oldest")}</dt><dd>{work.oldestMs === null ? "—" : <>{regulatorMinute(work.oldestMs, language)} <span class="small"><Age timeMs={work.oldestMs} /></span></>}</dd></div>
        <div><dt>{t("page.plan.next")}</dt><dd>{work.next === null ? t("page.plan.never") : <>{regulatorMinute(work.next.slotMs, language)}{work.next.dueMs !== null && <span class="small"> {t("page.plan.due", { at: regulatorMinute(work.next.dueMs, language) })}</span>}</>}</dd></div>
        <div><dt>{t("page.plan.done")}</dt><dd>{work.stopped !== null ? t("page.obra.stopped") : work.doneMs === null ? t("page.plan.never") : regulatorMinute(work.doneMs, language)}</dd></div>
      </dl>
    </li>
  );
}

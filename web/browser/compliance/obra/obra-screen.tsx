import { useState } from "preact/hooks";
import { useAsked, useShell, useStore, useWords } from "../../app/hooks.tsx";
import { PageTitle } from "../../app/page-title.tsx";
import { complianceHref, obraHref, obraTabs, type ObraTab } from "../../app/router.ts";
import { endpoints } from "../../http/endpoints.ts";
import { Badge } from "../../ui/badge.tsx";
import { Icon, type IconName } from "../../ui/icons.tsx";
import { ProblemNote } from "../../ui/problem-note.tsx";
import { mayConfigure, mayReview } from "../../wire/operations.ts";
import { readComplianceStatus } from "../../wire/obra-status.ts";
import { readObra, type Obra } from "../../wire/obra.ts";
import { CalendarTab } from "../calendar/calendar-tab.tsx";
import { LedgerTab } from "./ledger-tab.tsx";
import { ObraSettingsTab } from "./obra-settings-tab.tsx";
import { RightTab } from "./right-tab.tsx";
import { SendingNote } from "../sending/sending-note.tsx";
import { StopDialog } from "./stop-dialog.tsx";

const icons: Readonly<Record<ObraTab, IconName>> = { calendar: "calendar", ledger: "ledger", right: "chart", settings: "settings" };

/** One work: its calendar, ledger, right and settings. */
export function ObraScreen({ regulator, code, tab }: { readonly regulator: string; readonly code: string; readonly tab: ObraTab }) {
  const shell = useShell();
  const { t } = useWords();
  const session = useStore(shell.session);
  const [changes, setChanges] = useState(0);
  const [stopping, setStopping] = useState(false);
  const asked = useAsked(`${regulator}/${code} ${changes}`, async (signal) => {
    const [obra, status] = await Promise.all([shell.api.call(endpoints.obra({ regulator, code }), { signal }), shell.api.call(endpoints.complianceStatus({ work: `${regulator}/${code}` }), { signal })]);
    return { obra: readObra(obra), status: readComplianceStatus(status) };
  });
  const obra = asked.value?.obra;
  const stopped = asked.value?.status.obras.find(({ work }) => work === obra?.work)?.stopped ?? null;
  const mayEdit = session.state === "signed-in" && mayReview(session.person);
  const mayChange = session.state === "signed-in" && mayConfigure(session.person);
  const changed = () => setChanges((before) => before + 1);
  return (
    <>
      <p class="crumbs"><a href={complianceHref()}><Icon name="left" size={16} />{t("page.compliance.part.obras")}</a></p>
      <div class="page-head point-page-head">
        <div>
          <PageTitle text={obra?.name ?? code} />
          <p class="point-sub"><code>{code}</code><span>{regulator.toUpperCase()}</span>{obra !== undefined && <ObraFacts obra={obra} />}</p>
        </div>
        {mayEdit && obra !== undefined && <button type="button" class={stopped === null ? "button button-danger" : "button button-main"} onClick={() => setStopping(true)}><Icon name={stopped === null ? "stop" : "send"} size={18} />{t(stopped === null ? "page.obra.stop" : "page.obra.resume")}</button>}
      </div>
      {asked.error !== null && <ProblemNote error={asked.error}><button type="button" class="button" onClick={changed}>{t("page.retry")}</button></ProblemNote>}
      {asked.value !== undefined && <SendingNote sending={asked.value.status.sending} breakers={asked.value.status.breakers.filter((breaker) => breaker.regulator === regulator)} />}
      {obra !== undefined && stopped !== null && <div class="note note-warn"><Icon name="stop" /><div><p class="note-title">{t("page.obra.stopped.title")}</p>{stopped !== "" && <p><q>{stopped}</q></p>}<p>{t("page.obra.stopped.text")}</p></div></div>}
      {obra !== undefined && obra.mode !== "live" && <p class="note"><Icon name="pause" />{t(`page.obra.mode.${obra.mode}.text`)}</p>}
      <nav class="tabs" aria-label={t("page.tabs")}>
        <ul>{obraTabs.map((name) => <li key={name}><a href={obraHref({ regulator, code }, name)} aria-current={name === tab ? "page" : undefined}><Icon name={icons[name]} size={18} />{t(`page.obra.tab.${name}`)}</a></li>)}</ul>
      </nav>
      {obra === undefined && asked.loading && <div class="skeleton skeleton-chart" role="status"><span class="sr">{t("page.loading")}</span></div>}
      {obra !== undefined && <Tab obra={obra} tab={tab} mayEdit={mayEdit} mayChange={mayChange} changes={changes} onChanged={changed} />}
      {stopping && obra !== undefined && <StopDialog obra={obra} act={stopped === null ? "stop" : "resume"} onClose={() => setStopping(false)} onDone={() => { setStopping(false); changed(); }} />}
    </>
  );
}

function ObraFacts({ obra }: { readonly obra: Obra }) {
  const { t } = useWords();
  return (
    <>
      <span>{[obra.client, t(`page.obra.standard.${obra.standard}`), t(`page.obra.water.${obra.water}`)].join(" · ")}</span>
      <Badge icon={obra.mode === "live" ? "send" : "pause"} tone={obra.mode === "live" ? "water" : "plain"}>{t(`page.obra.mode.${obra.mode}`)}</Badge>
    </>
  );
}

function Tab({ obra, tab, mayEdit, mayChange, changes, onChanged }: { readonly obra: Obra; readonly tab: ObraTab; readonly mayEdit: boolean; readonly mayChange: boolean; readonly changes: number; readonly onChanged: () => void }) {
  if (tab === "ledger") return <LedgerTab obra={obra} changes={changes} />;
  if (tab === "right") return <RightTab obra={obra} />;
  if (tab === "settings") return <ObraSettingsTab obra={obra} mayConfigure={mayChange} />;
  return <CalendarTab obra={obra} mayEdit={mayEdit} changes={changes} onChanged={onChanged} />;
}

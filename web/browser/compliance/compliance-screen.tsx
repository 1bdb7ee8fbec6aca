import { useState } from "preact/hooks";
import { useAsked, useShell, useStore, useWords } from "../app/hooks.tsx";
import { PageTitle } from "../app/page-title.tsx";
import { obraFormHref, obraImportHref, type CompliancePart } from "../app/router.ts";
import { endpoints } from "../http/endpoints.ts";
import { useSeenTick } from "../providers/use-seen-tick.ts";
import { Icon } from "../ui/icons.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { mayConfigure, type Person } from "../wire/operations.ts";
import { ComplianceNav } from "./compliance-nav.tsx";
import { CredentialsPart } from "./credentials/credentials-part.tsx";
import { loadStatus } from "./load.ts";
import { ObraList } from "./obras/obra-list.tsx";
import { PlanPart } from "./sending/plan-part.tsx";
import { ReviewPart } from "./review/review-part.tsx";
import { ModeNote, SendingNote } from "./sending/sending-note.tsx";

/** Every work is counted for it. */
const STATUS_EVERY_MS = 60_000;

/** What is owed to regulators: all works, the slots that wait for a person, and what is still to be sent. */
export function ComplianceScreen({ part }: { readonly part: CompliancePart }) {
  const shell = useShell();
  const { t } = useWords();
  const session = useStore(shell.session);
  const { tick, element } = useSeenTick(STATUS_EVERY_MS);
  const [turn, setTurn] = useState(0);
  const asked = useAsked(`${tick} ${turn}`, (signal) => loadStatus(shell.api, signal));
  const changed = () => setTurn((before) => before + 1);
  const person = session.state === "signed-in" ? session.person : null;
  return (
    <>
      <div class="page-head" ref={(node) => { element.current = node; }}>
        <div><PageTitle text={t(`page.compliance.${part}`)} /><p class="lead">{t(`page.compliance.${part}.text`)}</p></div>
        {part === "obras" && (asked.value?.obras.length ?? 0) > 0 && <ObraActs person={person} />}
      </div>
      <ComplianceNav part={part} review={(asked.value?.obras ?? []).reduce((sum, { counts }) => sum + counts.review, 0)} />
      {asked.error !== null && part !== "review" && part !== "credentials" && <ProblemNote error={asked.error}><button type="button" class="button" onClick={changed}>{t("page.retry")}</button></ProblemNote>}
      <ModeNote mode={asked.value?.mode ?? null} />
      {asked.value !== undefined && part !== "plan" && part !== "credentials" && <SendingNote sending={asked.value.sending} breakers={asked.value.breakers} />}
      {part === "obras" && <ObraList status={asked.value} mayConfigure={mayConfigure(person)} />}
      {part === "review" && <ReviewPart person={person} onChanged={changed} />}
      {part === "credentials" && <CredentialsPart person={person} />}
      {part === "plan" && <PlanPart person={person} status={asked.value} onChanged={changed} />}
    </>
  );
}

/** How works come to stand here and leave as a file; who may not change them only takes the file. */
function ObraActs({ person }: { readonly person: Person | null }) {
  const { t } = useWords();
  return (
    <div class="page-acts">
      <a class="button" download href={endpoints.obrasExport()}><Icon name="download" size={18} />{t("page.obra-import.export")}</a>
      {mayConfigure(person) && <a class="button" href={obraImportHref}><Icon name="file" size={18} />{t("page.obra-import")}</a>}
      {mayConfigure(person) && <a class="button button-main" href={obraFormHref(null)}><Icon name="plus" size={18} />{t("page.obra-form.new")}</a>}
    </div>
  );
}

import { useAsked, useShell, useStore, useWords } from "../../app/hooks.tsx";
import { PageTitle } from "../../app/page-title.tsx";
import { complianceHref, obraHref } from "../../app/router.ts";
import { endpoints, type WorkPath } from "../../http/endpoints.ts";
import { Icon } from "../../ui/icons.tsx";
import { ProblemNote } from "../../ui/problem-note.tsx";
import { mayConfigure } from "../../wire/operations.ts";
import { readComplianceStatus } from "../../wire/obra-status.ts";
import { loadHeldObra } from "../load.ts";
import { ObraFormView } from "./obra-form-view.tsx";
import { ModeNote } from "../sending/sending-note.tsx";

/** Registers a work, or changes one. */
export function ObraFormScreen({ work }: { readonly work: WorkPath | null }) {
  const shell = useShell();
  const { t } = useWords();
  const session = useStore(shell.session);
  const may = session.state === "signed-in" && mayConfigure(session.person);
  const asked = useAsked(`${work?.regulator}/${work?.code}`, async (signal) => {
    const [held, status] = await Promise.all([work === null ? null : loadHeldObra(shell.api, work, signal), shell.api.call(endpoints.complianceStatus({ limit: 1 }), { signal })]);
    return { held, status: readComplianceStatus(status) };
  });
  const held = asked.value?.held ?? null;
  return (
    <>
      <p class="crumbs"><a href={work === null ? complianceHref() : obraHref(work, "settings")}><Icon name="left" size={16} />{work === null ? t("page.compliance.part.obras") : (held?.obra.name ?? work.code)}</a></p>
      <div class="page-head"><div><PageTitle text={work === null ? t("page.obra-form.new") : t("page.obra-form.title", { name: held?.obra.name ?? work.code })} /><p class="lead">{t("page.obra-form.lead")}</p></div></div>
      {!may && <p class="note">{t("page.may-not")}</p>}
      {asked.error !== null && <ProblemNote error={asked.error} />}
      {may && asked.value === undefined && asked.loading && <div class="skeleton skeleton-chart" role="status"><span class="sr">{t("page.loading")}</span></div>}
      {may && asked.value !== undefined && (
        <>
          <ModeNote mode={asked.value.status.mode} />
          <ObraFormView first={held} status={asked.value.status} />
        </>
      )}
    </>
  );
}

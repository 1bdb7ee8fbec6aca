import { useAsked, useShell, type PageWords } from "../../app/hooks.tsx";
import { obraFormHref, pointHref } from "../../app/router.ts";
import { endpoints } from "../../http/endpoints.ts";
import { Icon } from "../../ui/icons.tsx";
import { ProblemNote } from "../../ui/problem-note.tsx";
import { readObra, type Obra } from "../../wire/obra.ts";
import { asPage } from "../../wire/read.ts";
import { CertificatesPanel } from "../certificates/certificates-panel.tsx";
import { changedParts, obraParts, type ObraPart } from "../form/obra-changes.ts";
import { partText, type FactWords } from "../form/obra-facts.ts";
import { regulatorMinute } from "../regulator-time.ts";
import { useFactWords } from "../form/use-fact-words.tsx";

/** What a work is, and everything it was, with who changed it and why. */
export function ObraSettingsTab({ obra, mayConfigure }: { readonly obra: Obra; readonly mayConfigure: boolean }) {
  const shell = useShell();
  const words = useFactWords();
  const { t } = words;
  const asked = useAsked(`${obra.work} ${obra.version}`, async (signal) => asPage(await shell.api.call(endpoints.obraVersions(obra), { signal }), readObra).items);
  const versions = (asked.value ?? []).toSorted((a, b) => b.version - a.version);
  return (
    <div class="columns obra-columns">
      <section class="panel" aria-labelledby="obra-settings">
        <div class="panel-head"><h2 id="obra-settings">{t("page.obra.settings")}</h2><p class="panel-figure">{t("page.obra.version", { version: words.count(obra.version) })}</p></div>
        <dl class="facts">{factsOf(obra, words).map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
        <h3>{t("page.obra.feeds")}</h3>
        <ul class="taken-list">{obra.feeds.map(({ quantity, point, variable }) => <li key={`${quantity} ${point} ${variable}`}><p><span class="muted">{t(`page.quantity.${quantity}`)}</span> <a href={pointHref(point)} title={point}>{words.point(point)}</a> · {variable}</p></li>)}</ul>
        {mayConfigure && <p class="panel-act"><a class="button" href={obraFormHref(obra)}><Icon name="edit" size={18} />{t("page.obra-form.edit")}</a></p>}
      </section>
      <section class="panel" aria-labelledby="obra-versions">
        <h2 id="obra-versions">{t("page.obra.versions")}</h2>
        {asked.error !== null && <ProblemNote error={asked.error} />}
        {asked.value === undefined && asked.loading && <div class="skeleton skeleton-bars" role="status"><span class="sr">{t("page.loading")}</span></div>}
        <ol class="change-list version-list">
          {versions.map((version, index) => (
            <li key={version.version}>
              <p><b>{t("page.obra.version", { version: words.count(version.version) })}</b> · {version.changedBy}{version.changedAtMs !== null && <> · <time class="muted" dateTime={new Date(version.changedAtMs).toISOString()}>{regulatorMinute(version.changedAtMs, words.language)}</time></>}</p>
              {version.reason !== "" && <p><q>{version.reason}</q></p>}
              <p class="small">{changesText(version, versions[index + 1], t)}</p>
            </li>
          ))}
        </ol>
      </section>
      <CertificatesPanel obra={obra} mayConfigure={mayConfigure} />
    </div>
  );
}

function changesText(version: Obra, before: Obra | undefined, t: PageWords["t"]): string {
  if (before === undefined) return t("page.obra.version.first");
  const parts = changedParts(before, version);
  return parts.length === 0 ? t("page.obra.version.same") : t("page.obra.version.changed", { parts: parts.map((part) => t(`page.obra.part.${part}`)).join(", ") });
}

/** In a list of their own, or in the head. */
const apart: ReadonlySet<ObraPart> = new Set(["name", "feeds", "mode"]);

function factsOf(obra: Obra, words: FactWords): (readonly [string, string])[] {
  return obraParts.filter((part) => !apart.has(part)).map((part) => [words.t(`page.obra.part.${part}`), partText(part, obra, words)] as const).filter(([, value]) => value !== "");
}

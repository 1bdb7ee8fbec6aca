import { useEffect, useRef, useState } from "preact/hooks";
import { useAsked, useNow, useShell, useWords } from "../app/hooks.tsx";
import { endpoints } from "../http/endpoints.ts";
import { Icon } from "../ui/icons.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import type { Point } from "../wire/point.ts";
import { readSettingRow, type SettingPeriod, type SettingRow } from "../wire/setting.ts";
import { ChangeList } from "./change-list.tsx";
import { HeldSettings } from "./held-settings.tsx";
import { grouped } from "./groups.ts";
import { LimitsPanel } from "./limits-panel.tsx";
import { PeriodDialog } from "./period-dialog.tsx";
import { PeriodList } from "./period-list.tsx";
import { settingsAt } from "./periods.ts";
import { RemovePeriodDialog } from "./remove-period-dialog.tsx";

const MOST_ROWS = 500;
const LOOK_MS = 60_000;

type Open = { readonly what: "add" } | { readonly what: "correct" | "remove"; readonly period: SettingPeriod } | null;

export interface SettingsTabProps {
  readonly point: Point;
  readonly mayEdit: boolean;
}

/** What a point is made of: what holds now, since when and by whom, all its periods, its limits, and who changed what. */
export function SettingsTab({ point, mayEdit }: SettingsTabProps) {
  const shell = useShell();
  const { t } = useWords();
  const nowMs = useNow(LOOK_MS);
  const [open, setOpen] = useState<Open>(null);
  const [saved, setSaved] = useState("");
  const rows = useAsked("settings", async (signal) => (await shell.api.all(endpoints.settingRows(), readSettingRow, { most: MOST_ROWS, signal })).items);
  const held = settingsAt(point.settings, nowMs);
  const done = useRef(saved);
  useEffect(() => {
    if (saved !== "" && saved !== done.current) shell.spoken.set(saved);
    done.current = saved;
  }, [saved]);
  const after = (text: string) => {
    setOpen(null);
    setSaved(text);
  };
  if (rows.error !== null) return <ProblemNote error={rows.error} />;
  const catalogue: readonly SettingRow[] = rows.value ?? [];
  return (
    <div class="tab-body">
      <section class="panel" aria-labelledby="held-title">
        <div class="panel-head">
          <h2 id="held-title">{t("page.settings.held")}</h2>
          {mayEdit && <button type="button" class="button button-main" disabled={catalogue.length === 0} onClick={() => setOpen({ what: "add" })}><Icon name="edit" size={18} />{t("page.settings.change")}</button>}
        </div>
        {!mayEdit && <p class="small">{t("page.may-not")}</p>}
        {saved !== "" && <p class="note note-water"><Icon name="check" />{saved}</p>}
        {rows.value === undefined ? <div class="skeleton skeleton-cards" role="status"><span class="sr">{t("page.loading")}</span></div> : <HeldSettings rows={catalogue} held={held} />}
      </section>
      <section class="panel" aria-labelledby="periods-title">
        <div class="panel-head"><h2 id="periods-title">{t("page.settings.periods")}</h2></div>
        {point.settings.length === 0 && <p class="muted">{t("page.settings.periods.none")}</p>}
        <PeriodList periods={point.settings} rows={catalogue} nowMs={nowMs} mayEdit={mayEdit} onCorrect={(period) => setOpen({ what: "correct", period })} onRemove={(period) => setOpen({ what: "remove", period })} />
      </section>
      <LimitsPanel point={point} nowMs={nowMs} mayEdit={mayEdit} onSaved={after} />
      <ChangeList point={point} rows={catalogue} />
      {(open?.what === "add" || open?.what === "correct") && (
        <PeriodDialog point={point} title={t(open.what === "add" ? "page.settings.add" : "page.settings.correct")} groups={grouped(catalogue)} periods={point.settings} period={open.what === "correct" ? open.period : null} field="settings" onClose={() => setOpen(null)} onSaved={() => after(t("page.settings.saved"))} />
      )}
      {open?.what === "remove" && <RemovePeriodDialog point={point} rows={catalogue} period={open.period} field="settings" onClose={() => setOpen(null)} onSaved={() => after(t("page.settings.removed"))} />}
    </div>
  );
}

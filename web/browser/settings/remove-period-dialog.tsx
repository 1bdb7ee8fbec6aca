import { useWords, useShell } from "../app/hooks.tsx";
import { endpoints } from "../http/endpoints.ts";
import { ReasonDialog } from "../ui/reason-dialog.tsx";
import { readPoint, type Point } from "../wire/point.ts";
import type { SettingPeriod, SettingRow } from "../wire/setting.ts";
import { PeriodValues } from "./period-values.tsx";
import { removalOf } from "./settings-form.ts";

export interface RemovePeriodDialogProps {
  readonly point: Point;
  readonly rows: readonly SettingRow[];
  readonly period: SettingPeriod;
  /** The request's field that takes it, and what it says besides. */
  readonly field: "settings" | "limits";
  readonly besides?: Readonly<Record<string, string>>;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

/** Takes a period out, with a reason: what held before holds on. */
export function RemovePeriodDialog({ point, rows, period, field, besides = {}, onClose, onSaved }: RemovePeriodDialogProps) {
  const shell = useShell();
  const words = useWords();
  const { t } = words;
  const remove = async (reason: string): Promise<void> => {
    const headers: Record<string, string> = point.version === "" ? {} : { "if-match": `"${point.version}"` };
    const saved = readPoint(await shell.api.call(endpoints.pointConfig(point.id), { method: "PUT", body: { [field]: [{ ...besides, ...removalOf(period, reason) }] }, headers }));
    if (saved !== undefined) shell.directory.put(saved);
    onSaved();
  };
  return (
    <ReasonDialog title={t("page.settings.remove")} act={t("page.settings.remove.do")} danger onClose={onClose} onAct={remove}>
      <p>{t("page.settings.remove.text")}</p>
      <p><b>{period.validFromMs === null ? t("page.settings.from.first") : t("page.settings.from.time", { time: words.instant(period.validFromMs) })}</b></p>
      <PeriodValues rows={rows} values={period.values} />
    </ReasonDialog>
  );
}

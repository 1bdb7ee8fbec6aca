import { useWords } from "../app/hooks.tsx";
import { Badge, type BadgeTone } from "../ui/badge.tsx";
import type { SettingPeriod, SettingRow } from "../wire/setting.ts";
import { newestFirst, settingsAt, standing } from "./periods.ts";
import { PeriodValues } from "./period-values.tsx";

export interface PeriodListProps<P extends SettingPeriod> {
  readonly periods: readonly P[];
  readonly rows: readonly SettingRow[];
  readonly nowMs: number;
  readonly mayEdit: boolean;
  readonly onCorrect: (period: P) => void;
  readonly onRemove: (period: P) => void;
}

const tones: Readonly<Record<ReturnType<typeof standing>, BadgeTone>> = { ahead: "guess", now: "water", past: "plain" };

/** Periods as a line through time, the newest beginning first: what each says, by whom, when and why. */
export function PeriodList<P extends SettingPeriod>({ periods, rows, nowMs, mayEdit, onCorrect, onRemove }: PeriodListProps<P>) {
  const words = useWords();
  const { t } = words;
  const held = settingsAt(periods, nowMs);
  return (
    <ol class="timeline">
      {newestFirst(periods).map((period) => {
        const state = standing(period, held, nowMs);
        const from = period.validFromMs === null ? t("page.settings.from.first") : t("page.settings.from.time", { time: words.instant(period.validFromMs) });
        return (
          <li key={period.validFrom ?? ""} class={`timeline-${state}`}>
            <div class="timeline-head">
              <h3>{from}</h3>
              <Badge tone={tones[state]}>{t(`page.settings.standing.${state}`)}</Badge>
              {mayEdit && (
                <span class="timeline-actions">
                  <button type="button" class="button" onClick={() => onCorrect(period)} aria-label={`${t("page.settings.correct")}: ${from}`}>{t("page.settings.correct.do")}</button>
                  <button type="button" class="button button-danger" onClick={() => onRemove(period)} aria-label={`${t("page.settings.remove")}: ${from}`}>{t("page.settings.remove.do")}</button>
                </span>
              )}
            </div>
            <PeriodValues rows={rows} values={period.values} />
            <p class="small">{period.changedBy}{period.changedAtMs !== null && ` · ${words.minute(period.changedAtMs)}`}{period.reason !== "" && <> · <q>{period.reason}</q></>}</p>
          </li>
        );
      })}
    </ol>
  );
}

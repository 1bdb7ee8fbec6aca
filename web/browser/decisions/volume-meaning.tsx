import { useWords } from "../app/hooks.tsx";
import { pointHref } from "../app/router.ts";
import type { Decision } from "../wire/decision.ts";
import type { CountWindow } from "./count-window.ts";

const DIGITS = 12;

/** The volume before and with a count, and what the count adds. */
export function VolumeMeaning({ decision, around }: { readonly decision: Decision; readonly around: CountWindow | null }) {
  const words = useWords();
  const { t } = words;
  const volumeM3 = around?.volumeM3 ?? decision.volumeM3;
  const before = around?.volumeBeforeM3 ?? null;
  if (decision.gone) return null;
  if (volumeM3 === null && before === null && decision.volumeM3 === null) {
    return around === null ? <p class="small">&nbsp;</p> : <p class="small">{t("page.decisions.no-volume")} <a href={pointHref(decision.point, "settings")}>{t("page.decisions.no-volume.settings")}</a></p>;
  }
  if (volumeM3 === null) return null;
  const added = before === null ? null : Number((volumeM3 - before).toPrecision(DIGITS));
  return (
    <p class="decision-volume">
      {t("page.decisions.volume")} {before !== null && <>{words.exact(before)} → </>}<b>{words.exact(volumeM3)} m³</b>
      {added !== null && <span class="muted"> ({added >= 0 ? "+" : ""}{words.exact(added)} m³)</span>}
    </p>
  );
}

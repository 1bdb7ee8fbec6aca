import { useWords } from "../../app/hooks.tsx";
import { countMarks, type SlotMark } from "../slots/slot-mark.ts";
import { SlotSign } from "../slots/slot-sign.tsx";

/** What the signs mean, with how many of each there are. */
export function CalendarLegend({ marks }: { readonly marks: readonly SlotMark[] }) {
  const words = useWords();
  const { t } = words;
  return (
    <ul class="calendar-legend" aria-label={t("page.calendar.legend")}>
      {countMarks(marks).map(({ mark, count }) => (
        <li key={mark} title={t(`page.mark.${mark}.text`)}><span class={`legend-cell mark mark-${mark}`}><SlotSign mark={mark} /></span>{t(`page.mark.${mark}`)} <b>{words.count(count)}</b></li>
      ))}
    </ul>
  );
}

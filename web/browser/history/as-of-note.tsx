import { useWords } from "../app/hooks.tsx";
import { Icon } from "../ui/icons.tsx";

/** Says that what is shown is not what is known today, and leads back to that. */
export function AsOfNote({ asOfMs, onNow }: { readonly asOfMs: number; readonly onNow: () => void }) {
  const words = useWords();
  return (
    <p class="note note-warn" role="status">
      <Icon name="suspect" />
      <span>{words.t("page.as-of.note", { time: words.instant(asOfMs) })}</span>
      <button type="button" class="button" onClick={onNow}>{words.t("page.as-of.now")}</button>
    </p>
  );
}

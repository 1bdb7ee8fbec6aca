import { useWords } from "../app/hooks.tsx";
import { flagWord } from "../text/names.ts";
import { Icon, type IconName } from "./icons.tsx";

/** A flag as icon and text; colour only helps. Reasons stand in the text that a pointer or a screen reader gets. */
export function Flag({ flag, reasons = [], compact = false }: { readonly flag: number; readonly reasons?: readonly string[]; readonly compact?: boolean }) {
  const words = useWords();
  const word = flagWord(flag);
  const why = reasons.map(words.reason).join("; ");
  return (
    <span class={`flag flag-${word}${compact ? " flag-compact" : ""}`} title={why === "" ? undefined : why}>
      <Icon name={word as IconName} size={compact ? 16 : 18} />
      <span>{words.flag(flag)}</span>
      {why !== "" && <span class="sr">: {why}</span>}
    </span>
  );
}

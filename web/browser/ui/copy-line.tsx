import { useEffect, useState } from "preact/hooks";
import { useShell, useWords } from "../app/hooks.tsx";
import { Icon } from "./icons.tsx";

/** A command to be copied. Where the browser refuses the clipboard, the text is selected for the person to copy. */
export function CopyLine({ label, text }: { readonly label: string; readonly text: string }) {
  const { t } = useWords();
  const { spoken } = useShell();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2500);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async (event: Event) => {
    const code = (event.currentTarget as HTMLElement).parentElement?.querySelector("code");
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      spoken.set(t("page.copied"));
    } catch {
      if (code !== null && code !== undefined) getSelection()?.selectAllChildren(code);
    }
  };
  return (
    <div class="copy-line">
      <span class="copy-label">{label}</span>
      <div class="copy-box">
        <code tabIndex={0}>{text}</code>
        <button type="button" class="button button-quiet" onClick={(event) => void copy(event)} aria-label={t("page.copy.label", { what: label })}>
          <Icon name={copied ? "check" : "copy"} size={18} />
          <span>{t(copied ? "page.copied" : "page.copy")}</span>
        </button>
      </div>
    </div>
  );
}

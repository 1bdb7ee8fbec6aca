import { useState } from "preact/hooks";
import { useWords } from "../app/hooks.tsx";
import type { ProviderGap } from "../wire/provider.ts";

const SHOWN_AT_ONCE = 10;

/** Stretches for which the provider itself has no rows, newest first. */
export function GapList({ gaps }: { readonly gaps: readonly ProviderGap[] }) {
  const words = useWords();
  const { t } = words;
  const [shown, setShown] = useState(SHOWN_AT_ONCE);
  if (gaps.length === 0) return <p class="account-none">{t("page.providers.gaps.none")}</p>;
  const sorted = [...gaps].sort((a, b) => b.toMs - a.toMs);
  return (
    <details class="account-more">
      <summary>{t("page.providers.gaps", { count: words.count(gaps.length) })}</summary>
      <p class="small">{t("page.providers.gaps.text")}</p>
      <ul class="gap-list">
        {sorted.slice(0, shown).map(({ device, keys, fromMs, toMs }) => (
          <li key={`${device} ${fromMs} ${keys.join(",")}`}><b>{device}</b> <span class="device-keys">{keys.map((key) => <code key={key}>{key}</code>)}</span> <span>{words.minute(fromMs)} – {words.minute(toMs)} ({words.span(toMs - fromMs)})</span></li>
        ))}
      </ul>
      {sorted.length > shown && <p class="more"><button type="button" class="button" onClick={() => setShown(shown + SHOWN_AT_ONCE)}>{t("page.more-items")}</button></p>}
    </details>
  );
}

import { useNow, useWords } from "../app/hooks.tsx";
import { Age } from "../ui/age.tsx";
import { Icon } from "../ui/icons.tsx";
import { outcomeKinds, type ProviderOutage } from "../wire/provider.ts";

/** Since when a provider does not answer as it should, why, when it is asked again, and what a person can do. */
export function OutageNote({ outage: { kind, detail, sinceMs, retryAtMs }, account }: { readonly outage: ProviderOutage; readonly account: string }) {
  const words = useWords();
  const { t } = words;
  const nowMs = useNow(1000);
  const isKnown = outcomeKinds.some((known) => known === kind);
  return (
    <div class="note note-bad">
      <Icon name="bad" />
      <div>
        <p class="note-title">{isKnown ? t(`page.outcome.${kind}`) : kind}</p>
        {detail !== "" && <p class="account-detail">{detail}</p>}
        <dl class="outage-times">
          {sinceMs !== null && <div><dt>{t("page.providers.since")}</dt><dd>{words.minute(sinceMs)} (<Age timeMs={sinceMs} />)</dd></div>}
          {retryAtMs !== null && <div><dt>{t("page.providers.retry")}</dt><dd>{retryAtMs - nowMs > 2_000 ? <><Age timeMs={retryAtMs} /> ({words.instant(retryAtMs)})</> : t("page.providers.retry.now")}</dd></div>}
        </dl>
        {isKnown && <p>{t(`page.outcome.next.${kind}`, { account })}</p>}
      </div>
    </div>
  );
}

import { useWords } from "../app/hooks.tsx";
import { endpoints } from "../http/endpoints.ts";
import { Age } from "../ui/age.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { usePages } from "../ui/use-pages.tsx";
import { readRefusedDevice } from "../wire/operations.ts";

const reasons = ["too-large", "identity", "quota"];

/** Devices that an edge turned away; nothing where there are none. */
export function RefusedDevices() {
  const { t } = useWords();
  const pages = usePages(endpoints.refusedDevices(), readRefusedDevice);
  if (pages.error !== null) return <ProblemNote error={pages.error}><button type="button" class="button" onClick={pages.reload}>{t("page.retry")}</button></ProblemNote>;
  if (pages.items.length === 0) return null;
  return (
    <section aria-labelledby="refused-title">
      <h2 id="refused-title" class="section-title">{t("page.devices.refused")}</h2>
      <p class="lead">{t("page.devices.refused.text")}</p>
      <ul class="panel refused-list">
        {pages.items.map(({ client, device, reason, detail, source, lastMs }) => (
          <li key={`${client}/${device}`}>
            <b>{device}</b> <span>{reasons.includes(reason) ? t(`page.devices.refused.${reason}`) : reason}</span>
            <span class="muted">{[...new Set([client, source, detail])].filter((part) => part !== "").join(" · ")}</span>{lastMs !== null && <Age timeMs={lastMs} class="muted" />}
          </li>
        ))}
      </ul>
      {pages.more && <p class="more"><button type="button" class="button" disabled={pages.loading} onClick={pages.loadMore}>{t("page.more-items")}</button></p>}
    </section>
  );
}

import { Age } from "../ui/age.tsx";
import type { Status } from "../wire/operations.ts";
import { useShell, useStore, useWords } from "./hooks.tsx";

/** The system strip: how much comes in, who is behind, when each tier was last written. */
export function Footer() {
  const shell = useShell();
  const { t } = useWords();
  const status = useStore(shell.status);
  const session = useStore(shell.session);
  return (
    <footer class="footer">
      <div class="footer-inner">
        {status !== null && session.state === "signed-in" && <Strip status={status} />}
        <p class="footer-links">
          <span>Caudal{status !== null && status.version !== "" ? ` ${status.version}` : ""}</span>
          <a href="/openapi.json">OpenAPI</a>
          <a href="/metrics">{t("page.footer.metrics")}</a>
          <a href="/health">{t("page.footer.health")}</a>
        </p>
      </div>
    </footer>
  );
}

function Strip({ status }: { readonly status: Status }) {
  const words = useWords();
  const { t } = words;
  const groups = Object.entries(status.lag);
  const behind = groups.reduce((sum, [, lag]) => sum + lag, 0);
  return (
    <section aria-label={t("page.footer.system")}>
      <dl class="strip">
        {status.readingsPerS !== null && <div><dt>{t("page.footer.rate")}</dt><dd>{words.rate(status.readingsPerS)}</dd></div>}
        <div><dt>{t("page.footer.lag")}</dt><dd>{words.count(behind)}</dd></div>
        {Object.entries(status.lastWriteMs).map(([tier, timeMs]) => (
          <div key={tier}>
            <dt>{t("page.footer.write", { tier: t(`page.tier.${tier}`) })}</dt>
            <dd>{timeMs === null ? t("page.footer.never") : <Age timeMs={timeMs} />}</dd>
          </div>
        ))}
      </dl>
      <details class="footer-details">
        <summary>{t("page.footer.details")}</summary>
        <div class="footer-tables">
          <Pairs caption={t("page.footer.groups")} rows={groups.map(([group, lag]) => [group, words.count(lag)])} />
          <Pairs caption={t("page.footer.engines")} rows={Object.entries(status.engines)} />
        </div>
      </details>
    </section>
  );
}

function Pairs({ caption, rows }: { readonly caption: string; readonly rows: readonly (readonly [string, string])[] }) {
  return (
    <table class="pairs">
      <caption>{caption}</caption>
      <tbody>{rows.map(([name, value]) => <tr key={name}><th scope="row">{name}</th><td>{value}</td></tr>)}</tbody>
    </table>
  );
}

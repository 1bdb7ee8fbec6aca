import { useWords } from "../app/hooks.tsx";
import { CopyLine } from "../ui/copy-line.tsx";
import { Icon } from "../ui/icons.tsx";

const EXAMPLE = `accounts:
  - id: riego-sur
    provider: tdata
    client: riego-sur
    secrets: { username: env:TDATA_USER, password: env:TDATA_PASSWORD }
    every: 60m
    keys: ["5001"]
    names: { "5001": pulses }
    devices:
      - device: pozo-norte
        remote: 5d7c2f30-0000-11ee-8000-0000000000a1`;

/** How the first account is added, where nobody is asked yet. */
export function NoAccounts() {
  const { t } = useWords();
  return (
    <section class="guide guide-empty" aria-labelledby="no-accounts">
      <div class="guide-head"><Icon name="providers" size={28} /><h2 id="no-accounts">{t("page.providers.none")}</h2></div>
      <p>{t("page.providers.none.text")}</p>
      <div class="guide-lines">
        <CopyLine label="config/providers.yaml" text={EXAMPLE} />
        <CopyLine label={t("page.providers.none.try")} text="npx caudal providers try riego-sur" />
      </div>
      <p class="small">{t("page.providers.none.more")} <code>docs/providers.md</code> · <code>docs/proveedores.md</code></p>
    </section>
  );
}

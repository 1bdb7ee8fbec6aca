import { useWords } from "../app/hooks.tsx";
import { complianceHref, complianceParts, type CompliancePart } from "../app/router.ts";
import { Icon, type IconName } from "../ui/icons.tsx";

const icons: Readonly<Record<CompliancePart, IconName>> = { obras: "compliance", review: "person", plan: "send", credentials: "key" };

export function ComplianceNav({ part, review }: { readonly part: CompliancePart; readonly review: number }) {
  const words = useWords();
  const { t } = words;
  return (
    <nav class="tabs" aria-label={t("page.compliance.parts")}>
      <ul>
        {complianceParts.map((name) => (
          <li key={name}>
            <a href={complianceHref(name)} aria-current={name === part ? "page" : undefined}>
              <Icon name={icons[name]} size={18} />{t(`page.compliance.part.${name}`)}
              {name === "review" && review > 0 && <span class="nav-count">{words.count(review)}</span>}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

import { useShell, useStore, useWords } from "../app/hooks.tsx";
import { pointHref, pointTabs, type PointTab } from "../app/router.ts";
import { Icon, type IconName } from "../ui/icons.tsx";

const icons: Readonly<Record<PointTab, IconName>> = { history: "chart", settings: "settings", decisions: "decisions", corrections: "edit" };

/** The parts of a point's screen, each one click away and with an address of its own. */
export function PointTabs({ point, tab }: { readonly point: string; readonly tab: PointTab }) {
  const shell = useShell();
  const words = useWords();
  const { t } = words;
  const open = useStore(shell.openDecisions).byPoint.get(point) ?? 0;
  return (
    <nav class="tabs" aria-label={t("page.tabs")}>
      <ul>
        {pointTabs.map((name) => (
          <li key={name}>
            <a href={pointHref(point, name)} aria-current={name === tab ? "page" : undefined}>
              <Icon name={icons[name]} size={18} />{t(`page.tab.${name}`)}
              {name === "decisions" && open > 0 && <span class="nav-count" title={t("page.decisions.open", { count: words.count(open) })}>{words.count(open)}</span>}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

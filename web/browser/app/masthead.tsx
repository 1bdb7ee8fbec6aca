import { useEffect, useRef } from "preact/hooks";
import type { Connection } from "../live/connection.ts";
import type { Language } from "../text/catalog.ts";
import { Icon, Logo, type IconName } from "../ui/icons.tsx";
import { themes, type Theme } from "./preferences.ts";
import { useShell, useStore, useWords } from "./hooks.tsx";

const places: readonly { readonly href: string; readonly page: readonly string[]; readonly key: string; readonly icon: IconName }[] = [
  { href: "/", page: ["points", "point"], key: "page.points", icon: "points" },
  { href: "/compliance", page: ["compliance", "obra", "obra-form", "obra-import"], key: "page.compliance", icon: "compliance" },
  { href: "/decisions", page: ["decisions"], key: "page.decisions", icon: "decisions" },
  { href: "/parked", page: ["parked"], key: "page.parked", icon: "parked" },
  { href: "/devices", page: ["devices"], key: "page.devices", icon: "devices" },
  { href: "/providers", page: ["providers"], key: "page.providers", icon: "providers" },
];

export function Masthead() {
  const shell = useShell();
  const words = useWords();
  const { route } = useStore(shell.place);
  const session = useStore(shell.session);
  const status = useStore(shell.status);
  const list = useRef<HTMLUListElement>(null);
  // On a narrow screen the places are wider than it: the one that is open is brought into sight.
  useEffect(() => list.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" }), [route.page, session.state]);
  const open = useStore(shell.openDecisions);
  const counts: Readonly<Record<string, number>> = { "/parked": status?.parked ?? 0, "/decisions": open.total };
  return (
    <header class="masthead">
      <div class="masthead-inner">
        <a class="brand" href="/" aria-label={words.t("page.home")}><Logo /><span>Caudal</span></a>
        {session.state === "signed-in" && (
          <nav aria-label={words.t("page.nav")}>
            <ul ref={list}>
              {places.map(({ href, page, key, icon }) => (
                <li key={href}>
                  <a href={href} aria-current={page.includes(route.page) ? "page" : undefined}>
                    <Icon name={icon} size={18} />
                    {words.t(key)}
                    {(counts[href] ?? 0) > 0 && <span class="nav-count">{words.count(counts[href] ?? 0)}{href === "/decisions" && open.more ? "+" : ""}</span>}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
        )}
        <div class="masthead-tools">
          {session.state === "signed-in" && <ConnectionPill />}
          <LanguageSwitch />
          <ThemeSwitch />
          {session.state === "signed-in" && session.person.name !== "local" && <Account name={session.person.name} />}
        </div>
      </div>
    </header>
  );
}

/** The connection in words; a change is spoken once. */
function ConnectionPill() {
  const shell = useShell();
  const { t } = useWords();
  const connection = useStore(shell.connection);
  const before = useRef<Connection>(connection);
  useEffect(() => {
    if (before.current !== connection && before.current !== "connecting") shell.spoken.set(t(`page.connection.${connection}`));
    before.current = connection;
  }, [connection]);
  return <span class={`pill pill-${connection}`}><span class="pill-dot" aria-hidden="true" />{t(`page.connection.${connection}`)}</span>;
}

const languageNames: Readonly<Record<Language, string>> = { es: "Español", en: "English" };

function LanguageSwitch() {
  const shell = useShell();
  const { language, t } = useWords();
  const other: Language = language === "es" ? "en" : "es";
  return (
    <button type="button" class="button button-icon tool-language" lang={other} onClick={() => void shell.setLanguage(other).catch(() => shell.spoken.set(t("page.error.network")))} aria-label={`${other.toUpperCase()}: ${languageNames[other]}`} title={languageNames[other]}>
      <span aria-hidden="true">{other.toUpperCase()}</span>
    </button>
  );
}

const themeIcons: Readonly<Record<Theme, IconName>> = { system: "system", light: "sun", dark: "moon" };

function ThemeSwitch() {
  const shell = useShell();
  const { t } = useWords();
  const theme = useStore(shell.theme);
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? "system";
  const label = t("page.theme.label", { now: t(`page.theme.${theme}`), next: t(`page.theme.${next}`) });
  return (
    <button type="button" class="button button-icon" onClick={() => shell.setTheme(next)} aria-label={label} title={label}>
      <Icon name={themeIcons[theme]} />
    </button>
  );
}

function Account({ name }: { readonly name: string }) {
  const shell = useShell();
  const { t } = useWords();
  return (
    <div class="account">
      <span class="account-name"><Icon name="person" size={18} /><span>{name}</span></span>
      <button type="button" class="button button-quiet" onClick={() => void shell.signOut().catch(() => shell.spoken.set(t("page.error.network")))}>{t("page.sign-out")}</button>
    </div>
  );
}

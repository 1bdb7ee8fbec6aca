import "uplot/dist/uPlot.min.css";
import "./style/tokens.css";
import "./style/elements.css";
import "./style/controls.css";
import "./style/frame.css";
import "./style/points.css";
import "./style/point.css";
import "./style/balance.css";
import "./style/chart.css";
import "./style/operations.css";
import "./style/providers.css";
import "./style/settings.css";
import "./style/decisions.css";
import "./style/compliance.css";
import "./style/obra-form.css";
import "./style/calendar.css";
import "./style/print.css";
import { render } from "preact";
import { App } from "./app/app.tsx";
import { ShellContext } from "./app/hooks.tsx";
import { createPreferences } from "./app/preferences.ts";
import { insideHref, readRoute, type Place } from "./app/router.ts";
import { createShell } from "./app/shell.ts";

function here(): Place {
  return { route: readRoute(location.pathname), search: location.search };
}

const shell = createShell({
  fetch: (input, init) => fetch(input, init), openStream: (path) => new EventSource(path), preferences: createPreferences(() => localStorage),
  preferredLanguages: navigator.languages, localNowMs: () => Date.now(), place: here(),
  history: { push: (href) => history.pushState(null, "", href), replace: (href) => history.replaceState(null, "", href) },
});

addEventListener("popstate", () => shell.place.set(here()));
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (link === null || event.defaultPrevented) return;
  const modified = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
  const href = insideHref({ button: event.button, modified, href: link.href, target: link.target, download: link.hasAttribute("download"), origin: location.origin });
  if (href === null) return;
  event.preventDefault();
  shell.navigate(href);
});

const root = document.getElementById("app");
if (root !== null) {
  shell.start().then(
    () => {
      root.replaceChildren();
      render(<ShellContext.Provider value={shell}><App /></ShellContext.Provider>, root);
    },
    () => document.getElementById("boot-failed")?.removeAttribute("hidden"),
  );
}

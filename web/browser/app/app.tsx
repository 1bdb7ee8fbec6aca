import { useEffect, useErrorBoundary, useLayoutEffect, useRef } from "preact/hooks";
import { DevicesScreen } from "../devices/devices-screen.tsx";
import { ParkedScreen } from "../parked/parked-screen.tsx";
import { loadPointScreen, PointScreenLoader } from "../points/point-screen-loader.tsx";
import { PointsScreen } from "../points/points-screen.tsx";
import { ProvidersScreen } from "../providers/providers-screen.tsx";
import { lazyView } from "../ui/lazy-view.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { ApiProblem } from "../wire/problem.ts";
import { useShell, useStore, useWords } from "./hooks.tsx";
import { Footer } from "./footer.tsx";
import { Masthead } from "./masthead.tsx";
import { NotFound } from "./not-found.tsx";
import type { Route } from "./router.ts";
import { SignIn } from "./sign-in.tsx";

const DecisionsScreen = lazyView(async () => (await import("../decisions/decisions-screen.tsx")).DecisionsScreen);
const ComplianceScreen = lazyView(async () => (await import("../compliance/compliance-screen.tsx")).ComplianceScreen);
const ObraScreen = lazyView(async () => (await import("../compliance/obra/obra-screen.tsx")).ObraScreen);

const ObraFormScreen = lazyView(async () => (await import("../compliance/form/obra-form-screen.tsx")).ObraFormScreen);
const ObraImportScreen = lazyView(async () => (await import("../compliance/import/obra-import-screen.tsx")).ObraImportScreen);

const STATUS_EVERY_MS = 5_000;
const DECISIONS_EVERY_MS = 60_000;
/** The charts are fetched ahead once the first screen has what it needs. */
const CHARTS_AFTER_MS = 2_000;

/** The frame of all screens: skip link, masthead, content, system strip, and the place where changes are spoken. */
export function App() {
  const shell = useShell();
  const { t, language } = useWords();
  const session = useStore(shell.session);
  const theme = useStore(shell.theme);
  const spoken = useStore(shell.spoken);

  useLayoutEffect(() => {
    document.documentElement.lang = language;
    if (theme === "system") document.documentElement.removeAttribute("data-theme");
    else document.documentElement.dataset["theme"] = theme;
  }, [language, theme]);

  useEffect(() => {
    const timer = setTimeout(() => void loadPointScreen().catch(() => undefined), CHARTS_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);

  useEffect(() => {
    const every = (ms: number, look: () => Promise<void>) => setInterval(() => {
      if (!document.hidden && shell.session.get().state === "signed-in") void look();
    }, ms);
    const timers = [every(STATUS_EVERY_MS, shell.refreshStatus), every(DECISIONS_EVERY_MS, shell.refreshOpenDecisions)];
    return () => timers.forEach(clearInterval);
  }, [shell]);

  return (
    <>
      <a class="skip" href="#content">{t("page.skip")}</a>
      <Masthead />
      <main id="content" tabIndex={-1}>
        {session.state === "signed-out" && <SignIn />}
        {session.state === "failed" && <NoAnswer />}
        {session.state === "signed-in" && <Screen />}
      </main>
      <Footer />
      <div class="sr" role="status" aria-live="polite">{spoken}</div>
    </>
  );
}

/** The server gave no usable answer at start. */
function NoAnswer() {
  const shell = useShell();
  const { t } = useWords();
  return (
    <section class="blank">
      <ProblemNote error={new ApiProblem(0, {})}>
        <button type="button" class="button" onClick={() => void shell.retry()}>{t("page.retry")}</button>
      </ProblemNote>
    </section>
  );
}

/** The screen of the address; after a move focus goes to its heading, so that a keyboard and a screen reader start there. */
function Screen() {
  const shell = useShell();
  const { route } = useStore(shell.place);
  const [error, retry] = useErrorBoundary();
  const key = screenKey(route);
  const shown = useRef(key);
  useEffect(() => {
    if (shown.current === key) return;
    shown.current = key;
    retry();
    scrollTo(0, 0);
    document.getElementById("content")?.focus({ preventScroll: true });
  }, [key]);
  const tab = route.page === "point" || route.page === "obra" ? route.tab : "";
  useEffect(() => retry(), [tab]);
  if (error !== undefined && error !== null) return <ProblemNote error={error} />;
  if (route.page === "points") return <PointsScreen />;
  if (route.page === "point") return <PointScreenLoader key={route.id} id={route.id} tab={route.tab} />;
  if (route.page === "parked") return <ParkedScreen />;
  if (route.page === "devices") return <DevicesScreen />;
  if (route.page === "decisions") return <DecisionsScreen />;
  if (route.page === "providers") return <ProvidersScreen />;
  if (route.page === "compliance") return <ComplianceScreen part={route.part} />;
  if (route.page === "obra-form") return <ObraFormScreen key={key} work={route.work} />;
  if (route.page === "obra-import") return <ObraImportScreen />;
  if (route.page === "obra") return <ObraScreen key={key} regulator={route.regulator} code={route.code} tab={route.tab} />;
  return <NotFound />;
}

/** Another key is another screen, that begins anew. */
function screenKey(route: Route): string {
  if (route.page === "point") return `point ${route.id}`;
  if (route.page === "obra") return `obra ${route.regulator}/${route.code}`;
  if (route.page === "obra-form") return `obra-form ${route.work?.regulator}/${route.work?.code}`;
  return route.page === "compliance" ? `compliance ${route.part}` : route.page;
}

import { useEffect, useErrorBoundary, useLayoutEffect, useRef } from "preact/hooks";
import { DevicesScreen } from "../devices/devices-screen.tsx";
import { ParkedScreen } from "../parked/parked-screen.tsx";
import { loadPointScreen, PointScreenLoader } from "../points/point-screen-loader.tsx";
import { PointsScreen } from "../points/points-screen.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { ApiProblem } from "../wire/problem.ts";
import { useShell, useStore, useWords } from "./hooks.tsx";
import { Footer } from "./footer.tsx";
import { Masthead } from "./masthead.tsx";
import { NotFound } from "./not-found.tsx";
import { SignIn } from "./sign-in.tsx";

const STATUS_EVERY_MS = 5_000;
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
    const timer = setInterval(() => {
      if (!document.hidden && shell.session.get().state === "signed-in") void shell.refreshStatus();
    }, STATUS_EVERY_MS);
    return () => clearInterval(timer);
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
  const key = route.page === "point" ? `point ${route.id}` : route.page;
  const shown = useRef(key);
  useEffect(() => {
    if (shown.current === key) return;
    shown.current = key;
    retry();
    scrollTo(0, 0);
    document.getElementById("content")?.focus({ preventScroll: true });
  }, [key]);
  if (error !== undefined && error !== null) return <ProblemNote error={error} />;
  if (route.page === "points") return <PointsScreen />;
  if (route.page === "point") return <PointScreenLoader key={route.id} id={route.id} />;
  if (route.page === "parked") return <ParkedScreen />;
  if (route.page === "devices") return <DevicesScreen />;
  return <NotFound />;
}

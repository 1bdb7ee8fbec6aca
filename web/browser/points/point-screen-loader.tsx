import { useEffect, useState } from "preact/hooks";
import { useWords } from "../app/hooks.tsx";
import type { PointTab } from "../app/router.ts";
import { ProblemNote } from "../ui/problem-note.tsx";
import { ApiProblem } from "../wire/problem.ts";
import type { PointScreen } from "./point-screen.tsx";

type Screen = typeof PointScreen;

let loaded: Screen | undefined;

/** Fetches the screen with its charts; the overview comes first, so it does not wait for them. */
export async function loadPointScreen(): Promise<Screen> {
  loaded ??= (await import("./point-screen.tsx")).PointScreen;
  return loaded;
}

export function PointScreenLoader({ id, tab }: { readonly id: string; readonly tab: PointTab }) {
  const { t } = useWords();
  const [failed, setFailed] = useState(false);
  const [Screen, setScreen] = useState<Screen | undefined>(() => loaded);
  useEffect(() => {
    if (Screen === undefined) loadPointScreen().then((screen) => setScreen(() => screen), () => setFailed(true));
  }, []);
  if (failed) return <ProblemNote error={new ApiProblem(0, {})} />;
  if (Screen === undefined) return <div class="skeleton skeleton-chart" role="status"><span class="sr">{t("page.loading")}</span></div>;
  return <Screen id={id} tab={tab} />;
}

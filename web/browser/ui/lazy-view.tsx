import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useWords } from "../app/hooks.tsx";
import { ApiProblem } from "../wire/problem.ts";
import { ProblemNote } from "./problem-note.tsx";

/** A view whose code is fetched when it is shown first; the first screen does not wait for it. */
export function lazyView<P extends object>(load: () => Promise<ComponentType<P>>): (props: P) => preact.JSX.Element {
  let loaded: ComponentType<P> | undefined;
  return function LazyView(props: P) {
    const { t } = useWords();
    const [failed, setFailed] = useState(false);
    const [View, setView] = useState<ComponentType<P> | undefined>(() => loaded);
    useEffect(() => {
      if (View !== undefined) return;
      load().then((view) => {
        loaded = view;
        setView(() => view);
      }, () => setFailed(true));
    }, []);
    if (failed) return <ProblemNote error={new ApiProblem(0, {})} />;
    if (View === undefined) return <div class="skeleton skeleton-chart" role="status"><span class="sr">{t("page.loading")}</span></div>;
    return <View {...props} />;
  };
}

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

/** The one main heading of a screen; the window's title says the same. */
export function PageTitle({ text, children }: { readonly text: string; readonly children?: ComponentChildren }) {
  useEffect(() => {
    document.title = `${text} · Caudal`;
  }, [text]);
  return <h1 class="page-title">{text}{children}</h1>;
}

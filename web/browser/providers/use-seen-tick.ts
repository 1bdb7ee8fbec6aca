import { useEffect, useRef, useState } from "preact/hooks";

/** Counts on every `everyMs` while somebody can see `element`: the window is in front and the element inside it. */
export function useSeenTick(everyMs: number): { readonly tick: number; readonly element: { current: HTMLElement | null } } {
  const [tick, setTick] = useState(0);
  const element = useRef<HTMLElement | null>(null);
  useEffect(() => {
    let inSight = true;
    const observer = new IntersectionObserver((entries) => {
      inSight = entries.at(-1)?.isIntersecting ?? inSight;
    });
    if (element.current !== null) observer.observe(element.current);
    const timer = setInterval(() => {
      if (!document.hidden && inSight) setTick((before) => before + 1);
    }, everyMs);
    return () => {
      observer.disconnect();
      clearInterval(timer);
    };
  }, [everyMs]);
  return { tick, element };
}

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { useWords } from "../app/hooks.tsx";
import type { Point } from "../wire/point.ts";
import { PointRow } from "./point-row.tsx";
import { listWindow, WHOLE_LIST_ROWS } from "./window.ts";

/** A list of any length: long ones draw only the rows near the screen, and say how long the whole is. */
export function PointList({ points }: { readonly points: readonly Point[] }) {
  const { t } = useWords();
  const list = useRef<HTMLUListElement>(null);
  const [geometry, setGeometry] = useState({ rowPx: 0, scrolledPx: 0, screenPx: 900 });
  const long = points.length > WHOLE_LIST_ROWS;

  const measure = () => {
    const element = list.current;
    if (element === null) return;
    const row = element.querySelector<HTMLElement>(".point-row");
    setGeometry({ rowPx: row?.offsetHeight ?? 0, scrolledPx: -element.getBoundingClientRect().top, screenPx: innerHeight });
  };
  useLayoutEffect(measure, [points.length]);
  useEffect(() => {
    if (!long) return;
    addEventListener("scroll", measure, { passive: true });
    addEventListener("resize", measure);
    return () => {
      removeEventListener("scroll", measure);
      removeEventListener("resize", measure);
    };
  }, [long]);

  const { first, end, beforePx, afterPx } = listWindow({ rows: points.length, ...geometry, rowPx: geometry.rowPx === 0 && long ? 80 : geometry.rowPx });
  return (
    <div class="point-table">
      <div class="point-head" aria-hidden="true">
        <span>{t("page.point")}</span><span>{t("page.latest")}</span><span>{t("page.spark")}</span><span>{t("page.age")}</span><span>{t("page.flag")}</span>
      </div>
      <ul ref={list} class="point-list">
        {beforePx > 0 && <li role="presentation" class="spacer" style={{ height: `${beforePx}px` }} />}
        {points.slice(first, end).map((point, index) => <PointRow key={point.id} point={point} position={first + index + 1} size={points.length} />)}
        {afterPx > 0 && <li role="presentation" class="spacer" style={{ height: `${afterPx}px` }} />}
      </ul>
    </div>
  );
}

export function PointListSkeleton() {
  const { t } = useWords();
  return (
    <div class="skeleton-list" role="status" aria-busy="true">
      <span class="sr">{t("page.loading")}</span>
      {Array.from({ length: 8 }, (_, index) => <div key={index} class="skeleton skeleton-row" />)}
    </div>
  );
}

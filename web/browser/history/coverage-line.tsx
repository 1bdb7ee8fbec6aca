import { useWords, type PageWords } from "../app/hooks.tsx";
import type { History, ServedRange } from "../wire/history.ts";

/** What served a part, in the page's language: a tier's samples, or stored rollups. */
function servedBy({ tier, rollup }: ServedRange, { t }: PageWords): string {
  const parts = [tier === "" ? "" : t(`page.tier.${tier}`), rollup === "" ? "" : t("page.served.rollup", { length: t(`page.resolution.${rollup}`) })];
  return parts.filter((part) => part !== "").join(" ");
}

/** How complete what is shown is, and which tier gave which part of it. */
export function CoverageLine({ name, history }: { readonly name: string; readonly history: History }) {
  const words = useWords();
  const { t } = words;
  const { coverage, served } = history;
  const revised = new Set([...history.cells.values()].flatMap((cells) => cells.filter((cell) => cell.bucket?.revised !== undefined).map((cell) => cell.timeMs))).size;
  return (
    <div class="coverage">
      <p>
        {name !== "" && <b>{name}: </b>}
        {coverage.ratio !== null && coverage.expected > 0
          ? <><span class="gauge" aria-hidden="true"><span style={{ width: `${Math.min(1, coverage.ratio) * 100}%` }} /></span><b>{words.share(coverage.ratio)}</b> {t("page.coverage.text", { received: words.count(coverage.received), expected: words.count(coverage.expected) })}</>
          : t("page.coverage.unknown", { received: words.count(coverage.received) })}
        {revised > 0 && <> · {t("page.coverage.revised", { count: words.count(revised) })}</>}
        {coverage.flagged > 0 && <> · {t("page.coverage.flagged", { count: words.count(coverage.flagged) })}</>}
      </p>
      {served.length > 0 && (
        <p class="small">
          {t("page.served")}{" "}
          {served.map((part) => `${servedBy(part, words)}${part.fromMs === null || part.toMs === null ? "" : ` (${words.minute(part.fromMs)} – ${words.minute(part.toMs)})`}`).join(", ")}
          {" · "}{t("page.resolution")}: {t(`page.resolution.${history.resolution}`)}
        </p>
      )}
    </div>
  );
}

import { useWords } from "../../app/hooks.tsx";
import { obraHref } from "../../app/router.ts";
import { Age } from "../../ui/age.tsx";
import { Badge } from "../../ui/badge.tsx";
import type { CountName, ObraStatus } from "../../wire/obra-status.ts";
import { regulatorMinute } from "../regulator-time.ts";

/** Counts of the running month that a row shows, and how grave they are. */
const shownCounts: readonly { readonly name: CountName; readonly tone: "bad" | "warn" }[] = [{ name: "late", tone: "warn" }, { name: "missing", tone: "bad" }, { name: "refused", tone: "bad" }, { name: "unknown", tone: "warn" }, { name: "review", tone: "warn" }];

/** How a work stands, in one row. */
export function ObraRow({ obra }: { readonly obra: ObraStatus }) {
  const words = useWords();
  const { t, language } = words;
  const { lastAccepted, nextSlotMs, counts } = obra;
  return (
    <li class={`obra-row${obra.stopped === null ? "" : " obra-stopped"}`}>
      <div class="obra-name">
        <h2><a href={obraHref(obra)}>{obra.name}</a></h2>
        <p class="point-sub"><code>{obra.code}</code><span>{[obra.regulator.toUpperCase(), obra.client, t(`page.obra.standard.${obra.standard}`)].join(" · ")}</span></p>
        <p class="obra-badges">
          {obra.stopped !== null && <Badge icon="stop" tone="warn" title={obra.stopped}>{t("page.obra.stopped")}</Badge>}
          <Badge icon={obra.mode === "live" ? "send" : "pause"} tone={obra.mode === "live" ? "water" : "plain"} title={t(`page.obra.mode.${obra.mode}.text`)}>{t(`page.obra.mode.${obra.mode}`)}</Badge>
          {obra.lateFailures > 0 && <Badge icon="suspect" tone="warn" title={t("page.obra.late-failures.text")}>{t("page.obra.late-failures", { count: words.count(obra.lateFailures) })}</Badge>}
        </p>
      </div>
      <dl class="obra-times">
        <div>
          <dt>{t("page.obra.last")}</dt>
          <dd>
            {lastAccepted === null ? <span class="muted">{t("page.obra.last.none")}</span> : (
              <>
                <b>{regulatorMinute(lastAccepted.slotMs, language)}</b>
                <span class="small">{lastAccepted.atMs !== null && <Age timeMs={lastAccepted.atMs} />} {lastAccepted.voucher === null ? t("page.slot.no-voucher") : <code class="voucher" title={lastAccepted.voucher}>{lastAccepted.voucher}</code>}</span>
              </>
            )}
          </dd>
        </div>
        <div><dt>{t("page.obra.next")}</dt><dd>{nextSlotMs === null ? <span class="muted">{t("page.obra.next.none")}</span> : <b>{regulatorMinute(nextSlotMs, language)}</b>}</dd></div>
      </dl>
      <dl class="obra-counts">
        <div><dt>{t("page.count.done")}</dt><dd>{words.count(counts.accepted)}</dd></div>
        {shownCounts.map(({ name, tone }) => <div key={name} class={counts[name] > 0 ? `count-${tone}` : "count-none"}><dt>{t(`page.count.${name}`)}</dt><dd>{words.count(counts[name])}</dd></div>)}
      </dl>
    </li>
  );
}

import { useEffect, useRef, useState } from "preact/hooks";
import { useShell, useStore, useWords } from "../app/hooks.tsx";
import { pointHref } from "../app/router.ts";
import { createTurnstile } from "../points/spark-source.ts";
import { useVariables } from "../points/catalogue.ts";
import { Icon } from "../ui/icons.tsx";
import type { Decision } from "../wire/decision.ts";
import { CountChart } from "./count-chart.tsx";
import { loadWindow, type CountWindow } from "./count-window.ts";
import { heldWord, kindKey, stateIcons, stateOf, undoingOf } from "./decision-state.ts";
import { VolumeMeaning } from "./volume-meaning.tsx";
import { WordList } from "./word-list.tsx";

/** What a person can say, as a button each. */
export type Saying = "confirm" | "correct" | "undo";

export interface DecisionCardProps {
  readonly decision: Decision;
  /** Name of its point, where decisions of several are listed. */
  readonly named: boolean;
  readonly mayEdit: boolean;
  /** True while what was said is being computed. */
  readonly waiting: boolean;
  readonly onSay: (saying: Saying) => void;
}

const turnstile = createTurnstile(3);

/** One decision on a count: what it was taken for, the count around it, what it means for the volume, whose it is, and what can be said to it. */
export function DecisionCard({ decision, named, mayEdit, waiting, onSay }: DecisionCardProps) {
  const shell = useShell();
  const words = useWords();
  const { t } = words;
  const directory = useStore(shell.directory.state);
  const catalogue = useVariables();
  const box = useRef<HTMLLIElement>(null);
  const around = useWindow(box, decision);
  const state = stateOf(decision);
  const word = heldWord(decision);
  const point = directory.points.find((candidate) => candidate.id === decision.point);
  const variable = catalogue.get(decision.variable);
  const kind = kindKey(decision.kind);
  const number = (value: number | null) => (value === null ? "—" : words.exact(value));
  return (
    <li ref={box} class={`panel decision decision-${state}`} id={decision.id}>
      <div class="decision-head">
        <h2>{t(`page.decisions.kind.${kind}`)}</h2>
        <p class={`decision-state decision-state-${state}`}><Icon name={stateIcons[state]} size={18} />{t(`page.decisions.state.${state}`, { by: word?.author ?? "" })}</p>
      </div>
      <p class="decision-where">
        {named && <><a href={pointHref(decision.point, "decisions")}>{point?.name ?? decision.point}</a>{" · "}</>}
        <time dateTime={decision.at}>{words.instant(decision.atMs)}</time>{" · "}{variable === undefined ? decision.variable : words.name(variable.name)}
      </p>
      <div class="decision-body">
        {around === null ? <div class="count-chart count-chart-waiting" /> : around === "failed" ? <p class="count-chart muted">{t("page.decisions.chart.none")}</p> : <CountChart decision={decision} around={around} />}
        <div class="decision-facts">
          <dl>
            <div><dt>{t("page.decisions.before")}</dt><dd>{number(decision.baseline)}</dd></div>
            <div><dt>{t("page.decisions.count")}</dt><dd>{number(decision.count)}</dd></div>
          </dl>
          <p>{t(`page.decisions.means.${kind}`)}</p>
          <VolumeMeaning decision={decision} around={around === "failed" ? null : around} />
        </div>
      </div>
      <WordList words={decision.words} />
      {waiting && <p class="note note-water" role="status"><Icon name="replay" />{t("page.decisions.waiting")}</p>}
      {mayEdit && !decision.gone && (
        <div class="decision-actions">
          {state === "open" && <button type="button" class="button button-main" disabled={waiting} onClick={() => onSay("confirm")}><Icon name="check" size={18} />{t("page.decisions.confirm")}</button>}
          <button type="button" class="button" disabled={waiting} onClick={() => onSay("correct")}>{t("page.decisions.correct")}</button>
          <button type="button" class="button" disabled={waiting} onClick={() => onSay("undo")}>{t(`page.decisions.undo.${undoingOf(decision)}`)}</button>
        </div>
      )}
    </li>
  );
}

/** The samples around, asked for when the card comes near the screen. */
function useWindow(box: { readonly current: HTMLLIElement | null }, decision: Decision): CountWindow | "failed" | null {
  const { api } = useShell();
  const [around, setAround] = useState<CountWindow | "failed" | null>(null);
  useEffect(() => {
    const controller = new AbortController();
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      turnstile(() => loadWindow(api, decision, controller.signal)).then((found) => controller.signal.aborted || setAround(found), () => controller.signal.aborted || setAround("failed"));
    }, { rootMargin: "200px" });
    if (box.current !== null) observer.observe(box.current);
    return () => {
      observer.disconnect();
      controller.abort();
    };
  }, [api, decision.id, decision.knownAt]);
  return around;
}

import { useEffect, useId, useRef, useState } from "preact/hooks";
import { useAsked, useShell, useStore, useWords } from "../../app/hooks.tsx";
import { endpoints } from "../../http/endpoints.ts";
import { useVariables } from "../../points/catalogue.ts";
import { Quantity as Value } from "../../ui/quantity.tsx";
import type { UnitOption } from "../../wire/operations.ts";
import type { ObraFeed } from "../../wire/obra.ts";
import { readPoint } from "../../wire/point.ts";
import { findFeeds, type FeedCandidate } from "./feed-search.ts";
import type { Quantity } from "./obra-rules.ts";

const MOST = 12;
const MOST_OTHERS = 200;

export interface FeedComboProps {
  readonly id: string;
  readonly label: string;
  readonly quantity: Quantity;
  readonly client: string;
  readonly units: readonly UnitOption[];
  readonly described: string | undefined;
  readonly invalid: boolean;
  /** The caret goes here when it is shown. */
  readonly focused: boolean;
  readonly onPick: (feed: ObraFeed) => void;
}

/** A search over all points for what feeds a quantity, with the newest value of each: arrow keys go through what was found, Enter takes it. */
export function FeedCombo({ id, label, quantity, client, units, described, invalid, focused, onPick }: FeedComboProps) {
  const shell = useShell();
  const words = useWords();
  const { t } = words;
  const directory = useStore(shell.directory.state);
  const variables = useVariables();
  const listId = useId();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  useEffect(() => {
    if (focused) input.current?.focus();
  }, []);
  // Where there are more points than the page holds, the server searches the others.
  const others = useAsked(directory.more && open ? text.trim() : "", async (signal) => (directory.more && text.trim() !== "" ? (await shell.api.all(endpoints.points({ q: text.trim() }), readPoint, { most: MOST_OTHERS, signal })).items : [])).value ?? [];
  const points = others.length === 0 ? directory.points : [...new Map([...directory.points, ...others].map((point) => [point.id, point])).values()];
  const found = open ? findFeeds({ points, latest: shell.book.get, units, variables }, { quantity, text, client, most: MOST }) : [];
  const at = Math.min(active, found.length - 1);
  const pick = ({ point, variable }: FeedCandidate) => {
    setOpen(false);
    onPick({ quantity, point: point.id, variable });
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) return setOpen(true);
      setActive((at + (event.key === "ArrowDown" ? 1 : found.length - 1)) % Math.max(1, found.length));
    } else if (event.key === "Enter") {
      // Never sends the form: here it takes what is marked.
      event.preventDefault();
      const chosen = found[at];
      if (open && chosen !== undefined) pick(chosen);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      setOpen(false);
    }
  };
  const shown = open && found.length > 0;
  return (
    <div class="combo">
      <input ref={input} id={id} type="text" role="combobox" autocomplete="off" spellcheck={false} value={text} placeholder={t("page.obra-form.feed.search")} aria-label={label}
        aria-autocomplete="list" aria-expanded={shown} aria-controls={shown ? listId : undefined} aria-activedescendant={shown ? `${listId}-${at}` : undefined} aria-invalid={invalid} aria-describedby={described}
        onInput={(event) => { setText(event.currentTarget.value); setActive(0); setOpen(true); }} onFocus={() => setOpen(true)} onClick={() => setOpen(true)} onBlur={() => setOpen(false)} onKeyDown={onKey} />
      {shown && (
        <ul class="combo-list" role="listbox" id={listId} aria-label={label}>
          {found.map((candidate, index) => (
            <li key={`${candidate.point.id} ${candidate.variable}`} id={`${listId}-${index}`} role="option" aria-selected={index === at}
              onPointerDown={(event) => event.preventDefault()} onClick={() => pick(candidate)} onPointerMove={() => setActive(index)}>
              <span class="combo-name"><b>{candidate.point.name}</b> <span class="small">{[words.name(candidate.name), candidate.point.client, candidate.point.device].filter((part) => part !== "").join(" · ")}</span></span>
              <span class="combo-value">{candidate.latest === undefined ? <span class="small">{t("page.value.none")}</span> : <><Value value={candidate.latest.value} unit={candidate.latest.unit} /> <span class="small">{words.age(shell.clock.nowMs() - candidate.latest.timeMs)}</span></>}</span>
            </li>
          ))}
        </ul>
      )}
      {open && found.length === 0 && !directory.loading && <p class="combo-none small" role="status">{t("page.obra-form.feed.none")}</p>}
    </div>
  );
}

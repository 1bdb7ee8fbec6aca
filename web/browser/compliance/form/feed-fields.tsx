import { useState } from "preact/hooks";
import { useAsked, useLatest, useShell, useStore, useWords } from "../../app/hooks.tsx";
import { endpoints } from "../../http/endpoints.ts";
import { Age } from "../../ui/age.tsx";
import { FieldProblemText } from "../../ui/field.tsx";
import { Icon } from "../../ui/icons.tsx";
import { Quantity as Value } from "../../ui/quantity.tsx";
import { readUnitOption, type UnitOption } from "../../wire/operations.ts";
import type { ObraFeed } from "../../wire/obra.ts";
import type { FieldProblem } from "../../wire/problem.ts";
import { FeedCombo } from "./feed-combo.tsx";
import { fieldId } from "./form-problems.ts";
import { mayHaveSeveral, offeredQuantities, requiredQuantities, type AskedWork, type Quantity } from "./obra-rules.ts";

const CATALOGUE_ROWS = 2_000;

export interface FeedFieldsProps {
  readonly work: AskedWork & { readonly client: string };
  readonly feeds: readonly ObraFeed[];
  readonly onChange: (feeds: readonly ObraFeed[]) => void;
  readonly problemOf: (field: string) => FieldProblem | undefined;
}

/** For each quantity that such a work may report, the points that it comes from. */
export function FeedFields({ work, feeds, onChange, problemOf }: FeedFieldsProps) {
  const shell = useShell();
  const units = useAsked("units", async (signal) => (await shell.api.all(endpoints.units(), readUnitOption, { most: CATALOGUE_ROWS, signal })).items).value ?? [];
  const required = requiredQuantities(work);
  return (
    <div class="feed-list">
      {offeredQuantities(work.water).map((quantity) => (
        <QuantityFeeds key={quantity} quantity={quantity} required={required.includes(quantity)} client={work.client} units={units} feeds={feeds} onChange={onChange} problemOf={problemOf} />
      ))}
      <FieldProblemText id={fieldId("feeds")} problem={problemOf("feeds")} />
    </div>
  );
}

interface QuantityFeedsProps extends Omit<FeedFieldsProps, "work"> {
  readonly quantity: Quantity;
  readonly required: boolean;
  readonly client: string;
  readonly units: readonly UnitOption[];
}

function QuantityFeeds({ quantity, required, client, units, feeds, onChange, problemOf }: QuantityFeedsProps) {
  const { t } = useWords();
  /** Which is searched for: the row of one that is replaced, or one more. */
  const [search, setSearch] = useState<number | "more" | null>(null);
  const rows = feeds.flatMap((feed, row) => (feed.quantity === quantity ? [row] : []));
  // The search goes, and the caret with it: it is put on what took its place.
  const leave = (field: string) => {
    setSearch(null);
    setTimeout(() => document.getElementById(fieldId(field))?.focus());
  };
  const picked = (row: number | null) => (feed: ObraFeed) => {
    onChange(row === null ? [...feeds, feed] : feeds.with(row, feed));
    leave(`feeds.${row ?? feeds.length}`);
  };
  const remove = (row: number) => {
    const next = rows.find((other) => other !== row);
    onChange(feeds.toSpliced(row, 1));
    leave(next === undefined ? `feeds.${quantity}` : `feeds.${next > row ? next - 1 : next}`);
  };
  const name = t(`page.quantity.${quantity}`);
  const empty = fieldId(`feeds.${quantity}`);
  const problem = problemOf(`feeds.${quantity}`);
  const combo = (id: string, row: number | null, problemId: string | undefined) => (
    <FeedCombo id={id} label={t("page.obra-form.feed.for", { quantity: name })} quantity={quantity} client={client} units={units} described={problemId} invalid={problemId !== undefined} focused={search !== null} onPick={picked(row)} />
  );
  return (
    <fieldset class="feed-quantity">
      <legend>{name} <span class={required ? "feed-required" : "small"}>{t(required ? "page.obra-form.feed.required" : "page.obra-form.feed.optional")}</span></legend>
      {rows.map((row) => {
        const feed = feeds[row];
        const mine = problemOf(`feeds.${row}`);
        if (feed === undefined) return null;
        return (
          <div key={row} class="feed-row">
            {search === row ? combo(fieldId(`feeds.${row}`), row, mine === undefined ? undefined : `${fieldId(`feeds.${row}`)}-problem`)
              : <ChosenFeed id={fieldId(`feeds.${row}`)} feed={feed} invalid={mine !== undefined} onSearch={() => setSearch(row)} onRemove={() => remove(row)} />}
            <FieldProblemText id={`${fieldId(`feeds.${row}`)}-problem`} problem={mine} />
          </div>
        );
      })}
      {(rows.length === 0 || search === "more") && combo(rows.length === 0 ? empty : `${empty}-more`, null, problem === undefined ? undefined : `${empty}-problem`)}
      <FieldProblemText id={`${empty}-problem`} problem={problem} />
      {rows.length > 0 && search === null && mayHaveSeveral(quantity) && <button type="button" class="button button-quiet feed-more" onClick={() => setSearch("more")}><Icon name="plus" size={16} />{t("page.obra-form.feed.more", { quantity: name })}</button>}
    </fieldset>
  );
}

/** What was chosen, with its newest value as it comes. */
function ChosenFeed({ id, feed, invalid, onSearch, onRemove }: { readonly id: string; readonly feed: ObraFeed; readonly invalid: boolean; readonly onSearch: () => void; readonly onRemove: () => void }) {
  const shell = useShell();
  const words = useWords();
  const { t } = words;
  const directory = useStore(shell.directory.state);
  const point = directory.points.find((each) => each.id === feed.point);
  const known = point?.variables.find((row) => row.variable === feed.variable);
  const latest = useLatest(feed.point)?.values.get(feed.variable);
  const name = point?.name ?? feed.point;
  return (
    <div class={invalid ? "feed-chosen feed-wrong" : "feed-chosen"}>
      <p class="feed-name"><b>{name}</b> <span class="small">{[known === undefined ? feed.variable : words.name(known.name), point?.client ?? "", point === undefined && !directory.loading ? t("page.obra-form.feed.unknown") : ""].filter((part) => part !== "").join(" · ")}</span></p>
      <p class="feed-value">{latest === undefined ? <span class="small">{t("page.value.none")}</span> : <><Value value={latest.value} unit={latest.unit} /> <span class="small"><Age timeMs={latest.timeMs} /></span></>}</p>
      <span class="feed-acts">
        <button type="button" id={id} class="button" onClick={onSearch} aria-label={t("page.obra-form.feed.change", { point: name })}>{t("page.obra-form.feed.change.do")}</button>
        <button type="button" class="button button-icon" onClick={onRemove} aria-label={t("page.obra-form.feed.remove", { point: name })}><Icon name="close" size={18} /></button>
      </span>
    </div>
  );
}

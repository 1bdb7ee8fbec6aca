import { useState } from "preact/hooks";
import { useShell, useStore, useWords } from "../app/hooks.tsx";
import { fromFieldValue, toFieldValue } from "../format/instant.ts";
import { Choice, Field } from "../ui/field.tsx";
import { Icon } from "../ui/icons.tsx";
import { Segments } from "../ui/segments.tsx";
import type { Point } from "../wire/point.ts";
import { csvHref, type LoadedHistory } from "./load.ts";
import { layouts } from "./panels.ts";
import { moved, presetNames, zoomed, type Span } from "./range.ts";
import { RangeFields } from "./range-fields.tsx";
import { resolutions, type Resolution } from "./resolution.ts";
import { localZone } from "./use-histories.tsx";
import { MOST_BESIDE, rangeName, type ViewState } from "./view-state.ts";

export interface HistoryToolbarProps {
  readonly point: Point;
  readonly points: readonly Point[];
  readonly state: ViewState;
  readonly span: Span;
  readonly histories: readonly LoadedHistory[];
  readonly variables: readonly { readonly variable: string; readonly name: string; readonly kind: string }[];
  readonly onChange: (part: Partial<ViewState>) => void;
}

export function HistoryToolbar(props: HistoryToolbarProps) {
  const { state, span, histories, variables, onChange } = props;
  const words = useWords();
  const { t } = words;
  const [custom, setCustom] = useState(false);
  /** On a narrow screen the options wait behind a button. */
  const [options, setOptions] = useState(false);
  const fixed = state.range.kind === "between";
  const rolled = histories.some((history) => history.resolution !== "raw");
  const served = histories[0]?.resolution;
  return (
    <div class="toolbar">
      <div class="toolbar-row">
        <Segments label={t("page.range")} name="range" value={rangeName(state.range)}
          options={[...presetNames.map((name) => ({ value: name, text: t(`page.range.${name}`), spoken: t(`page.range.${name}.long`) })), { value: "all" as const, text: t("page.range.all"), spoken: t("page.range.all.long") }]}
          onChange={(name) => { setCustom(false); onChange({ range: name === "all" ? { kind: "all" } : { kind: "last", preset: name } }); }} />
        <button type="button" class={fixed ? "button button-on" : "button"} aria-expanded={custom} aria-controls="range-fields" onClick={() => setCustom(!custom)}>
          {fixed ? `${words.minute(span.fromMs)} – ${words.minute(span.toMs)}` : t("page.range.custom")}
        </button>
        <div class="button-group" role="group" aria-label={t("page.zoom")}>
          <button type="button" class="button button-icon" onClick={() => onChange({ range: moved(span, -0.5) })} aria-label={t("page.zoom.back")} title={t("page.zoom.back")}><Icon name="left" /></button>
          <button type="button" class="button button-icon" onClick={() => onChange({ range: zoomed(span, 2) })} aria-label={t("page.zoom.out")} title={t("page.zoom.out")}><Icon name="minus" /></button>
          <button type="button" class="button button-icon" onClick={() => onChange({ range: zoomed(span, 0.5) })} aria-label={t("page.zoom.in")} title={t("page.zoom.in")}><Icon name="plus" /></button>
          <button type="button" class="button button-icon" onClick={() => onChange({ range: moved(span, 0.5) })} aria-label={t("page.zoom.on")} title={t("page.zoom.on")}><Icon name="right" /></button>
        </div>
        <span class="toolbar-end">
          <Segments label={t("page.view")} name="view" value={state.view} onChange={(view) => onChange({ view })} options={[{ value: "chart", text: t("page.view.chart") }, { value: "table", text: t("page.view.table") }]} />
          <CsvLinks {...props} />
          <button type="button" class="button toolbar-toggle" aria-expanded={options} aria-controls="history-options" onClick={() => setOptions(!options)}>{t("page.options")}</button>
        </span>
      </div>
      {custom && <RangeFields span={span} onApply={(range) => { setCustom(false); onChange({ range }); }} />}
      <div id="history-options" class={options ? "toolbar-row toolbar-options toolbar-open" : "toolbar-row toolbar-options"}>
        <Choice label={t("page.resolution")} value={state.resolution} onChange={(value) => onChange({ resolution: value as Resolution })}
          options={resolutions.map((name) => ({ value: name, text: name === "auto" && served !== undefined ? t("page.resolution.auto-is", { now: t(`page.resolution.${served}`) }) : t(`page.resolution.${name}`) }))} />
        {variables.length > 1 && <VariableToggles {...props} />}
        {variables.length > 1 && (
          <Segments label={t("page.layout")} name="layout" value={state.layout} options={layouts.map((name) => ({ value: name, text: t(`page.layout.${name}`) }))} onChange={(layout) => onChange({ layout })} />
        )}
        {rolled && variables.some((row) => row.kind === "total") && (
          <Segments label={t("page.measure")} name="measure" value={state.measure} onChange={(measure) => onChange({ measure })}
            options={[{ value: "value", text: t("page.measure.value") }, { value: "consumption", text: t("page.measure.consumption") }]} />
        )}
        <Field type="datetime-local" label={t("page.as-of")} value={state.asOfMs === null ? "" : toFieldValue(state.asOfMs)} onInput={(value) => onChange({ asOfMs: fromFieldValue(value) })} />
        <PointPicker {...props} />
      </div>
    </div>
  );
}

function VariableToggles({ state, variables, onChange }: HistoryToolbarProps) {
  const { t } = useWords();
  const toggle = (variable: string) => {
    const hidden = state.hidden.includes(variable) ? state.hidden.filter((other) => other !== variable) : [...state.hidden, variable];
    if (hidden.length < variables.length) onChange({ hidden });
  };
  return (
    <div class="chips" role="group" aria-label={t("page.variables")}>
      {variables.map(({ variable, name }) => (
        <button key={variable} type="button" class="chip" aria-pressed={!state.hidden.includes(variable)} onClick={() => toggle(variable)}>{name}</button>
      ))}
    </div>
  );
}

/** Puts other points on the same charts. */
function PointPicker({ point, points, state, onChange }: HistoryToolbarProps) {
  const { directory } = useShell();
  const { t, language } = useWords();
  const { points: all } = useStore(directory.state);
  const others = all.filter((other) => other.id !== point.id && !state.beside.includes(other.id)).sort((a, b) => a.name.localeCompare(b.name, language));
  return (
    <>
      {state.beside.length < MOST_BESIDE && others.length > 0 && (
        <Choice label={t("page.beside")} value="" onChange={(id) => id !== "" && onChange({ beside: [...state.beside, id] })}
          options={[{ value: "", text: t("page.beside.add") }, ...others.map((other) => ({ value: other.id, text: other.name }))]} />
      )}
      {points.slice(1).map((other) => (
        <span key={other.id} class="chip chip-point">
          {other.name}
          <button type="button" onClick={() => onChange({ beside: state.beside.filter((id) => id !== other.id) })} aria-label={t("page.beside.remove", { name: other.name })}><Icon name="close" size={14} /></button>
        </span>
      ))}
    </>
  );
}

/** The same query as files: one for each point. */
function CsvLinks({ points, state, span, variables }: HistoryToolbarProps) {
  const { t } = useWords();
  const shown = variables.map((row) => row.variable).filter((variable) => !state.hidden.includes(variable));
  const query = { span, resolution: state.resolution, zone: localZone, asOfMs: state.asOfMs, ...(state.hidden.length === 0 ? {} : { variables: shown }) };
  return (
    <>
      {points.map((member) => (
        <a key={member.id} class="button" href={csvHref(member.id, query)} download={`${member.name}.csv`} title={t("page.csv.label", { name: member.name })}>
          <Icon name="download" size={18} />CSV{points.length > 1 && <span class="csv-name">{member.name}</span>}
        </a>
      ))}
    </>
  );
}

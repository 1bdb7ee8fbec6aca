import { useId } from "preact/hooks";
import type { FieldProblem } from "../wire/problem.ts";

/** What is said of a text while it is typed; read aloud when it changes. */
export interface FieldHint {
  readonly good: boolean;
  readonly text: string;
}

export interface FieldProps {
  /** Where another part of the page leads to it; made up when absent. */
  readonly id?: string;
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly problem?: FieldProblem | undefined;
  readonly help?: string;
  readonly hint?: FieldHint | null;
  readonly placeholder?: string;
  readonly type?: "text" | "search" | "password" | "datetime-local";
  readonly inputMode?: "text" | "decimal";
  readonly suffix?: string;
  /** Of a time, in seconds: 1 lets seconds be typed. */
  readonly step?: number;
  readonly required?: boolean;
  readonly disabled?: boolean;
  readonly autocomplete?: string;
  /** Texts that are offered while one is typed; any other may be. */
  readonly list?: readonly string[];
}

/** A labelled input with its help and, where the server refused it, what is wrong and what to do. */
export function Field(props: FieldProps) {
  const made = useId();
  const id = props.id ?? made;
  const { problem } = props;
  const described = [props.hint === undefined ? "" : `${id}-hint`, props.help === undefined ? "" : `${id}-help`, problem === undefined ? "" : `${id}-problem`].filter((part) => part !== "").join(" ");
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <div class={props.suffix === undefined ? "field-box" : "field-box field-suffixed"}>
        <input id={id} {...typeOf(props)} value={props.value} inputMode={props.inputMode} required={props.required} disabled={props.disabled} autocomplete={props.autocomplete ?? "off"} step={props.step} placeholder={props.placeholder} list={props.list === undefined ? undefined : `${id}-list`}
          aria-invalid={problem !== undefined} aria-describedby={described === "" ? undefined : described} onInput={(event) => props.onInput(event.currentTarget.value)} />
        {props.list !== undefined && <datalist id={`${id}-list`}>{props.list.map((text) => <option key={text} value={text} />)}</datalist>}
        {props.suffix !== undefined && <span class="field-suffix" aria-hidden="true">{props.suffix}</span>}
      </div>
      {props.hint !== undefined && <p class={props.hint?.good === true ? "field-hint field-hint-good" : "field-hint"} id={`${id}-hint`} role="status">{props.hint?.text}</p>}
      {props.help !== undefined && <p class="field-help" id={`${id}-help`}>{props.help}</p>}
      <FieldProblemText id={`${id}-problem`} problem={problem} />
    </div>
  );
}

/** The JSX types tie an input's type to its role; one of ours has none. */
function typeOf({ type }: FieldProps): { type: "text" } {
  return { type: (type ?? "text") as "text" };
}

export interface Option {
  readonly value: string;
  readonly text: string;
}

export interface ChoiceProps {
  readonly id?: string;
  readonly label: string;
  readonly value: string;
  readonly options: readonly Option[];
  readonly onChange: (value: string) => void;
  readonly problem?: FieldProblem | undefined;
  readonly help?: string;
  readonly disabled?: boolean;
  /** The label is for screen readers alone, where the place says it. */
  readonly quiet?: boolean;
}

export function Choice(props: ChoiceProps) {
  const made = useId();
  const id = props.id ?? made;
  const described = [props.help === undefined ? "" : `${id}-help`, props.problem === undefined ? "" : `${id}-problem`].filter((part) => part !== "").join(" ");
  return (
    <div class={props.quiet === true ? "field field-quiet" : "field"}>
      <label for={id} class={props.quiet === true ? "sr" : undefined}>{props.label}</label>
      <select id={id} value={props.value} disabled={props.disabled} aria-invalid={props.problem !== undefined} aria-describedby={described === "" ? undefined : described}
        onChange={(event) => props.onChange(event.currentTarget.value)}>
        {props.options.map((option) => <option key={option.value} value={option.value}>{option.text}</option>)}
      </select>
      {props.help !== undefined && <p class="field-help" id={`${id}-help`}>{props.help}</p>}
      <FieldProblemText id={`${id}-problem`} problem={props.problem} />
    </div>
  );
}

export function FieldProblemText({ id, problem }: { readonly id: string; readonly problem: FieldProblem | undefined }) {
  if (problem === undefined) return null;
  return <p class="field-problem" id={id}>{[problem.detail, problem.next].filter((part) => part !== "").join(" ")}</p>;
}

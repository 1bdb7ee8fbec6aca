import { useId } from "preact/hooks";
import type { FieldProblem } from "../wire/problem.ts";

export interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly problem?: FieldProblem | undefined;
  readonly help?: string;
  readonly type?: "text" | "search" | "password" | "datetime-local";
  readonly inputMode?: "text" | "decimal";
  readonly suffix?: string;
  readonly required?: boolean;
  readonly disabled?: boolean;
  readonly autocomplete?: string;
}

/** A labelled input with its help and, where the server refused it, what is wrong and what to do. */
export function Field(props: FieldProps) {
  const id = useId();
  const { problem } = props;
  const described = [props.help === undefined ? "" : `${id}-help`, problem === undefined ? "" : `${id}-problem`].filter((part) => part !== "").join(" ");
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <div class={props.suffix === undefined ? "field-box" : "field-box field-suffixed"}>
        <input id={id} {...typeOf(props)} value={props.value} inputMode={props.inputMode} required={props.required} disabled={props.disabled} autocomplete={props.autocomplete ?? "off"}
          aria-invalid={problem !== undefined} aria-describedby={described === "" ? undefined : described} onInput={(event) => props.onInput(event.currentTarget.value)} />
        {props.suffix !== undefined && <span class="field-suffix" aria-hidden="true">{props.suffix}</span>}
      </div>
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
  readonly label: string;
  readonly value: string;
  readonly options: readonly Option[];
  readonly onChange: (value: string) => void;
  readonly problem?: FieldProblem | undefined;
  readonly disabled?: boolean;
  /** The label is for screen readers alone, where the place says it. */
  readonly quiet?: boolean;
}

export function Choice(props: ChoiceProps) {
  const id = useId();
  return (
    <div class={props.quiet === true ? "field field-quiet" : "field"}>
      <label for={id} class={props.quiet === true ? "sr" : undefined}>{props.label}</label>
      <select id={id} value={props.value} disabled={props.disabled} aria-invalid={props.problem !== undefined} aria-describedby={props.problem === undefined ? undefined : `${id}-problem`}
        onChange={(event) => props.onChange(event.currentTarget.value)}>
        {props.options.map((option) => <option key={option.value} value={option.value}>{option.text}</option>)}
      </select>
      <FieldProblemText id={`${id}-problem`} problem={props.problem} />
    </div>
  );
}

function FieldProblemText({ id, problem }: { readonly id: string; readonly problem: FieldProblem | undefined }) {
  if (problem === undefined) return null;
  return <p class="field-problem" id={id}>{[problem.detail, problem.next].filter((part) => part !== "").join(" ")}</p>;
}

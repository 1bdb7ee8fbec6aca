export interface Segment<T extends string> {
  readonly value: T;
  readonly text: string;
  /** What is read aloud where the text is short. */
  readonly spoken?: string;
}

/** A choice of few, one of them on: real radio buttons, so arrow keys and screen readers work as they should. */
export function Segments<T extends string>(props: { readonly label: string; readonly name: string; readonly value: T | null; readonly options: readonly Segment<T>[]; readonly onChange: (value: T) => void }) {
  return (
    <fieldset class="segments">
      <legend class="sr">{props.label}</legend>
      {props.options.map(({ value, text, spoken }) => (
        <label key={value} class="segment">
          <input type="radio" name={props.name} value={value} checked={value === props.value} onChange={() => props.onChange(value)} aria-label={spoken} />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}

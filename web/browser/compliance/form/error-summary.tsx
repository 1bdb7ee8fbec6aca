import { useEffect, useRef } from "preact/hooks";
import { useWords } from "../../app/hooks.tsx";
import { Icon } from "../../ui/icons.tsx";
import type { FieldProblem } from "../../wire/problem.ts";
import { fieldId } from "./form-problems.ts";

export interface ErrorSummaryProps {
  readonly problems: readonly FieldProblem[];
  readonly labelOf: (field: string) => string;
  /** Grows with each try: the summary takes the focus then. */
  readonly turn: number;
}

/** All that is wrong in a form, each with the way to its field. */
export function ErrorSummary({ problems, labelOf, turn }: ErrorSummaryProps) {
  const { t } = useWords();
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (problems.length > 0) element.current?.focus();
  }, [turn]);
  if (problems.length === 0) return null;
  return (
    <div ref={element} class="note note-bad error-summary" role="alert" tabIndex={-1}>
      <Icon name="bad" />
      <div>
        <p class="note-title">{t("page.obra-form.wrong")}</p>
        <ul>
          {problems.map(({ field, detail }, index) => (
            <li key={`${field} ${index}`}><a href={`#${fieldId(field)}`} onClick={(event) => lead(event, field)}>{labelOf(field)}</a>: {detail}</li>
          ))}
        </ul>
      </div>
    </div>
  );
}

/** The field gets the focus, out of what was folded away; the address stays as it is. */
function lead(event: Event, field: string): void {
  event.preventDefault();
  const target = document.getElementById(fieldId(field));
  const folded = target?.closest("details");
  if (folded !== null && folded !== undefined) folded.open = true;
  target?.focus();
}

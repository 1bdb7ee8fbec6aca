import type { ComponentChildren } from "preact";
import { useWords } from "../../app/hooks.tsx";
import { Field, type FieldProps } from "../../ui/field.tsx";
import type { FieldProblem } from "../../wire/problem.ts";
import { fieldId, fieldKey } from "./form-problems.ts";
import type { HeldObra, ObraForm } from "./obra-form.ts";
import { rutHint } from "./obra-rules.ts";

/** What each section of the form gets. */
export interface SectionProps {
  readonly form: ObraForm;
  /** Null while a new work is registered. */
  readonly held: HeldObra | null;
  readonly onChange: (change: Partial<ObraForm>) => void;
  readonly problemOf: (field: string) => FieldProblem | undefined;
}

export function FormSection({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  const { t } = useWords();
  return (
    <section class="panel form-section" aria-labelledby={`section-${name}`}>
      <h2 id={`section-${name}`}>{t(`page.obra-form.section.${name}`)}</h2>
      {children}
    </section>
  );
}

/** A field of the form under the name that the server has for it. */
export function FormField({ field, problemOf, ...props }: { readonly field: string; readonly problemOf: SectionProps["problemOf"] } & Omit<FieldProps, "id" | "label" | "problem">) {
  const { t } = useWords();
  return <Field {...props} id={fieldId(field)} label={t(`page.obra-form.field.${fieldKey(field)}`)} problem={problemOf(field)} />;
}

/** A RUT, of which is said while it is typed whether its check digit is right. */
export function RutField({ field, value, help, onInput, problemOf }: { readonly field: string; readonly value: string; readonly help: string; readonly onInput: (value: string) => void; readonly problemOf: SectionProps["problemOf"] }) {
  return <FormField field={field} value={value} help={help} placeholder="12345678-5" required onInput={onInput} problemOf={problemOf} hint={useRutHint(value)} />;
}

/** Null while nothing is typed. */
export function useRutHint(typed: string): { readonly good: boolean; readonly text: string } | null {
  const { t } = useWords();
  const hint = rutHint(typed);
  if (hint.state === "empty") return null;
  return { good: hint.state === "good", text: t(`page.rut.${hint.state}`, { rut: "rut" in hint ? hint.rut : "", expected: "expected" in hint ? hint.expected : "" }) };
}

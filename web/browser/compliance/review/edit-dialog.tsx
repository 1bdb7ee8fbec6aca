import { useState } from "preact/hooks";
import { useShell, useWords } from "../../app/hooks.tsx";
import { parseTyped } from "../../format/number.ts";
import { endpoints } from "../../http/endpoints.ts";
import { Choice, Field } from "../../ui/field.tsx";
import { ReasonDialog } from "../../ui/reason-dialog.tsx";
import type { HeldSlot } from "../../wire/held-slot.ts";
import type { FieldProblem } from "../../wire/problem.ts";
import { editedValues, editFields } from "./edit-form.ts";
import { regulatorMinute } from "../regulator-time.ts";
import { figureUnits, type FigureName } from "../slots/slot-text.ts";

/** Why somebody says otherwise than was measured, as the API names it. */
const editCodes = ["instrument-fault", "missing-value", "other"] as const;

/** Proposes other values than those that were measured; a second person has to agree before anything is sent. */
export function EditDialog({ held, onClose, onDone }: { readonly held: HeldSlot; readonly onClose: () => void; readonly onDone: () => void }) {
  const shell = useShell();
  const words = useWords();
  const { t } = words;
  const [code, setCode] = useState<string>(editCodes[0]);
  const [typed, setTyped] = useState<Readonly<Partial<Record<FigureName, string>>>>({});
  const fields = editFields(held);
  const values = editedValues(typed);
  const wrong = (name: FigureName): FieldProblem | undefined => {
    const value = parseTyped(typed[name] ?? "");
    return value !== null && (Number.isNaN(value) || value < 0) ? { field: name, detail: t("page.edit.not-number"), next: "" } : undefined;
  };
  const propose = async (reason: string): Promise<void> => {
    await shell.api.call(endpoints.edit(held, held.slot), { method: "POST", body: { values, code, reason } });
    onDone();
  };
  return (
    <ReasonDialog title={t("page.review.edit")} act={t("page.review.edit.do")} ready={values !== null} onClose={onClose} onAct={propose}>
      {(problemOf) => (
        <>
          <p><b>{held.name}</b> · {regulatorMinute(held.slotMs, words.language)}</p>
          <p>{t("page.review.edit.text")}</p>
          <Choice label={t("page.review.edit.code")} value={code} onChange={setCode} options={editCodes.map((value) => ({ value, text: t(`page.review.code.${value}`) }))} problem={problemOf("code")} />
          <div class="form-pair">
            {fields.map(({ name, measured }) => (
              <Field key={name} label={t(`page.figure.${name}`)} help={measured === null ? t("page.review.edit.no-value") : t("page.review.edit.was", { value: words.exact(measured) })} suffix={figureUnits[name]} inputMode="decimal" value={typed[name] ?? ""}
                onInput={(text) => setTyped({ ...typed, [name]: text })} problem={wrong(name) ?? problemOf(`values.${name}`)} />
            ))}
          </div>
        </>
      )}
    </ReasonDialog>
  );
}

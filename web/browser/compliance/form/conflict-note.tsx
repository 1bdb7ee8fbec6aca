import { useEffect, useRef } from "preact/hooks";
import { useWords } from "../../app/hooks.tsx";
import { obraHref } from "../../app/router.ts";
import { Icon } from "../../ui/icons.tsx";
import { ChangeTable } from "./change-table.tsx";
import { formOf, rebased, type HeldObra, type ObraForm } from "./obra-form.ts";
import { regulatorMinute } from "../regulator-time.ts";

export interface ConflictNoteProps {
  readonly held: HeldObra | null;
  readonly theirs: HeldObra;
  readonly form: ObraForm;
  /** Goes on from what they said, with what was typed here on top of it or without. */
  readonly onBegin: (theirs: HeldObra, mine: boolean) => void;
}

/** Somebody else saved the work while it was typed here: what they changed, and the ways to go on. Nothing of theirs is written over unseen. */
export function ConflictNote({ held, theirs, form, onBegin }: ConflictNoteProps) {
  const { t, language } = useWords();
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => element.current?.focus(), [theirs]);
  const { obra } = theirs;
  const said = { by: obra.changedBy, at: obra.changedAtMs === null ? "—" : regulatorMinute(obra.changedAtMs, language) };
  const both = held === null ? [] : rebased(formOf(held.obra, language === "es"), form, formOf(obra, language === "es")).both;
  return (
    <div ref={element} class="note note-warn conflict" role="alert" tabIndex={-1}>
      <Icon name="suspect" />
      <div>
        <p class="note-title">{t(held === null ? "page.obra-form.taken" : "page.obra-form.conflict", said)}</p>
        {obra.reason !== "" && <p><q>{obra.reason}</q></p>}
        {held === null ? <p><a href={obraHref(obra)}>{obra.name}</a></p> : (
          <>
            <ChangeTable before={held.obra} after={obra} saved />
            {both.length > 0 && <p>{t("page.obra-form.conflict.both")}</p>}
            <p class="conflict-acts">
              <button type="button" class="button button-main" onClick={() => onBegin(theirs, true)}>{t("page.obra-form.conflict.mine")}</button>
              <button type="button" class="button" onClick={() => onBegin(theirs, false)}>{t("page.obra-form.conflict.theirs")}</button>
            </p>
          </>
        )}
      </div>
    </div>
  );
}

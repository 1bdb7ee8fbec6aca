import { useAsked, useShell, useWords } from "../app/hooks.tsx";
import { endpoints } from "../http/endpoints.ts";
import { formatUnit } from "../format/number.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Icon } from "../ui/icons.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { readCorrection, readRevision } from "../wire/correction.ts";
import type { Point } from "../wire/point.ts";
import { asList, asRecord } from "../wire/read.ts";
import type { CorrectionPlace, CorrectionSaying } from "./correction-form.ts";
import { usePointVariables } from "./point-variables.ts";
import { RevisionList } from "./revision-list.tsx";
import { sourceOf, toldOf } from "./told.ts";

export interface InstantDialogProps {
  readonly point: Point;
  /** As the API wrote it, to the microsecond. */
  readonly at: string;
  readonly variable?: string;
  readonly mayCorrect: boolean;
  readonly onCorrect: (place: CorrectionPlace, saying: CorrectionSaying) => void;
  readonly onClose: () => void;
}

const MOST_WORDS = 1_000;

/** All that was ever said of one instant: what the source said, what people said, by whom, when and why; and the way to say more. */
export function InstantDialog({ point, at, variable, mayCorrect, onCorrect, onClose }: InstantDialogProps) {
  const shell = useShell();
  const words = useWords();
  const { t } = words;
  const variables = usePointVariables(point);
  const asked = useAsked(`${point.id} ${at} ${variable ?? ""}`, async (signal) => {
    const [body, said] = await Promise.all([
      shell.api.call(endpoints.revisions(point.id, at, variable), { signal }), shell.api.all(endpoints.corrections(point.id, { at, variable }), readCorrection, { most: MOST_WORDS, signal }),
    ]);
    return { revisions: asList(asRecord(body)["items"], readRevision), said: said.items };
  });
  const found = asked.value;
  const named = [...new Set([...(variable === undefined ? [] : [variable]), ...(found?.revisions.map((row) => row.variable) ?? [])])];
  return (
    <Dialog title={words.instant(Date.parse(at))} onClose={onClose} wide>
      <ProblemNote error={asked.error} />
      {asked.loading && <div class="skeleton skeleton-cards" role="status"><span class="sr">{t("page.loading")}</span></div>}
      {found !== undefined && named.length === 0 && <p class="muted">{t("page.corrections.nothing-there")}</p>}
      {found !== undefined && named.map((id) => {
        const row = variables.find((candidate) => candidate.variable === id);
        const revisions = found.revisions.filter((revision) => revision.variable === id);
        const { told, waiting } = toldOf(revisions, found.said.filter((word) => word.variable === id));
        const source = sourceOf(revisions);
        const unit = formatUnit(row?.unit ?? "");
        return (
          <section key={id} class="instant-variable" aria-labelledby={`instant-${id}`}>
            <div class="panel-head">
              <h3 id={`instant-${id}`}>{row === undefined ? id : words.name(row.name)}{unit !== "" && <span class="chart-unit">{unit}</span>}</h3>
              <p class="small">{t("page.corrections.source")} <b>{source === undefined || source.value === null ? t("page.value.none") : words.exact(source.value)}</b></p>
            </div>
            <RevisionList told={told} unit={unit} label={`${t("page.corrections.revisions")}: ${row === undefined ? id : words.name(row.name)}`} />
            {waiting.map((word) => <p key={word.id} class="note note-water"><Icon name="replay" />{t("page.corrections.waiting", { by: word.author, reason: word.reason })}</p>)}
            {mayCorrect && (
              <div class="decision-actions">
                <button type="button" class="button" onClick={() => onCorrect({ variable: id, at }, "value")}><Icon name="edit" size={18} />{t("page.corrections.correct")}</button>
                {revisions[0]?.bySomebody === true && <button type="button" class="button" onClick={() => onCorrect({ variable: id, at }, "restore")}><Icon name="reset" size={18} />{t("page.corrections.take-back")}</button>}
              </div>
            )}
          </section>
        );
      })}
    </Dialog>
  );
}

import { useWords } from "../app/hooks.tsx";
import { outcomeKinds, type ProviderCard, type ProviderScore } from "../wire/provider.ts";

const rowKinds = ["forward", "corrected", "late", "repeated", "stale", "refused"] as const;

/** What came of asking, over the last hour and day: a bar for each, and the same in numbers, with the rows that came. */
export function OutcomePicture({ card: { hour, day } }: { readonly card: ProviderCard }) {
  const words = useWords();
  const { t } = words;
  const kinds = outcomeKinds.filter((kind, at) => at === 0 || (day.outcomes[kind] ?? 0) + (hour.outcomes[kind] ?? 0) > 0);
  const rows = rowKinds.filter((kind) => kind === "forward" || kind === "corrected" || day.rows[kind] > 0);
  const line = (key: string, label: string, [inHour, inDay]: readonly [number, number], mark = "") => (
    <tr key={key}><th scope="row">{mark !== "" && <span class={`outcome-key outcome-${mark}`} aria-hidden="true" />}{label}</th><td class="number">{words.count(inHour)}</td><td class="number">{words.count(inDay)}</td></tr>
  );
  const head = (title: string) => <thead><tr><th scope="col"><span class="sr">{title}</span></th><th scope="col" class="number">{t("page.providers.hour")}</th><th scope="col" class="number">{t("page.providers.day")}</th></tr></thead>;
  return (
    <>
      <section class="account-part">
        <h3>{t("page.providers.answers")}</h3>
        <OutcomeBar score={hour} label={t("page.providers.hour")} />
        <OutcomeBar score={day} label={t("page.providers.day")} />
        <table class="score-table">
          {head(t("page.providers.asks"))}
          <tbody>{kinds.map((kind) => line(kind, t(`page.outcome.${kind}`), [hour.outcomes[kind] ?? 0, day.outcomes[kind] ?? 0], kind))}</tbody>
        </table>
      </section>
      <section class="account-part">
        <h3>{t("page.providers.rows")}</h3>
        <table class="score-table">
          {head(t("page.providers.rows"))}
          <tbody>
            {rows.map((kind) => line(kind, t(`page.providers.rows.${kind}`), [hour.rows[kind], day.rows[kind]]))}
            {line("filled", t("page.providers.rows.filled"), [hour.filled, day.filled])}
          </tbody>
        </table>
      </section>
    </>
  );
}

/** The table beside it says the same in numbers. */
function OutcomeBar({ score, label }: { readonly score: ProviderScore; readonly label: string }) {
  const total = outcomeKinds.reduce((sum, kind) => sum + (score.outcomes[kind] ?? 0), 0);
  return (
    <div class="outcome-line" aria-hidden="true">
      <span>{label}</span>
      <span class="outcome-bar">{total > 0 && outcomeKinds.filter((kind) => (score.outcomes[kind] ?? 0) > 0).map((kind) => <span key={kind} class={`outcome-${kind}`} style={{ flexGrow: (score.outcomes[kind] ?? 0) / total }} />)}</span>
    </div>
  );
}

import { useLatest, useWords } from "../app/hooks.tsx";
import { Age } from "../ui/age.tsx";
import { Flag } from "../ui/flag.tsx";
import { Quantity } from "../ui/quantity.tsx";
import { measuredVariables, type Point } from "../wire/point.ts";

/** The newest value of each variable, large. */
export function LatestCards({ point }: { readonly point: Point }) {
  const words = useWords();
  const latest = useLatest(point.id);
  return (
    <section class="cards" aria-label={words.t("page.latest")}>
      {measuredVariables(point).map((row) => {
        const value = latest?.values.get(row.variable);
        return (
          <article key={row.variable} class={`card card-flag-${value === undefined ? 9 : value.flag}`}>
            <h2>{words.name(row.name)}</h2>
            <p class="card-value"><Quantity value={value?.value ?? null} unit={value?.unit || row.unit} pulse={(latest?.change ?? 0) === 0 ? 0 : (value?.timeMs ?? 0)} /></p>
            {value !== undefined && (
              <p class="card-foot"><Flag flag={value.flag} reasons={value.reasons} compact /><Age timeMs={value.timeMs} /></p>
            )}
            {value !== undefined && value.reasons.length > 0 && <p class="card-reasons">{value.reasons.map(words.reason).join("; ")}</p>}
          </article>
        );
      })}
    </section>
  );
}

import { useLatest, useWords } from "../app/hooks.tsx";
import { Age } from "../ui/age.tsx";
import { Flag } from "../ui/flag.tsx";
import { Icon } from "../ui/icons.tsx";
import { Quantity } from "../ui/quantity.tsx";
import { measuredVariables, type Point } from "../wire/point.ts";
import { useVariables } from "./catalogue.ts";

const STALE_MS = 24 * 3_600_000;

/** The newest value of each variable, large; those that Caudal computes come last. */
export function LatestCards({ point }: { readonly point: Point }) {
  const words = useWords();
  const latest = useLatest(point.id);
  const catalogue = useVariables();
  const sent = measuredVariables(point);
  const ignored = new Set(point.variables.filter((row) => row.ignored).map((row) => row.variable));
  const computed = [...(latest?.values.keys() ?? [])].filter((variable) => !ignored.has(variable) && !sent.some((row) => row.variable === variable)).sort().flatMap((variable) => catalogue.get(variable) ?? []);
  const cards = [...sent, ...computed.map(({ id, name, unit }) => ({ variable: id, name, unit }))];
  return (
    <section class="cards" aria-label={words.t("page.latest")}>
      {cards.map((row) => {
        const value = latest?.values.get(row.variable);
        return (
          <article key={row.variable} class={`card card-flag-${value === undefined ? 9 : value.flag}`}>
            <h2>{words.name(row.name)}</h2>
            <p class="card-value"><Quantity value={value?.value ?? null} unit={value?.unit || row.unit} pulse={(latest?.change ?? 0) === 0 ? 0 : (value?.timeMs ?? 0)} /></p>
            {value !== undefined && (
              <p class="card-foot"><Flag flag={value.flag} reasons={value.reasons} compact /><Age timeMs={value.timeMs} /></p>
            )}
            {value !== undefined && latest !== undefined && latest.timeMs - value.timeMs > STALE_MS && <p class="stale" title={words.t("page.stale.variable.text")}><Icon name="stale" size={16} />{words.t("page.stale.variable")}</p>}
            {value !== undefined && value.reasons.length > 0 && <p class="card-reasons">{value.reasons.map(words.reason).join("; ")}</p>}
          </article>
        );
      })}
    </section>
  );
}

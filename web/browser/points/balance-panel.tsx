import { useAsked, useShell, useWords, type PageWords } from "../app/hooks.tsx";
import { formatDay, formatWeekday } from "../format/instant.ts";
import { endpoints } from "../http/endpoints.ts";
import { ProblemNote } from "../ui/problem-note.tsx";
import { readBalance, type Balance, type BalanceDay } from "../wire/balance.ts";
import { measuredVariables, type Point } from "../wire/point.ts";
import { balanceHeights, hasBalance } from "./balance.ts";

const DAYS = 31;

/** Does what flowed agree with what was counted? Two bars a day and the verdict, and the same as a table. Nothing for a point that lacks either. */
export function BalancePanel({ point, changes }: { readonly point: Point; readonly changes: number }) {
  return hasBalance(measuredVariables(point).map(({ variable }) => variable)) ? <Panel point={point} changes={changes} /> : null;
}

function Panel({ point, changes }: { readonly point: Point; readonly changes: number }) {
  const shell = useShell();
  const words = useWords();
  const { t } = words;
  const asked = useAsked(`${point.id} ${changes}`, async (signal) => readBalance(await shell.api.call(endpoints.balance(point.id, { limit: DAYS }), { signal })));
  const days = asked.value?.days ?? [];
  const compared = days.filter(({ verdict }) => verdict !== "not-comparable").length;
  return (
    <section class="panel balance" aria-labelledby="balance-title">
      <div class="panel-head">
        <h2 id="balance-title">{t("page.balance")}</h2>
        {compared > 0 && <p class="panel-figure"><b>{t("page.balance.agree", { agreeing: days.filter(({ verdict }) => verdict === "agrees").length, compared })}</b></p>}
      </div>
      {asked.error !== null && <ProblemNote error={asked.error} />}
      {asked.loading && days.length === 0 && <div class="skeleton skeleton-bars" />}
      {asked.value !== undefined && <Days balance={asked.value} compared={compared} words={words} csv={endpoints.balance(point.id, { format: "csv" })} />}
    </section>
  );
}

interface DaysProps {
  readonly balance: Balance;
  readonly compared: number;
  readonly words: PageWords;
  readonly csv: string;
}

function Days({ balance: { days, zone }, compared, words, csv }: DaysProps) {
  const { t } = words;
  return (
    <>
      <p class="muted">{t("page.balance.text", { zone })}</p>
      {compared === 0 && <p class="muted">{t("page.balance.none", { days: days.length })}</p>}
      <ol class="bars balance-bars" aria-hidden="true">
        {balanceHeights(days).map(({ flow, totaliser }, index) => {
          const day = days[index];
          return day === undefined ? null : (
            <li key={day.day} class={`balance-${day.verdict}`} title={`${weekday(day, words)}: ${m3(day.flowM3, words)} · ${m3(day.totaliserM3, words)} · ${verdictText(day, words)}`}>
              <span class="balance-bar balance-flow" style={{ height: `${flow * 100}%` }} />
              <span class="balance-bar balance-total" style={{ height: `${totaliser * 100}%` }} />
            </li>
          );
        })}
      </ol>
      <div class="bars-ends" aria-hidden="true"><span>{dayText(days[0], words)}</span><span>{dayText(days.at(-1), words)}</span></div>
      <p class="small bars-key">
        <span class="bar-key balance-flow" aria-hidden="true" />{t("page.balance.flow")} <span class="bar-key balance-total" aria-hidden="true" />{t("page.balance.totaliser")} <span class="bar-key balance-mark" aria-hidden="true" />{t("page.balance.is.differs")}
      </p>
      <details>
        <summary>{t("page.balance.table")}</summary>
        <div class="table-scroll" tabIndex={0} role="region" aria-label={`${t("page.balance")}: ${t("page.balance.table")}`}>
          <table class="data-table">
            <thead>
              <tr>
                <th scope="col">{t("page.balance.day")}</th>
                {(["flow", "totaliser", "difference", "coverage"] as const).map((name) => <th key={name} scope="col" class="number">{t(`page.balance.${name}`)}</th>)}
                <th scope="col">{t("page.balance.verdict")}</th>
              </tr>
            </thead>
            <tbody>{days.toReversed().map((day) => <DayRow key={day.day} day={day} words={words} />)}</tbody>
          </table>
        </div>
      </details>
      <p class="small"><a href={csv} download>{t("page.balance.csv")}</a></p>
    </>
  );
}

function DayRow({ day, words }: { readonly day: BalanceDay; readonly words: PageWords }) {
  const percent = day.differencePercent === null ? "" : ` (${words.exact(day.differencePercent)} %)`;
  return (
    <tr class={`balance-${day.verdict}`}>
      <th scope="row">{dayText(day, words)}{day.hours !== 24 && ` (${words.t("page.balance.hours", { hours: day.hours })})`}</th>
      <td class="number">{m3(day.flowM3, words)}</td><td class="number">{m3(day.totaliserM3, words)}</td>
      <td class="number">{day.differenceM3 === null ? "—" : `${m3(day.differenceM3, words)}${percent}`}</td><td class="number">{words.share(day.coverage)}</td>
      <td>{verdictText(day, words)}</td>
    </tr>
  );
}

function m3(value: number | null, words: PageWords): string {
  return value === null ? "—" : `${words.exact(value)} m³`;
}

function verdictText({ verdict, why }: BalanceDay, { t }: PageWords): string {
  return why === "" ? t(`page.balance.is.${verdict}`) : `${t(`page.balance.is.${verdict}`)}: ${t(`page.balance.why.${why}`)}`;
}

function dayText(day: BalanceDay | undefined, { language }: PageWords): string {
  const timeMs = Date.parse(day?.day ?? "");
  return Number.isNaN(timeMs) ? (day?.day ?? "") : formatDay(timeMs, language, { zone: "UTC" });
}

function weekday({ day }: BalanceDay, { language }: PageWords): string {
  const timeMs = Date.parse(day);
  return Number.isNaN(timeMs) ? day : formatWeekday(timeMs, language, { zone: "UTC" });
}

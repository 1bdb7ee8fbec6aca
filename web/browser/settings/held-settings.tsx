import { useWords } from "../app/hooks.tsx";
import type { SettingRow } from "../wire/setting.ts";
import { grouped } from "./groups.ts";
import type { HeldSetting } from "./periods.ts";
import { valueText } from "./setting-text.ts";

/** Every setting by its plain name with what holds now, since when and by whom; what nobody said is shown as such. */
export function HeldSettings({ rows, held }: { readonly rows: readonly SettingRow[]; readonly held: ReadonlyMap<string, HeldSetting> }) {
  const words = useWords();
  const { t } = words;
  return (
    <div class="setting-groups">
      {grouped(rows).map(({ id, rows: members }) => (
        <section key={id} aria-labelledby={`group-${id}`}>
          <h3 id={`group-${id}`}>{t(`page.settings.group.${id}`)}</h3>
          <dl class="setting-list">
            {members.map((row) => {
              const setting = held.get(row.name);
              return (
                <div key={row.name} class={setting === undefined ? "setting-none" : ""}>
                  <dt>{words.name(row.says)}</dt>
                  <dd>
                    {setting === undefined ? t("page.settings.none") : <b>{valueText(row, setting.value, words)}</b>}
                    {setting !== undefined && <span class="small">{setting.period.validFromMs === null ? t("page.settings.from.first") : t("page.settings.since", { time: words.minute(setting.period.validFromMs) })} · {setting.period.changedBy}</span>}
                  </dd>
                </div>
              );
            })}
          </dl>
        </section>
      ))}
    </div>
  );
}

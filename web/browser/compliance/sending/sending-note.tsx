import { useWords } from "../../app/hooks.tsx";
import { complianceHref } from "../../app/router.ts";
import { Icon } from "../../ui/icons.tsx";
import type { Breaker, InstallationMode, Sending } from "../../wire/obra-status.ts";
import { regulatorMinute } from "../regulator-time.ts";

/** Says that nothing is sent, and why; nothing while all is well. */
export function SendingNote({ sending, breakers }: { readonly sending: Sending; readonly breakers: readonly Breaker[] }) {
  const { t } = useWords();
  return (
    <>
      {!sending.on && (
        <div class="note note-warn">
          <Icon name="stop" />
          <div>
            <p class="note-title">{t("page.compliance.sending.off")}</p>
            <p><SendingSaid sending={sending} /> <a href={complianceHref("plan")}>{t("page.compliance.sending.where")}</a></p>
          </div>
        </div>
      )}
      <BreakerNotes breakers={breakers} />
    </>
  );
}

/** Says that no regulator gets anything of this installation: what is shown as sent went to a sandbox, or nowhere. */
export function ModeNote({ mode }: { readonly mode: InstallationMode | null }) {
  const { t } = useWords();
  if (mode === null || mode === "live") return null;
  return (
    <div class="note">
      <Icon name="guess" />
      <div><p class="note-title">{t(`page.compliance.mode.${mode}`)}</p><p>{t(`page.compliance.mode.${mode}.text`)}</p></div>
    </div>
  );
}

/** Who threw the switch last, when and why. */
export function SendingSaid({ sending: { by, atMs, reason, restored } }: { readonly sending: Sending }) {
  const { t, language } = useWords();
  if (restored) return <>{t("page.compliance.sending.restored")}</>;
  return <>{by === "" ? t("page.compliance.sending.never") : t("page.compliance.sending.by", { by, at: atMs === null ? "—" : regulatorMinute(atMs, language), reason })}</>;
}

const whys: ReadonlySet<string> = new Set(["blocks", "unreachable", "silent"]);

/** Regulators that turn calls away: nothing is sent to them for a while. */
export function BreakerNotes({ breakers }: { readonly breakers: readonly Breaker[] }) {
  const words = useWords();
  const { t } = words;
  return (
    <>
      {breakers.map(({ regulator, why, retryInMs }) => (
        <div key={regulator} class="note note-bad" role="status">
          <Icon name="pause" />
          <div>
            <p class="note-title">{t("page.compliance.breaker", { regulator: regulator.toUpperCase() })}</p>
            <p>{[whys.has(why) ? t(`page.compliance.breaker.${why}`) : why, retryInMs === null ? "" : t("page.compliance.breaker.retry", { after: words.span(retryInMs) }), t("page.compliance.breaker.text")].filter((part) => part !== "").join(" ")}</p>
          </div>
        </div>
      ))}
    </>
  );
}

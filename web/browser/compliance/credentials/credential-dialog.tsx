import { useState } from "preact/hooks";
import { useShell, useWords } from "../../app/hooks.tsx";
import { endpoints } from "../../http/endpoints.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { Choice, Field } from "../../ui/field.tsx";
import { ProblemNote } from "../../ui/problem-note.tsx";
import type { Credential } from "../../wire/credential.ts";
import { ApiProblem } from "../../wire/problem.ts";
import { useRutHint } from "../form/form-section.tsx";
import { regulators } from "../form/obra-rules.ts";

export interface CredentialDialogProps {
  /** Whose password is replaced; null: a user is named. */
  readonly replaced: Credential | null;
  readonly onClose: () => void;
  readonly onDone: (user: string) => void;
}

/** Sets an informant's password. It stands in the field until it is sent, whatever comes of that, and nowhere else. */
export function CredentialDialog({ replaced, onClose, onDone }: CredentialDialogProps) {
  const shell = useShell();
  const { t } = useWords();
  const [regulator, setRegulator] = useState<string>(replaced?.regulator ?? regulators[0]);
  const [user, setUser] = useState(replaced?.user ?? "");
  const [password, setPassword] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const hint = useRutHint(user);
  const problem = error instanceof ApiProblem ? error : null;
  const save = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    setPassword("");
    try {
      await shell.api.call(endpoints.credential(regulator, user.trim()), { method: "PUT", body: { password } });
      return onDone(user.trim());
    } catch (refused) {
      setError(refused);
    }
    setBusy(false);
  };
  return (
    <Dialog title={t(replaced === null ? "page.credentials.set" : "page.credentials.replace.of", { user })} onClose={onClose}>
      <form onSubmit={(event) => void save(event)} noValidate autocomplete="off">
        <p>{t("page.credentials.text")}</p>
        <ProblemNote error={error} />
        {replaced === null && (
          <div class="form-pair">
            <Choice label={t("page.obra-form.field.regulator")} value={regulator} onChange={setRegulator} options={regulators.map((value) => ({ value, text: t(`page.obra-form.regulator.${value}`) }))} />
            <Field label={t("page.credentials.user")} value={user} onInput={setUser} placeholder="12345678-5" hint={regulator === "sma" && hint?.good !== true ? null : hint} problem={problem?.of("user")} required />
          </div>
        )}
        <Field type="password" label={t("page.credentials.password")} help={t("page.credentials.password.help")} value={password} onInput={setPassword} autocomplete="new-password" problem={problem?.of("password")} required />
        <div class="dialog-foot">
          <button type="button" class="button" onClick={onClose}>{t("page.cancel")}</button>
          <button type="submit" class="button button-main" disabled={busy || user.trim() === "" || password === ""}>{t("page.credentials.save")}</button>
        </div>
      </form>
    </Dialog>
  );
}

import { useState } from "preact/hooks";
import { Field } from "../ui/field.tsx";
import { Logo } from "../ui/icons.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { useShell, useWords } from "./hooks.tsx";
import { PageTitle } from "./page-title.tsx";

/** Exchanges a token, typed once, for a cookie that this page cannot read. */
export function SignIn() {
  const shell = useShell();
  const { t } = useWords();
  const [token, setToken] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      await shell.signIn(token.trim());
    } catch (refused) {
      setError(refused);
      setBusy(false);
    }
  };
  return (
    <section class="sign-in">
      <Logo size={44} />
      <PageTitle text={t("page.sign-in")} />
      <p>{t("page.sign-in.text")}</p>
      <form onSubmit={(event) => void submit(event)}>
        <ProblemNote error={error} />
        <Field label={t("page.sign-in.token")} type="password" value={token} onInput={setToken} required autocomplete="current-password" />
        <button type="submit" class="button button-main" disabled={busy}>{t("page.sign-in.enter")}</button>
      </form>
      <p class="small">{t("page.sign-in.help")} <code>caudal tokens create --name … --role viewer --client …</code></p>
    </section>
  );
}

import { useWords } from "./hooks.tsx";
import { PageTitle } from "./page-title.tsx";

export function NotFound() {
  const { t } = useWords();
  return (
    <section class="blank">
      <PageTitle text={t("page.not-found")} />
      <p>{t("page.not-found.text")}</p>
      <p><a class="button" href="/">{t("page.not-found.back")}</a></p>
    </section>
  );
}

import { useWords } from "../app/hooks.tsx";
import type { SpokenWord } from "../wire/decision.ts";
import { kindKey } from "./decision-state.ts";

/** What people said of a count, the newest first: who, when, what and why. */
export function WordList({ words: spoken }: { readonly words: readonly SpokenWord[] }) {
  const words = useWords();
  const { t } = words;
  if (spoken.length === 0) return null;
  const numbers = (word: SpokenWord) => ([["modulus", word.modulus], ["finalCount", word.finalCount], ["initialCount", word.initialCount]] as const)
    .filter(([, value]) => value !== null).map(([name, value]) => `${t(`page.decisions.${name}`)}: ${words.exact(value ?? 0)}`).join(", ");
  return (
    <details class="word-list" open={spoken.length === 1}>
      <summary>{t("page.decisions.words", { count: words.count(spoken.length) })}</summary>
      <ol>
        {spoken.toReversed().map((word, index) => (
          <li key={index}>
            <b>{word.author}</b> <span class="muted">{word.atMs !== null && words.instant(word.atMs)}</span>
            <p>{t(`page.decisions.asked.${word.asked}`, { kind: t(`page.decisions.kind.${kindKey(word.of)}`) })} {word.verdict === null ? t("page.decisions.taken-back") : t(`page.decisions.as.${word.verdict}`)}{numbers(word) !== "" && ` (${numbers(word)})`}. <q>{word.reason}</q></p>
          </li>
        ))}
      </ol>
    </details>
  );
}

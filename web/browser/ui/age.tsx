import { useNow, useWords } from "../app/hooks.tsx";

/** How long ago something was, counting on; the exact instant is in its title. */
export function Age({ timeMs, class: name }: { readonly timeMs: number; readonly class?: string }) {
  const words = useWords();
  const nowMs = useNow(1000);
  return (
    <time class={name} dateTime={new Date(timeMs).toISOString()} title={words.instant(timeMs)}>
      {words.age(nowMs - timeMs)}
    </time>
  );
}

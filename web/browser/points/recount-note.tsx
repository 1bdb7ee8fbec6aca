import { useEffect, useRef, useState } from "preact/hooks";
import { useShell, useWords } from "../app/hooks.tsx";
import { endpoints } from "../http/endpoints.ts";
import { isAbort } from "../http/request.ts";
import { Icon } from "../ui/icons.tsx";
import { readRecount, type Recount } from "../wire/recount.ts";

const WAITING_LOOK_MS = 2_000;
const QUIET_LOOK_MS = 20_000;

/** Says that what follows from late or corrected data is being computed again, and what came of it; `onDone` when it is done. */
export function RecountNote({ point, onDone }: { readonly point: string; readonly onDone: () => void }) {
  const { api } = useShell();
  const words = useWords();
  const { t } = words;
  const [recount, setRecount] = useState<Recount | undefined>(undefined);
  const [seen, setSeen] = useState(false);
  const done = useRef(onDone);
  done.current = onDone;
  useEffect(() => {
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let wasWaiting = false;
    const look = async (): Promise<void> => {
      try {
        const found = document.hidden ? undefined : readRecount(await api.call(endpoints.recounts(point), { signal: controller.signal }));
        if (controller.signal.aborted) return;
        if (found !== undefined) setRecount(found);
        if (found?.waiting === true) setSeen(true);
        if (wasWaiting && found?.waiting === false) done.current();
        if (found !== undefined) wasWaiting = found.waiting;
      } catch (error) {
        if (isAbort(error)) return;
      }
      timer = setTimeout(() => void look(), wasWaiting ? WAITING_LOOK_MS : QUIET_LOOK_MS);
    };
    void look();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [api, point]);
  // What was done before anybody looked is told by the data itself.
  if (recount === undefined || !seen) return null;
  if (recount.waiting) {
    return (
      <p class="note note-warn" role="status">
        <Icon name="replay" />
        <span>{recount.fromMs === null ? t("page.recount.waiting.all") : t("page.recount.waiting", { time: words.minute(recount.fromMs) })}</span>
      </p>
    );
  }
  return (
    <p class="note note-water" role="status">
      <Icon name="check" />
      <span>{t("page.recount.done", { facts: words.count(recount.facts), days: words.count(recount.days), made: words.count(recount.decisionsMade), gone: words.count(recount.decisionsGone) })}</span>
    </p>
  );
}

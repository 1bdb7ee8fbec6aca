import { useEffect, useRef, useState } from "preact/hooks";
import { useShell } from "../app/hooks.tsx";
import { endpoints } from "../http/endpoints.ts";
import { readDecision, type Decision } from "../wire/decision.ts";

const LOOK_MS = 500;
/** After this it is shown as it stands: what reaches further back than is remembered takes minutes, and the answer says so. */
const LONGEST_MS = 20_000;
const LONG_PAST_MS = 3_000;

/** Follows decisions that somebody spoke to until what was said is computed; `onDone` then, with what is said of what is still to come. */
export function useSaid(onDone: (next: string) => void): { readonly waiting: ReadonlySet<string>; readonly follow: (decision: Decision, next: string) => void } {
  const { api } = useShell();
  const [waiting, setWaiting] = useState<ReadonlySet<string>>(new Set());
  const isShown = useRef(true);
  const done = useRef(onDone);
  done.current = onDone;
  useEffect(() => {
    isShown.current = true;
    return () => void (isShown.current = false);
  }, []);

  const follow = (decision: Decision, next: string): void => {
    setWaiting((before) => new Set(before).add(decision.id));
    const untilMs = Date.now() + (next === "" ? LONGEST_MS : LONG_PAST_MS);
    const look = async (): Promise<void> => {
      const now = await api.call(endpoints.decision(decision.id)).then(readDecision, () => undefined);
      if (!isShown.current) return;
      const isComputed = now !== undefined && (now.knownAt !== decision.knownAt || now.gone !== decision.gone || now.said !== decision.said);
      if (!isComputed && Date.now() < untilMs) return void setTimeout(() => void look(), LOOK_MS);
      setWaiting((before) => new Set([...before].filter((id) => id !== decision.id)));
      done.current(isComputed ? "" : next);
    };
    setTimeout(() => void look(), LOOK_MS);
  };
  return { waiting, follow };
}

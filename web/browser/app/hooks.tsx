import { createContext } from "preact";
import { useContext, useEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import { formatAge, formatDay, formatInstant, formatSpan } from "../format/instant.ts";
import { formatBytes, formatCount, formatExact, formatRate, formatShare, formatShort, formatShown } from "../format/number.ts";
import type { LatestEntry } from "../live/latest-book.ts";
import { fillText, type TextValues } from "../text/catalog.ts";
import { flagText, parkNext, parkText, reasonText, slotReasonText } from "../text/names.ts";
import type { TwoTexts } from "../wire/two-texts.ts";
import type { Shell, Words } from "./shell.ts";
import type { Store } from "./store.ts";

export const ShellContext = createContext<Shell | null>(null);

export function useShell(): Shell {
  const shell = useContext(ShellContext);
  if (shell === null) throw new Error("a view stands outside the page");
  return shell;
}

/** The store's value; the view is drawn again when it changes. */
export function useStore<T>(store: Store<T>): T {
  const [, redraw] = useReducer((count: number, _: undefined) => count + 1, 0);
  const seen = useRef(store.get());
  seen.current = store.get();
  useEffect(() => {
    const check = () => {
      if (!Object.is(seen.current, store.get())) redraw(undefined);
    };
    check();
    return store.subscribe(check);
  }, [store]);
  return store.get();
}

/** Texts and formats of the page's language. */
export function wordsOf({ language, texts }: Words) {
  return {
    language, texts,
    t: (key: string, values?: TextValues) => fillText(texts, key, values),
    name: (name: TwoTexts) => name[language],
    flag: (flag: number) => flagText(texts, flag),
    reason: (code: string) => reasonText(texts, code),
    slotReason: (code: string) => slotReasonText(texts, code),
    park: (code: string) => parkText(texts, code),
    parkNext: (code: string) => parkNext(texts, code),
    exact: (value: number) => formatExact(value, language),
    short: (value: number) => formatShort(value, language),
    shown: (value: number, decimals: number | null) => formatShown(value, decimals, language),
    count: (value: number) => formatCount(value, language),
    rate: (value: number) => formatRate(value, language),
    share: (value: number) => formatShare(value, language),
    bytes: (value: number) => formatBytes(value, language),
    instant: (timeMs: number) => formatInstant(timeMs, language),
    minute: (timeMs: number) => formatInstant(timeMs, language, { seconds: false }),
    day: (timeMs: number) => formatDay(timeMs, language),
    age: (ageMs: number) => formatAge(ageMs, language),
    span: (spanMs: number) => formatSpan(spanMs, language),
  };
}

export type PageWords = ReturnType<typeof wordsOf>;

export function useWords(): PageWords {
  const words = useStore(useShell().words);
  return useMemo(() => wordsOf(words), [words]);
}

/** The server's now, told anew at each step; all views of one step length share the moment but not the timer. */
export function useNow(stepMs: number): number {
  const { clock } = useShell();
  const [nowMs, setNow] = useState(() => clock.nowMs());
  useEffect(() => {
    const timer = setInterval(() => setNow(clock.nowMs()), stepMs);
    return () => clearInterval(timer);
  }, [clock, stepMs]);
  return nowMs;
}

/** Newest values of a point, live. */
export function useLatest(point: string): LatestEntry | undefined {
  const { book } = useShell();
  const [, redraw] = useReducer((count: number, _: undefined) => count + 1, 0);
  useEffect(() => book.subscribe(point, () => redraw(undefined)), [book, point]);
  return book.get(point);
}

export interface Asked<T> {
  readonly value: T | undefined;
  readonly error: unknown;
  readonly loading: boolean;
}

/** Asks once for each key and keeps the last answer while the next is under way; a newer key gives up the older request. */
export function useAsked<T>(key: string, ask: (signal: AbortSignal) => Promise<T>): Asked<T> {
  const [asked, setAsked] = useState<Asked<T>>({ value: undefined, error: null, loading: true });
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    const controller = new AbortController();
    setAsked((before) => ({ ...before, loading: true }));
    latest.current(controller.signal).then(
      (value) => controller.signal.aborted || setAsked({ value, error: null, loading: false }),
      (error: unknown) => controller.signal.aborted || setAsked((before) => ({ value: before.value, error, loading: false })),
    );
    return () => controller.abort();
  }, [key]);
  return asked;
}

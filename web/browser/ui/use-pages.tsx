import { useEffect, useRef, useState } from "preact/hooks";
import { useShell } from "../app/hooks.tsx";
import { isAbort, withQuery } from "../http/request.ts";
import { asPage } from "../wire/read.ts";

export interface Pages<T> {
  readonly items: readonly T[];
  readonly more: boolean;
  readonly loading: boolean;
  readonly error: unknown;
  readonly loadMore: () => void;
  readonly reload: () => void;
}

/** A list that grows a page at a time on demand; another path, or another `version` of what it lists, begins it anew. `cursorName`: the parameter that takes `next`. */
export function usePages<T>(path: string, read: (item: unknown) => T | undefined, version = "", cursorName = "cursor"): Pages<T> {
  const { api } = useShell();
  const [state, setState] = useState<{ items: readonly T[]; next: string | null; loading: boolean; error: unknown }>({ items: [], next: null, loading: true, error: null });
  const [turn, setTurn] = useState(0);
  const controller = useRef<AbortController | null>(null);

  const ask = (cursor: string | null) => {
    controller.current?.abort();
    const mine = new AbortController();
    controller.current = mine;
    setState((before) => ({ ...before, loading: true }));
    api.call(withQuery(path, { [cursorName]: cursor }), { signal: mine.signal }).then(
      (body) => {
        const page = asPage(body, read);
        if (!mine.signal.aborted) setState((before) => ({ items: cursor === null ? page.items : [...before.items, ...page.items], next: page.next, loading: false, error: null }));
      },
      (error: unknown) => {
        if (!mine.signal.aborted && !isAbort(error)) setState((before) => ({ ...before, loading: false, error }));
      },
    );
  };
  useEffect(() => {
    ask(null);
    return () => controller.current?.abort();
  }, [path, turn, version]);
  return { ...state, more: state.next !== null, loadMore: () => ask(state.next), reload: () => setTurn((before) => before + 1) };
}

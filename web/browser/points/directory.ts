import { endpoints } from "../http/endpoints.ts";
import { isAbort, type Api } from "../http/request.ts";
import { createStore, type Store } from "../app/store.ts";
import type { LatestBook } from "../live/latest-book.ts";
import { readPoint, readPointLatest, type Point } from "../wire/point.ts";

/** The points that the page knows. */
export interface DirectoryState {
  readonly points: readonly Point[];
  readonly loading: boolean;
  readonly error: unknown;
  /** True when there are more points than the page loads; a search then asks the server. */
  readonly more: boolean;
}

export interface PointDirectory {
  readonly state: Store<DirectoryState>;
  /** Asks for all points and their latest values anew; `q` narrows the points on the server. */
  load(q?: string): Promise<void>;
  /** A point by id, asked for when it is not known. Throws ApiProblem. */
  point(id: string): Promise<Point>;
  /** Takes a point as it is after a change. */
  put(point: Point): void;
  /** Told of points that the stream mentions: unknown ones are asked for, a few at a time. */
  meet(ids: Iterable<string>): void;
}

export const MOST_POINTS = 20_000;
/** More unknown points than this in one batch, and the whole list is asked instead. */
const MOST_MET = 5;

export function createPointDirectory(api: Api, book: LatestBook): PointDirectory {
  const state = createStore<DirectoryState>({ points: [], loading: true, error: null, more: false });
  const known = new Set<string>();
  const asked = new Set<string>();
  let latestLoad = 0;

  function remember(points: readonly Point[]): void {
    for (const point of points) known.add(point.id);
  }

  function put(point: Point): void {
    remember([point]);
    const before = state.get();
    const index = before.points.findIndex((other) => other.id === point.id);
    state.set({ ...before, points: index === -1 ? [...before.points, point] : before.points.with(index, point) });
  }

  async function load(q = ""): Promise<void> {
    const turn = ++latestLoad;
    state.set({ ...state.get(), loading: true });
    try {
      const list = api.all(endpoints.points(q === "" ? {} : { q }), readPoint, { most: MOST_POINTS });
      const latest = api.all(endpoints.latest(), readPointLatest, { most: MOST_POINTS, onPage: (page) => book.apply(page.items, "loaded") });
      const [{ items, more }] = await Promise.all([list, latest]);
      if (turn !== latestLoad) return;
      known.clear();
      remember(items);
      state.set({ points: items, loading: false, error: null, more });
    } catch (error) {
      if (turn === latestLoad) state.set({ ...state.get(), loading: false, error });
    }
  }

  async function fetchPoint(id: string): Promise<Point> {
    const point = readPoint(await api.call(endpoints.point(id)));
    if (point === undefined) throw new Error(`point ${id} has no id`);
    return point;
  }

  async function meetOne(id: string): Promise<void> {
    asked.add(id);
    try {
      put(await fetchPoint(id));
    } catch (error) {
      if (isAbort(error)) asked.delete(id);
    }
  }

  return {
    state, load, put,
    async point(id) {
      const found = state.get().points.find((point) => point.id === id);
      if (found !== undefined) return found;
      const point = await fetchPoint(id);
      put(point);
      return point;
    },
    meet(ids) {
      if (state.get().loading || state.get().more) return;
      const unknown = [...new Set(ids)].filter((id) => !known.has(id) && !asked.has(id));
      if (unknown.length > MOST_MET) {
        for (const id of unknown) asked.add(id);
        void load();
      } else for (const id of unknown) void meetOne(id);
    },
  };
}

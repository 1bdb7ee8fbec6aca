import { endpoints } from "../http/endpoints.ts";
import { createApi, type Api, type Fetch } from "../http/request.ts";
import { createServerClock, type ServerClock } from "../http/server-clock.ts";
import { startLive, type Connection, type Stream } from "../live/connection.ts";
import { createLatestBook, type LatestBook } from "../live/latest-book.ts";
import { createPointDirectory, type PointDirectory } from "../points/directory.ts";
import { pickLanguage, readTexts, type Language, type Texts } from "../text/catalog.ts";
import { noneOpen, readOpenDecisions, type OpenDecisions } from "../wire/decision.ts";
import { readPerson, readStatus, type Person, type Status } from "../wire/operations.ts";
import { readLiveMeasurement, type LiveMeasurement } from "../wire/point.ts";
import { ApiProblem } from "../wire/problem.ts";
import { readRoute, type Place } from "./router.ts";
import { readTheme, type Preferences, type Theme } from "./preferences.ts";
import { createStore, type Store } from "./store.ts";

/** starting: nobody knows yet. signed-out: the server wants a token. failed: no answer. */
export type Session = { readonly state: "starting" | "signed-out" | "failed" } | { readonly state: "signed-in"; readonly person: Person };

export interface Words {
  readonly language: Language;
  readonly texts: Texts;
}

export interface ShellOptions {
  readonly fetch: Fetch;
  readonly baseUrl?: string;
  readonly openStream: (path: string) => Stream;
  readonly preferences: Preferences;
  readonly preferredLanguages: readonly string[];
  readonly localNowMs: () => number;
  readonly place: Place;
  readonly history: { push(href: string): void; replace(href: string): void };
}

/** What all screens share; one is made when the page starts. */
export interface Shell {
  readonly api: Api;
  readonly book: LatestBook;
  readonly directory: PointDirectory;
  readonly clock: ServerClock;
  readonly preferences: Preferences;
  readonly words: Store<Words>;
  readonly theme: Store<Theme>;
  readonly session: Store<Session>;
  readonly connection: Store<Connection>;
  readonly status: Store<Status | null>;
  readonly place: Store<Place>;
  /** Decisions of the machine that nobody has spoken to yet. */
  readonly openDecisions: Store<OpenDecisions>;
  /** Last thing said to a screen reader. */
  readonly spoken: Store<string>;
  /** Grows when something may have been missed, so that charts ask again. */
  readonly resets: Store<number>;
  /** Measurements as they come; returns the way to stop. */
  listen(listener: (batch: readonly LiveMeasurement[]) => void): () => void;
  start(): Promise<void>;
  /** Asks for the session again, and for the data when there is one. */
  retry(): Promise<void>;
  stop(): void;
  setLanguage(language: Language): Promise<void>;
  setTheme(theme: Theme): void;
  navigate(href: string, how?: "push" | "replace"): void;
  /** Throws ApiProblem when the token is refused. */
  signIn(token: string): Promise<void>;
  signOut(): Promise<void>;
  refreshStatus(): Promise<void>;
  refreshOpenDecisions(): Promise<void>;
}

export function createShell(options: ShellOptions): Shell {
  const { preferences } = options;
  const clock = createServerClock(options.localNowMs);
  const language = pickLanguage(preferences.read("language"), options.preferredLanguages);
  const words = createStore<Words>({ language, texts: {} });
  const session = createStore<Session>({ state: "starting" });
  const connection = createStore<Connection>("connecting");
  const status = createStore<Status | null>(null);
  const theme = createStore<Theme>(readTheme(preferences.read("theme")));
  const place = createStore<Place>(options.place);
  const openDecisions = createStore<OpenDecisions>(noneOpen);
  const spoken = createStore("");
  const resets = createStore(0);
  const listeners = new Set<(batch: readonly LiveMeasurement[]) => void>();
  let live: { stop(): void } | undefined;

  const api = createApi({
    fetch: options.fetch, ...(options.baseUrl === undefined ? {} : { baseUrl: options.baseUrl }), language: () => words.get().language,
    onUnauthorized: () => signedOut(), onServerTime: clock.observe,
  });
  const book = createLatestBook();
  const directory = createPointDirectory(api, book);

  function signedOut(): void {
    live?.stop();
    live = undefined;
    session.set({ state: "signed-out" });
  }

  async function askSession(): Promise<void> {
    try {
      session.set({ state: "signed-in", person: readPerson(await api.call(endpoints.session())) });
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      session.set({ state: error.status === 401 ? "signed-out" : "failed" });
    }
  }

  function receive(batch: readonly string[]): void {
    const measurements = batch.map(readLiveMeasurement).filter((measurement) => measurement !== undefined);
    book.apply(measurements, "live");
    directory.meet(measurements.map((measurement) => measurement.point));
    for (const listener of listeners) listener(measurements);
  }

  function openLive(): void {
    live?.stop();
    live = startLive({
      open: () => options.openStream(endpoints.live()), onMeasurements: receive, onConnection: connection.set,
      onReset: () => {
        void directory.load();
        resets.set(resets.get() + 1);
      },
      isSignedOut: async () => {
        await askSession();
        return session.get().state === "signed-out";
      },
      setTimer: (callback, delayMs) => setTimeout(callback, delayMs), clearTimer: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
    });
  }

  async function refreshStatus(): Promise<void> {
    try {
      status.set(readStatus(await api.call(endpoints.status())));
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
    }
  }

  async function refreshOpenDecisions(): Promise<void> {
    try {
      openDecisions.set(readOpenDecisions(await api.call(endpoints.openDecisions())));
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
    }
  }

  async function begin(): Promise<void> {
    await askSession();
    if (session.get().state !== "signed-in") return;
    openLive();
    await Promise.all([directory.load(), refreshStatus(), refreshOpenDecisions()]);
  }

  async function loadTexts(wanted: Language): Promise<void> {
    words.set({ language: wanted, texts: readTexts(await api.call(`/texts/${wanted}.json`)) });
  }

  return {
    api, book, directory, clock, preferences, words, theme, session, connection, status, place, openDecisions, spoken, resets, refreshStatus, refreshOpenDecisions,
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async start() {
      await loadTexts(language);
      await begin();
    },
    retry: begin,
    stop() {
      live?.stop();
    },
    async setLanguage(wanted) {
      await loadTexts(wanted);
      preferences.write("language", wanted);
    },
    setTheme(wanted) {
      preferences.write("theme", wanted === "system" ? null : wanted);
      theme.set(wanted);
    },
    navigate(href, how = "push") {
      const [path = "/", search = ""] = href.split("?");
      if (how === "push") options.history.push(href);
      else options.history.replace(href);
      place.set({ route: readRoute(path), search: search === "" ? "" : `?${search}` });
    },
    async signIn(token) {
      await api.call(endpoints.session(), { method: "POST", body: { token } });
      await begin();
    },
    async signOut() {
      await api.call(endpoints.session(), { method: "DELETE" });
      signedOut();
    },
  };
}

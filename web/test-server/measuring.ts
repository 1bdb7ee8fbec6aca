import type { FixturePeriod, FixturePoint } from "./points.ts";

const HOUR_MS = 3_600_000;

export interface FixtureAnswer {
  readonly status: number;
  readonly body?: unknown;
}

interface FixtureWord {
  readonly asked: string;
  readonly of: string;
  readonly verdict: string | null;
  readonly author: string;
  readonly reason: string;
  readonly at: string;
}

interface FixtureDecision {
  id: string;
  client: string;
  point: string;
  variable: string;
  at: string;
  kind: string;
  state: string;
  said: boolean;
  baseline: number | null;
  count: number | null;
  volumeM3: number | null;
  knownAt: string;
  words: FixtureWord[];
}

interface FixtureCorrection {
  readonly id: string;
  readonly point: string;
  readonly variable: string;
  readonly value: number | null;
  readonly restored: boolean;
  readonly author: string;
  readonly reason: string;
  readonly saidAt: string;
  readonly first: string;
  readonly last: string;
  readonly facts: number;
}

export const settingRows = [
  { name: "counter", unit: "", says: { en: "Variable that the volume is computed from", es: "Variable de la que se calcula el volumen" }, choices: ["pulses", "total"], min: null, above: null, max: null, whole: false },
  { name: "pulseFactorL", unit: "L", says: { en: "Litres a pulse", es: "Litros por pulso" }, choices: null, min: null, above: 0, max: 1e6, whole: false },
  { name: "dialStartM3", unit: "m3", says: { en: "Meter reading when telemetry began", es: "Lectura del medidor al iniciar la telemetría" }, choices: null, min: 0, above: null, max: 1e12, whole: false },
  { name: "counterModulus", unit: "count", says: { en: "Counts after which the counter is at zero again", es: "Cuentas tras las que el contador vuelve a cero" }, choices: null, min: null, above: 0, max: 1e15, whole: true },
  { name: "sensorDepthM", unit: "m", says: { en: "Depth of the level sensor", es: "Profundidad del sensor de nivel" }, choices: null, min: null, above: 0, max: 12_000, whole: false },
  { name: "levelKind", unit: "", says: { en: "What the level probe measures", es: "Qué mide la sonda de nivel" }, choices: ["water-column", "depth-to-water", "pressure", "current", "distance-from-top"], min: null, above: null, max: null, whole: false },
  { name: "pumpDepthM", unit: "m", says: { en: "Depth of the pump", es: "Profundidad de la bomba" }, choices: null, min: null, above: 0, max: 12_000, whole: false },
  { name: "pipeDiameterMm", unit: "mm", says: { en: "Diameter of the discharge pipe", es: "Diámetro de la tubería de descarga" }, choices: null, min: null, above: 0, max: 10_000, whole: false },
  { name: "rightFlowLps", unit: "L/s", says: { en: "Water right", es: "Derecho de aprovechamiento" }, choices: null, min: null, above: 0, max: 1e6, whole: false },
];

const listed = (items: readonly unknown[]): FixtureAnswer => ({ status: 200, body: { items, next: null } });

/** Settings, decisions on counts and corrections as the API gives and takes them; a verdict is computed at once. */
export class Measuring {
  readonly decisions: FixtureDecision[];
  readonly corrections: FixtureCorrection[];
  /** As `…/recounts` lists them. */
  recounts: readonly Readonly<Record<string, unknown>>[] = [];
  readonly #nowMs: () => number;

  constructor(points: readonly FixturePoint[], nowMs: () => number) {
    this.#nowMs = nowMs;
    const at = (hours: number) => new Date(Math.floor((nowMs() - hours * HOUR_MS) / 60_000) * 60_000).toISOString();
    const made = (point: string, hours: number, kind: string, more: Partial<FixtureDecision> = {}): FixtureDecision => ({
      id: `${point}/total@${hours}/${kind}`, client: "los-aromos", point, variable: "total", at: at(hours), kind, state: "made", said: false, baseline: 48_211.4, count: 12.6, volumeM3: 1_204.83, knownAt: at(hours), words: [], ...more,
    });
    const word: FixtureWord = { asked: "correct", of: "reset", verdict: "swap", author: "Rosa Díaz", reason: "Cambio de medidor, acta 114", at: at(1) };
    this.decisions = points.length === 0 ? [] : [
      made("pt_apr", 3, "reset"), made("pt_apr", 8, "spike", { count: 91_000, volumeM3: 1_201 }), made("pt_big", 5, "rollover", { baseline: 999_990, count: 4, volumeM3: null }),
      made("pt_apr", 30, "swap", { said: true, words: [word] }), made("pt_apr", 40, "zero", { state: "gone", count: 0 }),
      { ...made("pt_big", 50, "truncated", { count: 4_821, volumeM3: null }), id: "old" },
    ];
    this.corrections = points.length === 0 ? [] : [
      { id: "c2", point: "pt_apr", variable: "flow", value: 12.5, restored: false, author: "Rosa Díaz", reason: "Aforo con balde: 12,5 L/s", saidAt: at(1), first: at(6), last: at(6), facts: 1 },
      { id: "c1", point: "pt_apr", variable: "depth", value: null, restored: false, author: "operación", reason: "Sonda fuera del pozo por mantención", saidAt: at(20), first: at(26), last: at(22), facts: 241 },
    ];
  }

  /** undefined for any other path. */
  answer(method: string, url: URL, body: Record<string, unknown>): FixtureAnswer | undefined {
    const path = url.pathname;
    const q = url.searchParams;
    if (path === "/api/v1/variables/settings") return listed(settingRows);
    if (path === "/api/v1/totaliser/recounts") return listed(this.recounts);
    if (path === "/api/v1/totaliser/open") return this.#open();
    if (path === "/api/v1/totaliser/decisions") return listed(this.decisions.filter((row) => (["state", "point", "kind", "client"] as const).every((name) => [null, row[name]].includes(q.get(name))) && [null, String(row.said)].includes(q.get("said")) && (q.get("open") === null || (row.state === "made" && !row.said))));
    const [, id = "", verdict] = /^\/api\/v1\/totaliser\/decisions\/([^/]+)(\/verdict)?$/.exec(path) ?? [];
    const decision = this.decisions.find((row) => row.id === decodeURIComponent(id));
    if (decision !== undefined) return verdict === undefined || method !== "POST" ? { status: 200, body: decision } : this.#said(decision, body);
    const [, point = "", what] = /^\/api\/v1\/(?:analytics\/)?points\/([^/]+)\/(changes|corrections|revisions)$/.exec(path) ?? [];
    if (what === "changes") return listed(point === "pt_apr" ? [this.#change()] : []);
    if (what === "revisions") return { status: 200, body: { point, at: q.get("at"), items: this.#revisions(q.get("variable")) } };
    if (what === "corrections") return method === "POST" ? this.#corrected(point, body) : listed(this.corrections.filter((row) => row.point === point && [null, row.variable].includes(q.get("variable")) && (q.get("at") === null || row.facts === 1)));
    return undefined;
  }

  #open(): FixtureAnswer {
    const open = this.decisions.filter((row) => row.state === "made" && !row.said);
    const counts = [...Map.groupBy(open, (row) => row.point)].map(([point, rows]) => ({ point, count: rows.length }));
    return { status: 200, body: { items: counts, total: open.length, more: false } };
  }

  #said(decision: FixtureDecision, body: Record<string, unknown>): FixtureAnswer {
    if (body["as"] === "rollover" && body["modulus"] === undefined) {
      return { status: 400, body: { type: "/problems/invalid-body", title: "The body is not valid", status: 400, code: "invalid-body", field: "body.modulus", detail: "a rollover needs its modulus", errors: [{ field: "body.modulus", detail: "a rollover needs its modulus" }] } };
    }
    const word = { asked: String(body["verdict"]), of: decision.kind, verdict: decision.said && body["verdict"] === "undo" ? null : String(body["as"] ?? "reset"), author: "Planta norte", reason: String(body["reason"]), at: new Date(this.#nowMs()).toISOString() };
    // Older than what is remembered: it is taken, and stands as it was until it is computed again.
    if (decision.id === "old") return { status: 200, body: { decision, word, effect: "recomputing", next: "What follows is computed again within minutes." } };
    Object.assign(decision, { said: true, knownAt: word.at, words: [...decision.words, word], ...(body["verdict"] === "undo" ? { state: "gone" } : {}) });
    return { status: 200, body: { decision, word, effect: "recomputed", next: null } };
  }

  #corrected(point: string, body: Record<string, unknown>): FixtureAnswer {
    const at = String(body["at"] ?? body["from"]);
    const value = typeof body["value"] === "number" ? body["value"] : null;
    if (value !== null && value > 1e6) return { status: 400, body: { type: "/problems/invalid-body", title: "The body is not valid", status: 400, code: "invalid-body", field: "body.value", detail: "value is far beyond", errors: [{ field: "body.value", detail: "value is far beyond" }] } };
    const restored = body["restore"] === true;
    const dryRun = body["dryRun"] === true;
    const row: FixtureCorrection = { id: `c${this.corrections.length + 1}`, point, variable: String(body["variable"]), value, restored, author: "Planta norte", reason: String(body["reason"]), saidAt: new Date(this.#nowMs()).toISOString(), first: at, last: at, facts: 1 };
    if (!dryRun) this.corrections.unshift(row);
    return { status: 200, body: { ...row, id: dryRun ? null : row.id, dryRun, facts: [{ at, before: { value: 15.31, flag: 3, reasons: ["rate"], authority: 0 }, after: restored ? 15.31 : value }], effect: "recomputed", next: null } };
  }

  #revisions(variable: string | null) {
    const known = (hours: number) => new Date(this.#nowMs() - hours * HOUR_MS).toISOString();
    const source = { authority: 0, knownAt: known(6), value: 15.31, flag: 3, reasons: ["rate"], withdrawn: false };
    const said = this.corrections.filter((row) => row.variable === "flow").map((row) => ({ variable: "flow", authority: 1, knownAt: row.saidAt, value: row.restored ? 15.31 : row.value, flag: 1, reasons: ["corrected"], withdrawn: false }));
    const flow = [...said, { variable: "flow", ...source }].map((row, index) => ({ ...row, holds: index === 0 }));
    const depth = [{ variable: "depth", ...source, value: 23.4, flag: 1, reasons: [], holds: true }];
    return [...depth, ...flow].filter((row) => variable === null || row.variable === variable);
  }

  #change() {
    return { at: new Date(this.#nowMs() - 30 * HOUR_MS).toISOString(), by: "Rosa Díaz", action: "point.configure", change: { settings: [{ validFrom: "2026-03-01T15:00:00Z", values: { pulseFactorL: 10 }, reason: "Medidor nuevo, 10 L por pulso" }] } };
  }
}

export interface AskedPeriod {
  readonly validFrom?: string | null;
  readonly values?: Record<string, number | string | null>;
  readonly forget?: readonly string[];
  readonly reason?: string;
}

/** Periods after a change, as the directory makes them. */
export function configured(periods: readonly FixturePeriod[], asked: readonly AskedPeriod[], nowMs: number): FixturePeriod[] {
  let after = [...periods];
  for (const { validFrom = null, values = {}, forget = [], reason } of asked) {
    const same = after.find((period) => period.validFrom === validFrom);
    const kept = Object.fromEntries(Object.entries({ ...same?.values, ...values }).filter(([name]) => !forget.includes(name)));
    after = after.filter((period) => period !== same);
    if (Object.keys(kept).length > 0) after.push({ validFrom, values: kept, changedAt: new Date(nowMs).toISOString(), changedBy: "Planta norte", ...(reason === undefined ? {} : { reason }) });
  }
  return after.sort((a, b) => (a.validFrom ?? "").localeCompare(b.validFrom ?? ""));
}

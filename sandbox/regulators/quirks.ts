import { parseSwitch, Switchboard, type Catalogue, type Shares } from "../quirks/switchboard.ts";

export const regulatorIds = ["dga", "sma"] as const;
export type RegulatorId = (typeof regulatorIds)[number];

/** What a quirk is decided for: each request about a measurement, each window of time, or each work. */
export type RegulatorQuirkLevel = "request" | "window" | "work";

export interface RegulatorQuirk {
  readonly level: RegulatorQuirkLevel;
  /** The share when none is said. */
  readonly share: number;
  /** Undefined: every regulator can show it. */
  readonly regulators?: readonly RegulatorId[];
  readonly en: string;
  readonly es: string;
}

const dga: readonly RegulatorId[] = ["dga"];
const sma: readonly RegulatorId[] = ["sma"];

/** Every quirk, in the order in which the page shows them. Those that begin with `stores-` keep the measurement and then fail to say so. */
export const regulatorQuirks = {
  "stores-then-drops": { level: "request", share: 0.05, en: "stores it, then drops the connection without an answer", es: "la guarda y corta la conexión sin responder" },
  "stores-then-hangs": { level: "request", share: 0.02, en: "stores it, then never answers", es: "la guarda y nunca responde" },
  "stores-then-500": { level: "request", share: 0.05, en: "stores it, then answers 500", es: "la guarda y responde 500" },
  "stores-then-html": { level: "request", share: 0.05, en: "stores it, then answers 200 with an HTML page", es: "la guarda y responde 200 con una página HTML" },
  "stores-then-half-json": { level: "request", share: 0.05, en: "stores it, then answers half of the JSON", es: "la guarda y responde la mitad del JSON" },
  "drops-before-storing": { level: "request", share: 0.05, en: "drops the connection and stores nothing", es: "corta la conexión y no guarda nada" },
  "hangs-before-storing": { level: "request", share: 0.02, en: "never answers and stores nothing", es: "nunca responde y no guarda nada" },
  "http-500": { level: "request", share: 0.05, en: "answers 500 and stores nothing", es: "responde 500 y no guarda nada" },
  "http-503": { level: "request", share: 0.05, en: "answers 503 and stores nothing", es: "responde 503 y no guarda nada" },
  "html-page": { level: "request", share: 0.05, en: "answers 200 with an HTML page and stores nothing", es: "responde 200 con una página HTML y no guarda nada" },
  "slow": { level: "request", share: 0.1, en: "takes its time before it answers", es: "se toma su tiempo antes de responder" },
  "blocked-403": { level: "request", share: 0.02, en: "the ministry's edge answers 403", es: "el borde del ministerio responde 403" },
  "blocked-429": { level: "request", share: 0.02, en: "the ministry's edge answers 429", es: "el borde del ministerio responde 429" },
  "outage": { level: "window", share: 0.03, en: "is down for 20 minutes: connections are dropped", es: "cae por 20 minutos: corta las conexiones" },
  "no-voucher": { level: "request", share: 0.05, en: "accepts without a voucher", es: "acepta sin comprobante" },
  "repeats-voucher": { level: "request", share: 0.02, regulators: dga, en: "accepts with the voucher of the work's measurement before", es: "acepta con el comprobante de la medición anterior de la obra" },
  "refused-99": { level: "request", share: 0.05, regulators: dga, en: "refuses with 200 and the status 99", es: "rechaza con 200 y el estado 99" },
  "not-informant": { level: "work", share: 0.05, regulators: dga, en: "does not know the informant of a work", es: "no reconoce al informante de una obra" },
  "duplicate-without-voucher": { level: "request", share: 0.2, regulators: dga, en: "says that it has it already, without the voucher", es: "dice que ya existe, sin el comprobante" },
  "duplicate-in-capitals": { level: "request", share: 0.2, regulators: dga, en: "says that it has it already in capitals, with a double space before the voucher", es: "dice que ya existe en mayúsculas, con doble espacio antes del comprobante" },
  "forgets": { level: "request", share: 0.02, regulators: dga, en: "accepts with a voucher and stores nothing", es: "acepta con comprobante y no guarda nada" },
  "stores-other-value": { level: "request", share: 0.02, regulators: dga, en: "stores another flow than it was sent", es: "guarda otro caudal que el enviado" },
  "clock-behind": { level: "window", share: 0.1, regulators: dga, en: "its clock runs an hour behind: what was just measured is refused as being of the future", es: "su reloj atrasa una hora: rechaza lo recién medido por ser del futuro" },
  "get-not-found": { level: "request", share: 0.05, regulators: dga, en: "does not find what it holds when it is asked", es: "al consultarla, no encuentra lo que tiene" },
  "get-other-value": { level: "request", share: 0.05, regulators: dga, en: "tells another flow than it holds when it is asked", es: "al consultarla, informa otro caudal que el que tiene" },
  "get-padded": { level: "request", share: 0.3, regulators: dga, en: "tells numbers with two decimals, as the manual prints them", es: "informa números con dos decimales, como los imprime el manual" },
  "get-500": { level: "request", share: 0.05, regulators: dga, en: "answers 500 when it is asked", es: "al consultarla, responde 500" },
  "token-refused": { level: "request", share: 0.05, regulators: sma, en: "refuses a token that is good, with 401", es: "rechaza con 401 un token vigente" },
} as const satisfies Record<string, RegulatorQuirk>;

export type RegulatorQuirkName = keyof typeof regulatorQuirks;
export const regulatorQuirkNames = Object.keys(regulatorQuirks) as readonly RegulatorQuirkName[];
export type RegulatorQuirkShares = Shares<RegulatorId, RegulatorQuirkName>;

/** The quirk's row, with all fields that a quirk may have. */
export function regulatorQuirkOf(name: RegulatorQuirkName): RegulatorQuirk {
  return regulatorQuirks[name];
}

export const regulatorCatalogue: Catalogue<RegulatorId, RegulatorQuirkName> = {
  everyone: regulatorIds,
  names: regulatorQuirkNames,
  share: (name) => regulatorQuirkOf(name).share,
  applies: (name, regulator) => regulatorQuirkOf(name).regulators?.includes(regulator) ?? true,
};

/** The switches of the regulators' quirks. */
export class RegulatorSwitches extends Switchboard<RegulatorId, RegulatorQuirkName> {
  constructor(shares: RegulatorQuirkShares, openedMs: number) {
    super(regulatorCatalogue, shares, openedMs);
  }
}

/** `NAME`, `NAME=0.1`, `REGULATOR:NAME=0.1`; undefined when it says nothing that can be. */
export function parseRegulatorQuirk(text: string): { readonly regulator: RegulatorId | "all"; readonly name: RegulatorQuirkName; readonly share: number } | undefined {
  const parsed = parseSwitch(regulatorCatalogue, text);
  return parsed === undefined ? undefined : { regulator: parsed.who, name: parsed.name, share: parsed.share };
}

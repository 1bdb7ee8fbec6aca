import { defineSettings, onOff, type SettingsOf } from "@caudal/runtime";
import { z } from "zod";

/** What fills a port: the embedded engine, or a server by its URL. */
export interface EngineChoice {
  /** Scheme of the URL, or "embedded". */
  readonly kind: string;
  /** Empty for the embedded engine. May hold a password: never to be shown. */
  readonly url: string;
  /** Where it is, without what is secret. */
  readonly place: string;
}

export const embeddedChoice: EngineChoice = { kind: "embedded", url: "", place: "" };

/** `embedded`, or a URL with one of the schemes. Hosts may be several between commas. */
function engine<const S extends readonly [string, ...string[]]>(schemes: S): z.ZodType<EngineChoice> {
  const forms = schemes.map((scheme) => `${scheme}://`).join(" or ");
  return z.string().transform((written, context): EngineChoice => {
    const url = written.trim();
    if (url === "embedded") return embeddedChoice;
    const match = /^([a-z+]+):\/\/(?:[^@/?]*@)?([^/?]*)(\/[^?]*)?/.exec(url);
    const [, kind = "", hosts = "", path = ""] = match ?? [];
    if (schemes.includes(kind) && (hosts !== "" || kind === "file")) return { kind, url, place: kind === "file" ? path : hosts };
    context.addIssue({ code: "custom", message: `expected embedded, or a URL that begins with ${forms}` });
    return z.NEVER;
  });
}

const kafka = ["kafka", "kafkas"] as const;
const redis = ["redis", "rediss"] as const;
const mongo = ["mongodb", "mongodb+srv"] as const;

/** Which engine fills each port. */
export const engineSettings = defineSettings({
  component: "engines",
  rows: {
    engines: {
      env: "CAUDAL_ENGINES", flag: "--engines", schema: onOff, default: "off",
      doc: {
        en: "on: ports without a URL are filled by the servers of npm run engines -- up on this machine, at their usual ports, instead of the embedded engine.",
        es: "on: los puertos sin URL los llenan los servidores de npm run engines -- up en este equipo, en sus puertos usuales, en lugar del motor embebido.",
      },
    },
    log: {
      env: "CAUDAL_LOG", flag: "--log", schema: engine(kafka), secret: true,
      doc: {
        en: "Event log: embedded, or kafka://[user:password@]host:port[,host:port] (kafkas:// with TLS), with ?replication=3&minInSync=2&prefix=name.",
        es: "Log de eventos: embedded, o kafka://[usuario:clave@]equipo:puerto[,equipo:puerto] (kafkas:// con TLS), con ?replication=3&minInSync=2&prefix=nombre.",
      },
    },
    registry: {
      env: "CAUDAL_REGISTRY", flag: "--registry", schema: engine(["http", "https"]), secret: true,
      doc: { en: "Schema registry: embedded (the files of schemas/), or the URL of a Confluent-compatible one.", es: "Registro de esquemas: embedded (los archivos de schemas/), o la URL de uno compatible con Confluent." },
    },
    hot: {
      env: "CAUDAL_HOT", flag: "--hot", schema: engine(redis), secret: true,
      doc: { en: "Hot tier: embedded, or redis://[:password@]host:port[/db] (rediss:// with TLS).", es: "Nivel caliente: embedded, o redis://[:clave@]equipo:puerto[/db] (rediss:// con TLS)." },
    },
    warm: {
      env: "CAUDAL_WARM", flag: "--warm", schema: engine(mongo), secret: true,
      doc: { en: "Warm tier: embedded, or mongodb://…/database?replicaSet=rs0.", es: "Nivel tibio: embedded, o mongodb://…/base?replicaSet=rs0." },
    },
    cold: {
      env: "CAUDAL_COLD", flag: "--cold", schema: engine(["cassandra"]), secret: true,
      doc: { en: "Cold tier: embedded, or cassandra://[user:password@]host:port[,host]/keyspace?dc=datacenter1&replication=3.", es: "Nivel frío: embedded, o cassandra://[usuario:clave@]equipo:puerto[,equipo]/keyspace?dc=datacenter1&replication=3." },
    },
    documents: {
      env: "CAUDAL_DOCUMENTS", flag: "--documents", schema: engine(mongo), secret: true,
      doc: { en: "Documents (points, devices, tokens, states): embedded, or mongodb://…/database?replicaSet=rs0.", es: "Documentos (puntos, equipos, tokens, estados): embedded, o mongodb://…/base?replicaSet=rs0." },
    },
    archive: {
      env: "CAUDAL_ARCHIVE", flag: "--archive", schema: engine([...mongo, "file"]), secret: true,
      doc: {
        en: "Raw archive: embedded (a folder of the data folder), file:///folder that every process reaches, or mongodb://…/database?replicaSet=rs0.",
        es: "Archivo crudo: embedded (en la carpeta de datos), file:///carpeta que todos los procesos alcanzan, o mongodb://…/base?replicaSet=rs0.",
      },
    },
    live: {
      env: "CAUDAL_LIVE", flag: "--live", schema: engine(redis), secret: true,
      doc: { en: "Nudges between processes: embedded (within this process), or redis://host:port.", es: "Avisos entre procesos: embedded (dentro de este proceso), o redis://equipo:puerto." },
    },
  },
});

export type EngineSettings = SettingsOf<typeof engineSettings>;

/** Where `npm run engines -- up` starts them when nobody moves a port. */
export const localEngines = {
  log: "kafka://127.0.0.1:9092",
  registry: "http://127.0.0.1:8081/apis/ccompat/v7",
  hot: "redis://127.0.0.1:6379",
  warm: "mongodb://127.0.0.1:27017/caudal?replicaSet=rs0",
  cold: "cassandra://127.0.0.1:9042/caudal?dc=datacenter1&replication=1",
  documents: "mongodb://127.0.0.1:27017/caudal?replicaSet=rs0",
  archive: "mongodb://127.0.0.1:27017/caudal?replicaSet=rs0",
  live: "redis://127.0.0.1:6379",
} as const satisfies Record<Exclude<keyof EngineSettings, "engines">, string>;

export const localBroker = "mqtt://127.0.0.1:1883";

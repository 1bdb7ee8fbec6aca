import { isZone } from "@caudal/core";
import { defineSettings, durationMs, listenAddress, plainText, wholeNumber, type ListenAddress, type SettingsOf } from "@caudal/runtime";
import { z } from "zod";
import { isClientId } from "./edge/client-resolver.ts";
import { parseBrokerUrl, type BrokerUrl } from "./mqtt/broker-url.ts";

/** Where MQTT comes from: the broker in this process, outside brokers, or nowhere. */
export type MqttSetting = { readonly kind: "broker"; readonly listen: ListenAddress } | { readonly kind: "bridges"; readonly urls: readonly BrokerUrl[] } | { readonly kind: "off" };

const mqttSetting = z.string().transform((written, context): MqttSetting => {
  const text = written.trim();
  if (text.toLowerCase() === "off") return { kind: "off" };
  try {
    if (text.includes("://")) return { kind: "bridges", urls: text.split(",").map((url) => parseBrokerUrl(url.trim())) };
  } catch (error) {
    context.addIssue({ code: "custom", message: error instanceof Error ? error.message : "expected URLs" });
    return z.NEVER;
  }
  const address = listenAddress.safeParse(text);
  if (address.success) return { kind: "broker", listen: address.data };
  context.addIssue({ code: "custom", message: "expected [HOST:]PORT, off, or mqtt:// and mqtts:// URLs between commas" });
  return z.NEVER;
});

/** What the collector can be told. */
export const collectorSettings = defineSettings({
  component: "collector",
  rows: {
    mqtt: {
      env: "CAUDAL_MQTT", flag: "--mqtt", schema: mqttSetting, default: "1883",
      doc: { en: "Address of the built-in MQTT 3.1.1 broker, off, or URLs of brokers that exist.", es: "Dirección del broker MQTT 3.1.1 incluido, off, o URL de brokers existentes." },
    },
    mqttUser: { env: "CAUDAL_MQTT_USER", schema: plainText, example: "caudal", doc: { en: "User at outside brokers.", es: "Usuario en los brokers externos." } },
    mqttPassword: { env: "CAUDAL_MQTT_PASSWORD", schema: z.string(), secret: true, doc: { en: "Password at outside brokers.", es: "Contraseña en los brokers externos." } },
    mqttCaFile: { env: "CAUDAL_MQTT_CA", schema: plainText, example: "/etc/caudal/mqtt-ca.pem", doc: { en: "PEM file of the authorities to trust for mqtts://.", es: "Archivo PEM de las autoridades en que confiar para mqtts://." } },
    mqttClientId: { env: "CAUDAL_MQTT_CLIENT_ID", schema: plainText, example: "caudal-norte", doc: { en: "Client id at outside brokers, the same at every start and no one else's; caudal- and the machine's name when empty.", es: "Identificador en los brokers externos, siempre el mismo y de nadie más; vacío: caudal- y el nombre del equipo." } },
    mqttInFlight: { env: "CAUDAL_MQTT_IN_FLIGHT", schema: wholeNumber({ min: 1, max: 65_535 }), default: "1000", doc: { en: "Messages that an outside broker may send before the first is acknowledged.", es: "Mensajes que un broker externo puede enviar antes de la primera confirmación." } },
    mqttMaxConnections: { env: "CAUDAL_MQTT_MAX_CONNECTIONS", schema: wholeNumber({ min: 1, max: 100_000 }), default: "1000", doc: { en: "Connections to the built-in broker at most.", es: "Conexiones al broker incluido como máximo." } },
    mappingFile: { env: "CAUDAL_MQTT_MAPPINGS", schema: plainText, example: "config/mqtt.yaml", doc: { en: "File that says which topics carry readings, and how; config/mqtt.yaml beside the program when empty.", es: "Archivo que indica qué tópicos traen lecturas y cómo; vacío: config/mqtt.yaml junto al programa." } },
    dropFolder: { env: "CAUDAL_DROP_FOLDER", flag: "--drop", schema: plainText, example: "/var/lib/caudal/inbox", doc: { en: "Folder whose files are taken in; none when empty.", es: "Carpeta cuyos archivos se ingresan; ninguna si está vacía." } },
    dropClient: { env: "CAUDAL_DROP_CLIENT", schema: z.string().refine(isClientId, "expected a client: a-z, 0-9 and dashes"), example: "acme", doc: { en: "Client of all dropped files; empty: the one that has the device.", es: "Cliente de todos los archivos; vacío: el que tiene el equipo." } },
    dropZone: { env: "CAUDAL_DROP_ZONE", schema: z.string().refine(isZone, "expected an IANA time zone such as America/Santiago"), default: "America/Santiago", doc: { en: "Zone of times in files that are written without an offset.", es: "Zona de las horas escritas sin desfase en los archivos." } },
    dropSettle: { env: "CAUDAL_DROP_SETTLE", schema: durationMs, default: "1s", doc: { en: "How long a file must stay the same before it is taken.", es: "Cuánto debe permanecer igual un archivo antes de tomarlo." } },
    dropPoll: { env: "CAUDAL_DROP_POLL", schema: durationMs, default: "2s", doc: { en: "How often the folder is looked at, whatever its file system announces.", es: "Cada cuánto se revisa la carpeta, avise o no su sistema de archivos." } },
  },
});

export type CollectorSettings = SettingsOf<typeof collectorSettings>;

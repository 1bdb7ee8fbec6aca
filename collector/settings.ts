import { isZone } from "@caudal/core";
import { defineSettings, durationMs, listenAddress, oneOf, plainText, wholeNumber, type ListenAddress, type SettingsOf } from "@caudal/runtime";
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
    mqttCertFile: { env: "CAUDAL_MQTT_CERT", schema: plainText, example: "/etc/caudal/mqtt-client.pem", doc: { en: "PEM file of our own certificate at outside brokers; its key is CAUDAL_MQTT_KEY. Read anew at each connection.", es: "Archivo PEM del certificado propio ante brokers externos; su clave es CAUDAL_MQTT_KEY. Se relee en cada conexión." } },
    mqttKeyFile: { env: "CAUDAL_MQTT_KEY", schema: plainText, example: "/etc/caudal/mqtt-client.key", doc: { en: "PEM file of the key of CAUDAL_MQTT_CERT.", es: "Archivo PEM de la clave de CAUDAL_MQTT_CERT." } },
    mqtts: { env: "CAUDAL_MQTTS", schema: listenAddress, example: "0.0.0.0:8883", doc: { en: "Address at which the built-in broker listens for mqtts:// (TLS 1.2 and later); nowhere when empty.", es: "Dirección en que el broker incluido escucha mqtts:// (TLS 1.2 o posterior); ninguna si está vacía." } },
    mqttsCertFile: { env: "CAUDAL_MQTTS_CERT", schema: plainText, example: "/etc/caudal/broker.pem", doc: { en: "PEM file of the built-in broker's certificate, with its chain. Replaced files are read within ten seconds.", es: "Archivo PEM del certificado del broker incluido, con su cadena. Si cambia se relee en diez segundos." } },
    mqttsKeyFile: { env: "CAUDAL_MQTTS_KEY", schema: plainText, example: "/etc/caudal/broker.key", doc: { en: "PEM file of the key of CAUDAL_MQTTS_CERT.", es: "Archivo PEM de la clave de CAUDAL_MQTTS_CERT." } },
    mqttsClientCaFile: {
      env: "CAUDAL_MQTTS_CLIENT_CA", schema: plainText, example: "/etc/caudal/devices-ca.pem",
      doc: {
        en: "PEM file of the authorities of devices' certificates; whose a certificate is stands under certificates: in CAUDAL_MQTT_MAPPINGS. None is asked for when empty.",
        es: "Archivo PEM de las autoridades de los certificados de equipos; de quién es cada uno se indica en certificates: de CAUDAL_MQTT_MAPPINGS. Vacío: no se piden.",
      },
    },
    mqttsClientCert: { env: "CAUDAL_MQTTS_CLIENT_CERT", schema: oneOf(["optional", "required"]), default: "optional", doc: { en: "optional: who has no certificate shows a token. required: nobody connects without one.", es: "optional: quien no tiene certificado muestra un token. required: nadie se conecta sin certificado." } },
    mqttClientId: { env: "CAUDAL_MQTT_CLIENT_ID", schema: plainText, example: "caudal-norte", doc: { en: "Client id at outside brokers, the same at every start and no one else's; caudal- and the machine's name when empty.", es: "Identificador en los brokers externos, siempre el mismo y de nadie más; vacío: caudal- y el nombre del equipo." } },
    mqttShare: {
      env: "CAUDAL_MQTT_SHARE", schema: z.string().trim().regex(/^[\w.-]{1,64}$/, "expected a name of letters, digits, dots and dashes"), example: "caudal",
      doc: {
        en: "Name of a shared subscription at outside brokers: collectors with the same name divide the messages. Without it each gets all (caudal collector: caudal).",
        es: "Nombre de una suscripción compartida en brokers externos: los colectores con el mismo nombre se reparten los mensajes. Sin él cada uno recibe todos (caudal collector: caudal).",
      },
    },
    mqttInFlight: { env: "CAUDAL_MQTT_IN_FLIGHT", schema: wholeNumber({ min: 1, max: 65_535 }), default: "1000", doc: { en: "Messages that an outside broker may send before the first is acknowledged.", es: "Mensajes que un broker externo puede enviar antes de la primera confirmación." } },
    sparkplugHost: {
      env: "CAUDAL_SPARKPLUG_HOST", schema: z.string().trim().regex(/^[^\s+#/]{1,64}$/, "expected a name without blanks, slashes, + and #"), example: "caudal",
      doc: {
        en: "Name by which Sparkplug nodes know Caudal as their primary host: while it takes messages in, spBv1.0/STATE/NAME says so, retained, at every broker. Nothing is said when empty.",
        es: "Nombre con que los nodos Sparkplug conocen a Caudal como su host primario: mientras recibe mensajes, spBv1.0/STATE/NOMBRE lo dice, retenido, en cada broker. Vacío: no se dice nada.",
      },
    },
    mqttMaxConnections: { env: "CAUDAL_MQTT_MAX_CONNECTIONS", schema: wholeNumber({ min: 1, max: 100_000 }), default: "1000", doc: { en: "Connections to the built-in broker at most.", es: "Conexiones al broker incluido como máximo." } },
    unknownPerHour: { env: "CAUDAL_UNKNOWN_DEVICES_PER_HOUR", schema: wholeNumber({ min: 0, max: 1_000_000 }), default: "5000", doc: { en: "Devices that nobody knows which a client may bring in an hour; those beyond are turned away and listed. 0: any number.", es: "Equipos desconocidos que un cliente puede traer en una hora; los demás se rechazan y se listan. 0: cualquier cantidad." } },
    unknownPerDay: { env: "CAUDAL_UNKNOWN_DEVICES_PER_DAY", schema: wholeNumber({ min: 0, max: 10_000_000 }), default: "20000", doc: { en: "The same in a day.", es: "Lo mismo en un día." } },
    webhooksFile: { env: "CAUDAL_WEBHOOKS", schema: plainText, example: "config/webhooks.yaml", doc: { en: "File that says which networks may call POST /api/v1/webhooks, and what they show; config/webhooks.yaml beside the program when empty.", es: "Archivo que indica qué redes pueden llamar a POST /api/v1/webhooks y con qué credencial; vacío: config/webhooks.yaml junto al programa." } },
    mappingFile: { env: "CAUDAL_MQTT_MAPPINGS", schema: plainText, example: "config/mqtt.yaml", doc: { en: "File that says which topics carry readings, and how; config/mqtt.yaml beside the program when empty.", es: "Archivo que indica qué tópicos traen lecturas y cómo; vacío: config/mqtt.yaml junto al programa." } },
    providers: {
      env: "CAUDAL_PROVIDERS", schema: plainText, example: "config/providers.yaml",
      doc: { en: "File that says which providers are asked for which devices; config/providers.yaml beside the program when empty, off for none.", es: "Archivo que indica a qué proveedores se piden qué equipos; vacío: config/providers.yaml junto al programa; off: a ninguno." },
    },
    dropFolder: { env: "CAUDAL_DROP_FOLDER", flag: "--drop", schema: plainText, example: "/var/lib/caudal/inbox", doc: { en: "Folder whose files are taken in; none when empty.", es: "Carpeta cuyos archivos se ingresan; ninguna si está vacía." } },
    dropClient: { env: "CAUDAL_DROP_CLIENT", schema: z.string().refine(isClientId, "expected a client: a-z, 0-9 and dashes"), example: "acme", doc: { en: "Client of all dropped files; empty: the one that has the device.", es: "Cliente de todos los archivos; vacío: el que tiene el equipo." } },
    dropZone: { env: "CAUDAL_DROP_ZONE", schema: z.string().refine(isZone, "expected an IANA time zone such as America/Santiago"), default: "America/Santiago", doc: { en: "Zone of times in files that are written without an offset.", es: "Zona de las horas escritas sin desfase en los archivos." } },
    dropSettle: { env: "CAUDAL_DROP_SETTLE", schema: durationMs, default: "1s", doc: { en: "How long a file must stay the same before it is taken.", es: "Cuánto debe permanecer igual un archivo antes de tomarlo." } },
    dropPoll: { env: "CAUDAL_DROP_POLL", schema: durationMs, default: "2s", doc: { en: "How often the folder is looked at, whatever its file system announces.", es: "Cada cuánto se revisa la carpeta, avise o no su sistema de archivos." } },
  },
});

export type CollectorSettings = SettingsOf<typeof collectorSettings>;

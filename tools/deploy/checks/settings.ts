import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { parseAllSettings, settingsSpecs } from "../../../caudal/composition/all-settings.ts";
import { foundationPorts } from "../../../caudal/composition/foundation.ts";
import { refuseEmbedded } from "../../../caudal/composition/open-ports.ts";
import { serviceTable } from "../../../caudal/fleet/service-table.ts";
import { ownServices, readCompose } from "../compose-file.ts";
import { dockerEnvironment } from "../dockerfile.ts";
import { readEnvFile, readManifests } from "../manifests.ts";

/** Settings that the deployment files leave alone, each with its reason. A new setting is named there or here. */
const leftAlone: Readonly<Record<string, string>> = {
  CAUDAL_ENGINES: "servers on the same machine; here each has its URL",
  CAUDAL_LOG_BYTES: "of the embedded log",
  CAUDAL_DEMO: "of the one process",
  CAUDAL_LANG: "of the command line",
  CAUDAL_URL: "of the command line",
  CAUDAL_TOKEN: "of the command line",
  CAUDAL_MQTT_CA: "the default trusts the system's authorities",
  CAUDAL_MQTT_CERT: "the outside broker here asks for a password",
  CAUDAL_MQTT_KEY: "goes with CAUDAL_MQTT_CERT",
  CAUDAL_MQTTS: "of the built-in broker",
  CAUDAL_MQTTS_CERT: "of the built-in broker",
  CAUDAL_MQTTS_KEY: "of the built-in broker",
  CAUDAL_MQTTS_CLIENT_CA: "of the built-in broker",
  CAUDAL_MQTTS_CLIENT_CERT: "of the built-in broker",
  CAUDAL_UNKNOWN_DEVICES_PER_HOUR: "the default fits",
  CAUDAL_UNKNOWN_DEVICES_PER_DAY: "the default fits",
  CAUDAL_PROVIDERS: "the image carries config/providers.yaml",
  CAUDAL_WEBHOOKS: "the image carries config/webhooks.yaml",
  CAUDAL_SILENT_TIMES: "the default fits",
  CAUDAL_SILENT_FLOOR: "the default fits",
  CAUDAL_MQTT_CLIENT_ID: "the default is each process's own",
  CAUDAL_SPARKPLUG_HOST: "off unless somebody names the host: nodes that wait for it hold their data back while it is away",
  CAUDAL_MQTT_IN_FLIGHT: "the default fits",
  CAUDAL_MQTT_MAX_CONNECTIONS: "of the built-in broker",
  CAUDAL_MQTT_MAPPINGS: "the image carries config/mqtt.yaml",
  CAUDAL_DROP_CLIENT: "the default asks the directory",
  CAUDAL_DROP_ZONE: "the default fits",
  CAUDAL_DROP_SETTLE: "the default fits",
  CAUDAL_DROP_POLL: "the default fits",
  CAUDAL_ARCHIVE_SEGMENT_BYTES: "the default fits",
  CAUDAL_ARCHIVE_SEGMENT_AGE: "the default fits",
  CAUDAL_COMPLIANCE_ROUND: "the default fits",
  CAUDAL_DGA_POST_TIMEOUT: "the default fits",
  CAUDAL_DGA_GET_TIMEOUT: "the default fits",
  CAUDAL_CENTRE_PAUSE: "the default fits",
  CAUDAL_SECRETS_KEY_OLD: "for the one start after a key was changed",
  CAUDAL_FAULTS: "of tests: it ends processes on purpose",
  CAUDAL_FORGET: "the default fits",
  CAUDAL_SCRUB_EVERY: "the default fits",
  CAUDAL_SCRUB_BYTES: "the default fits",
  CAUDAL_BACKUP_DIR: "a volume that outlives the archiver, which is yours to choose; without one there are no backups by schedule",
  CAUDAL_BACKUP_EVERY: "goes with CAUDAL_BACKUP_DIR",
  CAUDAL_BACKUP_KEEP: "the default fits",
  CAUDAL_BACKUP_DRILL_EVERY: "goes with CAUDAL_BACKUP_DIR",
  CAUDAL_LIVE_CLIENTS: "the default fits",
  CAUDAL_LIVE_HEARTBEAT: "the default fits",
  CAUDAL_ROLLUP_DELAY: "the default fits",
  CAUDAL_ROLLUP_EVERY: "the default fits",
};
/** Of several processes that share no disk: made in a volume by compose's one. */
const kubernetesOnly = new Set(["CAUDAL_SECRETS_KEY", "CAUDAL_LEDGER_KEY"]);
/** Of one machine with a disk of its own: compose only. */
const composeOnly = new Set(["CAUDAL_DROP_FOLDER"]);

type Environment = Readonly<Record<string, string>>;
interface Row {
  readonly env: string;
  readonly secret?: boolean;
}
const rows = settingsSpecs.flatMap((spec) => Object.values(spec.rows) as readonly Row[]);
const known = new Set(rows.flatMap(({ env, secret }) => (secret === true ? [env, `${env}_FILE`] : [env])));
const settingOf = (variable: string): string => (known.has(variable) && !rows.some(({ env }) => env === variable) ? variable.replace(/_FILE$/, "") : variable);

/** Every variable is one that the code reads, and its values are ones that it takes. */
function environmentFindings(where: string, env: Environment, services: readonly string[]): string[] {
  const unknown = Object.keys(env).filter((name) => name.startsWith("CAUDAL_") && !known.has(name)).map((name) => `${where}: no setting is called ${name}`);
  try {
    const { choices } = parseAllSettings({ env, readFile: () => "from a file" });
    for (const { name, ports } of serviceTable) if (services.includes(name)) refuseEmbedded([...foundationPorts, ...ports], choices);
    return unknown;
  } catch (error) {
    return [...unknown, `${where}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

function missing(where: string, named: ReadonlySet<string>, exempt: ReadonlySet<string> = new Set()): string[] {
  return rows.filter(({ env }) => !named.has(env) && leftAlone[env] === undefined && !exempt.has(env)).map(({ env }) => `${where}: ${env} is not named; give it a value, or say in tools/deploy/checks/settings.ts why not`);
}

function composeFindings(root: string): string[] {
  const compose = readCompose(root);
  const own = ownServices(compose);
  const named = new Set(own.flatMap(([, { environment }]) => Object.keys(environment)).map(settingOf));
  const guide = readFileSync(join(root, "docs/deploying.md"), "utf8");
  const text = readFileSync(join(root, "docker-compose.yml"), "utf8");
  return [
    ...own.flatMap(([name, { environment }]) => environmentFindings(`compose ${name}`, environment, [name])),
    ...missing("compose", named, kubernetesOnly),
    ...[...named].filter((name) => leftAlone[name] !== undefined).map((name) => `compose: ${name} is named, and listed as left alone`),
    ...[...compose.variables.keys()].filter((name) => (name.startsWith("CAUDAL_") ? !known.has(name) : !guide.includes(`\`${name}\``))).map((name) => `compose: nobody says what ${name} is (docs/deploying.md)`),
    // Passwords stand in files.
    ...Object.entries(compose.services).flatMap(([service, { environment }]) => Object.keys(environment).filter((name) => /(PASSWORD|SECRET|TOKEN)$/.test(name)).map((name) => `compose ${service}: ${name} holds a secret; name a file`)),
    ...(/:\/\/[^\s/@]*:[^\s/@]+@/.test(text) ? ["compose: an address holds a password"] : []),
  ];
}

function kubernetesFindings(root: string): string[] {
  const settings = z.record(z.string(), z.string()).parse(readManifests(root).find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === "caudal-settings")?.["data"]);
  const engines = readEnvFile(root, "engines.env");
  const collector = { ...settings, ...engines, ...readEnvFile(root, "mqtt.env") };
  const compliance = { ...settings, ...engines, ...readEnvFile(root, "compliance.env") };
  const everywhere = { ...settings, ...engines };
  const environments: Readonly<Record<string, Environment>> = { collector, compliance };
  return [
    ...serviceTable.flatMap(({ name }) => environmentFindings(`k8s ${name}`, environments[name] ?? everywhere, [name])),
    ...missing("k8s", new Set([...Object.keys(collector), ...Object.keys(compliance)]), composeOnly),
    ...rows.filter(({ env, secret }) => secret === true && env in settings).map(({ env }) => `k8s: ${env} may hold a password and belongs in a Secret`),
  ];
}

/** Variables both ways: what the deployment files name exists, and what the fleet needs is named. */
export function checkSettings(root: string): string[] {
  return [
    ...Object.keys(leftAlone).filter((name) => !known.has(name)).map((name) => `settings: ${name} is listed as left alone, and is no setting`),
    ...Object.keys(dockerEnvironment(root)).filter((name) => name.startsWith("CAUDAL_") && !known.has(name)).map((name) => `Dockerfile: no setting is called ${name}`),
    ...composeFindings(root), ...kubernetesFindings(root),
  ];
}

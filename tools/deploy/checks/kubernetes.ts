import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { ownPaths, serviceNames } from "../fleet.ts";
import { EXAMPLE, forgottenFiles, readEnvFile, readManifests, type Manifest } from "../manifests.ts";
import { readPackageVersion } from "../package-version.ts";

/** How many processes of a service there may be. */
const ranges: Readonly<Record<string, readonly [least: number, most: number]>> = { collector: [3, 10], processor: [3, 8], business: [2, 5], compliance: [2, 5] };
/** Of the operations that people wait for: these are scaled by their CPU. */
const answersHttp = ["collector", "analytics", "business", "compliance", "web"];
/** Of the processes themselves (caudal/commands/services.ts), and 5 s before it in which proxies forget the address. */
const STOP_S = 25;

const labels = z.record(z.string(), z.string());
const probe = z.object({ httpGet: z.object({ path: z.string(), port: z.string() }) });
const quantities = z.object({ cpu: z.string(), memory: z.string() });
const deploymentSchema = z.object({
  replicas: z.number().optional(),
  selector: z.object({ matchLabels: labels }),
  template: z.object({
    metadata: z.object({ labels, annotations: labels }),
    spec: z.object({
      automountServiceAccountToken: z.literal(false),
      terminationGracePeriodSeconds: z.number(),
      securityContext: z.object({ runAsNonRoot: z.literal(true), seccompProfile: z.object({ type: z.literal("RuntimeDefault") }) }),
      containers: z.tuple([z.object({
        name: z.string(), image: z.string(), args: z.array(z.string()),
        ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
        envFrom: z.array(z.object({ configMapRef: z.object({ name: z.string() }).optional(), secretRef: z.object({ name: z.string() }).optional() })),
        startupProbe: probe, livenessProbe: probe, readinessProbe: probe,
        resources: z.object({ requests: quantities, limits: quantities }),
        securityContext: z.object({ allowPrivilegeEscalation: z.literal(false), readOnlyRootFilesystem: z.literal(true), capabilities: z.object({ drop: z.tuple([z.literal("ALL")]) }) }),
        volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })),
      })]),
      volumes: z.array(z.looseObject({ name: z.string() })),
    }),
  }),
});
const serviceSchema = z.object({ selector: labels, ports: z.array(z.object({ name: z.string(), port: z.number(), targetPort: z.string() })) });
const scalerSchema = z.object({ scaleTargetRef: z.object({ kind: z.literal("Deployment"), name: z.string() }), minReplicas: z.number(), maxReplicas: z.number() });
const budgetSchema = z.object({ maxUnavailable: z.literal(1), selector: z.object({ matchLabels: labels }) });
const ingressSchema = z.object({ tls: z.array(z.object({ hosts: z.array(z.string()) })), rules: z.array(z.object({ host: z.string(), http: z.object({ paths: z.array(z.object({ backend: z.object({ service: z.object({ name: z.string(), port: z.object({ name: z.string() }) }) }) })) }) })) });
const generatorsSchema = z.object({ secretGenerator: z.array(z.object({ name: z.string() })) });

type Settings = Readonly<Record<string, string>>;
const fits = (selector: Settings, of: Settings): boolean => Object.entries(selector).every(([name, value]) => of[name] === value);

interface Base {
  readonly all: readonly Manifest[];
  readonly settings: Settings;
  readonly refs: ReadonlySet<string>;
  readonly version: string;
  find(kind: string, name: string): Manifest | undefined;
}

/** One service's objects, against each other and against the code. */
function serviceFindings(name: string, { all, settings, refs, version, find }: Base): string[] {
  const deployment = deploymentSchema.safeParse(find("Deployment", name)?.["spec"]);
  if (!deployment.success) return [`no Deployment of the form the checks know: ${z.prettifyError(deployment.error)}`];
  const { replicas, selector, template: { metadata, spec } } = deployment.data;
  const { containers: [container], volumes } = spec;
  const findings: string[] = [];
  const say = (isWrong: boolean, finding: string): void => void (isWrong && findings.push(finding));

  say(!fits(selector.matchLabels, metadata.labels), "its selector does not fit its pods");
  say(container.args.join(" ") !== name || container.image !== `caudal:${version}`, `runs ${container.image} ${container.args.join(" ")}`);
  const port = settings["CAUDAL_HTTP"]?.split(":").at(-1);
  const http = container.ports.find((each) => each.name === "http");
  say(String(http?.containerPort) !== port, `listens at ${port}, and names ${http?.containerPort}`);
  say(metadata.annotations["prometheus.io/scrape"] !== "true" || metadata.annotations["prometheus.io/port"] !== port, "Prometheus is not told where to ask");
  const paths = new Map(ownPaths().map(({ path, isPublic }) => [path, isPublic]));
  say(!paths.has(metadata.annotations["prometheus.io/path"] ?? ""), "Prometheus is told a path that nobody answers");
  for (const { httpGet } of [container.startupProbe, container.livenessProbe, container.readinessProbe]) {
    say(paths.get(httpGet.path) !== true || httpGet.port !== "http", `probes ${httpGet.path} at ${httpGet.port}, which nobody answers without a token`);
  }
  say(container.livenessProbe.httpGet.path === container.readinessProbe.httpGet.path, "would be killed while an engine is away");
  for (const { configMapRef, secretRef } of container.envFrom) {
    say(configMapRef !== undefined && !refs.has(`ConfigMap/${configMapRef.name}`), `there is no ConfigMap ${configMapRef?.name}`);
    say(secretRef !== undefined && !refs.has(`Secret/${secretRef.name}`), `there is no Secret ${secretRef?.name}`);
  }
  for (const mount of container.volumeMounts) say(!volumes.some((volume) => volume.name === mount.name), `mounts ${mount.name}, which is no volume`);
  say(!container.volumeMounts.some(({ mountPath }) => mountPath === settings["CAUDAL_DATA"]), "its data folder cannot be written");
  say(spec.terminationGracePeriodSeconds <= STOP_S, "is killed before it has settled");

  const service = serviceSchema.safeParse(find("Service", name)?.["spec"]).data;
  say(service === undefined || !fits(service.selector, metadata.labels), "its Service finds no pods");
  for (const each of service?.ports ?? []) say(!container.ports.some((own) => own.name === each.targetPort), `its Service leads to ${each.targetPort}`);
  const budget = budgetSchema.safeParse(find("PodDisruptionBudget", name)?.["spec"]).data;
  say(budget === undefined || !fits(budget.selector.matchLabels, metadata.labels), "its disruption budget finds no pods");

  const scalers = all.filter(({ kind }) => kind === "HorizontalPodAutoscaler").map((each) => scalerSchema.parse(each["spec"])).filter(({ scaleTargetRef }) => scaleTargetRef.name === name);
  const [scaler] = scalers;
  say(answersHttp.includes(name) && scaler === undefined, "answers HTTP, and is not scaled");
  say(scaler === undefined ? (replicas ?? 1) < 2 : replicas !== undefined, "its number of processes is not said once");
  const [least, most] = ranges[name] ?? [2, Infinity];
  say(scaler !== undefined && (scaler.minReplicas < least || scaler.maxReplicas > most), `is scaled from ${scaler?.minReplicas} to ${scaler?.maxReplicas}`);
  say(ranges[name] !== undefined && (scaler?.minReplicas !== least || scaler.maxReplicas !== most), `is to be scaled from ${least} to ${most}`);
  say(name === "processor" && scaler !== undefined && scaler.maxReplicas > Number(settings["CAUDAL_PARTITIONS"]), "has more processes than partitions");
  return findings;
}

function ingressFindings({ all, settings, find }: Base): string[] {
  return all.filter(({ kind }) => kind === "Ingress").flatMap((each) => {
    const { rules, tls } = ingressSchema.parse(each["spec"]);
    const names = settings["CAUDAL_HTTP_NAMES"]?.split(",") ?? [];
    return rules.flatMap(({ host, http }) => [
      ...(names.includes(host) ? [] : [`ingress: services refuse the host ${host}`]),
      ...(tls.some(({ hosts }) => hosts.includes(host)) ? [] : [`ingress: ${host} has no TLS`]),
      ...http.paths.flatMap(({ backend: { service } }) => {
        const ports = serviceSchema.safeParse(find("Service", service.name)?.["spec"]).data?.ports ?? [];
        return ports.some(({ name }) => name === service.port.name) ? [] : [`ingress: there is no ${service.name}:${service.port.name}`];
      }),
    ]);
  });
}

/** The base's objects fit each other and the code: labels, ports, references, probes, limits, ranges. */
export function checkKubernetes(root: string): string[] {
  const all = readManifests(root);
  const settings = labels.parse(all.find(({ kind }) => kind === "ConfigMap")?.["data"]);
  const secrets = generatorsSchema.parse(parse(readFileSync(join(root, EXAMPLE, "kustomization.yaml"), "utf8"))).secretGenerator;
  const refs = new Set([...all.map(({ kind, metadata }) => `${kind}/${metadata.name}`), ...secrets.map(({ name }) => `Secret/${name}`)]);
  const base: Base = { all, settings, refs, version: readPackageVersion(root), find: (kind, name) => all.find((each) => each.kind === kind && each.metadata.name === name) };
  const deployed = all.filter(({ kind }) => kind === "Deployment").map(({ metadata }) => metadata.name);
  return [
    ...forgottenFiles(root).map((file) => `k8s: kustomization.yaml leaves ${file} out`),
    ...deployed.filter((name) => !serviceNames.includes(name)).map((name) => `k8s: ${name} is no service of the fleet`),
    ...serviceNames.flatMap((name) => serviceFindings(name, base).map((finding) => `k8s ${name}: ${finding}`)),
    ...ingressFindings(base),
    ...all.filter(({ metadata }) => metadata.labels?.["app.kubernetes.io/part-of"] !== "caudal").map(({ kind, metadata }) => `k8s: ${kind} ${metadata.name} has not our label`),
    ...["engines.env", "mqtt.env"].flatMap((file) => Object.entries(readEnvFile(root, file)).filter(([, value]) => /:\/\//.test(value) && !value.includes(".invalid")).map(([name]) => `k8s: ${name} of the example may be somebody's`)),
  ];
}

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { ownServices, readCompose, type ComposeFile, type ComposeService } from "../compose-file.ts";
import { readDockerfile } from "../dockerfile.ts";
import { ownPaths, serviceNames } from "../fleet.ts";
import { blocks, named, parseNginx } from "../nginx-config.ts";

/** Run once and end. */
const once = new Set(["first-token", "mongo-initiate"]);
const PINNED = /^[\w./-]+:v?\d+\.\d+[\w.-]*$/;

/** Whether a container's path is a file or folder of the checkout that the service mounts; undefined when nothing of ours is mounted there. */
function mountedFile(root: string, { volumes }: ComposeService, path: string): boolean | undefined {
  const mount = volumes.map((volume) => volume.split(":")).find(([from = "", to = ""]) => from.startsWith("./") && path.startsWith(`${to}/`));
  return mount === undefined ? undefined : existsSync(join(root, mount[0] ?? "", path.slice((mount[1] ?? "").length)));
}

function serviceFindings(root: string, name: string, service: ComposeService, compose: ComposeFile): string[] {
  const { image, command = [], entrypoint = [], healthcheck, volumes, ports, secrets, networks, restart, mem_limit: memory, security_opt: security, environment } = service;
  const findings: string[] = [];
  if (!PINNED.test(image) || image.endsWith(":latest")) findings.push(`${image} is not pinned`);
  if (restart !== (once.has(name) ? "on-failure" : "unless-stopped")) findings.push(`restart is ${restart}`);
  if (memory === undefined) findings.push("no limit of memory");
  if (!once.has(name) && healthcheck?.test === undefined) findings.push("no health check");
  if (!security.includes("no-new-privileges:true")) findings.push("may gain privileges");
  if (!once.has(name) && service.stop_grace_period === undefined) findings.push("no grace at the stop");
  for (const port of ports) if (!port.startsWith("127.0.0.1:")) findings.push(`${port} is open to everybody by default`);
  for (const network of networks) if (compose.networks[network] === undefined) findings.push(`there is no network ${network}`);
  for (const secret of secrets) if (compose.secrets[secret] === undefined) findings.push(`there is no secret ${secret}`);
  for (const [needed, { condition }] of Object.entries(service.depends_on)) {
    const other = compose.services[needed];
    if (other === undefined) findings.push(`waits for ${needed}, which is not there`);
    else if (condition === "service_healthy" && other.healthcheck?.test === undefined) findings.push(`waits for the health of ${needed}, which has no check`);
    else if (condition === "service_completed_successfully" && !once.has(needed)) findings.push(`waits for the end of ${needed}, which goes on`);
  }
  for (const volume of volumes) {
    const [from = "", to] = volume.split(":");
    if (to === undefined) continue;
    if (from.startsWith("./") ? !existsSync(join(root, from)) : !(from in compose.volumes)) findings.push(`mounts ${from}, which is not there`);
  }
  const words = [...command, ...entrypoint, ...(healthcheck?.test ?? []), ...Object.values(environment)].flatMap((word) => word.match(/\/[\w./-]+/g) ?? []);
  for (const path of words) if (mountedFile(root, service, path) === false) findings.push(`${path} is not among what is mounted`);
  for (const path of words.filter((word) => word.startsWith("/run/secrets/"))) if (!secrets.includes(path.slice("/run/secrets/".length).replace(/\W+$/, ""))) findings.push(`${path} is not among its secrets`);
  return findings.map((finding) => `compose ${name}: ${finding}`);
}

function ownFindings(compose: ComposeFile): string[] {
  const findings: string[] = [];
  const own = new Map(ownServices(compose));
  for (const name of serviceNames) if (!own.has(name)) findings.push(`compose: ${name} is missing`);
  for (const [name, { command = [], entrypoint, read_only: readOnly, cap_drop: dropped, user }] of own) {
    const fleet = serviceNames.includes(name);
    if (!fleet && !once.has(name)) findings.push(`compose: ${name} is no service of the fleet`);
    if (fleet && (command.join(" ") !== name || entrypoint !== undefined)) findings.push(`compose ${name}: its command is ${command.join(" ")}`);
    if (!readOnly || !dropped.includes("ALL") || user !== undefined) findings.push(`compose ${name}: its root can be written, or it keeps capabilities`);
  }
  return findings;
}

const scrapeSchema = z.object({ scrape_configs: z.array(z.object({
  metrics_path: z.string().optional(), authorization: z.object({ credentials_file: z.string() }).optional(),
  dns_sd_configs: z.array(z.object({ names: z.array(z.string()), port: z.number() })).default([]),
})) });

/** One port and the same paths everywhere: what a service listens at, is asked at, and is reached at. */
function addressFindings(root: string, compose: ComposeFile): string[] {
  const findings: string[] = [];
  const port = compose.services[serviceNames[0] ?? ""]?.environment["CAUDAL_HTTP"]?.split(":").at(-1);
  const exposed = readDockerfile(root).findLast(({ word }) => word === "EXPOSE")?.rest;
  if (exposed !== port) findings.push(`Dockerfile: EXPOSE ${exposed}, and the services listen at ${port}`);
  const upstreams = named(parseNginx(readFileSync(join(root, "deploy/nginx/upstreams.conf"), "utf8")), "upstream");
  for (const upstream of upstreams) {
    const server = named([upstream], "upstream").flatMap(({ block = [] }) => named(block, "server"))[0]?.args[0];
    if (server !== `${upstream.args[0]}:${port}` || !serviceNames.includes(upstream.args[0] ?? "")) findings.push(`nginx: upstream ${upstream.args[0]} is ${server}`);
  }
  const listens = named(blocks(parseNginx(readFileSync(join(root, "deploy/nginx/nginx.conf"), "utf8")), "http", "server"), "listen")[0]?.args[0];
  if (!compose.services["nginx"]?.ports.every((each) => each.endsWith(`:${listens}`))) findings.push(`nginx listens at ${listens}, and another port is published`);
  const paths = new Map(ownPaths().map(({ path, isPublic }) => [path, isPublic]));
  const asked = /127\.0\.0\.1:\$\{port\}(\/\w+)/.exec(readFileSync(join(root, "deploy/image/health-check.js"), "utf8"))?.[1] ?? "";
  if (paths.get(asked) !== true) findings.push(`deploy/image/health-check.js asks ${asked}, which nobody answers without a token`);

  const scraped = scrapeSchema.parse(parse(readFileSync(join(root, "deploy/prometheus/prometheus.yml"), "utf8"))).scrape_configs;
  const targets = scraped.flatMap(({ dns_sd_configs: found }) => found);
  const targetNames = targets.flatMap(({ names }) => names);
  for (const name of serviceNames) if (!targetNames.includes(name)) findings.push(`prometheus: does not ask ${name}`);
  for (const name of targetNames) if (!serviceNames.includes(name)) findings.push(`prometheus: asks ${name}, which is no service`);
  for (const target of targets) if (String(target.port) !== port) findings.push(`prometheus: asks ${target.names.join(", ")} at ${target.port}`);
  for (const { metrics_path: path } of scraped) if (path !== undefined && !paths.has(path)) findings.push(`prometheus: nobody answers ${path}`);
  const token = compose.services["first-token"]?.command?.at(-1)?.split("/").at(-1);
  const file = scraped.find(({ authorization }) => authorization !== undefined)?.authorization?.credentials_file;
  const volume = compose.services["prometheus"]?.volumes.find((each) => each.startsWith("tokens:"))?.split(":")[1];
  if (file !== `${volume}/${token}`) findings.push(`prometheus: its token is in ${file}, and first-token makes ${volume}/${token}`);
  return findings;
}

/** Every container is pinned, bounded, watched and no wider open than it must be; names, ports, paths and files exist. */
export function checkContainers(root: string): string[] {
  const compose = readCompose(root);
  const tags = Map.groupBy(Object.values(compose.services).map(({ image }) => image), (image) => image.slice(0, image.lastIndexOf(":")));
  return [
    ...Object.entries(compose.services).flatMap(([name, service]) => serviceFindings(root, name, service, compose)),
    ...[...tags].filter(([, images]) => new Set(images).size > 1).map(([image]) => `compose: ${image} is pinned to several versions`),
    ...ownFindings(compose), ...addressFindings(root, compose),
  ];
}

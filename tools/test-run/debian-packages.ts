import { findChromium } from "../chromium.ts";
import { onPath } from "../engines/provision/on-path.ts";
import { findMosquitto, findMosquittoPub } from "../mosquitto.ts";
import { runCommand } from "./run-command.ts";

/** How each package is known to be there: by a program of its own, however that came. */
const found: Readonly<Record<string, () => string | undefined>> = {
  chromium: findChromium,
  mosquitto: findMosquitto,
  "mosquitto-clients": findMosquittoPub,
  "redis-server": () => onPath("redis-server"),
  "openjdk-17-jre-headless": () => onPath("java"),
  maven: () => onPath("mvn"),
  "python3-pip": () => onPath("pip3") ?? onPath("pip"),
  "nginx-light": () => onPath("nginx"),
  prometheus: () => onPath("promtool"),
  "docker-compose": () => onPath("docker-compose"),
};
const installTimeoutMs = 900_000;

/** The Debian packages that the tests use and this machine lacks. */
export function missingPackages(): string[] {
  return Object.entries(found).filter(([, find]) => find() === undefined).map(([name]) => name);
}

/**
 * Installs the missing packages by apt-get, as CI does. Gives what went wrong, or undefined when each of them is there
 * afterwards.
 */
export async function installPackages(missing: readonly string[], root: string): Promise<string | undefined> {
  const limits = { cwd: root, timeoutMs: installTimeoutMs };
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  // Run level 1: the packages' servers are not started. Tests start their own.
  const apt = [...asRoot, "env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1", "apt-get", "-q", "-y"];
  const update = await runCommand([...apt, "update"], limits);
  const install = await runCommand([...apt, "install", "--no-install-recommends", ...missing], limits);
  const still = missingPackages();
  if (install.ok && still.length === 0) return undefined;
  return `${update.ok ? "" : update.output}${install.output}\nstill missing: ${still.join(", ")}\n`;
}

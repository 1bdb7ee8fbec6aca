import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { until } from "../../../caudal/test-parts/until.ts";
import { freePort } from "../../engines/free-ports.ts";

const source = join(import.meta.dirname, "..", "..", "..", "deploy", "nginx");

/**
 * The committed configuration with other addresses: services on ports of loopback, its own port, and one folder in the
 * place of /tmp and of /dev/stderr. Nothing else is changed.
 */
async function substituted(folder: string, ports: Readonly<Record<string, number>>): Promise<number> {
  const port = await freePort();
  await cp(source, folder, { recursive: true });
  const rewrite = async (file: string, change: (text: string) => string): Promise<void> => writeFile(join(folder, file), change(await readFile(join(folder, file), "utf8")));
  await rewrite("nginx.conf", (text) => text.replace("listen 8080;", `listen 127.0.0.1:${port};`).replaceAll("/tmp/", `${folder}/`).replace("/dev/stderr", `${folder}/error.log`));
  // `resolve` needs 1.27.3; Debian's is older, and loopback has no names to ask for.
  await rewrite("upstreams.conf", (text) => text.replace(/^resolver .*$/m, "").replace(/server (\w+):8000 resolve/g, (_, name: string) => {
    const upstream = ports[name];
    if (upstream === undefined) throw new Error(`the test serves no ${name}`);
    return `server 127.0.0.1:${upstream}`;
  }));
  return port;
}

const answers = (port: number): Promise<true | undefined> => new Promise((resolve) => {
  const socket = connect({ host: "127.0.0.1", port });
  socket.once("connect", () => {
    socket.destroy();
    resolve(true);
  });
  socket.once("error", () => resolve(undefined));
});

/** Runs nginx on the committed configuration in front of these ports, by upstream; it ends with the test. Resolves with its port. */
export async function startNginx(context: TestContext, program: string, ports: Readonly<Record<string, number>>): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "caudal-nginx-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const port = await substituted(folder, ports);
  // As root it would hand its folders to another user.
  const user = process.getuid?.() === 0 ? "user root; " : "";
  const child = spawn(program, ["-c", join(folder, "nginx.conf"), "-e", join(folder, "error.log"), "-g", `${user}daemon off;`], { stdio: "ignore" });
  const gone = once(child, "exit");
  context.after(async () => {
    child.kill("SIGTERM");
    await gone;
  });
  await until("nginx listens", async () => {
    if (child.exitCode !== null) throw new Error(`nginx ended: ${await readFile(join(folder, "error.log"), "utf8")}`);
    return answers(port);
  });
  return port;
}

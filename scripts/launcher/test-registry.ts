import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

/** A package to serve: its name, version, manifest and files. */
export interface ServedPackage {
  readonly name: string;
  readonly version: string;
  readonly manifest?: object;
  readonly files: Readonly<Record<string, string>>;
}

/** A small npm registry on loopback, with packages packed by npm itself; `asked` is what clients asked for. */
export async function openRegistry(folder: string, packages: readonly ServedPackage[]) {
  const packed = packages.map((each) => pack(folder, each));
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    asked.push(path);
    const tarball = packed.find(({ file }) => path.endsWith(`/${file}`));
    if (tarball) return void response.end(tarball.bytes);
    const found = packed.find(({ name }) => path === `/${name}`);
    if (!found) return void response.writeHead(404).end("{}");
    const dist = { tarball: `${url}/${found.name}/-/${found.file}`, integrity: found.integrity };
    const version = { ...found.manifest, dist };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ name: found.name, "dist-tags": { latest: found.version }, versions: { [found.version]: version } }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    asked,
    integrityOf: (name: string) => packed.find((each) => each.name === name)?.integrity,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function pack(folder: string, { name, version, manifest, files }: ServedPackage) {
  const source = mkdtempSync(join(folder, "package-"));
  const full = { name, version, ...manifest };
  for (const [path, text] of Object.entries({ ...files, "package.json": JSON.stringify(full) })) {
    mkdirSync(join(source, path, ".."), { recursive: true });
    writeFileSync(join(source, path), text, { mode: 0o755 });
  }
  execFileSync("npm", ["pack", "--silent", "--ignore-scripts"], { cwd: source, stdio: "ignore" });
  const file = `${name}-${version}.tgz`;
  const bytes = readFileSync(join(source, file));
  return { name, version, manifest: full, file, bytes, integrity: `sha512-${createHash("sha512").update(bytes).digest("base64")}` };
}

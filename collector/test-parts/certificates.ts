import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** A certificate and its key, as files. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  readonly folder: string;
  /** The authority's own certificate. */
  readonly ca: string;
  /** Issues one; `san` as openssl writes it: `DNS:a.example,URI:urn:b`. */
  issue(name: string, options: { readonly cn?: string; readonly san?: string; readonly days?: number }): Promise<Issued>;
  read(path: string): Promise<string>;
  close(): Promise<void>;
}

const run = promisify(execFile);

/** Makes a certificate authority in a folder of its own, with openssl. */
export async function openAuthority(): Promise<Authority> {
  const folder = await mkdtemp(join(tmpdir(), "caudal-ca-"));
  const at = (name: string): string => join(folder, name);
  const key = async (path: string): Promise<void> => {
    await run("openssl", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path]);
    await chmod(path, 0o644);
  };
  await key(at("ca.key"));
  // Mosquitto reads its files as a user of its own.
  await chmod(folder, 0o755);
  await run("openssl", ["req", "-x509", "-new", "-key", at("ca.key"), "-days", "30", "-subj", "/CN=Synthetic authority", "-out", at("ca.pem")]);
  return {
    folder, ca: at("ca.pem"),
    issue: async (name, { cn = name, san, days = 10 }) => {
      const issued = { cert: at(`${name}.pem`), key: at(`${name}.key`) };
      await key(issued.key);
      await run("openssl", ["req", "-new", "-key", issued.key, "-subj", `/CN=${cn.replaceAll("/", "\\/")}`, "-out", at(`${name}.csr`)]);
      await writeFile(at(`${name}.ext`), [`basicConstraints=CA:FALSE`, ...(san === undefined ? [] : [`subjectAltName=${san}`]), ""].join("\n"));
      await run("openssl", ["x509", "-req", "-in", at(`${name}.csr`), "-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-CAcreateserial", "-days", String(days), "-extfile", at(`${name}.ext`), "-out", issued.cert]);
      return issued;
    },
    read: (path) => readFile(path, "utf8"),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

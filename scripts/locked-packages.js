import { createHash } from "node:crypto";

/** A hash of what package-lock.json downloads: every package with version, integrity and when it is wanted. */
export function lockedPackagesHash(lockText) {
  const entries = Object.entries(JSON.parse(lockText).packages).filter(([path, { link }]) => path.includes("node_modules/") && !link);
  const lines = entries.map(([path, { version, integrity, dev, optional }]) => [path, version, integrity, dev, optional].join(" "));
  return createHash("sha256").update(lines.sort().join("\n")).digest("hex");
}

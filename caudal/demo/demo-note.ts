import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The demo's tenant: everything of it goes when it is cleared, nothing of anybody else. */
export const DEMO_CLIENT = "demo";

/** Folder of what the demo keeps for itself. */
export function demoDirectory(dataDirectory: string): string {
  return join(dataDirectory, "demo");
}

const CLEARED = "cleared";

/** From now on the demo stays away unless somebody asks for it. */
export function noteDemoCleared(dataDirectory: string): void {
  mkdirSync(demoDirectory(dataDirectory), { recursive: true });
  writeFileSync(join(demoDirectory(dataDirectory), CLEARED), "");
}

export function wasDemoCleared(dataDirectory: string): boolean {
  return existsSync(join(demoDirectory(dataDirectory), CLEARED));
}

/** Somebody asked for the demo again. */
export function forgetDemoCleared(dataDirectory: string): void {
  rmSync(join(demoDirectory(dataDirectory), CLEARED), { force: true });
}

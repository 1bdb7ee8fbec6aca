import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHealth, createMetrics, MAX_BODY_BYTES, silentLogger, type Operation } from "@caudal/runtime";
import { pageRoutes } from "@caudal/web";
import { parseAllSettings } from "../../caudal/composition/all-settings.ts";
import { openFoundation } from "../../caudal/composition/foundation.ts";
import { portNames } from "../../caudal/composition/ports.ts";
import { serviceTable } from "../../caudal/fleet/service-table.ts";
import { builtInOperations } from "../../runtime/http/built-in.ts";
import { isRawBody } from "../../runtime/http/operation.ts";

/** A path that a service answers to people and programs outside. */
export interface ServedPath {
  readonly service: string;
  /** Operation id, or what else it is. */
  readonly what: string;
  /** With an example in the place of each parameter. */
  readonly path: string;
  /** Bytes of a body at most; 0 where it takes none. */
  readonly bodyBytes: number;
  /** Goes on for as long as the caller listens. */
  readonly isStream: boolean;
}

/** Paths that every process answers for itself: probes, figures, its own description. */
export function ownPaths(): readonly { readonly path: string; readonly isPublic: boolean }[] {
  const operations = builtInOperations({ health: createHealth(), metrics: createMetrics(), title: "", version: "", stopping: () => false, operations: () => [] });
  return operations.map(({ path, permission }) => ({ path, isPublic: permission === "public" }));
}

function served(service: string, operation: Operation): ServedPath {
  const { operationId: what, path, body, replies } = operation;
  const bodyBytes = body === undefined ? 0 : isRawBody(body) ? body.maxBytes : MAX_BODY_BYTES;
  const isStream = Object.values(replies).some(({ contentTypes }) => contentTypes?.includes("text/event-stream"));
  return { service, what, path: example(path), bodyBytes, isStream };
}

const example = (path: string): string => path.replace(/\{\w+\}|:\w+/g, "an-example");

/** What each process of the fleet serves, asked of the services themselves, made on the embedded engine and not started. */
export async function servedPaths(): Promise<readonly ServedPath[]> {
  const dataDirectory = await mkdtemp(join(tmpdir(), "caudal-routes-"));
  try {
    const foundation = await openFoundation(portNames, { dataDirectory, settings: parseAllSettings({ env: {} }), logger: silentLogger });
    try {
      const found: ServedPath[] = [];
      for (const { name, make } of serviceTable) {
        const { operations, upgrades = [], statics } = await make(foundation);
        found.push(...operations.map((operation) => served(name, operation)));
        found.push(...upgrades.map(({ path }) => ({ service: name, what: "WebSocket", path: example(path), bodyBytes: 0, isStream: true })));
        if (statics !== undefined) found.push(...pageRoutes.map((route) => ({ service: name, what: "page", path: example(route), bodyBytes: 0, isStream: false })));
      }
      return found;
    } finally {
      await foundation.close();
    }
  } finally {
    await rm(dataDirectory, { recursive: true, force: true });
  }
}

export const serviceNames: readonly string[] = serviceTable.map(({ name }) => name);

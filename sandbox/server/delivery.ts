import type { Response } from "express";
import type { Reply } from "../providers/provider.ts";
import type { Delivery } from "./exchange.ts";

const DROPS = 20;
const MIB = 1024 * 1024;
const GIGANTIC_MIB = 64;

export interface Wire {
  /** Real milliseconds before the answer begins. */
  readonly latencyMs: number;
  /** Real milliseconds over which a dripping body is spread. */
  readonly dripMs: number;
  /** Real milliseconds after which a request that is never answered is cut off. */
  readonly hangMs: number;
  /** Ends every wait: the sandbox closes. */
  readonly closed: AbortSignal;
}

/** An answer as it is to leave. */
export interface Leaving {
  readonly reply: Reply;
  readonly delivery: Delivery;
  /** Told of the bytes of a body that looks whole to its reader, before the first of them leaves. */
  readonly told?: ((bytes: Uint8Array) => void) | undefined;
}

/** Sends an answer, well or badly. Never rejects: a caller that went away is no fault of the sandbox. */
export async function deliver(response: Response, { reply, delivery, told }: Leaving, wire: Wire): Promise<void> {
  try {
    await pause(wire.latencyMs, response, wire.closed);
    if (response.destroyed) return;
    if (delivery === "hang") {
      await pause(wire.hangMs, response, wire.closed);
      response.destroy();
      return;
    }
    if (delivery === "drop") {
      response.socket?.resetAndDestroy();
      return;
    }
    const { bytes: all, type } = written(reply);
    const bytes = delivery === "half-json" ? all.subarray(0, Math.ceil(all.length / 2) - 1) : all;
    if (delivery === "whole" || delivery === "half-json" || delivery === "drip") told?.(bytes);
    response.status(reply.status).set({ "content-type": type, "cache-control": "no-store", ...reply.headers });
    await sent(response, { bytes, delivery }, wire);
  } catch {
    response.destroy();
  }
}

function written({ body }: Reply): { readonly bytes: Buffer; readonly type: string } {
  return "json" in body ? { bytes: Buffer.from(JSON.stringify(body.json)), type: "application/json" } : { bytes: Buffer.from(body.text), type: body.type };
}

async function sent(response: Response, { bytes, delivery }: { readonly bytes: Buffer; readonly delivery: Exclude<Delivery, "hang" | "drop"> }, { dripMs, closed }: Wire): Promise<void> {
  switch (delivery) {
    case "whole":
    case "half-json":
      response.set("content-length", String(bytes.length)).end(bytes);
      return;
    case "reset":
      // The length promises more than comes, so that the caller can tell.
      response.set("content-length", String(bytes.length + 1));
      await new Promise<void>((resolve) => response.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => resolve()));
      response.socket?.resetAndDestroy();
      return;
    case "drip":
      response.set("content-length", String(bytes.length));
      for (let drop = 0; drop < DROPS && !response.destroyed; drop++) {
        response.write(bytes.subarray(Math.floor((drop * bytes.length) / DROPS), Math.floor(((drop + 1) * bytes.length) / DROPS)));
        await pause(dripMs / DROPS, response, closed);
      }
      response.end();
      return;
    case "gigantic": {
      const blanks = Buffer.alloc(MIB, " ");
      for (let sentMib = 0; sentMib < GIGANTIC_MIB && !response.destroyed; sentMib++) {
        if (!response.write(blanks)) await drained(response, closed);
      }
      response.end(bytes);
    }
  }
}

/** Until more can be written, or nobody is there to write to. */
async function drained(response: Response, closed: AbortSignal): Promise<void> {
  if (response.destroyed || closed.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      response.off("drain", done).off("close", done);
      closed.removeEventListener("abort", done);
      resolve();
    };
    response.on("drain", done).on("close", done);
    closed.addEventListener("abort", done);
  });
}

/** Ends early when the caller goes or the sandbox closes. */
async function pause(waitMs: number, response: Response, closed: AbortSignal): Promise<void> {
  if (waitMs <= 0 || response.destroyed || closed.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      response.off("close", done);
      closed.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, waitMs);
    response.on("close", done);
    closed.addEventListener("abort", done);
  });
}

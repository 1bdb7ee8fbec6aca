import type { Permission, Principal } from "@caudal/core";
import { STATUS_CODES, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Logger } from "../log/logger.ts";
import type { Language } from "../texts/language.ts";
import { authenticated, permitted, type AnswerContext } from "./answer.ts";
import type { Guard } from "./guard.ts";
import { Problem, problemDocument, problemFrom } from "./problem.ts";

/** Who asked for the upgrade. */
export interface UpgradeCaller extends Principal {
  /** Aborted when the server stops: the handler should close politely. The socket is cut at the end of the server's budget. */
  readonly signal: AbortSignal;
}

/** A path that speaks another protocol on the same connection: WebSocket. */
export interface Upgrade {
  readonly path: string;
  /** `read` when absent. */
  readonly permission?: Permission;
  /** Owns the socket from here on. */
  handle(request: IncomingMessage, socket: Duplex, head: Buffer, caller: UpgradeCaller): void;
}

export interface Upgrades {
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Asks the handlers to close. */
  close(): void;
  /** Resolves once no upgraded socket is open. */
  idle(): Promise<void>;
  cut(): void;
}

export interface UpgradesOptions {
  readonly upgrades: readonly Upgrade[];
  readonly guard: Guard;
  readonly context: Pick<AnswerContext, "authenticate" | "authFailures">;
  readonly logger: Logger;
  languageOf(request: IncomingMessage): Language;
}

export function createUpgrades(options: UpgradesOptions): Upgrades {
  const closing = new AbortController();
  const sockets = new Set<Duplex>();
  const waiting = new Set<() => void>();

  async function accept(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (closing.signal.aborted) throw new Problem("stopping");
    options.guard.check(request);
    const path = (request.url ?? "").split("?", 1)[0]?.replace(/(.)\/$/, "$1");
    const upgrade = options.upgrades.find((candidate) => candidate.path === path);
    if (upgrade === undefined) throw new Problem("not-found");
    const principal = permitted(await authenticated(request, options.context), upgrade.permission ?? "read");
    if (socket.destroyed) return;
    upgrade.handle(request, socket, head, { ...principal, signal: closing.signal });
  }

  return {
    onUpgrade: (request, socket, head) => {
      sockets.add(socket);
      socket.once("close", () => {
        sockets.delete(socket);
        if (sockets.size === 0) for (const resolve of [...waiting]) resolve();
      });
      socket.on("error", (error) => options.logger.debug("upgrade.socket-error", { error }));
      accept(request, socket, head).catch((error: unknown) => {
        const problem = problemFrom(error);
        if (problem.status >= 500 && problem.code !== "stopping") options.logger.error("upgrade.failed", { path: request.url?.split("?", 1)[0], error });
        refuse(socket, problem, options.languageOf(request));
      });
    },
    close: () => closing.abort(new Error("the server is stopping")),
    idle: () => new Promise((resolve) => {
      if (sockets.size === 0) return resolve();
      const settle = (): void => {
        waiting.delete(settle);
        resolve();
      };
      waiting.add(settle);
    }),
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function refuse(socket: Duplex, problem: Problem, language: Language): void {
  if (socket.destroyed) return;
  const body = JSON.stringify(problemDocument(problem, language));
  const headers = {
    ...problem.options.headers,
    Connection: "close",
    "Content-Type": "application/problem+json; charset=utf-8",
    "Content-Length": String(Buffer.byteLength(body)),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  socket.end(`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? "Refused"}\r\n${lines}\r\n${body}`, () => socket.destroy());
}

import pino from "pino";
import { humanLine } from "./human-line.ts";
import { redactFields, redactText } from "./redact.ts";

export type LogFields = Readonly<Record<string, unknown>>;

/** Events with fields; never sentences built from values. */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** A logger whose lines all carry these fields. */
  child(fields: LogFields): Logger;
}

export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Where lines go; `process.stderr` and any Writable fit. */
export interface LogDestination {
  write(line: string): unknown;
  readonly isTTY?: boolean;
}

export interface LoggerOptions {
  readonly level?: LogLevel;
  /** Standard error when absent. */
  readonly destination?: LogDestination;
  /** A short line for people instead of JSON; where absent, on a terminal only. */
  readonly pretty?: boolean;
  /** Colours in lines for people. */
  readonly color?: boolean;
}

/** Lines of JSON (or for people on a terminal). Secrets and credentials in URLs are taken out of every field, at any depth that is written. */
export function createLogger(options: LoggerOptions = {}): Logger {
  const destination = options.destination ?? process.stderr;
  const pretty = options.pretty ?? destination.isTTY === true;
  const stream = pretty
    ? { write: (line: string) => void destination.write(humanLine(JSON.parse(line) as Record<string, unknown>, options.color ?? false)) }
    : { write: (line: string) => void destination.write(line) };
  const root = pino(
    {
      level: options.level ?? "info",
      base: null,
      messageKey: "event",
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
  return narrow(root);
}

/** Says nothing. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silentLogger };

function narrow(logger: pino.Logger): Logger {
  const at = (level: "debug" | "info" | "warn" | "error") => (event: string, fields?: LogFields) => {
    if (!logger.isLevelEnabled(level)) return;
    if (fields === undefined) logger[level](redactText(event));
    else logger[level](redactFields(fields), redactText(event));
  };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (fields) => narrow(logger.child(redactFields(fields))),
  };
}

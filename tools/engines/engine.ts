/** The servers that Caudal's cluster runs on. */
export const engineNames = ["kafka", "registry", "redis", "mongo", "cassandra", "mosquitto"] as const;
export type EngineName = (typeof engineNames)[number];

/** One server process on loopback, ours to end. */
export interface EngineNode {
  readonly host: string;
  readonly port: number;
  /** Of the process that runs now; undefined while none does. */
  readonly pid: number | undefined;
  /** Folder of its data, configuration and log. */
  readonly folder: string;
  /** `kill -9`; resolves when the process is gone. */
  kill(): Promise<void>;
  /** A clean stop; `kill` after a while. */
  stop(): Promise<void>;
  /** Starts it again on the same port and data; resolves when it answers. */
  start(): Promise<void>;
  /** SIGSTOP; resolves when the process stands. */
  pause(): Promise<void>;
  /** SIGCONT. */
  resume(): void;
}

/** One engine of one or three nodes. */
export interface Engine {
  readonly name: EngineName;
  /** As Caudal's settings take it. */
  readonly url: string;
  readonly nodes: readonly EngineNode[];
  /** Stops every node; data stays unless the engine was started for a test. */
  stop(): Promise<void>;
}

import type { Stored } from "./receiver-words.ts";

/** A process that receives messages, and what is asked of it. */
export interface Receiver {
  readonly name: string;
  readonly pid: number;
  /** Where its messages are sent to: mqtt://host:port. */
  readonly url: string;
  /** First level of its topics; all of one length, so that all messages are. */
  readonly root: string;
  /** Resolves when it took and acknowledged so many messages since its start. */
  through(messages: number): Promise<void>;
  /** What it kept; nothing where it drops. */
  stored(): Promise<Stored>;
  stop(): Promise<void>;
}

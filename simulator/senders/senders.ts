import { dropFolderSender, type DropDestination } from "./drop-folder.ts";
import { httpSender, type HttpDestination } from "./http.ts";
import { memorySender, type MemoryDestination } from "./memory.ts";
import { mqttSender, type MqttDestination } from "./mqtt.ts";
import type { Sender } from "./sender.ts";

export type Destination = MqttDestination | HttpDestination | DropDestination | MemoryDestination;

/** What all senders of a run have in common. */
export interface SenderContext {
  readonly client: string;
  /** Of this run alone: names files, connections and requests. */
  readonly runId: string;
}

export function openSender(destination: Destination, context: SenderContext): Sender {
  switch (destination.over) {
    case "mqtt":
      return mqttSender(destination, context);
    case "http":
      return httpSender(destination, context);
    case "drop":
      return dropFolderSender(destination, context);
    case "memory":
      return memorySender(destination);
  }
}

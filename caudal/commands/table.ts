import type { TextKey } from "@caudal/runtime";
import type { Command } from "../commandline/command.ts";
import { demoClear } from "./demo.ts";
import { devicesAdopt, devicesLs } from "./devices.ts";
import { doctor } from "./doctor.ts";
import { mqttTry } from "./mqtt.ts";
import { parkedLs, parkedReplay, parkedShow } from "./parked.ts";
import { pointsLs, pointsSet, pointsShow } from "./points.ts";
import { schemaCheck } from "./schema.ts";
import { send } from "./send.ts";
import { tail } from "./tail.ts";
import { tokensCreate, tokensLs, tokensRevoke } from "./tokens.ts";
import { up } from "./up.ts";

/** A noun with its verbs; a command without verbs is its own noun. */
export interface CommandGroup {
  readonly noun: string;
  readonly summary: TextKey;
  readonly commands: readonly Command[];
}

/** Every command, in the order that help shows them. */
export const commandTable: readonly CommandGroup[] = [
  { noun: "up", summary: "cli.up", commands: [up] },
  { noun: "doctor", summary: "cli.doctor", commands: [doctor] },
  { noun: "send", summary: "cli.send", commands: [send] },
  { noun: "tail", summary: "cli.tail", commands: [tail] },
  { noun: "points", summary: "cli.points", commands: [pointsLs, pointsShow, pointsSet] },
  { noun: "devices", summary: "cli.devices", commands: [devicesLs, devicesAdopt] },
  { noun: "parked", summary: "cli.parked", commands: [parkedLs, parkedShow, parkedReplay] },
  { noun: "schema", summary: "cli.schema", commands: [schemaCheck] },
  { noun: "mqtt", summary: "cli.mqtt", commands: [mqttTry] },
  { noun: "demo", summary: "cli.demo", commands: [demoClear] },
  { noun: "tokens", summary: "cli.tokens", commands: [tokensCreate, tokensLs, tokensRevoke] },
];

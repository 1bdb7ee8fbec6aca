import type { TextKey } from "@caudal/runtime";
import type { Command } from "../commandline/command.ts";
import { auditPack, auditVerify } from "./audit.ts";
import { backfill } from "./backfill.ts";
import { backupCreate, backupDrill, backupLs, backupRestore } from "./backup.ts";
import { balance } from "./balance.ts";
import { clientsCreate, clientsErase, clientsLs } from "./clients.ts";
import { configApply, configDiff, configExport } from "./config.ts";
import { correct } from "./correct.ts";
import { demoClear } from "./demo.ts";
import { devicesFeed, devicesFeeds } from "./device-feeds.ts";
import { devicesAdopt, devicesLs } from "./devices.ts";
import { dgaCredentials } from "./dga-credentials.ts";
import { dgaResume, dgaStop, dgaSwitch, dgaWriteOff } from "./dga-decisions.ts";
import { dgaImport } from "./dga-import.ts";
import { dgaObras } from "./dga-obras.ts";
import { dgaPlan } from "./dga-plan.ts";
import { dgaForgetRehearsal } from "./dga-rehearsal.ts";
import { dgaReview } from "./dga-review.ts";
import { dgaRun } from "./dga-run.ts";
import { dgaLedger, dgaSlots, dgaStatus } from "./dga-status.ts";
import { dgaVerify } from "./dga-verify.ts";
import { doctor } from "./doctor.ts";
import { mqttTry } from "./mqtt.ts";
import { parkedLs, parkedReplay, parkedShow } from "./parked.ts";
import { pointsLs, pointsSet, pointsShow } from "./points.ts";
import { providersLs, providersStatus, providersTry } from "./providers.ts";
import { replay } from "./replay.ts";
import { rulesTry } from "./rules.ts";
import { sandboxDga } from "./regulator-sandbox.ts";
import { sandboxProviders } from "./sandbox.ts";
import { schemaCheck } from "./schema.ts";
import { send } from "./send.ts";
import { analytics, archiver, business, collector, compliance, processor, web } from "./services.ts";
import { simulate } from "./simulate.ts";
import { tail } from "./tail.ts";
import { tiersForget, tiersPack, tiersRepair, tiersStatus, tiersVerify } from "./tiers.ts";
import { tokensCreate, tokensLs, tokensRevoke } from "./tokens.ts";
import { totaliserConfirm, totaliserCorrect, totaliserLs, totaliserRecounts, totaliserUndo } from "./totaliser.ts";
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
  { noun: "collector", summary: "cli.collector", commands: [collector] },
  { noun: "processor", summary: "cli.processor", commands: [processor] },
  { noun: "archiver", summary: "cli.archiver", commands: [archiver] },
  { noun: "analytics", summary: "cli.analytics", commands: [analytics] },
  { noun: "business", summary: "cli.business", commands: [business] },
  { noun: "compliance", summary: "cli.compliance", commands: [compliance] },
  { noun: "web", summary: "cli.web", commands: [web] },
  { noun: "doctor", summary: "cli.doctor", commands: [doctor] },
  { noun: "send", summary: "cli.send", commands: [send] },
  { noun: "tail", summary: "cli.tail", commands: [tail] },
  { noun: "points", summary: "cli.points", commands: [pointsLs, pointsShow, pointsSet] },
  { noun: "totaliser", summary: "cli.totaliser", commands: [totaliserLs, totaliserConfirm, totaliserCorrect, totaliserUndo, totaliserRecounts] },
  { noun: "balance", summary: "cli.balance", commands: [balance] },
  { noun: "correct", summary: "cli.correct", commands: [correct] },
  { noun: "config", summary: "cli.config", commands: [configExport, configDiff, configApply] },
  { noun: "devices", summary: "cli.devices", commands: [devicesLs, devicesAdopt, devicesFeeds, devicesFeed] },
  { noun: "parked", summary: "cli.parked", commands: [parkedLs, parkedShow, parkedReplay] },
  { noun: "replay", summary: "cli.replay", commands: [replay] },
  { noun: "rules", summary: "cli.rules", commands: [rulesTry] },
  { noun: "schema", summary: "cli.schema", commands: [schemaCheck] },
  { noun: "mqtt", summary: "cli.mqtt", commands: [mqttTry] },
  { noun: "providers", summary: "cli.providers", commands: [providersLs, providersStatus, providersTry] },
  { noun: "backfill", summary: "cli.backfill", commands: [backfill] },
  { noun: "dga", summary: "cli.dga", commands: [dgaStatus, dgaSlots, dgaLedger, dgaPlan, dgaRun, dgaVerify, dgaReview, dgaStop, dgaResume, dgaWriteOff, dgaSwitch, dgaObras, dgaImport, dgaCredentials, dgaForgetRehearsal] },
  { noun: "audit", summary: "cli.audit", commands: [auditVerify, auditPack] },
  { noun: "simulate", summary: "cli.simulate", commands: [simulate] },
  { noun: "sandbox", summary: "cli.sandbox", commands: [sandboxProviders, sandboxDga] },
  { noun: "tiers", summary: "cli.tiers", commands: [tiersStatus, tiersVerify, tiersRepair, tiersForget, tiersPack] },
  { noun: "clients", summary: "cli.clients", commands: [clientsLs, clientsCreate, clientsErase] },
  { noun: "backup", summary: "cli.backup", commands: [backupCreate, backupLs, backupRestore, backupDrill] },
  { noun: "demo", summary: "cli.demo", commands: [demoClear] },
  { noun: "tokens", summary: "cli.tokens", commands: [tokensCreate, tokensLs, tokensRevoke] },
];

import { analyticsSettings } from "@caudal/analytics";
import { archiverSettings } from "@caudal/archiver";
import { businessSettings } from "@caudal/business";
import { complianceSettings } from "@caudal/compliance";
import { collectorSettings } from "@caudal/collector";
import { processorSettings } from "@caudal/processor";
import { parseSettings, settingOrigins, type SettingOrigin, type SettingSources, type SettingsOf } from "@caudal/runtime";
import { engineSettings, embeddedChoice, localBroker, localEngines, type EngineSettings } from "../engine-settings.ts";
import { installationSettings, type InstallationSettings } from "../settings.ts";
import type { EngineChoices } from "./open-ports.ts";
import { portNames } from "./ports.ts";

/** Every component's settings, in the order that the documents show them. */
export const settingsSpecs = [installationSettings, engineSettings, collectorSettings, processorSettings, archiverSettings, analyticsSettings, businessSettings, complianceSettings] as const;

export interface Settings {
  readonly installation: InstallationSettings;
  /** What fills each port. */
  readonly choices: EngineChoices;
  readonly collector: SettingsOf<typeof collectorSettings>;
  readonly processor: SettingsOf<typeof processorSettings>;
  readonly archiver: SettingsOf<typeof archiverSettings>;
  readonly analytics: SettingsOf<typeof analyticsSettings>;
  readonly business: SettingsOf<typeof businessSettings>;
  readonly compliance: SettingsOf<typeof complianceSettings>;
  /** Who decided the ports: a default that is taken moves on, one that was asked for does not. */
  readonly origins: { readonly http: SettingOrigin; readonly mqtt: SettingOrigin };
}

/** Fails with CaudalError "setting", which names what is wrong. */
export function parseAllSettings(given: SettingSources): Settings {
  const engines = parseSettings(engineSettings, given);
  const sources = engines.engines ? withLocalBroker(given) : given;
  return {
    installation: parseSettings(installationSettings, sources),
    choices: choicesOf(engines),
    collector: parseSettings(collectorSettings, sources),
    processor: parseSettings(processorSettings, sources),
    archiver: parseSettings(archiverSettings, sources),
    analytics: parseSettings(analyticsSettings, sources),
    business: parseSettings(businessSettings, sources),
    compliance: parseSettings(complianceSettings, sources),
    origins: { http: settingOrigins(installationSettings, sources).http, mqtt: settingOrigins(collectorSettings, sources).mqtt },
  };
}

/** The engine of each port: what was set; else the server on this machine where `engines` is on; else the embedded one. */
function choicesOf({ engines: local, ...set }: EngineSettings): EngineChoices {
  const servers = parseSettings(engineSettings, { env: Object.fromEntries(portNames.map((name) => [engineSettings.rows[name].env, localEngines[name]])) });
  return Object.fromEntries(portNames.map((name) => [name, set[name] ?? (local ? servers[name] : undefined) ?? embeddedChoice])) as unknown as EngineChoices;
}

/** The broker of this machine takes the place of the built-in one, unless somebody said otherwise. */
function withLocalBroker(sources: SettingSources): SettingSources {
  const isSet = settingOrigins(collectorSettings, sources).mqtt !== "default";
  return isSet ? sources : { ...sources, env: { ...sources.env, [collectorSettings.rows.mqtt.env]: localBroker } };
}

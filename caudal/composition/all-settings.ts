import { analyticsSettings } from "@caudal/analytics";
import { archiverSettings } from "@caudal/archiver";
import { collectorSettings } from "@caudal/collector";
import { processorSettings } from "@caudal/processor";
import { parseSettings, settingOrigins, type SettingOrigin, type SettingSources, type SettingsOf } from "@caudal/runtime";
import { installationSettings, type InstallationSettings } from "../settings.ts";

/** Every component's settings, in the order that the documents show them. */
export const settingsSpecs = [installationSettings, collectorSettings, processorSettings, archiverSettings, analyticsSettings] as const;

export interface Settings {
  readonly installation: InstallationSettings;
  readonly collector: SettingsOf<typeof collectorSettings>;
  readonly processor: SettingsOf<typeof processorSettings>;
  readonly archiver: SettingsOf<typeof archiverSettings>;
  readonly analytics: SettingsOf<typeof analyticsSettings>;
  /** Who decided the ports: a default that is taken moves on, one that was asked for does not. */
  readonly origins: { readonly http: SettingOrigin; readonly mqtt: SettingOrigin };
}

export function parseAllSettings(sources: SettingSources): Settings {
  return {
    installation: parseSettings(installationSettings, sources),
    collector: parseSettings(collectorSettings, sources),
    processor: parseSettings(processorSettings, sources),
    archiver: parseSettings(archiverSettings, sources),
    analytics: parseSettings(analyticsSettings, sources),
    origins: { http: settingOrigins(installationSettings, sources).http, mqtt: settingOrigins(collectorSettings, sources).mqtt },
  };
}

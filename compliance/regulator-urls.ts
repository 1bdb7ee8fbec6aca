import { CaudalError } from "@caudal/core";
import { isLoopback } from "@caudal/runtime";
import { officialUrl, regulatorNames, type RegulatorName } from "./regulators/regulators.ts";
import { complianceSettings, type ComplianceSettings } from "./settings.ts";

/** Where the regulators' own APIs are. */
export const officialUrls = Object.fromEntries(regulatorNames.map((name) => [name, officialUrl(name)])) as Readonly<Record<RegulatorName, string>>;
const GOVERNMENT = /(^|\.)gob\.cl$/;

/**
 * Where each regulator is asked: undefined where nothing is sent to it. Fails with "setting" when a mode other than live names a host of the government, so that nothing gets there by a slip, and
 * when passwords would leave this machine unencrypted.
 */
export function regulatorUrls(settings: Pick<ComplianceSettings, "mode" | `${RegulatorName}Url`>, sandbox: Partial<Record<RegulatorName, string>>): Readonly<Record<RegulatorName, string | undefined>> {
  const { mode } = settings;
  const urlOf = (regulator: RegulatorName): string | undefined => {
    if (mode === "off" || mode === "shadow") return undefined;
    const url = settings[`${regulator}Url`] ?? (mode === "live" ? officialUrls[regulator] : sandbox[regulator]);
    if (url === undefined) return undefined;
    const { hostname, protocol } = new URL(url);
    const env = complianceSettings.rows[`${regulator}Url`].env;
    if (mode === "sandbox" && GOVERNMENT.test(hostname)) throw new CaudalError("setting", `${env} names ${hostname} while CAUDAL_DGA_MODE is sandbox; set CAUDAL_DGA_MODE=live to reach a regulator, or name a sandbox`);
    if (protocol !== "https:" && mode === "live" && !isLoopback(hostname)) throw new CaudalError("setting", `${env} is not https: passwords would be sent in clear to ${hostname}`);
    return url;
  };
  return Object.fromEntries(regulatorNames.map((name) => [name, urlOf(name)])) as Record<RegulatorName, string | undefined>;
}

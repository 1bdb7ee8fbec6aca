import type { z } from "zod";
import type { Text } from "../texts/language.ts";

/** One setting. A flag beats the environment, which beats the default. */
export interface SettingRow<S extends z.ZodType = z.ZodType> {
  /** Environment variable: `CAUDAL_MQTT`. With `secret`, `CAUDAL_MQTT_FILE` names a file that holds the value. */
  readonly env: string;
  /** Command-line flag with its dashes: `--mqtt`. */
  readonly flag?: string;
  /** Parses the text that a person wrote. */
  readonly schema: S;
  /** As a person would write it; parsed by the schema like any other. Absent: the setting may be undefined, unless `required`. */
  readonly default?: string;
  readonly required?: true;
  readonly doc: Text;
  /** Never shown, and may come from a file. */
  readonly secret?: true;
  /** Shown in the sample file where there is no default. */
  readonly example?: string;
}

export type SettingRows = Readonly<Record<string, SettingRow>>;

/** What one component can be told. */
export interface SettingsSpec<R extends SettingRows = SettingRows> {
  readonly component: string;
  readonly rows: R;
}

type ValueOf<Row extends SettingRow> = Row extends { readonly default: string } | { readonly required: true }
  ? z.output<Row["schema"]>
  : z.output<Row["schema"]> | undefined;

/** The parsed values of a spec. */
export type SettingsOf<Spec extends SettingsSpec> = { readonly [K in keyof Spec["rows"]]: ValueOf<Spec["rows"][K]> };

/** Declares the settings of a component. Throws when a name, a default or an example does not fit: a bug. */
export function defineSettings<const R extends SettingRows>(spec: SettingsSpec<R>): SettingsSpec<R> {
  for (const [name, row] of Object.entries(spec.rows)) {
    if (!/^[A-Z][A-Z0-9_]*$/.test(row.env)) throw new Error(`${name}: ${row.env} is not a name for an environment variable`);
    if (row.flag !== undefined && !/^--[a-z][a-z0-9-]*$/.test(row.flag)) throw new Error(`${name}: ${row.flag} is not a flag`);
    if (row.default !== undefined && !row.schema.safeParse(row.default).success) throw new Error(`${name}: the default does not fit its own schema`);
    if (row.example !== undefined && row.example !== "" && !row.schema.safeParse(row.example).success) throw new Error(`${name}: the example does not fit its own schema`);
  }
  return spec;
}

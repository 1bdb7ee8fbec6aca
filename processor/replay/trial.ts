import { changedPeriods, configurationBody, limitNames, RefusedChange, type Configuration, type LimitName, type LimitPeriod, type SettingsChange, type VariableConfig } from "@caudal/core";
import type { PointEvent } from "@caudal/schemas";
import { eventKinds } from "../events.ts";
import { readConfiguration } from "../judging/configuration.ts";

/** Limits and settings in place of those in force. Absent ones stay; null is none. */
export interface TriedConfiguration {
  /** By variable. They hold for the whole past. */
  readonly variables?: Readonly<Record<string, { readonly [N in LimitName]?: number | null | undefined }>> | undefined;
  readonly settings?: readonly SettingsChange[] | undefined;
}

/** What is tried: for every point, and beside it for some by their ids. */
export interface TriedRules extends TriedConfiguration {
  readonly points?: Readonly<Record<string, TriedConfiguration>> | undefined;
}

/** A point's past judged as if it had always been configured otherwise: each configuration that the past holds is met with the change made to it. */
export class Trial {
  readonly #rules: TriedRules;

  /** Throws RefusedChange for a setting that cannot be. */
  constructor(rules: TriedRules) {
    this.#rules = rules;
    for (const [point, tried] of [["", rules] as const, ...Object.entries(rules.points ?? {})]) {
      try {
        changed(nothing, tried);
      } catch (error) {
        if (point === "" || !(error instanceof RefusedChange)) throw error;
        throw new RefusedChange(error.why, { ...error.place, field: `points.${point}.${error.place.field}` }, error.message);
      }
    }
  }

  /** Before the first event of a point. */
  initial(point: string): Configuration {
    return this.#of(point, nothing);
  }

  event(event: PointEvent): PointEvent {
    if (event.kind !== eventKinds.configuration) return event;
    const given = readConfiguration(event.body);
    if (given.kind !== "keep") return event;
    const { variables, periods, limits } = this.#of(event.point, given.value);
    return { ...event, body: configurationBody({ variables, settings: periods, ...(limits === undefined ? {} : { limits }) }) };
  }

  #of(point: string, configuration: Configuration): Configuration {
    const own = this.#rules.points?.[point];
    const all = changed(configuration, this.#rules);
    return own === undefined ? all : changed(all, own);
  }
}

const nothing: Configuration = { variables: {}, periods: [] };

function changed({ variables, periods, limits: given }: Configuration, { variables: limits = {}, settings = [] }: TriedConfiguration): Configuration {
  const after: Record<string, VariableConfig> = { ...variables };
  for (const [variable, change] of Object.entries(limits)) after[variable] = changedLimits(after[variable] ?? {}, change);
  // No period says anything of a limit that is tried for the whole past.
  const others = given?.map((period): LimitPeriod => ({ ...period, values: Object.fromEntries(Object.entries(period.values).filter(([name]) => limits[period.variable]?.[name as LimitName] === undefined)) }));
  return { variables: after, ...(others === undefined ? {} : { limits: others }), periods: settings.length === 0 ? periods : changedPeriods(periods, settings, { by: "trial", atUs: 0 }) };
}

function changedLimits(limits: VariableConfig, change: Readonly<Partial<Record<LimitName, number | null | undefined>>>): VariableConfig {
  const after: Partial<Record<LimitName, number>> = { ...limits };
  for (const name of limitNames) {
    const value = change[name];
    if (value === null) delete after[name];
    else if (value !== undefined) after[name] = value;
  }
  return after;
}

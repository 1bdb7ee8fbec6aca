import { FactList, type PointKey, type Words } from "@caudal/core";
import type { Measurement } from "@caudal/schemas";
import { hourOf, type TierKeys } from "./keys.ts";

/** What one write to a point brings: facts as they came, by hour. */
export interface PointJob {
  readonly key: PointKey;
  /** Name of the point's state in Redis. */
  readonly name: string;
  /** Received time of the first measurement that the batch has of the point: it begins the floor if nothing did before. */
  readonly receivedAtUs: number;
  /** Facts of the whole batch, shared by its jobs: arrays of their own for each point and hour would cost more than all else. */
  readonly facts: FactList;
  readonly hours: HourJob[];
}

export interface HourJob {
  readonly hour: number;
  /** Of the batch's facts, in the order they came. */
  readonly indexes: number[];
}

/** Hours of one job, since they are written by one script and may all have to be read first. */
const MAX_HOURS = 64;

interface Place {
  job: PointJob;
  /** Of all of the point's jobs, the one used last at the end as a rule. */
  readonly hours: HourJob[];
}

/** Measurements by point and hour; a point with facts in many hours has several jobs. */
export function jobsOf(batch: readonly Measurement[], keys: TierKeys, words: Words): PointJob[] {
  const jobs: PointJob[] = [];
  const places = new Map<string, Place>();
  const facts = new FactList(batch.reduce((count, measurement) => count + measurement.facts.length, 0));
  const newJob = (key: PointKey, name: string, receivedAtUs: number): PointJob => {
    const job = { key, name, receivedAtUs, facts, hours: [] };
    jobs.push(job);
    return job;
  };
  for (const measurement of batch) {
    if (measurement.facts.length === 0) continue;
    const { client, point, receivedAtUs } = measurement;
    const id = `${client}\0${point}`;
    let place = places.get(id);
    if (place === undefined) places.set(id, (place = { job: newJob({ client, point }, keys.state(client, point), receivedAtUs), hours: [] }));
    addFacts(facts, measurement, words, hourJob(place, hourOf(measurement.instantUs), newJob).indexes);
  }
  return jobs;
}

function hourJob(place: Place, hour: number, newJob: (key: PointKey, name: string, receivedAtUs: number) => PointJob): HourJob {
  const known = place.hours.findLast((one) => one.hour === hour);
  if (known !== undefined) return known;
  const { key, name, receivedAtUs, hours } = place.job;
  if (hours.length === MAX_HOURS) place.job = newJob(key, name, receivedAtUs);
  const added = { hour, indexes: [] };
  place.hours.push(added);
  place.job.hours.push(added);
  return added;
}

function addFacts(facts: FactList, { instantUs, authority, knownAtUs, facts: some }: Measurement, words: Words, indexes: number[]): void {
  for (const { variable, value, flag, reasons } of some) {
    const at = facts.length++;
    facts.instants[at] = instantUs;
    facts.variables[at] = words.idOf(variable);
    facts.values[at] = value ?? NaN;
    facts.flags[at] = flag;
    facts.authorities[at] = authority;
    facts.knownAts[at] = knownAtUs;
    facts.reasons[at] = words.idOfReasons(reasons);
    indexes.push(at);
  }
}

import type { PointJob } from "./batch-jobs.ts";

/** Points and hours of one round, which all may have to be read first. */
const ROUND_POINTS = 512;
const ROUND_HOURS = 256;

/** Jobs that go together: each point once, and a bounded number of points and hours. */
export function roundsOf(jobs: readonly PointJob[]): PointJob[][] {
  const rounds: { readonly jobs: PointJob[]; readonly points: Set<string>; hours: number }[] = [];
  for (const job of jobs) {
    const last = rounds.at(-1);
    const fits = last !== undefined && last.jobs.length < ROUND_POINTS && last.hours + job.hours.length <= ROUND_HOURS && !last.points.has(job.name);
    const round = fits ? last : { jobs: [], points: new Set<string>(), hours: 0 };
    if (!fits) rounds.push(round);
    round.jobs.push(job);
    round.points.add(job.name);
    round.hours += job.hours.length;
  }
  return rounds.map((round) => round.jobs);
}

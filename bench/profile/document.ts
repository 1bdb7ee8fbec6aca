import type { FullPathProfile } from "./profile.ts";

/** Parts below this are told together. */
const LEAST_US = 0.5;
const OTHERS = "all others";

/** The profiles side by side, the oldest first, as Markdown. */
export function profileDocument(profiles: readonly FullPathProfile[]): string {
  const columns = ["µs of CPU a reading", ...profiles.map(({ name }) => name)];
  const table = (rows: readonly (readonly string[])[]): string[] => [`| ${columns.join(" | ")} |`, `|---|${profiles.map(() => "---:|").join("")}`, ...rows.map((row) => `| ${row.join(" | ")} |`)];
  const row = (title: string, of: (profile: FullPathProfile) => number | undefined, digits = 1): string[] => [title, ...profiles.map((profile) => of(profile)?.toFixed(digits) ?? "–")];
  const threads = namesOf(profiles.map(({ threadsUs }) => threadsUs));
  const parts = namesOf(profiles.map(({ mainUs }) => withOthers(mainUs)));
  return [
    "# Where the time of a reading goes",
    "",
    "Written by `node bench/profile/main.ts --name NAME`, which plays readings of three values by MQTT with QoS 1 into `caudal up` with nothing but itself, as fast as they are acknowledged, until all",
    "three tiers have them; `--root DIR` measures another checkout. CPU time is counted without a profiler; where the main thread's goes is seen in a second run with one, and counts to the folder of ours",
    "that called what spent it.",
    "",
    ...profiles.map(({ name, machine, points, seconds }) => `- **${name}**: ${machine}; ${points.toLocaleString("en")} points, ${seconds} s.`),
    "",
    "## By thread",
    "",
    ...table([...threads.map((what) => row(what, ({ threadsUs }) => threadsUs[what])), row("**together**", ({ cpuUs }) => cpuUs), row("readings/s, through", ({ readingsPerS }) => readingsPerS, 0), row("resident, MB", ({ residentMb }) => residentMb, 0)]),
    "",
    "## The main thread, by what it is spent for",
    "",
    ...table(parts.map((part) => row(part, ({ mainUs }) => withOthers(mainUs)[part]))),
    "",
  ].join("\n");
}

function withOthers(us: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const told = Object.entries(us).filter(([, value]) => value >= LEAST_US);
  const others = Object.values(us).reduce((sum, value) => sum + value, 0) - told.reduce((sum, [, value]) => sum + value, 0);
  return { ...Object.fromEntries(told), [OTHERS]: others };
}

/** Names that any of them has, the dearest first, what is told together last. */
function namesOf(all: readonly Readonly<Record<string, number>>[]): string[] {
  const most = new Map<string, number>();
  for (const one of all) for (const [name, us] of Object.entries(one)) most.set(name, Math.max(most.get(name) ?? 0, name === OTHERS ? -1 : us));
  return [...most].sort(([, a], [, b]) => b - a).map(([name]) => name);
}

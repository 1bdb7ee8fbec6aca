import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createHeldClock } from "../clock/held-clock.ts";
import { Problem } from "../http/problem.ts";
import { silentLogger } from "../log/logger.ts";
import { createJobs, type JobRun, type Jobs, type JobView } from "./jobs.ts";

/** Work that a test ends. */
function held(): { readonly work: (run: JobRun) => Promise<object>; readonly begun: Promise<JobRun>; end(result: object): void; fail(error: Error): void } {
  const begun = Promise.withResolvers<JobRun>();
  const result = Promise.withResolvers<object>();
  return {
    work: (run) => {
      begun.resolve(run);
      run.signal.addEventListener("abort", () => result.reject(new Error("told to stop")));
      return result.promise;
    },
    begun: begun.promise, end: result.resolve, fail: result.reject,
  };
}

async function ended(jobs: Jobs, id: string): Promise<JobView> {
  for (;;) {
    const view = jobs.get(id);
    if (view !== undefined && view.state !== "running") return view;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("jobs", () => {
  test("show how far they are, how fast, and how long it takes yet", async () => {
    const clock = createHeldClock();
    const jobs = createJobs({ clock, logger: silentLogger });
    const { work, begun, end } = held();
    const { id } = jobs.start("verify", work);
    const { progress } = await begun;
    await clock.advance(2000);
    progress({ done: 10, total: 40, unit: "days" });
    const running = jobs.get(id);
    assert.deepEqual([running?.state, running?.ratePerS, running?.etaS], ["running", 5, 6]);
    progress({ done: 10, total: null, unit: "days" });
    assert.equal(jobs.get(id)?.etaS, null);
    end({ differences: 0 });
    const done = await ended(jobs, id);
    assert.deepEqual([done.state, done.result, done.error, done.endedAt], ["done", { differences: 0 }, null, "2024-01-01T00:00:02.000Z"]);
  });

  test("run one of a kind at once, and tell their failure", async () => {
    const jobs = createJobs({ clock: createHeldClock(), logger: silentLogger });
    const { work, fail } = held();
    const { id } = jobs.start("verify", work);
    assert.throws(() => jobs.start("verify", work), (error) => error instanceof Problem && error.code === "job-running");
    jobs.start("repair", async () => ({}));
    fail(new Error("the store is away"));
    assert.deepEqual([(await ended(jobs, id)).state, jobs.get(id)?.error], ["failed", "the store is away"]);
    assert.notEqual(jobs.start("verify", async () => ({})).id, id);
  });

  test("end when cancelled or when the process stops, and none starts after", async () => {
    const jobs = createJobs({ clock: createHeldClock(), logger: silentLogger });
    const first = jobs.start("verify", held().work);
    assert.equal(jobs.cancel(first.id), true);
    assert.equal((await ended(jobs, first.id)).state, "cancelled");
    assert.deepEqual([jobs.cancel(first.id), jobs.cancel("none")], [false, false]);
    const second = jobs.start("repair", held().work);
    await jobs.stop(1000);
    assert.equal(jobs.get(second.id)?.state, "cancelled");
    assert.throws(() => jobs.start("repair", held().work), (error) => error instanceof Problem && error.code === "closed");
  });

  test("keep the newest fifty that ended", async () => {
    const jobs = createJobs({ clock: createHeldClock(), logger: silentLogger });
    const ids: string[] = [];
    for (let at = 0; at < 55; at += 1) {
      const { id } = jobs.start("verify", async () => ({ at }));
      ids.push((await ended(jobs, id)).id);
    }
    assert.deepEqual(jobs.list().map(({ id }) => id), ids.slice(5).reverse());
  });
});

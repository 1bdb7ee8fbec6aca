import assert from "node:assert/strict";
import { hasCode, type Assignment } from "@caudal/core";
import { byNumber, Door, numbered, record, Recorder, type SceneTest } from "./scene.ts";

const stale = (error: unknown): boolean => hasCode(error, "stale-generation");

export function sharingTests(test: SceneTest): void {
  test("members share the partitions; each join and leave deals them anew, and no record is left out", async (scene) => {
    const topic = await scene.topic({ partitions: 4 });
    const [a, b] = [new Recorder(), new Recorder()];
    const first = await scene.log.consume({ topic, group: "g", handler: a });
    await scene.eventually(() => assert.equal(first.owned().length, 4));
    await scene.log.publish(topic, numbered(50, "alone"));
    const second = await (await scene.second()).consume({ topic, group: "g", handler: b });
    await scene.log.publish(topic, numbered(50, "joining"));
    await scene.eventually(() => assert.deepEqual([first.owned().length, second.owned().length], [2, 2]));
    assert.deepEqual([...first.owned(), ...second.owned()].sort(), [0, 1, 2, 3]);
    await scene.log.publish(topic, numbered(50, "both"));
    await scene.eventually(async () => assert.equal(await scene.lag(topic, "g"), 0));
    assert.ok(a.values().some((value) => value.startsWith("both")) && b.values().some((value) => value.startsWith("both")));
    await second.close();
    assert.deepEqual(second.owned(), []);
    await scene.log.publish(topic, numbered(50, "left"));
    await scene.eventually(() => assert.equal(first.owned().length, 4));
    await scene.eventually(async () => assert.equal(await scene.lag(topic, "g"), 0));
    const handled = new Set([...a.values(), ...b.values()]);
    for (const prefix of ["alone", "joining", "both", "left"]) {
      assert.deepEqual(byNumber([...handled].filter((value) => value.startsWith(prefix))), numbered(50, prefix).map(({ value }) => new TextDecoder().decode(value)));
    }
    assert.equal(a.overlapped || b.overlapped, false);
  });

  test("a partition has one owner a generation, and generations grow", async (scene) => {
    const topic = await scene.topic({ partitions: 3 });
    const recorders = [new Recorder(), new Recorder(), new Recorder()];
    const second = await scene.second();
    const members = await Promise.all(recorders.map((handler, at) => (at === 1 ? second : scene.log).consume({ topic, group: "g", handler })));
    await scene.eventually(() => assert.deepEqual(members.map((member) => member.owned().length), [1, 1, 1]));
    await members[0]?.close();
    await scene.eventually(() => assert.equal(members.slice(1).flatMap((member) => member.owned()).length, 3));
    const owners = new Map<string, number>();
    for (const recorder of recorders) {
      for (const { partition, generation } of recorder.gained) owners.set(`${generation}/${partition}`, (owners.get(`${generation}/${partition}`) ?? 0) + 1);
      const generations = recorder.gained.map(({ generation }) => generation);
      assert.deepEqual(generations, [...generations].sort((x, y) => x - y));
    }
    assert.ok([...owners.values()].every((count) => count === 1), JSON.stringify([...owners]));
  });

  test("members that come and go while records flow leave none out", async (scene) => {
    const topic = await scene.topic({ partitions: 6 });
    const stays = new Recorder();
    await scene.log.consume({ topic, group: "g", handler: stays, maxBatchRecords: 20 });
    const guests: Recorder[] = [];
    const second = await scene.second();
    for (let round = 0; round < 6; round += 1) {
      const guest = new Recorder();
      guests.push(guest);
      const visit = await second.consume({ topic, group: "g", handler: guest, maxBatchRecords: 20 });
      await Promise.all([0, 1].map((i) => scene.log.publish(topic, numbered(50, `round${round}.${i}-`))));
      // Every other guest stays until it has its share; where joining takes a moment, the first records may all have gone to the other.
      if (round % 2 === 0) await scene.eventually(() => assert.ok(visit.owned().length > 0));
      await Promise.all([2, 3].map((i) => scene.log.publish(topic, numbered(50, `round${round}.${i}-`))));
      if (round % 2 === 0) await scene.eventually(() => assert.ok(guest.values().length > 0, "the guest gets its share"));
      await visit.close();
    }
    await scene.eventually(async () => assert.equal(await scene.lag(topic, "g"), 0));
    const handled = new Set([stays, ...guests].flatMap((recorder) => recorder.values()));
    assert.equal(handled.size, 6 * 4 * 50);
    assert.ok([stays, ...guests].every(({ overlapped }) => !overlapped));
  });

  test("an owner is told that its partition goes, may commit then, and not after", async (scene) => {
    const topic = await scene.topic({ partitions: 2 });
    await scene.log.publish(topic, numbered(10));
    const recorder = new Recorder();
    const committedAt: number[] = [];
    recorder.revoked = async (assignment, lost) => {
      assert.equal(assignment.signal.aborted, true);
      assert.equal(lost, false);
      const end = (await scene.log.bounds(topic))[assignment.partition]?.endOffset ?? 0;
      await assignment.commit(end);
      committedAt.push(assignment.partition);
    };
    await scene.log.consume({ topic, group: "g", handler: recorder, commit: "by-handler" });
    await scene.eventually(() => assert.equal(recorder.values().length, 10));
    const early = [...recorder.gained];
    assert.ok(early.every(({ signal }) => !signal.aborted));
    await early[0]?.heartbeat();
    const other = new Recorder();
    const joined = await (await scene.second()).consume({ topic, group: "g", handler: other, commit: "by-handler" });
    await scene.eventually(() => assert.equal(joined.owned().length, 1));
    assert.deepEqual(committedAt.slice(0, 2).sort(), [0, 1]);
    assert.equal(await scene.lag(topic, "g"), 0);
    for (const assignment of early) {
      await assert.rejects(assignment.commit(0), stale);
      await assert.rejects(assignment.heartbeat(), stale);
    }
    assert.equal(await scene.lag(topic, "g"), 0, "a stale commit changes nothing");
    await scene.log.publish(topic, numbered(5, "later"));
    recorder.revoked = async () => undefined;
    await scene.eventually(() => assert.equal(recorder.values().length + other.values().length, 15));
  });

  test("closing a consumption lets the batch in hand finish and commits it", async (scene) => {
    const topic = await scene.topic({ partitions: 1 });
    const door = new Door();
    const recorder = new Recorder();
    let begun = 0;
    recorder.work = () => {
      begun += 1;
      return door.opened;
    };
    await scene.log.publish(topic, numbered(6));
    const consumption = await scene.log.consume({ topic, group: "g", handler: recorder, maxBatchRecords: 2 });
    await scene.eventually(() => assert.equal(begun, 1));
    const closing = consumption.close();
    door.open();
    await closing;
    assert.equal(recorder.values().length, 2);
    assert.deepEqual(recorder.revocations.map(({ lost }) => lost), [false]);
    await scene.reopen();
    assert.equal(await scene.lag(topic, "g"), 4);
  });

  test("closing does not wait for ever for a handler that hangs, whose commit then is stale", async (scene) => {
    const topic = await scene.topic({ partitions: 1 });
    const door = new Door();
    const recorder = new Recorder();
    const late: Promise<void>[] = [];
    let begun = 0;
    recorder.work = async (_, assignment: Assignment) => {
      begun += 1;
      await door.opened;
      late.push(assert.rejects(assignment.commit(1), stale));
    };
    await scene.log.publish(topic, numbered(1));
    const consumption = await scene.log.consume({ topic, group: "g", handler: recorder });
    await scene.eventually(() => assert.equal(begun, 1));
    const started = performance.now();
    await consumption.close(50);
    assert.ok(performance.now() - started < (scene.options.deadlineMs ?? 5000));
    assert.deepEqual(recorder.revocations, []);
    door.open();
    await scene.eventually(() => assert.equal(late.length, 1));
    await Promise.all(late);
    await scene.eventually(() => assert.deepEqual(recorder.revocations.map(({ lost }) => lost), [true]));
    assert.equal(await scene.lag(topic, "g"), 1, "what nobody finished is still to do");
  });

  test("closing the log drains its consumers, whose handlers may still publish", async (scene) => {
    const [topic, next] = [await scene.topic({ partitions: 1 }), await scene.topic({ partitions: 1 })];
    const door = new Door();
    const recorder = new Recorder();
    let begun = 0;
    recorder.work = async () => {
      begun += 1;
      await door.opened;
      await scene.log.publish(next, [record("k", "made")]);
    };
    await scene.log.publish(topic, numbered(1));
    await scene.log.consume({ topic, group: "g", handler: recorder });
    await scene.eventually(() => assert.equal(begun, 1));
    const closing = scene.log.close();
    door.open();
    await closing;
    assert.equal(recorder.values().length, 1);
    await scene.open();
    assert.equal(await scene.lag(topic, "g"), 0);
    assert.equal((await scene.readAll(next)).length, 1);
  });

  test("lag is exact, and groups are those that ever committed", async (scene) => {
    const topic = await scene.topic({ partitions: 2 });
    await scene.log.publish(topic, numbered(20));
    assert.deepEqual(await scene.log.groups(topic), []);
    const ends = (await scene.log.bounds(topic)).map(({ endOffset }) => endOffset);
    assert.deepEqual(await scene.log.lag(topic, "g"), ends.map((endOffset, partition) => ({ partition, committedOffset: 0, endOffset, lag: endOffset })));
    const recorder = new Recorder();
    const consumption = await scene.log.consume({ topic, group: "g", handler: recorder, commit: "by-handler" });
    await scene.eventually(() => assert.equal(recorder.values().length, 20));
    await recorder.gained.find(({ partition }) => partition === 1)?.commit(3);
    const expected = ends.map((endOffset, partition) => ({ partition, committedOffset: 3 * partition, endOffset, lag: endOffset - 3 * partition }));
    assert.deepEqual(await scene.log.lag(topic, "g"), expected);
    await consumption.close();
    await scene.reopen();
    assert.deepEqual(await scene.log.lag(topic, "g"), expected);
    assert.deepEqual(await scene.log.groups(topic), ["g"]);
    assert.deepEqual(await scene.log.groups(await scene.topic()), []);
  });
}

import assert from "node:assert/strict";
import { numbered, record, Recorder, type SceneTest } from "./scene.ts";

const group = "placed";

/** What those who put a log back need: positions set from outside, and partitions that go on where they stood elsewhere. */
export function placingTests(test: SceneTest): void {
  test("an empty partition goes on at the offset it is told, also after it was opened again", async (scene) => {
    const topic = await scene.topic({ partitions: 2 });
    await scene.log.advanceTo(topic, 0, 70_001);
    assert.deepEqual(await scene.log.bounds(topic), [{ partition: 0, startOffset: 70_001, endOffset: 70_001 }, { partition: 1, startOffset: 0, endOffset: 0 }]);
    assert.deepEqual(await scene.readAll(topic), []);
    await scene.reopen();
    await scene.log.publish(topic, numbered(40));
    const [first, second] = await scene.log.bounds(topic);
    assert.equal(first?.startOffset, 70_001);
    assert.equal((first?.endOffset ?? 0) - 70_001 + (second?.endOffset ?? 0), 40);
    const { records } = await scene.log.read({ topic, partition: 0, fromOffset: 70_001 });
    assert.equal(records[0]?.offset, 70_001);
    assert.equal((await scene.readAll(topic)).length, 40);
    await assert.rejects(scene.log.advanceTo(topic, 0, 80_000), { code: "bad-request" });
    await assert.rejects(scene.log.advanceTo(topic, 1, (second?.endOffset ?? 0) - 1), { code: "offset-out-of-range" });
  });

  test("a group without members is set back and forwards, and is delivered from there", async (scene) => {
    const topic = await scene.topic({ partitions: 1 });
    await scene.log.publish(topic, numbered(10));
    const first = new Recorder();
    const consumption = await scene.log.consume({ topic, group, handler: first });
    await scene.eventually(() => assert.equal(first.values().length, 10));
    await scene.eventually(async () => assert.equal(await scene.lag(topic, group), 0));
    await assert.rejects(scene.log.setOffset(topic, group, 0, 3), { code: "in-use" });
    await consumption.close();
    await scene.log.setOffset(topic, group, 0, 3);
    assert.equal((await scene.log.lag(topic, group))[0]?.committedOffset, 3);
    await scene.reopen();
    const again = new Recorder();
    const second = await scene.log.consume({ topic, group, handler: again });
    await scene.eventually(() => assert.deepEqual(again.values(), ["r3", "r4", "r5", "r6", "r7", "r8", "r9"]));
    await second.close();
    await scene.log.setOffset(topic, group, 0, 10);
    assert.equal(await scene.lag(topic, group), 0);
    for (const offset of [-1, 11, 0.5]) await assert.rejects(scene.log.setOffset(topic, group, 0, offset), { code: "offset-out-of-range" });
  });

  test("a group that nobody ever joined can be placed, and is then one of the topic's", async (scene) => {
    const topic = await scene.topic({ partitions: 1 });
    await scene.log.publish(topic, [record("k", "a"), record("k", "b")]);
    await scene.log.setOffset(topic, "restored", 0, 1);
    assert.deepEqual(await scene.log.groups(topic), ["restored"]);
    const recorder = new Recorder();
    await scene.log.consume({ topic, group: "restored", handler: recorder });
    await scene.eventually(() => assert.deepEqual(recorder.values(), ["b"]));
  });
}

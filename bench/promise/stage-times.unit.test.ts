import assert from "node:assert/strict";
import { test } from "node:test";
import { stageText, sumsOf } from "./stage-times.ts";

test("the mean of each step is that of the time between the looks, over all processes", () => {
  const before = sumsOf('caudal_tier_write_seconds_sum{tier="hot"} 1\ncaudal_tier_write_seconds_count{tier="hot"} 10\n');
  const after = sumsOf([
    '# TYPE caudal_tier_write_seconds histogram', 'caudal_tier_write_seconds_bucket{tier="hot",le="0.1"} 30',
    'caudal_tier_write_seconds_sum{tier="hot"} 1.1', 'caudal_tier_write_seconds_count{tier="hot"} 20',
    'caudal_tier_write_seconds_sum{tier="hot"} 0.1', 'caudal_tier_write_seconds_count{tier="hot"} 10',
    'caudal_log_publish_seconds_sum{topic="a"} 0.5', 'caudal_log_publish_seconds_count{topic="a"} 100', 'caudal_log_publish_seconds_count{topic="idle"} 0',
  ].join("\n"));
  assert.equal(stageText(before, after), "publish to a 5.0 ms (100 times), a write into hot 10.0 ms (20 times)");
});

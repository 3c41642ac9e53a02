// The example on real data, run as a user would.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

import { HERE, ROOT } from "./support.mjs";

test("the year gives the totals of the demo", () => {
  const program = join(HERE, "../example/complete_journey.mjs");
  const args = [program, "--data", join(ROOT, "examples/data/complete-journey")];
  const ran = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 300_000 });
  assert.equal(ran.status, 0, ran.stderr.slice(-2000));
  assert.deepEqual(JSON.parse(ran.stdout.trimEnd().split("\n").at(-1)), {
    mailed: 6589,
    claimed: 2102,
    tried: 2102,
    redeemed: 1592,
    denied_no_matching_product: 508,
    denied_no_effect: 2,
    lines_dropped: 924,
    discount_minor: 157493,
  });
});

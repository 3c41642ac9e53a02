// Operations that wait on the thread that asks.
import assert from "node:assert/strict";
import { test } from "node:test";

import { BlockingJob, BlockingStream, DeniedError, FaultError, InvalidError, operations } from "cardmint";
import { inShop } from "./support.mjs";

const camel = (name) => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());

async function stocked(t) {
  const { engine, shop } = await inShop(t);
  const { blocking } = shop;
  blocking.saveTemplate({ meta: "t", template: { id: "t", currency: "CNY", benefit: { amount_off: { minor: 500 } } } });
  blocking.issueBatch({ meta: "b", id: "b", template: "t", size: 2_500, format: { symbols: 12 } });
  return { engine, shop, blocking };
}

test("a script issues, exports, redeems and counts without a promise", async (t) => {
  const { blocking } = await stocked(t);
  const exported = blocking.exportCodes({ meta: { key: "e", reason: "print" }, batch: "b" });
  assert.ok(exported instanceof BlockingStream);
  const codes = [...exported].map(({ code }) => code);
  assert.equal(new Set(codes).size, 2_500);
  assert.deepEqual(exported.progress, { done: 2_500, total: 2_500 });

  const order = { id: "A-1", currency: "CNY", lines: [{ id: "1", product: "tea", quantity: 1, amount_minor: 1200 }] };
  const receipt = blocking.redeem({ meta: "A-1", code: codes[0], order });
  assert.equal(receipt.pricing.payable_minor, 700);
  assert.deepEqual(blocking.redeem({ meta: "A-1", code: codes[0], order }), receipt);
  assert.throws(() => blocking.redeem({ meta: "A-2", code: codes[0], order: { ...order, id: "A-2" } }), (no) => no instanceof DeniedError && no.code === "limit_reached");

  const job = blocking.countBatch({ batch: "b" });
  assert.ok(job instanceof BlockingJob);
  const steps = [...job];
  assert.deepEqual(steps.at(-1), job.progress);
  assert.equal(job.result().spent, 1);
});

test("leaving a loop ends the stream", async (t) => {
  const { blocking } = await stocked(t);
  const exported = blocking.exportCodes({ meta: { key: "e", reason: "print" }, batch: "b" });
  for (const { serial } of exported) {
    if (serial === 3) break;
  }
  assert.deepEqual(exported.progress, { done: 1_000, total: 2_500 });
  assert.deepEqual([...exported], []);
  const job = blocking.countBatch({ batch: "b" });
  job.close();
  assert.throws(() => job.result(), /closed/);
});

test("it meets promises that are on their way, and is refused as they are", async (t) => {
  const { engine, shop, blocking } = await stocked(t);
  const claims = Array.from({ length: 50 }, (_, n) => shop.claim({ meta: `p${n}`, take: { batch: "autumn" }, holder: { kind: "customer", value: `p${n}` } }));
  const one = blocking.claim({ meta: "now", take: { batch: "autumn" }, holder: { kind: "customer", value: "now" } });
  const all = await Promise.all(claims);
  assert.equal(new Set([one, ...all].map(({ card }) => card.id)).size, 51);
  assert.throws(() => blocking.batch({ id: 0.5 }), (error) => error instanceof InvalidError && error.facts.field === "id");
  assert.throws(() => blocking.countBatch({ batch: "none" }).result(), (error) => error.code === "unknown");
  await engine.close();
  assert.throws(() => blocking.claim({ meta: "late", take: { batch: "autumn" }, holder: { kind: "customer", value: "x" } }), (error) => error instanceof FaultError && error.code === "closed");
  assert.equal(blocking.batch({ id: "b" }).size, 2_500);
});

test("every operation is there", async (t) => {
  const { shop } = await inShop(t);
  for (const [name] of operations()) {
    assert.equal(typeof shop.blocking[camel(name)], "function", name);
  }
  assert.equal(shop.blocking, shop.blocking);
});

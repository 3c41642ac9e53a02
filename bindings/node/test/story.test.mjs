// The story of a shop.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { inspect } from "node:util";
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

import * as cardmint from "cardmint";
import { ANN, codesOf, inShop, order, stocked, TWENTY_OFF } from "./support.mjs";

test("from claim to refund", async (t) => {
  const { shop } = await inShop(t);
  const claimed = await shop.claim({ meta: "c1", take: { batch: "autumn" }, holder: ANN });
  assert.equal(claimed.card.state, "claimed");
  const quoted = await shop.quote({ card: { code: claimed.code }, order: order(), holder: ANN });
  assert.equal(quoted.outcome.applies.payable_minor, 10_000);
  const redeem = { meta: "A-1", code: claimed.code.toLowerCase(), order: order(), holder: ANN };
  const receipt = await shop.redeem(redeem);
  assert.equal(receipt.pricing.payable_minor, 10_000);
  assert.deepEqual(await shop.redeem(redeem), receipt, "the same key again: the same receipt");
  assert.equal((await shop.lookUp({ card: { id: receipt.card } })).state, "spent");
  const back = await shop.refund({ meta: { key: "r1", reason: "returned" }, redemption: "A-1" });
  assert.deepEqual([back.amount_minor, back.uses_left], [2_000, 1]);
  assert.equal((await shop.history({ card: { id: receipt.card } })).length, 3);
  assert.equal((await shop.redemption({ id: "A-1" })).order, "A-1");
  assert.equal((await shop.wallet({ holder: ANN })).items[0].id, receipt.card);
  assert.equal(await shop.batch({ id: "none" }), null);
  assert.equal((await shop.listBatches()).items.length, 2, "a request without fields may be left out");
});

test("a denial is no fault and has texts", async (t) => {
  const { shop } = await inShop(t);
  const { code } = await shop.claim({ meta: "c1", take: { batch: "autumn" }, holder: ANN });
  const redeem = (amount) => shop.redeem({ meta: "A-1", code, order: order(amount), holder: ANN });
  const no = await redeem(8100).then(assert.fail, (error) => error);
  assert.ok(no instanceof cardmint.DeniedError && no instanceof cardmint.CardmintError && no instanceof Error);
  assert.ok(!(no instanceof cardmint.FaultError) && !(no instanceof cardmint.InvalidError));
  assert.deepEqual([no.name, no.kind, no.code, no.status, no.may_retry], ["DeniedError", "denied", "condition_failed", 217, false]);
  assert.deepEqual(no.facts.short, { minor: 1900, currency: "CNY" });
  assert.match(no.message, /^condition_failed: /);
  assert.match(no.texts.en.shopper, /19\.00/);
  assert.match(no.texts["zh-CN"].shopper, /19\.00/);
  assert.ok(no.texts.en.staff && no.texts["zh-CN"].staff);
  await redeem(12000); // nothing was written under the key: it may be tried again
});

test("an export is a stream", async (t) => {
  const { shop } = await inShop(t);
  const request = { meta: { key: "e1", reason: "print" }, batch: "flyer" };
  const codes = shop.exportCodes(request);
  assert.deepEqual(codes.progress, { done: 0, total: 0 });
  const first = (await codes.next()).value;
  assert.equal(first.serial, 0);
  assert.deepEqual(codes.progress, { done: 1000, total: 1000 });
  const rest = [];
  for await (const item of codes) rest.push(item);
  assert.deepEqual(rest.map((item) => item.serial), Array.from({ length: 999 }, (_, n) => n + 1));
  assert.deepEqual(await codes.next(), { value: undefined, done: true });
  const opened = await shop.openMany({ codes: [first.code, "0000-0000-0000-0000", rest.at(-1).code] });
  assert.deepEqual(opened, ["16-1-0", null, "16-1-999"]);

  for await (const item of shop.exportCodes(request)) {
    assert.equal(item.serial, 0);
    break;
  }
  const closed = shop.exportCodes(request);
  await closed.close();
  assert.equal((await closed.next()).done, true);
  const both = shop.exportCodes(request);
  const pair = await Promise.all([both.next(), both.next()]);
  assert.deepEqual(pair.map((step) => step.value.serial), [0, 1], "asked twice at once, answered in turn");
  await assert.rejects(shop.exportCodes({ ...request, batch: "none" }).next(), cardmint.DeniedError);
});

test("a job tells its progress and result", async (t) => {
  const { shop } = await inShop(t);
  await shop.claim({ meta: "c1", take: { batch: "autumn" }, holder: ANN });
  const job = shop.countBatch({ batch: "autumn" });
  const steps = [];
  for await (const progress of job) steps.push(progress);
  assert.equal(steps.at(-1).done, steps.at(-1).total);
  const figures = await job.result();
  assert.deepEqual([figures.claimed, figures.minted], [1, 999]);
  assert.deepEqual(await shop.countBatch({ batch: "autumn" }).result(), figures);
  const closed = shop.countBatch({ batch: "autumn" });
  await closed.close();
  await assert.rejects(closed.result(), /closed before its end/);
  await assert.rejects(shop.countBatch({ batch: "none" }).result(), cardmint.DeniedError);
});

test("the raw wire is text for text", async (t) => {
  const { shop } = await inShop(t);
  const reply = await shop.call("look_up", '{"card":{"id":"16-0-0"}}');
  assert.deepEqual(JSON.parse(reply), await shop.lookUp({ card: { id: "16-0-0" } }));
  assert.doesNotMatch(reply, / /);
  const saved = await shop.call("observe", JSON.stringify({ meta: "o", subject: ANN, kind: "visit", at: "2026-01-01T00:00:00Z" }));
  assert.equal(saved, "{}", "a change, too");
});

test("tenants and worlds are apart", async (t) => {
  const { engine } = await inShop(t);
  assert.equal(await engine.tenant("other").batch({ id: "autumn" }), null);
  assert.equal(await engine.tenant("default", "test").batch({ id: "autumn" }), null);
  for (const [name, world] of [["", "live"], ["default", "prod"], [1, "live"], [null, "live"]]) {
    assert.throws(() => engine.tenant(name, world), cardmint.InvalidError);
  }
});

test("without keys it only reads", async (t) => {
  const { db, folder, shop } = await inShop(t);
  const receipt = await shop.redeem({ meta: "A-1", code: (await codesOf(shop))[0], order: order() });
  const engine = await cardmint.open(pathToFileURL(db));
  assert.equal(engine.keyless, true);
  const reader = engine.tenant();
  assert.equal((await reader.redemption({ id: "A-1" })).card, receipt.card);
  assert.equal((await reader.countBatch({ batch: "flyer" }).result()).spent, 1);
  for (const refused of [
    () => reader.open({ code: "0000-0000-0000-0000" }),
    () => reader.redeem({ meta: "x", code: "0000-0000-0000-0000", order: order() }),
    () => reader.exportCodes({ meta: { key: "x", reason: "y" }, batch: "flyer" }).next(),
  ]) {
    await assert.rejects(refused, { code: "no_keys", status: 105 });
  }
  await engine.close();
  await assert.rejects(cardmint.open(join(folder, "none.db")), cardmint.FaultError);
});

test("keys come from a provider, and nothing shows them", async (t) => {
  const { db, keyring, shop } = await inShop(t);
  const text = await readFile(keyring, "utf8");
  const secrets = text.match(/[^"\s]{32,}/g);
  assert.ok(secrets.length > 0, "a keyring holds keys");
  const [code] = await codesOf(shop);
  const shown = [];
  for (const provider of [() => text, async () => text]) {
    const engine = await cardmint.open(db, { keyring: provider });
    assert.equal(await engine.tenant().open({ code }), "16-1-0");
    shown.push(engine, engine.tenant(), shop.exportCodes({ meta: { key: "k", reason: "r" }, batch: "flyer" }));
    await engine.close();
  }
  for (const options of [{ durability: "none" }, { colour: "red" }]) {
    const error = await cardmint.open(db, { keyring: () => text, ...options }).then(assert.fail, (error) => error);
    assert.equal(error.code, "invalid");
    shown.push(error, error.facts);
  }
  await assert.rejects(cardmint.open(db, { keyring: () => '{"no":"keyring"}' }), { code: "keyring" });
  await assert.rejects(cardmint.open(db, { keyring: () => { throw new RangeError("vault"); } }), RangeError);
  await assert.rejects(cardmint.open(db, { keyring: () => 7 }), cardmint.InvalidError);
  const said = shown.map((value) => inspect(value, { depth: 9, showHidden: true }) + String(value) + JSON.stringify(value)).join("\n");
  for (const secret of secrets) {
    assert.ok(!said.includes(secret));
  }
  assert.match(said, /shop\.db/);
});

test("a clock moved by hand", async (t) => {
  const { keyring, engine: real } = await inShop(t);
  const eight = new Date("2026-11-11T08:00:00+08:00");
  const engine = await cardmint.open(":memory:", { keyring, now: eight });
  const shop = engine.tenant();
  await stocked(shop);
  assert.equal((await shop.batch({ id: "autumn" })).created_at, "2026-11-11T00:00:00Z");
  engine.setNow(new Date(eight.getTime() + 1));
  assert.deepEqual(await shop.observe({ meta: "o", subject: ANN, kind: "visit", at: eight }), {});
  await shop.claim({ meta: "c", take: { batch: "autumn" }, holder: ANN });
  assert.equal((await shop.lookUp({ card: { id: "16-0-0" } })).claimed_at, "2026-11-11T00:00:00.001Z");
  for (const wrong of [new Date(NaN), new Date(-1e15), "soon", 0, null, undefined]) {
    assert.throws(() => engine.setNow(wrong), cardmint.InvalidError);
  }
  assert.throws(() => real.setNow(eight), cardmint.InvalidError);
  await engine.close();
});

test("options are checked", async (t) => {
  const { db, keyring, folder } = await inShop(t);
  const engine = await cardmint.open(db, { keyring, durability: "normal", busy_timeout_ms: 100, group_max: 8 });
  assert.equal(engine.keyless, false);
  await engine.close();
  for (const wrong of [{ durability: "none" }, { colour: "red" }, { group_max: 1.5 }, { group_max: "8" }, { group_max: -1 }]) {
    await assert.rejects(cardmint.open(db, { keyring, ...wrong }), cardmint.InvalidError);
  }
  await assert.rejects(cardmint.open(db, { keyring, durability: "none" }), (error) => error.facts.field === "durability");
  await assert.rejects(cardmint.open(join(folder, "new.db"), { keyring, create: false }), cardmint.FaultError);
  for (const path of ["", null, undefined, 7, {}]) {
    await assert.rejects(cardmint.open(path, { keyring }), cardmint.InvalidError);
  }
});

test("closed engines take no changes", async (t) => {
  const { engine, shop } = await inShop(t);
  await engine.close();
  await engine.close();
  await assert.rejects(shop.saveTemplate({ meta: "t3", template: TWENTY_OFF }), { code: "closed", kind: "fault" });
  assert.equal((await shop.batch({ id: "autumn" })).size, 1000);
});

test("handles dispose of themselves", async (t) => {
  const { engine, shop } = await inShop(t);
  const codes = shop.exportCodes({ meta: { key: "e1", reason: "print" }, batch: "flyer" });
  await codes.next();
  await codes[Symbol.asyncDispose]();
  assert.equal((await codes.next()).done, true);
  const job = shop.countBatch({ batch: "autumn" });
  await job[Symbol.asyncDispose]();
  await assert.rejects(job.result(), /closed before its end/);
  await engine[Symbol.asyncDispose]();
  await assert.rejects(shop.saveTemplate({ meta: "t3", template: TWENTY_OFF }), { code: "closed" });
});

test("keyrings rotate", async (t) => {
  const { db, keyring, shop } = await inShop(t);
  await assert.rejects(cardmint.createKeyring(keyring), cardmint.FaultError);
  const [old] = await codesOf(shop);
  const slot = await cardmint.rotateKeyring(keyring);
  const engine = await cardmint.open(db, { keyring });
  assert.equal(await engine.tenant().open({ code: old }), "16-1-0");
  assert.equal((await engine.tenant().rekeyBatch({ meta: "k", batch: "flyer" })).slot, slot);
  await engine.close();
  await cardmint.retireKey(keyring, 0);
  const later = await cardmint.open(db, { keyring });
  assert.equal(await later.tenant().open({ code: old }), null);
  await later.close();
  await cardmint.forgetKey(keyring, 0);
  await assert.rejects(cardmint.forgetKey(keyring, slot), cardmint.FaultError);
  for (const wrong of [256, -1, 1.5, "0", null]) {
    await assert.rejects(cardmint.retireKey(keyring, wrong), cardmint.InvalidError);
  }
});

test("require and import give the same module", () => {
  const required = createRequire(import.meta.url)("cardmint");
  assert.deepEqual(Object.keys(required).sort(), Object.keys(cardmint).sort());
  for (const [name, value] of Object.entries(required)) {
    assert.equal(cardmint[name], value, name);
  }
});

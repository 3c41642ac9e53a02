// Many calls under way: groups, signals, workers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";

import * as cardmint from "cardmint";
import { child, codesOf, held, inShop, order } from "./support.mjs";

test("one card is redeemed once, however many ask", async (t) => {
  const { shop } = await inShop(t);
  const [code] = await codesOf(shop);
  const asked = Array.from({ length: 64 }, (_, n) => shop.redeem({ meta: `r${n}`, code, order: order() }));
  const answers = await Promise.allSettled(asked);
  assert.equal(answers.filter((answer) => answer.status === "fulfilled").length, 1);
  const lost = answers.filter((answer) => answer.status === "rejected").map((answer) => answer.reason);
  assert.deepEqual(lost.map((no) => no.code), Array(63).fill("limit_reached"));
  assert.ok(lost.every((no) => no instanceof cardmint.DeniedError));
});

test("the loop goes on turning while calls wait", async (t) => {
  const { shop } = await inShop(t);
  const codes = (await codesOf(shop)).slice(0, 512);
  let turns = 0;
  let done = false;
  const turning = (async () => {
    while (!done) {
      await new Promise(setImmediate);
      turns += 1;
    }
  })();
  const receipts = await Promise.all(codes.map((code) => shop.redeem({ meta: `r${code}`, code, order: order() })));
  done = true;
  await turning;
  assert.equal(new Set(receipts.map((receipt) => receipt.card)).size, 512);
  assert.ok(turns > 0);
});

test("a signal withdraws what is not decided", async (t) => {
  const { shop } = await inShop(t);
  const codes = (await codesOf(shop)).slice(0, 64);
  const controllers = codes.map(() => new AbortController());
  const asked = codes.map((code, n) => shop.redeem({ meta: `r${code}`, code, order: order() }, { signal: controllers[n].signal }));
  for (let n = 1; n < 64; n += 2) {
    controllers[n].abort();
  }
  const answers = await Promise.allSettled(asked);
  answers.forEach((answer, n) => {
    if (n % 2 === 0) {
      assert.equal(answer.status, "fulfilled");
    } else if (answer.status === "rejected") {
      assert.equal(answer.reason.name, "AbortError");
    }
  });
  // Whatever became of one that was aborted: its key tells, and the card is used once.
  for (const code of codes) {
    const receipt = await shop.redeem({ meta: `r${code}`, code, order: order() });
    assert.equal((await shop.lookUp({ card: { id: receipt.card } })).uses_left, 0);
  }
});

test("a signal that came before the call", async (t) => {
  const { shop } = await inShop(t);
  const signal = AbortSignal.abort(new TypeError("mine"));
  await assert.rejects(shop.redeem({ meta: "r", code: "x", order: order() }, { signal }), /mine/);
  await assert.rejects(shop.lookUp({ card: { id: "16-0-0" } }, { signal }), TypeError);
  assert.throws(() => shop.countBatch({ batch: "flyer" }, { signal }), TypeError);
  const later = new AbortController();
  const stream = shop.exportCodes({ meta: { key: "e", reason: "r" }, batch: "flyer" }, { signal: later.signal });
  let seen = 0;
  await assert.rejects(async () => {
    for await (const _ of stream) {
      seen += 1;
      later.abort();
    }
  }, { name: "AbortError" });
  assert.equal(seen, 1000, "the page that was there is given out");
});

test("a time-out while another process holds the file", async (t) => {
  const { db, keyring, shop } = await inShop(t);
  const codes = (await codesOf(shop)).slice(0, 2);
  await held(t, db);
  const engine = await cardmint.open(db, { keyring, busy_timeout_ms: 300 });
  const mine = engine.tenant();
  const signal = AbortSignal.timeout(50);
  await assert.rejects(mine.redeem({ meta: "a", code: codes[0], order: order() }, { signal }), { name: "TimeoutError" });
  await assert.rejects(mine.redeem({ meta: "b", code: codes[1], order: order() }), { code: "store_busy", may_retry: true });
  await engine.close();
});

test("closing answers what waits", async (t) => {
  const { db, keyring, shop } = await inShop(t);
  const codes = await codesOf(shop);
  const engine = await cardmint.open(db, { keyring });
  const mine = engine.tenant();
  const asked = Promise.allSettled(codes.map((code) => mine.redeem({ meta: `r${code}`, code, order: order() })));
  await engine.close();
  const answers = await asked;
  const done = answers.filter((answer) => answer.status === "fulfilled").length;
  const codesOfFaults = new Set(answers.filter((answer) => answer.status === "rejected").map((answer) => answer.reason.code));
  codesOfFaults.delete("closed");
  assert.deepEqual([...codesOfFaults], []);
  assert.equal((await shop.countBatch({ batch: "flyer" }).result()).spent, done, "what was answered is what is durable");
});

test("no call waits for a thread of the pool: 64 at once meet in groups above 16", async (t) => {
  const { db, keyring, shop } = await inShop(t);
  const codes = (await codesOf(shop)).slice(0, 640);
  const program = `
    const [db, keyring, ...codes] = args;
    const engine = await cardmint.open(db, { keyring });
    const shop = engine.tenant();
    const order = { id: "o", currency: "CNY", lines: [{ id: "1", product: "p", quantity: 1, amount_minor: 10000 }] };
    const left = codes.values();
    const till = async () => {
      for (const code of left) await shop.redeem({ meta: code, code, order });
    };
    await Promise.all(Array.from({ length: 64 }, till));
    const { group_size, ended } = await shop.engineFigures();
    console.log(JSON.stringify([ended.ok, group_size]));
    await engine.close();
  `;
  const one = child(program, [db, keyring, ...codes], { env: { ...process.env, UV_THREADPOOL_SIZE: "1" } });
  const { code, out, err } = await one.ended;
  assert.deepEqual([code, err], [0, ""]);
  const [ok, groups] = JSON.parse(out);
  assert.equal(ok, 640);
  assert.ok(640 / groups.count > 16, out);
});

const WORKER = `
  const { parentPort, workerData } = require("node:worker_threads");
  const cardmint = require("cardmint");
  (async () => {
    const engine = await cardmint.open(workerData.db, { keyring: workerData.keyring, busy_timeout_ms: 20000 });
    const shop = engine.tenant();
    const asked = workerData.codes.map((code) => shop.redeem({ meta: code, code, order: workerData.order }));
    if (workerData.hang) {
      parentPort.postMessage("waits");
      await new Promise(() => setInterval(() => {}, 1000));
    }
    const cards = (await Promise.all(asked)).map((receipt) => receipt.card);
    await engine.close();
    parentPort.postMessage(cards);
  })();
`;

function worker(data) {
  const one = new Worker(WORKER, { eval: true, workerData: { order: order(), ...data } });
  const message = new Promise((resolve, reject) => {
    one.once("message", resolve);
    one.once("error", reject);
  });
  const ended = new Promise((resolve) => one.once("exit", resolve));
  return { one, message, ended };
}

test("worker threads have engines of their own", async (t) => {
  const { db, keyring, shop } = await inShop(t);
  const codes = await codesOf(shop);
  const workers = [0, 1, 2, 3].map((n) => worker({ db, keyring, codes: codes.slice(n * 32, n * 32 + 32) }));
  const cards = (await Promise.all(workers.map((each) => each.message))).flat();
  assert.equal(new Set(cards).size, 128);
  assert.deepEqual(await Promise.all(workers.map((each) => each.ended)), [0, 0, 0, 0]);
  assert.equal((await shop.countBatch({ batch: "flyer" }).result()).spent, 128);
});

test("a worker that is terminated with calls outstanding", async (t) => {
  const { db, keyring, shop } = await inShop(t);
  const codes = (await codesOf(shop)).slice(0, 64);
  await held(t, db);
  const one = worker({ db, keyring, codes, hang: true });
  assert.equal(await one.message, "waits");
  await one.one.terminate();
  await one.ended;
  assert.equal((await shop.countBatch({ batch: "flyer" }).result()).size, 1000);
});

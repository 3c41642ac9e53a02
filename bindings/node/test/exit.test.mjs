// However a process ends while calls are outstanding: it ends, with the exit code that it should have.
import assert from "node:assert/strict";
import { test } from "node:test";

import { child, codesOf, held, inShop } from "./support.mjs";

/** Sixty-four redemptions outstanding on a database that another process holds; then `then`. */
const waiting = (then) => `
  const [db, keyring, ...codes] = args;
  const order = { id: "o", currency: "CNY", lines: [{ id: "1", product: "p", quantity: 1, amount_minor: 10000 }] };
  const engine = await cardmint.open(db, { keyring, busy_timeout_ms: 20000 });
  const shop = engine.tenant();
  const asked = codes.map((code) => shop.redeem({ meta: code, code, order }));
  asked.forEach((call) => call.catch(() => {}));
  setTimeout(async () => { console.log("wait"); ${then} }, 100);
`;

async function heldShop(t) {
  const { db, keyring, shop } = await inShop(t);
  const codes = (await codesOf(shop)).slice(0, 64);
  await held(t, db);
  return { args: [db, keyring, ...codes], shop };
}

/** How a program ends, which it does by itself and soon. */
async function ended(t, program) {
  const guard = setTimeout(() => program.process.kill("SIGKILL"), 15_000);
  t.after(() => clearTimeout(guard));
  const end = await program.ended;
  assert.notEqual(end.signal, "SIGKILL", "it hangs");
  assert.doesNotMatch(end.err, /panicked|FATAL|Segmentation/);
  return end;
}

async function unharmed(shop) {
  assert.equal((await shop.countBatch({ batch: "flyer" }).result()).size, 1000);
}

test("process.exit with calls outstanding", async (t) => {
  const { args, shop } = await heldShop(t);
  const end = await ended(t, child(waiting("process.exit(7);"), args));
  assert.deepEqual([end.code, end.err, end.out], [7, "", "wait"]);
  await unharmed(shop);
});

test("an exception with calls outstanding", async (t) => {
  const { args, shop } = await heldShop(t);
  const end = await ended(t, child(waiting('throw new RangeError("gone");'), args));
  assert.equal(end.code, 1);
  assert.match(end.err, /RangeError: gone/);
  await unharmed(shop);
});

test("SIGINT and SIGTERM with calls outstanding", async (t) => {
  const { args, shop } = await heldShop(t);
  for (const signal of ["SIGINT", "SIGTERM"]) {
    const program = child(waiting(""), args);
    assert.equal(await program.line, "wait");
    program.process.kill(signal);
    assert.equal((await ended(t, program)).signal, signal);
  }
  await unharmed(shop);
});

test("SIGINT during an export", async (t) => {
  const { db, keyring, shop } = await inShop(t);
  await shop.issueBatch({ meta: "b9", id: "huge", template: "bearer", size: 5_000_000, format: { symbols: 20 } });
  const program = child(
    `const shop = (await cardmint.open(args[0], { keyring: args[1] })).tenant();
     for await (const item of shop.exportCodes({ meta: { key: "x", reason: "print" }, batch: "huge" })) {
       if (item.serial === 0) console.log("streams");
     }`,
    [db, keyring],
  );
  assert.equal(await program.line, "streams");
  program.process.kill("SIGINT");
  assert.equal((await ended(t, program)).signal, "SIGINT");
});

test("a process waits for its calls, and for nothing else", async (t) => {
  const { db, keyring, shop } = await inShop(t);
  const codes = (await codesOf(shop)).slice(0, 64);
  // Nobody awaits them, the engine is not closed: they are durable all the same when the process has ended by itself.
  const program = `
    const [db, keyring, ...codes] = args;
    const order = { id: "o", currency: "CNY", lines: [{ id: "1", product: "p", quantity: 1, amount_minor: 10000 }] };
    const shop = (await cardmint.open(db, { keyring })).tenant();
    codes.forEach((code) => shop.redeem({ meta: code, code, order }));
  `;
  const end = await ended(t, child(program, [db, keyring, ...codes]));
  assert.deepEqual([end.code, end.err], [0, ""]);
  assert.equal((await shop.countBatch({ batch: "flyer" }).result()).spent, 64);
});

test("handles that are forgotten are collected", async (t) => {
  const { db, keyring } = await inShop(t);
  const program = `
    const count = async () => {
      const engine = await cardmint.open(args[0], { keyring: args[1] });
      const stream = engine.tenant().exportCodes({ meta: { key: "x", reason: "print" }, batch: "flyer" });
      await stream.next();
    };
    const { readdirSync } = await import("node:fs");
    await count();
    const before = readdirSync("/proc/self/fd").length;
    for (let n = 0; n < 30; n += 1) await count();
    for (let n = 0; n < 50 && readdirSync("/proc/self/fd").length > before + 8; n += 1) {
      globalThis.gc();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    console.log(readdirSync("/proc/self/fd").length <= before + 8);
  `;
  const source = child(program, [db, keyring], { env: { ...process.env, NODE_OPTIONS: "--expose-gc" } });
  const end = await ended(t, source);
  assert.deepEqual([end.code, end.out, end.err], [0, "true", ""]);
});

// What cannot be meant is refused by the path of its field, and the handle goes on working.
import assert from "node:assert/strict";
import { test } from "node:test";
import vm from "node:vm";

import * as cardmint from "cardmint";
import { ANN, codesOf, inShop, order } from "./support.mjs";

const BIGGEST = Number.MAX_SAFE_INTEGER;

async function quoting(t) {
  const { shop, ...more } = await inShop(t);
  const [code] = await codesOf(shop);
  const quote = async (amount_minor = 12000, fields = {}) => {
    const quoted = await shop.quote({ card: { code }, order: { ...order(amount_minor), ...fields } });
    return quoted.outcome;
  };
  const refused = async (field, call) => {
    const error = await call().then(assert.fail, (error) => error);
    assert.ok(error instanceof cardmint.InvalidError, String(error));
    assert.equal(error.facts.field, field, error.message);
    assert.equal((await quote()).applies.payable_minor, 10_000, "the handle goes on working");
    return error;
  };
  return { shop, code, quote, refused, ...more };
}

test("amounts are integers up to their limit", async (t) => {
  const { quote, refused } = await quoting(t);
  assert.equal((await quote(BIGGEST)).applies.payable_minor, BIGGEST - 2000);
  assert.ok("denied" in (await quote(-0)), "minus nothing is nothing in JavaScript: there is one zero on the wire");
  const wrong = [2 ** 53, 2 ** 63, -1, 0.5, 1e300, -1e300, NaN, Infinity, -Infinity, "1", true, 1n, 2n ** 64n, Object(1), Symbol("x"), () => 1, new Map(), new Set([1]), [1], {}, new Uint8Array(1)];
  for (const amount of wrong) {
    await refused("order.lines[0].amount_minor", () => quote(amount));
  }
});

test("a list with a hole in it is no list", async (t) => {
  const { quote, refused } = await quoting(t);
  const [line] = order(12000).lines;
  const holed = [line];
  holed[2] = line;
  await refused("order.lines[1]", () => quote(0, { lines: holed }));
  await refused("order.lines[0]", () => quote(0, { lines: [undefined] }));
});

test("numbers on the wire", async (t) => {
  const { shop, code } = await quoting(t);
  const line = (amount) => `{"id":"1","product":"tea","quantity":1,"amount_minor":${amount}}`;
  const quote = (amount) => shop.call("quote", `{"card":{"code":"${code}"},"order":{"id":"o","currency":"CNY","lines":[${line(amount)}]}}`);
  assert.match(await quote("12000"), /applies/);
  for (const wrong of ["-0", "-0.0", "1.0", "1e300", "1e2", "NaN", "true", '"1"', "9007199254740992", "00"]) {
    await assert.rejects(quote(wrong), cardmint.InvalidError, wrong);
  }
});

test("instants are dates or texts in whole milliseconds", async (t) => {
  const { shop, code, quote, refused } = await quoting(t);
  const at = new Date("2026-11-11T08:00:00.123+08:00");
  assert.ok("applies" in (await quote(12000, { placed_at: at })));
  const receipt = await shop.redeem({ meta: "A-1", code, order: { ...order(), placed_at: at } });
  const { ordered_at } = await shop.redemption({ id: receipt.redemption });
  assert.equal(ordered_at, "2026-11-11T00:00:00.123Z");
  assert.deepEqual(new Date(ordered_at), at);
});

test("other instants are refused by their path", async (t) => {
  const { quote, refused } = await quoting(t);
  for (const placed_at of [new Date(NaN), new Date(8.64e15), new Date(-8.64e15), 1_700_000_000_000.5]) {
    await refused("order.placed_at", () => quote(12000, { placed_at }));
  }
  for (const placed_at of ["2026-11-11", "now", "2026-11-11T00:00:00", "2026-11-11T00:00:00.0001Z"]) {
    await assert.rejects(quote(12000, { placed_at }), cardmint.InvalidError);
  }
});

test("only plain data is a request", async (t) => {
  const { shop, quote, refused } = await quoting(t);
  class Order {
    toJSON() {
      return "x";
    }
  }
  const circle = [];
  circle.push(circle);
  let deep = [];
  for (let n = 0; n < 5000; n += 1) deep = [deep];
  const segments = (value) => () => quote(12000, { segments: value });
  await refused("order.segments[1]", segments(["a", 0.5]));
  await refused("order.segments[0]", segments([undefined]));
  await refused("order.segments[1]", segments(["a", , "b"]));
  await refused("order.segments", segments(new Set(["a"])));
  await refused("order.segments", segments(new Order()));
  await refused("order.segments", segments({ toJSON: () => ["a"] }));
  await refused("order.segments", segments(Buffer.from("a")));
  await refused("order.segments", segments(() => ["a"]));
  await assert.rejects(segments(circle), cardmint.InvalidError);
  await assert.rejects(segments(deep), cardmint.InvalidError);
  assert.ok("applies" in (await quote(12000, { segments: ["a", "b"], channel: undefined })), "undefined is left out");
  assert.ok("applies" in (await quote(12000, { channel: null })), "and so is null");
  assert.ok("applies" in (await quote(12000, Object.assign(Object.create(null), { segments: vm.runInNewContext("['a']") }))));
  assert.equal((await shop.saveCampaign({ meta: "c", id: "tea", title: "城西 🍵" })).title, "城西 🍵");
  await refused("title", () => shop.saveCampaign({ meta: "c2", id: "tea", title: '城西 🍵 \u2028 \x00 \\ "' }));
  await assert.rejects(shop.saveCampaign({ meta: "c3", id: "tea", title: "\ud800" }), cardmint.InvalidError, "half a pair");
  await assert.rejects(quote(12000, { "\udfff": 1 }), cardmint.InvalidError);
});

test("the engine refuses by path, too", async (t) => {
  const { shop, quote, refused } = await quoting(t);
  const said = await refused("order.lines[0]", () => shop.quote({ card: { id: "16-0-0" }, order: { ...order(), lines: [{}] } }));
  assert.deepEqual([said.name, said.code, said.status, said.kind, said.may_retry], ["InvalidError", "invalid", 103, "invalid", false]);
  await refused("order.colour", () => quote(12000, { colour: "red" }));
  await refused("order.lines", () => shop.quote({ card: { id: "16-0-0" }, order: { ...order(), lines: [] } }));
});

test("what is no request at all", async (t) => {
  const { shop, quote } = await quoting(t);
  const texts = ["", "{", "null", "[]", '{"card":{"id":"16-0-0"}} {}', '{"card":{"id":"a"},"card":{"id":"b"}}', "\0", "[".repeat(100_000), "\ud800"];
  for (const text of texts) {
    await assert.rejects(shop.call("look_up", text), cardmint.InvalidError, text.slice(0, 20));
  }
  for (const request of [null, undefined, 7, "x", [], true]) {
    await assert.rejects(shop.lookUp(request), cardmint.InvalidError);
    await assert.rejects(shop.redeem(request), cardmint.InvalidError);
    await assert.rejects(shop.call("look_up", request), cardmint.InvalidError);
    await assert.rejects(shop.countBatch(request ?? {}).result(), cardmint.InvalidError);
  }
  await assert.rejects(shop.call("look_up", `{"card":{"code":"${"x".repeat(10_000_000)}"}}`), { code: "too_large" });
  await assert.rejects(shop.lookUp({ card: { code: "x".repeat(10_000_000) } }), { code: "too_large" });
  await assert.rejects(shop.redeem({ meta: "m", code: "x".repeat(10_000_000), order: order() }), { code: "too_large" });
  for (const operation of ["", "none", "export_codes", "count_batch", "\0", "x".repeat(1_000_000), "\ud800"]) {
    await assert.rejects(shop.call(operation, "{}"), { code: "unknown_operation" });
  }
  await assert.rejects(shop.call(7, "{}"), cardmint.InvalidError);
  assert.equal((await quote()).applies.payable_minor, 10_000);
});

test("handles cannot be made by hand", () => {
  for (const of of [cardmint.Engine, cardmint.Tenant]) {
    const made = new of();
    assert.ok(made instanceof of);
    assert.throws(() => (made instanceof cardmint.Engine ? made.tenant() : made.countBatch({ batch: "b" }).progress.done.x.y), TypeError);
  }
});

test("secrets in the wrong place are not repeated", async (t) => {
  const { shop } = await quoting(t);
  const secret = "SECRET00SECRET00";
  for (const card of [{ id: secret }, { [secret]: 1 }, { id: { [secret]: 1.5 } }, secret, { id: [secret, 1.5] }]) {
    const error = await shop.lookUp({ card }).then(assert.fail, (error) => error);
    assert.ok(!(error.stack + JSON.stringify(error)).includes("SECRET00"), error.message);
  }
  await assert.rejects(shop.lookUp({ card: { code: secret }, holder: ANN }), (error) => !String(error).includes("SECRET00"));
});

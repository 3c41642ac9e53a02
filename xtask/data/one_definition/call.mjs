// The operation from Node.
import assert from "node:assert/strict";
import { createKeyring, FaultError, open } from "cardmint";

await createKeyring("keys-node.json");
const engine = await open(":memory:", { keyring: "keys-node.json" });
const shop = engine.tenant();
assert.equal(await shop.echo({ word: "茶" }), "茶");
const error = await shop.echo({ word: "茶", breaks: true }).then(assert.fail, (error) => error);
assert.ok(error instanceof FaultError, String(error));
assert.equal(error.code, "panic");
assert.ok(!(error.message + JSON.stringify(error.facts)).includes("茶"));
assert.equal(await shop.echo({ word: "茶" }), "茶");
await engine.close();

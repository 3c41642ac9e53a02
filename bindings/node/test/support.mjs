// What the tests share: a shop in a folder of its own.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { createKeyring, open } from "cardmint";

/** The repository; the tests themselves run in a clean folder that the package was installed into. */
export const ROOT = process.env.CARDMINT_ROOT;
export const PACKAGE = dirname(createRequire(import.meta.url).resolve("cardmint/package.json"));
export const HERE = dirname(fileURLToPath(import.meta.url));
export const QUICK = process.env.CARDMINT_QUICK === "1";

export const ANN = { kind: "customer", value: "ann" };
export const TWENTY_OFF = {
  id: "20-off",
  currency: "CNY",
  redeem_from: "claimed",
  benefit: { amount_off: { minor: 2000 } },
  conditions: [{ min_spend: { minor: 10000 } }],
};
export const BEARER = { id: "bearer", currency: "CNY", benefit: { amount_off: { minor: 2000 } } };

export function order(amount_minor = 12000, id = "A-1") {
  return { id, currency: "CNY", lines: [{ id: "1", product: "tea", quantity: 2, amount_minor }] };
}

/** Puts a batch of personal cards and one of bearer cards into a shop. */
export async function stocked(shop, size = 1000) {
  await shop.saveTemplate({ meta: "t1", template: TWENTY_OFF });
  await shop.saveTemplate({ meta: "t2", template: BEARER });
  await shop.issueBatch({ meta: "b1", id: "autumn", template: "20-off", size, format: { symbols: 16 } });
  await shop.issueBatch({ meta: "b2", id: "flyer", template: "bearer", size, format: { symbols: 16 } });
}

export async function codesOf(shop, batch = "flyer", key = "export") {
  const codes = [];
  for await (const item of shop.exportCodes({ meta: { key, reason: "print" }, batch })) {
    codes.push(item.code);
  }
  return codes;
}

/** A stocked shop on a file, gone with the test. */
export async function inShop(t, options = {}) {
  const folder = await mkdtemp(join(tmpdir(), "cardmint-node-"));
  const [db, keyring] = [join(folder, "shop.db"), join(folder, "keys.json")];
  await createKeyring(keyring);
  const engine = await open(db, { keyring, ...options });
  t.after(async () => {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  });
  const shop = engine.tenant();
  await stocked(shop);
  return { folder, db, keyring, engine, shop };
}

/** A program of its own; what it printed and how it ended come with `ended`, its first line with `line`. */
function started(command, args, options = {}) {
  const process = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], ...options });
  const [out, err] = [[], []];
  const lines = createInterface({ input: process.stdout });
  let first;
  const line = new Promise((resolve) => (first = resolve));
  lines.on("line", (text) => {
    out.push(text);
    first(text);
  });
  process.stderr.on("data", (data) => err.push(data));
  const ended = new Promise((resolve) => {
    process.on("close", (code, signal) => {
      first(undefined);
      resolve({ code, signal, out: out.join("\n"), err: err.join("") });
    });
  });
  return { process, line, ended };
}

/** A Node of its own that runs a module with the installed package. */
export function child(program, args = [], options = {}) {
  const source = `import * as cardmint from "cardmint"; const args = process.argv.slice(1);\n${program}`;
  return started(process.execPath, ["--input-type=module", "-e", source, "--", ...args], { cwd: HERE, ...options });
}

/** Another process that holds the database until the test is over. */
export async function held(t, db) {
  const source = 'import sqlite3, sys\ndb = sqlite3.connect(sys.argv[1], isolation_level=None)\ndb.execute("BEGIN IMMEDIATE")\nprint("held", flush=True)\nsys.stdin.read()';
  const holder = started("python3", ["-c", source, db]);
  t.after(async () => {
    holder.process.stdin.end();
    await holder.ended;
  });
  if ((await holder.line) !== "held") {
    throw new Error((await holder.ended).err);
  }
}

// What the package shows: operations, types, README, the wire.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import * as cardmint from "cardmint";
import { HERE, PACKAGE, ROOT, inShop } from "./support.mjs";

const API = JSON.parse(readFileSync(join(ROOT, "docs/api.json"), "utf8"));
const TOOLS = process.env.CARDMINT_NODE_TOOLS;
const NO_SKIP = !["", "0", undefined].includes(process.env.CARDMINT_NO_SKIP);
const typed = { skip: TOOLS || NO_SKIP ? false : "typescript is not there" };

const camel = (name) => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
const methods = (of) => Object.getOwnPropertyNames(of.prototype).filter((name) => name !== "constructor" && !name.startsWith("_"));

test("the package is the installed one, and holds nothing but what it needs", () => {
  assert.equal(PACKAGE, join(HERE, "../node_modules/cardmint"));
  const manifest = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
  const cargo = readFileSync(join(ROOT, "Cargo.toml"), "utf8");
  assert.equal(manifest.version, /^version = "(.*)"$/m.exec(cargo)[1]);
  assert.equal(cardmint.version, manifest.version);
  assert.deepEqual([manifest.dependencies, manifest.scripts], [undefined, undefined]);
  assert.ok(!existsSync(join(PACKAGE, "test")));
});

test("every operation is a method, and every method an operation", () => {
  const operations = cardmint.operations();
  assert.ok(operations.length > 30);
  assert.deepEqual(new Set(operations.map(([, kind]) => kind)), new Set(["read", "change", "stream", "job"]));
  assert.deepEqual(operations, API.operations.map(({ name, kind }) => [name, kind]));
  const generated = Object.getPrototypeOf(cardmint.Tenant);
  assert.deepEqual(methods(generated), operations.map(([name]) => camel(name)));
  assert.deepEqual(methods(cardmint.Tenant), ["blocking", "call"], "nothing by hand but the raw wire and who waits");
});

test("every operation and every type of the table is declared", () => {
  const declared = readFileSync(join(PACKAGE, "lib/operations.d.cts"), "utf8");
  for (const { name, request } of API.operations) {
    assert.match(declared, new RegExp(`  ${camel(name)}\\(request\\??: ${request.$ref.split("/").at(-1)}, `), name);
  }
  const types = readFileSync(join(PACKAGE, "lib/types.d.cts"), "utf8");
  for (const name of Object.keys(API.$defs)) {
    assert.match(types, new RegExp(`^export (interface|type) ${name}\\b`, "m"), name);
  }
});

test("every status of the table is a code of an error", async (t) => {
  const { shop } = await inShop(t);
  const error = await shop.call("none", "{}").then(assert.fail, (error) => error);
  const row = API.statuses.find((status) => status.code === error.code);
  assert.deepEqual([row.number, row.may_retry], [error.status, error.may_retry]);
});

test("golden vectors give equal bytes", () => replayed("wire.json"));
test("worked cases of orders give equal bytes", () => replayed("checkout.json"));
test("worked cases of returns give equal bytes", () => replayed("refunds.json"));

async function replayed(name) {
  const native = createRequire(import.meta.url)(join(PACKAGE, "lib/native.cjs"));
  const vectors = JSON.parse(readFileSync(join(ROOT, "tests/vectors", name), "utf8"));
  const kinds = new Map(cardmint.operations());
  const engine = await native.open(vectors.options);
  const tenant = engine.tenant("default", "live");
  assert.ok(vectors.cases.length > 50);
  for (const { op, request, now, reply, failure } of vectors.cases) {
    if (now !== undefined) {
      engine.setNow(now);
    }
    const said = await asked(tenant, op, request, kinds.get(op)).then(
      (said) => ({ said }),
      (error) => ({ failed: error.message }),
    );
    assert.deepEqual(said, reply === undefined ? { failed: failure } : { said: reply }, `${op} of ${request}`);
  }
}

async function asked(tenant, operation, request, kind) {
  if (kind !== "stream" && kind !== "job") {
    return tenant.call(operation, request);
  }
  const cursor = await tenant.begin(operation, request);
  for (;;) {
    const [said] = await cursor.next(100_000);
    assert.notEqual(said, null);
    if (said !== "") {
      return said;
    }
  }
}

test("importing is light", () => {
  const program = 'const before = process.memoryUsage().rss; require("cardmint"); console.log(Object.keys(require.cache).length)';
  const ran = spawnSync(process.execPath, ["-e", program], { cwd: HERE, encoding: "utf8" });
  assert.deepEqual([ran.status, ran.stderr], [0, ""]);
  assert.ok(Number(ran.stdout) <= 9, "files that are loaded");
});

test("the README runs as it stands", () => {
  const readme = readFileSync(join(ROOT, "bindings/node/README.md"), "utf8");
  const blocks = [...readme.matchAll(/^```js\n(.*?)^```/gms)].map((match) => match[1]);
  assert.ok(blocks.length > 7);
  const folder = mkdtempSync(join(HERE, "readme-"));
  try {
    writeFileSync(join(folder, "shop.mjs"), blocks.join("\n"));
    const ran = spawnSync(process.execPath, ["shop.mjs"], { cwd: folder, encoding: "utf8", timeout: 120_000 });
    assert.deepEqual([ran.status, ran.stderr], [0, ""]);
    assert.match(ran.stdout, /done: /);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** TypeScript over some files, as strict as it can be; the lines that it complains about, by file. */
function strict(files, more = []) {
  const options = ["--strict", "--noEmit", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--noImplicitReturns", "--target", "es2023", "--module", "nodenext", "--moduleResolution", "nodenext", "--types", "node", "--typeRoots", join(TOOLS, "node_modules/@types"), ...more];
  const ran = spawnSync(process.execPath, [join(TOOLS, "node_modules/typescript/bin/tsc"), ...options, ...files], { cwd: HERE, encoding: "utf8" });
  const said = ran.stdout + ran.stderr;
  const lines = [...said.matchAll(/^(\S+?)\((\d+),\d+\): error/gm)].map((match) => [match[1], Number(match[2])]);
  return { ok: ran.status === 0, said, lines };
}

test("a user's program is well typed, as a module of either kind", typed, () => {
  const checked = strict(["typed_program.mts", "typed_program.cts"]);
  assert.ok(checked.ok, checked.said);
});

test("what is wrong is found", typed, () => {
  const source = readFileSync(join(HERE, "untyped_program.mts"), "utf8");
  const marked = source.split("\n").flatMap((line, at) => (line.endsWith("// wrong") ? [at + 1] : []));
  const found = strict(["untyped_program.mts"]).lines.map(([, line]) => line);
  assert.deepEqual([...new Set(found)].sort((a, b) => a - b), marked);
});

test("the declarations themselves are strict, and nothing is any", typed, () => {
  const declarations = ["index.d.cts", "index.d.mts", "operations.d.cts", "types.d.cts"].map((name) => join(PACKAGE, "lib", name));
  const checked = strict(declarations, ["--skipLibCheck", "false"]);
  assert.ok(checked.ok, checked.said);
  for (const path of declarations) {
    // The word may be a field's name or a text; it may be no type.
    assert.doesNotMatch(readFileSync(path, "utf8").replace(/\/\*[^]*?\*\/|\/\/.*/g, ""), /(?<!")\bany\b(?!:)/, path);
  }
});

test("declarations and module name the same things", typed, () => {
  const names = Object.keys(cardmint);
  const folder = mkdtempSync(join(HERE, "names-"));
  try {
    // Each is there, and there is no other.
    const path = join(folder, "names.mts");
    const known = names.map((name) => `"${name}"`).join(" | ");
    writeFileSync(path, `import * as cardmint from "cardmint";\nexport const all: Exclude<keyof typeof cardmint, ${known}>[] = [];\nexport const none: Array<keyof typeof cardmint> = [${names.map((name) => `"${name}"`)}];\nexport type Other = Exclude<keyof typeof cardmint, ${known}>;\nexport const other: [Other] extends [never] ? true : false = true;\n`);
    const checked = strict([path]);
    assert.ok(checked.ok, checked.said);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

"use strict";

const { fileURLToPath } = require("node:url");
const { inspect } = require("node:util");

const half = require("./native.cjs");
const { BlockingJob, BlockingStream, BlockingTenant } = require("./blocking.cjs");
const { submitted } = require("./calls.cjs");
const { CardmintError, DeniedError, FaultError, InvalidError, here, invalid, native } = require("./errors.cjs");
const { Operations } = require("./operations.cjs");
const { Job, Stream } = require("./walks.cjs");
const { encode, instantText, text } = require("./wire.cjs");

/** An open engine. */
class Engine {
  #engine;
  #path;

  constructor(engine, path) {
    this.#engine = engine;
    this.#path = path;
  }

  /** Whether it was opened without keys, for reading only. */
  get keyless() {
    return this.#engine.keyless;
  }

  /** Whose cards: a name, and `live` or `test`. */
  tenant(name = "default", world = "live") {
    return new Tenant(here(() => this.#engine.tenant(text("tenant", name), text("world", world))), name, world);
  }

  /** Moves the clock of an engine that was opened with `now`. */
  setNow(now) {
    here(() => this.#engine.setNow(instantText("now", now)));
  }

  /** Takes no more changes: those under way become durable, those behind them fail as `closed`. Reads still work. */
  async close() {
    await native(this.#engine.close());
  }

  [Symbol.asyncDispose]() {
    return this.close();
  }

  [inspect.custom]() {
    return `<cardmint engine ${inspect(this.#path)} ${this.keyless ? "without keys" : "with keys"}>`;
  }
}

/** A tenant's operations. */
class Tenant extends Operations {
  #tenant;
  #blocking;

  constructor(tenant, name, world) {
    super();
    this.#tenant = tenant;
    this.name = name;
    this.world = world;
  }

  /** The same operations for scripts and workers: each waits on the thread that asks and gives its reply. */
  get blocking() {
    this.#blocking ??= new BlockingTenant(this.#tenant);
    return this.#blocking;
  }

  /** The raw wire: the JSON of a request for the JSON of the reply. */
  async call(operation, request) {
    return native(this.#tenant.call(text("operation", operation), text("request", request)));
  }

  async _change(operation, request, options) {
    const signal = signalOf(options);
    return submitted(this.#tenant, operation, encode(request), signal);
  }

  async _read(operation, request = {}, options = undefined) {
    const signal = signalOf(options);
    const reply = native(this.#tenant.call(operation, encode(request)));
    return JSON.parse(await (signal === undefined ? reply : unlessAborted(reply, signal)));
  }

  _stream(operation, request, options) {
    return new Stream(this.#begin(operation, request), signalOf(options));
  }

  _job(operation, request, options) {
    return new Job(this.#begin(operation, request), signalOf(options));
  }

  #begin(operation, request) {
    const json = encode(request);
    return () => this.#tenant.begin(operation, json);
  }

  [inspect.custom]() {
    return `<cardmint tenant ${inspect(this.name)} ${this.world}>`;
  }
}

/** The signal of a call's options, not yet aborted. */
function signalOf(options) {
  const signal = options?.signal;
  signal?.throwIfAborted();
  return signal;
}

/** A read's reply, unless its signal comes first; the read goes on, and nobody hears of it. */
function unlessAborted(reply, signal) {
  return new Promise((resolve, reject) => {
    const aborted = () => reject(signal.reason);
    signal.addEventListener("abort", aborted, { once: true });
    reply.then(resolve, reject).finally(() => signal.removeEventListener("abort", aborted));
  });
}

/** The text of a path; a file: URL is one, too. */
function pathOf(field, path) {
  return path instanceof URL ? fileURLToPath(path) : text(field, path);
}

async function keyringOption(keyring) {
  if (keyring === undefined || keyring === null) {
    return undefined;
  }
  return typeof keyring === "function" ? { json: text("keyring", await keyring()) } : { file: pathOf("keyring", keyring) };
}

/** Opens a SQLite file, or `:memory:`. See index.d.cts for the options. */
async function open(path, options = {}) {
  const { keyring, now, ...others } = options;
  const at = pathOf("path", path);
  const request = {
    ...others,
    path: at,
    keyring: await keyringOption(keyring),
    now: now === undefined ? undefined : instantText("now", now),
  };
  return new Engine(await native(half.open(encode(request))), at);
}

/** Makes a keyring in a new file that only its owner may read. */
async function createKeyring(path) {
  await native(half.createKeyring(pathOf("path", path)));
}

/** Adds a minting key and gives its slot; the old keys go on opening. */
async function rotateKeyring(path) {
  return native(half.rotateKeyring(pathOf("path", path)));
}

/** Retires a key: codes under it no longer open. */
async function retireKey(path, slot) {
  await native(half.retireKey(pathOf("path", path), slotOf(slot)));
}

/** Forgets a retired key for good. */
async function forgetKey(path, slot) {
  await native(half.forgetKey(pathOf("path", path), slotOf(slot)));
}

function slotOf(slot) {
  if (!Number.isInteger(slot) || slot < 0 || slot > 255) {
    throw invalid("slot", "another value", "a slot of the keyring");
  }
  return slot;
}

/** The operations of the compiled library: name and kind. */
function operations() {
  return half.operations();
}

module.exports = {
  BlockingJob,
  BlockingStream,
  CardmintError,
  DeniedError,
  Engine,
  FaultError,
  InvalidError,
  Job,
  Stream,
  Tenant,
  createKeyring,
  forgetKey,
  open,
  operations,
  retireKey,
  rotateKeyring,
  version: half.version(),
};

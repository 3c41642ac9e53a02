"use strict";

const { here } = require("./errors.cjs");
const { Operations } = require("./operations.cjs");
const { PAGE } = require("./walks.cjs");
const { encode } = require("./wire.cjs");

/** A tenant's operations, each of which waits on the thread that asks. */
class BlockingTenant extends Operations {
  #tenant;

  constructor(tenant) {
    super();
    this.#tenant = tenant;
  }

  _change(operation, request) {
    return this._read(operation, request);
  }

  _read(operation, request = {}) {
    const json = encode(request);
    return JSON.parse(here(() => this.#tenant.callBlocking(operation, json)));
  }

  _stream(operation, request) {
    return new BlockingStream(this.#begin(operation, request));
  }

  _job(operation, request) {
    return new BlockingJob(this.#begin(operation, request));
  }

  #begin(operation, request) {
    const json = encode(request);
    return () => this.#tenant.beginBlocking(operation, json);
  }
}

/** A stream or a job, begun by its first step. Leaving it early ends it. */
class Walk {
  #begin;
  #cursor;
  #isClosed = false;
  #progress = { done: 0, total: 0 };

  constructor(begin) {
    this.#begin = begin;
  }

  /** How far it has come, in its own unit: serials, cards. */
  get progress() {
    return { ...this.#progress };
  }

  /** Ends it. */
  close() {
    this.#isClosed = true;
    if (this.#cursor !== undefined) {
      here(() => this.#cursor.closeBlocking());
    }
  }

  [Symbol.dispose]() {
    this.close();
  }

  /** The next piece of work; undefined at the end. */
  _step() {
    if (this.#isClosed) {
      return undefined;
    }
    this.#cursor ??= here(this.#begin);
    const [said, done, total] = here(() => this.#cursor.nextBlocking(PAGE));
    if (said === null) {
      return undefined;
    }
    this.#progress = { done, total };
    return said;
  }
}

/** Items one after another, fetched by the page. */
class BlockingStream extends Walk {
  *[Symbol.iterator]() {
    try {
      for (let page = this._step(); page !== undefined; page = this._step()) {
        yield* JSON.parse(page);
      }
    } finally {
      this.close();
    }
  }
}

/** Work in steps: iterate over it for its progress, or ask for its result at once. */
class BlockingJob extends Walk {
  #reply;

  *[Symbol.iterator]() {
    while (this.#reply === undefined) {
      const step = this._step();
      if (step === undefined) {
        return;
      }
      if (step !== "") {
        this.#reply = { of: JSON.parse(step) };
      }
      yield this.progress;
    }
  }

  /** Works to the end and gives the reply. */
  result() {
    for (const _ of this);
    if (this.#reply === undefined) {
      throw new Error("the job was closed before its end");
    }
    return this.#reply.of;
  }
}

module.exports = { BlockingJob, BlockingStream, BlockingTenant };

"use strict";

const { native } = require("./errors.cjs");

// Items that a stream takes over the border at once.
const PAGE = 1_000;

/** A stream or a job, begun by its first step. Leaving it early ends it. */
class Walk {
  #begin;
  #cursor;
  #signal;
  #isClosed = false;
  #progress = { done: 0, total: 0 };

  constructor(begin, signal) {
    this.#begin = begin;
    this.#signal = signal;
  }

  /** How far it has come, in its own unit: serials, cards. */
  get progress() {
    return { ...this.#progress };
  }

  /** Ends it. */
  async close() {
    this.#isClosed = true;
    if (this.#cursor !== undefined) {
      await native(this.#cursor.close());
    }
  }

  [Symbol.asyncDispose]() {
    return this.close();
  }

  /** The next piece of work; undefined at the end. */
  async _step() {
    this.#signal?.throwIfAborted();
    if (this.#isClosed) {
      return undefined;
    }
    this.#cursor ??= await native(this.#begin());
    const [said, done, total] = await native(this.#cursor.next(PAGE));
    if (said === null) {
      return undefined;
    }
    this.#progress = { done, total };
    return said;
  }
}

/** Items one after another, fetched by the page. */
class Stream extends Walk {
  #items = pages(this);

  next() {
    return this.#items.next();
  }

  async return(value) {
    await this.close();
    return { value, done: true };
  }

  /** Ends it; what was fetched and not yet given out is dropped. */
  async close() {
    await super.close();
    await this.#items.return();
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}

async function* pages(stream) {
  for (;;) {
    const page = await stream._step();
    if (page === undefined) {
      return;
    }
    yield* JSON.parse(page);
  }
}

/** Work in steps: iterate over it for its progress, or ask for its result at once. */
class Job extends Walk {
  #reply;

  async *[Symbol.asyncIterator]() {
    while (this.#reply === undefined) {
      const step = await this._step();
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
  async result() {
    for await (const _ of this);
    if (this.#reply === undefined) {
      throw new Error("the job was closed before its end");
    }
    return this.#reply.of;
  }
}

module.exports = { Job, PAGE, Stream };

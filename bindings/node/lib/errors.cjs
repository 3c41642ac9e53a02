"use strict";

/** Every failure of cardmint. `code` is stable; `message` is for developers, `texts` are for people. */
class CardmintError extends Error {
  constructor(failure) {
    super(`${failure.code}: ${failure.message}`);
    this.kind = failure.kind;
    this.code = failure.code;
    this.status = failure.status;
    this.may_retry = failure.may_retry;
    this.facts = failure.facts;
    this.texts = failure.texts ?? {};
  }
}

/** A lawful *no*: nothing was written, and `facts` and `texts` say why. */
class DeniedError extends CardmintError {}

/** The request cannot be meant; `facts` name the `field`, what was `given` and what is `allowed`. */
class InvalidError extends CardmintError {}

/** Something is broken or not there. `may_retry` tells whether the same call may go better later. */
class FaultError extends CardmintError {}

const KINDS = { denied: DeniedError, invalid: InvalidError, fault: FaultError };

for (const of of [CardmintError, DeniedError, InvalidError, FaultError]) {
  Object.defineProperty(of.prototype, "name", { value: of.name, configurable: true, writable: true });
}

/** The error of a failure as it comes over the wire. */
function errorOf(failure) {
  return new (KINDS[failure.kind] ?? FaultError)(failure);
}

/** A refusal of this side, in the shape of the engine's own. */
function invalid(field, given, allowed) {
  const message = `\`${field}\`: given ${given}, allowed ${allowed}`;
  const facts = { allowed, field, given };
  return new InvalidError({ kind: "invalid", code: "invalid", status: 103, message, may_retry: false, facts });
}

/** What the native half threw, as ours: the JSON of a failure stands in its message. */
function translated(error) {
  if (error instanceof Error && error.message.startsWith('{"kind":')) {
    return errorOf(JSON.parse(error.message));
  }
  return error;
}

/** The promise of the native half, its failures as ours. */
async function native(promise) {
  try {
    return await promise;
  } catch (error) {
    throw translated(error);
  }
}

/** What the native half does at once, its failures as ours. */
function here(work) {
  try {
    return work();
  } catch (error) {
    throw translated(error);
  }
}

module.exports = { CardmintError, DeniedError, FaultError, InvalidError, errorOf, here, invalid, native, translated };

"use strict";

const native = require("./native.cjs");
const { errorOf, translated } = require("./errors.cjs");

/** Changes that are awaited: number to { resolve, reject }. No thread waits for any of them. */
const waiting = new Map();

const completions = new native.Completions(settle);

// Whoever waits keeps the process alive; the native half by itself never does. A timer is Node's own way to say so.
const alive = setInterval(() => {}, 2 ** 30);
alive.unref();

/** Called when something came to its end. */
function settle() {
  for (const [number, wentWell, reply] of JSON.parse(completions.take())) {
    const call = waiting.get(number);
    if (call !== undefined) {
      forget(number);
      if (wentWell) {
        call.resolve(reply);
      } else {
        call.reject(errorOf(reply));
      }
    }
  }
}

function forget(number) {
  waiting.delete(number);
  if (waiting.size === 0) {
    alive.unref();
  }
}

/** Hands a change in. Its promise is settled when the change is durable, or refused. */
function submitted(tenant, operation, request, signal) {
  return new Promise((resolve, reject) => {
    let number;
    try {
      number = completions.submit(tenant, operation, request);
    } catch (error) {
      reject(translated(error));
      return;
    }
    if (waiting.size === 0) {
      alive.ref();
    }
    if (signal === undefined) {
      waiting.set(number, { resolve, reject });
      return;
    }
    const withdraw = () => {
      completions.withdraw(number);
      forget(number);
      reject(signal.reason);
    };
    signal.addEventListener("abort", withdraw, { once: true });
    const settled = (by) => (outcome) => {
      signal.removeEventListener("abort", withdraw);
      by(outcome);
    };
    waiting.set(number, { resolve: settled(resolve), reject: settled(reject) });
  });
}

module.exports = { submitted };

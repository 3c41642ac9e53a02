"use strict";

const { invalid } = require("./errors.cjs");

// Deeper than any request goes; a circle is deeper.
const DEPTH_MAX = 100;
const INTEGERS = "whole numbers from -9007199254740991 to 9007199254740991";

/**
 * The JSON of a request. `JSON.stringify` alone would quietly turn NaN and a broken date into null, a map into {}, and leave
 * functions out: whatever is not plain data is refused instead, by the path of its field.
 */
function encode(request) {
  if (!isPlain(request, 0)) {
    check(request, "", 0);
  }
  return JSON.stringify(request);
}

/** Whether a value is nothing but plain data, as nearly every request: a walk that knows no paths. Of all else, `check` judges. */
function isPlain(value, depth) {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "undefined":
      // A field that is left out.
      return depth > 0;
    case "number":
      return Number.isSafeInteger(value);
    case "object":
      break;
    default:
      return false;
  }
  if (value === null || depth === DEPTH_MAX) {
    return value === null;
  }
  if (Array.isArray(value)) {
    // Not `every`, which passes over holes.
    for (let place = 0; place < value.length; place += 1) {
      if (value[place] === undefined || !isPlain(value[place], depth + 1)) {
        return false;
      }
    }
    return true;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype || value.toJSON !== undefined) {
    return false;
  }
  for (const key of Object.keys(value)) {
    if (!isPlain(value[key], depth + 1)) {
      return false;
    }
  }
  return true;
}

/** Throws unless the JSON of a value says the same as the value. */
function check(value, path, depth) {
  switch (typeof value) {
    case "string":
    case "boolean":
      return;
    case "number":
      if (!Number.isSafeInteger(value)) {
        throw invalid(path || "request", numberInWords(value), INTEGERS);
      }
      return;
    case "object":
      if (value === null) {
        return;
      }
      if (depth === DEPTH_MAX) {
        throw invalid(path || "request", "data within itself, or nested too deeply", "plain data");
      }
      if (Array.isArray(value)) {
        checkList(value, path, depth);
      } else if (value instanceof Date) {
        checkDate(value, path);
      } else {
        checkObject(value, path, depth);
      }
      return;
    default:
      throw invalid(path || "request", `a ${typeof value}`, "plain data");
  }
}

function numberInWords(value) {
  if (Number.isNaN(value)) {
    return "NaN";
  }
  return Number.isInteger(value) || !Number.isFinite(value) ? "a number out of range" : "a fraction";
}

function checkList(list, path, depth) {
  for (let place = 0; place < list.length; place += 1) {
    check(list[place], `${path}[${place}]`, depth + 1);
  }
}

function checkDate(date, path) {
  const year = date.getUTCFullYear();
  if (!(year >= 1 && year <= 9999)) {
    throw invalid(path || "request", Number.isNaN(year) ? "a date that is none" : "a date out of range", "a year from 1 to 9999");
  }
}

function checkObject(object, path, depth) {
  const prototype = Object.getPrototypeOf(object);
  // Objects of another realm (a vm, a test runner) have another Object.prototype, whose own prototype is null.
  if (prototype !== null && prototype !== Object.prototype && Object.getPrototypeOf(prototype) !== null) {
    throw invalid(path || "request", `a ${object.constructor?.name ?? "class"}`, "plain data");
  }
  if (typeof object.toJSON === "function") {
    throw invalid(path || "request", "an object with toJSON", "plain data");
  }
  for (const key of Object.keys(object)) {
    const item = object[key];
    // Left out by JSON.stringify, as it is meant.
    if (item !== undefined) {
      check(item, pathOf(path, key), depth + 1);
    }
  }
}

/** What does not look like a field's name may be a code in the wrong place. */
function pathOf(path, key) {
  const name = /^[a-z_][a-z0-9_]*$/.test(key) ? key : "?";
  return path ? `${path}.${name}` : name;
}

/** A text, or a refusal that names its field. */
function text(field, value) {
  if (typeof value !== "string") {
    throw invalid(field, value === null ? "null" : `a ${typeof value}`, "a text");
  }
  return value;
}

/** An instant of a request, as the wire has it. A text is the engine's to judge. */
function instantText(field, value) {
  if (value instanceof Date) {
    checkDate(value, field);
    return value.toISOString();
  }
  return text(field, value);
}

module.exports = { encode, instantText, text };

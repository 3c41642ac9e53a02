"use strict";

const { existsSync, readdirSync } = require("node:fs");
const { join } = require("node:path");

const FOLDER = join(__dirname, "..", "native");

/** The builds of the native half that may run here, the likeliest first. */
function builds() {
  const machine = `${process.platform}-${process.arch}`;
  return process.platform === "linux" ? [`${machine}-gnu`, `${machine}-musl`] : [machine];
}

function load() {
  const wrong = [];
  for (const build of builds()) {
    const path = join(FOLDER, `${build}.node`);
    if (existsSync(path)) {
      try {
        return require(path);
      } catch (error) {
        wrong.push(`${build} does not load: ${error.message}`);
      }
    }
  }
  const there = existsSync(FOLDER) ? readdirSync(FOLDER).join(", ") : "none";
  const why = wrong.length > 0 ? wrong.join("; ") : `it has no build for ${builds().join(" or ")}, only: ${there}`;
  throw new Error(`cardmint cannot be loaded: ${why}; \`cargo xtask package node\` makes a package on and for this machine`);
}

module.exports = load();

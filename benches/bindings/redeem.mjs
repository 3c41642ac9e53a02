// Runs each errand of a file once and prints one line of JSON: the seconds that it took.
//
// node redeem.mjs alone|alone-awaited|promises DB KEYRING ERRANDS
import { readFileSync } from 'node:fs'
import { open } from 'cardmint'

// Calls outstanding at once in each manner.
const outstanding = { 'alone-awaited': 1, promises: 64 }

// The request of an errand: an order of two lines.
function request([key, code, order, holder]) {
  return {
    meta: key,
    code,
    holder: { kind: 'customer', value: holder },
    order: {
      id: order,
      currency: 'CNY',
      lines: [
        { id: '1', product: 'tea', quantity: 2, amount_minor: 12_000 },
        { id: '2', product: 'tea', quantity: 2, amount_minor: 11_400 },
      ],
    },
  }
}

const [mode, db, keyring, path] = process.argv.slice(2)
const errands = readFileSync(path, 'utf8').trimEnd().split('\n').map((line) => line.split(' '))
const engine = await open(db, { keyring })
const shop = await engine.tenant('default', 'live')
let next = 0

async function till() {
  while (next < errands.length) await shop.redeem(request(errands[next++]))
}

const began = performance.now()
if (mode === 'alone') {
  for (const errand of errands) shop.blocking.redeem(request(errand))
} else {
  await Promise.all(Array.from({ length: outstanding[mode] }, till))
}
const seconds = (performance.now() - began) / 1e3
await engine.close()
console.log(JSON.stringify({ seconds }))

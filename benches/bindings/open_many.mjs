// Opens the code of every errand of a file in one call, against as many bare HMACs over as many bytes, and prints one line of
// JSON: the seconds of both.
//
// node open_many.mjs DB KEYRING ERRANDS
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { open } from 'cardmint'

const [db, keyring, path] = process.argv.slice(2)
const codes = readFileSync(path, 'utf8').trimEnd().split('\n').map((line) => line.split(' ')[1])
const key = randomBytes(32)
const tagOf = (body) => createHmac('sha256', key).update(body).digest().subarray(0, 8)
const tagged = codes.map((code) => ({ body: Buffer.from(code), tag: tagOf(Buffer.from(code)) }))
const engine = await open(db, { keyring })
const shop = await engine.tenant('default', 'live')

async function timed(work) {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1e3
}

async function ours() {
  const cards = await shop.openMany({ codes })
  if (cards.length !== codes.length || cards.includes(null)) throw new Error('a code did not open')
}

function native() {
  for (const { body, tag } of tagged) {
    if (!timingSafeEqual(tagOf(body), tag)) throw new Error('a tag does not fit')
  }
}

await ours()
native()
// Once each way round, so that neither is always the second.
const [first, second] = [await timed(ours), await timed(native)]
const [third, fourth] = [await timed(native), await timed(ours)]
await engine.close()
console.log(JSON.stringify({ ours: (first + fourth) / 2, native: (second + third) / 2 }))

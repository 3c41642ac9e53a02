// Usage: node pricing.mjs CARDMINT ROUNDS
// Prices carts of 5 and 50 lines with 1, 10 and 100 automatic promotions, percentages and sums by turns, each off what the one before left and
// spread over all lines. Prints {LINESxPROMOTIONS: {ours: [µs for a cart], theirs: [µs]}}.
//
// Ours is `quoteOrders` from Node over a sample: the carts lie ready in the library, as theirs do before them; promotions are sent, checked and compiled with
// each call, and what each promotion takes off each line comes back as plain numbers. `listed` sends the carts along, too. Theirs is the real `computeActions` of @medusajs/promotion with its
// database stubbed: the promotions lie in memory as their query would give them, nothing is looked up, filtered or locked.
// They do not round at all and ours rounds each promotion once: both come to the same total within half a cent for each promotion, or it fails.
import { createRequire } from 'node:module'
import { join } from 'node:path'

const require = createRequire(import.meta.url)
const [installed, roundsText] = process.argv.slice(2)
const { createKeyring, open } = createRequire(join(installed, 'here.js'))('cardmint')
const Service = require('@medusajs/promotion/dist/services/promotion-module.js').default

const CARTS = 64
const offBp = (at) => 50 + at * 3
const minor = (at) => 10 + at
const name = (at) => `t${String(at).padStart(3, '0')}`

const amount = (cart, place) => ((cart * 7_919 + place * 104_729) % 50_000) + 100
const places = (lines) => Array.from({ length: lines }, (_, place) => place)
const lineId = (place) => `l${String(place).padStart(3, '0')}`

const ourCart = (lines) => (cart) => ({
  id: `o${cart}`, currency: 'CNY',
  lines: places(lines).map((place) => ({ id: lineId(place), product: `p${place}`, quantity: 1 + (place % 3), amount_minor: amount(cart, place) })),
})
const theirCart = (lines) => (cart) => ({
  currency_code: 'cny',
  items: places(lines).map((place) => ({
    id: lineId(place), quantity: 1 + (place % 3), subtotal: amount(cart, place), original_total: amount(cart, place), is_discountable: true,
  })),
})

// Ours go by the ids of their templates; theirs as their sort leaves them, which is seen from what they do.
const offer = (at, turn) => ({
  id: name(turn),
  template: { id: name(turn), currency: 'CNY', benefit: at % 2 ? { amount_off: { minor: minor(at) } } : { percent_off: { off_bp: offBp(at) } } },
})
const promotion = (at) => ({
  id: `promo_${at}`, code: name(at), is_automatic: true, type: 'standard', status: 'active', is_tax_inclusive: false, rules: [], limit: null, used: 0,
  application_method: {
    type: at % 2 ? 'fixed' : 'percentage', value: at % 2 ? minor(at) : offBp(at) / 100, target_type: 'items', allocation: 'across',
    currency_code: 'cny', max_quantity: null, target_rules: [], buy_rules: [],
  },
})

function medusa(count) {
  const promotions = Array.from({ length: count }, (_, at) => promotion(at))
  const service = Object.create(Service.prototype)
  Object.defineProperty(service, 'listActivePromotions_', { value: async () => promotions })
  service.baseRepository_ = { getFreshManager: () => ({}) }
  const codes = promotions.map(({ code }) => code)
  return (cart) => service.computeActions(codes, cart, { prevent_auto_promotions: true }, {})
}

const keyring = join(installed, `pricing-${process.pid}.json`)
await createKeyring(keyring)
const engine = await open(':memory:', { keyring })
const shop = engine.tenant()

// Runs for a while, so many carts a time.
async function timed(work, carts) {
  const began = performance.now()
  let times = 0
  do {
    await work(times)
    times += 1
  } while (performance.now() - began < 60)
  return ((performance.now() - began) * 1e3) / (times * carts)
}

async function of(lines, count, isListed) {
  const numbers = Array.from({ length: CARTS }, (_, cart) => cart)
  const [orders, carts] = [numbers.map(ourCart(lines)), numbers.map(theirCart(lines))]
  const compute = medusa(count)
  const turns = [...new Set((await compute(carts[0])).map(({ code }) => Number(code.slice(1))))]
  if (turns.length !== count) throw new Error(`${turns.length} of ${count} promotions apply`)
  const offers = turns.map(offer)
  const sample = `carts-${lines}-${count}`
  if (!isListed) await shop.sampleOrders({ sample, orders })
  const ours = () => shop.quoteOrders({ orders: isListed ? orders : sample, offers })
  const theirs = (time) => compute(carts[time % CARTS])
  const quoted = await ours()
  for (let cart = 0; cart < 8; cart++) {
    const actions = await compute(carts[cart])
    const total = actions.reduce((sum, { amount }) => sum + Number(amount), 0)
    const { discount_minor, shares } = quoted.orders[cart]
    const off = shares.flat().reduce((sum, share) => sum + share, 0)
    if (off !== discount_minor) throw new Error(`shares of ${off}, ${discount_minor} in all`)
    if (Math.abs(total - discount_minor) > count / 2 + 1e-6) throw new Error(`${discount_minor} off by ours, ${total} by theirs`)
  }
  await timed(ours, CARTS)
  await timed(theirs, 1)
  const told = { ours: [], theirs: [] }
  for (let round = 0; round < Number(roundsText); round++) {
    const sides = [async () => told.ours.push(await timed(ours, CARTS)), async () => told.theirs.push(await timed(theirs, 1))]
    if (round % 2) sides.reverse()
    for (const side of sides) await side()
  }
  return told
}

const told = {}
for (const lines of [5, 50]) for (const count of [1, 10, 100]) told[`${lines}x${count}`] = await of(lines, count, false)
told['5x100/listed'] = await of(5, 100, true)
await engine.close()
console.log(JSON.stringify(told))

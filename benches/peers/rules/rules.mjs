// Usage: node rules.mjs CARDMINT ROUNDS
// Asks 512 orders whether a typical condition holds: an amount, the store out of a set, a tag of a line, a window of time. First of one rule, then
// of ten that differ in their amounts. Prints {NAME: {ours: [µs for an order], theirs: [µs]}} and fails where an answer differs.
//
// Ours asks a sample from Node: the orders lie ready in the library, as the facts do in front of the peers; templates are sent, checked and compiled with
// each call, and the answers come back as JSON. `listed` is one call for all orders, whole: they become JSON, cross over, are read, checked and asked.
// json-rules-engine is made once and runs on the facts of each order, all rules together; zen-engine evaluates an expression on the
// facts, as its synchronous interface has it. Both get the sum of the order, its tags and its moment as plain facts, which ours works out.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Engine } from 'json-rules-engine'
import zen from '@gorules/zen-engine'

const [installed, roundsText] = process.argv.slice(2)
const { createKeyring, open } = createRequire(join(installed, 'here.js'))('cardmint')

const ORDERS = 512
const START = '2026-11-01T00:00:00Z', END = '2026-12-01T00:00:00Z'
const [start, end] = [Date.parse(START), Date.parse(END)]
const stores = ['S1', 'S2', 'S3', 'S5', 'S8', 'S13', 'S21', 'S34']
const least = (rule) => 10_000 + 2_000 * rule

const orders = Array.from({ length: ORDERS }, (_, i) => ({
  id: `o${i}`, currency: 'CNY', store: i % 7 ? stores[i % 8] : 'S99',
  placed_at: new Date(start + (i % 45) * 86_400_000).toISOString().replace('.000', ''),
  lines: [{ id: '1', product: 'p', quantity: 1, amount_minor: 8_000 + (i * 977) % 20_000, tags: i % 3 ? ['local', 'fresh'] : ['dry'] }],
}))
const facts = orders.map((order) => ({
  subtotal: order.lines[0].amount_minor, store: order.store, tags: order.lines[0].tags, at: Date.parse(order.placed_at),
}))

const template = (rule) => ({
  id: `t${rule}`, currency: 'CNY', benefit: { percent_off: { off_bp: 1_000 } },
  conditions: [
    { fact: { fact: 'order.subtotal', at_least: least(rule) } },
    { fact: { fact: 'store.id', in: stores } },
    { lines: { where: { fact: { fact: 'line.tags', contains_any: ['organic', 'fresh'] } }, match: 'any' } },
    { fact: { fact: 'order.placed_at', between: [START, END] } },
  ],
})

const keyring = join(installed, `rules-${process.pid}.json`)
await createKeyring(keyring)
const engine = await open(':memory:', { keyring })
const shop = engine.tenant()

await shop.sampleOrders({ sample: 'orders', orders })

const ours = (rules, orders) => async () => {
  const asked = Array.from({ length: rules }, (_, rule) => shop.evaluateMany({ of: { template: template(rule) }, orders }))
  const held = (await Promise.all(asked)).map(({ hold }) => hold)
  return held[0].map((_, order) => held.map((hold) => hold[order]))
}

function jsonRules(rules) {
  const made = new Engine()
  made.addOperator('containsAny', (have, wanted) => have.some((tag) => wanted.includes(tag)))
  for (let rule = 0; rule < rules; rule++) {
    made.addRule({
      conditions: { all: [
        { fact: 'subtotal', operator: 'greaterThanInclusive', value: least(rule) },
        { fact: 'store', operator: 'in', value: stores },
        { fact: 'tags', operator: 'containsAny', value: ['organic', 'fresh'] },
        { fact: 'at', operator: 'greaterThanInclusive', value: start },
        { fact: 'at', operator: 'lessThan', value: end },
      ] },
      event: { type: 'holds', params: { rule } },
    })
  }
  return async () => {
    const all = []
    for (const fact of facts) {
      const { events } = await made.run(fact)
      const answer = Array(rules).fill(false)
      for (const event of events) answer[event.params.rule] = true
      all.push(answer)
    }
    return all
  }
}

function zenRules(rules) {
  const words = (list) => list.map((word) => `'${word}'`).join(', ')
  const expressions = Array.from({ length: rules }, (_, rule) =>
    `subtotal >= ${least(rule)} and store in [${words(stores)}] and some(tags, # in ['organic', 'fresh']) and at >= ${start} and at < ${end}`)
  return async () => facts.map((fact) => expressions.map((expression) => zen.evaluateExpressionSync(expression, fact)))
}

async function timed(side) {
  const began = performance.now()
  let times = 0
  do {
    await side()
    times += 1
  } while (performance.now() - began < 40)
  return ((performance.now() - began) * 1e3) / (times * ORDERS)
}

async function beside(ours, theirs) {
  const [one, other] = [JSON.stringify(await ours()), JSON.stringify(await theirs())]
  if (one !== other) throw new Error('the answers differ')
  if (!one.includes('true') || !one.includes('false')) throw new Error('every order comes out alike')
  await timed(ours)
  await timed(theirs)
  const told = { ours: [], theirs: [] }
  for (let round = 0; round < Number(roundsText); round++) {
    const turns = [() => timed(ours).then((us) => told.ours.push(us)), () => timed(theirs).then((us) => told.theirs.push(us))]
    if (round % 2) turns.reverse()
    for (const turn of turns) await turn()
  }
  return told
}

const told = {
  'json-rules-engine/1': await beside(ours(1, 'orders'), jsonRules(1)),
  'json-rules-engine/10': await beside(ours(10, 'orders'), jsonRules(10)),
  'json-rules-engine/1/listed': await beside(ours(1, orders), jsonRules(1)),
  'zen-engine/1': await beside(ours(1, 'orders'), zenRules(1)),
  'zen-engine/10': await beside(ours(10, 'orders'), zenRules(10)),
  'zen-engine/1/listed': await beside(ours(1, orders), zenRules(1)),
}
await engine.close()
console.log(JSON.stringify(told))

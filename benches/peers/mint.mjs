// Usage: node mint.mjs PEER COUNT [WARMUP]
// Generates COUNT codes of 16 Crockford symbols grouped in fours with one peer, the way its README says, and prints
// {codes, seconds, peak_rss_bytes}. Only the last call is timed: node's start, loading the module and WARMUP smaller
// calls (so that the peer is measured compiled, not interpreted) are left out. A warm-up raises the peak, so memory is
// measured with a warm-up of 0.
import { readFileSync } from 'node:fs'

const [peer, countText, warmupText = '0'] = process.argv.slice(2)
const count = Number(countText)
const charset = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const pattern = '####-####-####-####'

const module = await import(peer)
const generate = module.generate ?? module.default.generate

for (let i = 0; i < Number(warmupText); i++) generate({ count: 10_000, charset, pattern })

const start = process.hrtime.bigint()
const codes = generate({ count, charset, pattern })
const seconds = Number(process.hrtime.bigint() - start) / 1e9

if (codes.length !== count || !/^([0-9A-Z]{4}-){3}[0-9A-Z]{4}$/.test(codes[0])) {
  throw new Error(`${peer} gave ${codes.length} codes like ${codes[0]}, asked for ${count}`)
}
// Not resourceUsage().maxRSS: Linux starts that at what the parent process held when it started us.
const peakKilobytes = Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1])
console.log(JSON.stringify({ codes: codes.length, seconds, peak_rss_bytes: peakKilobytes * 1024 }))

// One real year of a grocery chain's coupons, replayed from Node: the story of `cargo xtask demo`.
//
//     cd examples/node && npm ci && npm install --no-save ../../dist/node/cardmint-*.tgz
//     node complete_journey.mjs [--data DIR] [--db PATH]
//
// The last line on stdout is one JSON object: the totals of the demo's last line, and the same that examples/python prints. The
// engine is told orders and codes only, never what came of them in that year.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";

import { createKeyring, DeniedError, open } from "cardmint";
import { parse } from "csv-parse/sync";
import { DateTime } from "luxon";

const DATA = fileURLToPath(new URL("../data/complete-journey", import.meta.url));
// The publisher names no zone; the stores are in the United States.
const ZONE = "America/New_York";
const FORMAT = { symbols: 16 };
// Most subjects of one call.
const AUDIENCE = 1_000;

function rows(folder, name) {
  return parse(gunzipSync(readFileSync(join(folder, `${name}.csv.gz`))), { columns: true });
}

/** A local time as a date. */
function moment(local) {
  return DateTime.fromISO(local, { zone: ZONE }).toJSDate();
}

/** What `of` gives for a key, made by `fresh` the first time. */
function at(map, key, fresh) {
  if (!map.has(key)) {
    map.set(key, fresh());
  }
  return map.get(key);
}

const couponName = (campaign, upc) => `c${campaign}-${upc}`;
const customer = (household) => ({ kind: "customer", value: household });

/** The year, as the files tell it. */
function load(folder) {
  const campaigns = rows(folder, "campaigns");
  const mailed = new Map();
  for (const row of rows(folder, "mailings")) {
    at(mailed, row.campaign_id, () => []).push(row.household_id);
  }
  const coupons = new Map();
  for (const { campaign_id: campaign, coupon_upc: upc, product_id } of rows(folder, "coupon_products")) {
    at(coupons, couponName(campaign, upc), () => ({ campaign, products: new Set(), recorded: 0 })).products.add(product_id);
  }
  const redemptions = rows(folder, "redemptions").map((row, place) => ({ ...row, number: place + 1 }));
  for (const row of redemptions) {
    coupons.get(couponName(row.campaign_id, row.coupon_upc)).recorded += 1;
  }
  let linesDropped = 0;
  const days = new Map();
  for (const row of rows(folder, "basket_lines")) {
    if (row.quantity === "0") {
      linesDropped += 1; // no order can hold it
      continue;
    }
    const baskets = at(days, `${row.household_id} ${row.at.slice(0, 10)}`, () => new Map());
    at(baskets, row.basket_id, () => ({ id: row.basket_id, at: row.at, store: row.store_id, lines: [] })).lines.push(row);
  }
  return { campaigns, mailed, coupons, redemptions, days, linesDropped };
}

/** 1.00 USD off the coupon's products, on an order that holds one of them. */
function template(id, products) {
  const lines = { product_set: id };
  return {
    id,
    currency: "USD",
    benefit: { amount_off: { minor: 100, over: { lines } } },
    conditions: [{ has_line: { lines } }],
    redeem_from: "claimed",
    display: {
      en: { title: "$1.00 off", scope: `any of ${products} products` },
      "zh-CN": { title: "立减1美元", scope: `${products} 种商品任选` },
    },
  };
}

/** What a merchant does before the year begins. Every request has a key of its own: a second run changes nothing. */
async function setUp(shop, { campaigns, mailed, coupons }) {
  await shop.saveSettings({ meta: "settings", zone: ZONE });
  // Calls that are handed in together become durable together.
  await Promise.all(
    campaigns.map(({ campaign_id: id, campaign_type: type, start_date: start, end_date: end }) =>
      shop.saveCampaign({ meta: `campaign-${id}`, id, title: `Campaign ${id} (${type})`, start, end, audience: "listed" }),
    ),
  );
  const audiences = [];
  for (const [campaign, households] of mailed) {
    for (let place = 0; place < households.length; place += AUDIENCE) {
      const subjects = households.slice(place, place + AUDIENCE).map(customer);
      audiences.push(shop.addAudience({ meta: `audience-${campaign}-${place}`, campaign, subjects }));
    }
  }
  await Promise.all(audiences);
  const each = (call) => Promise.all(Array.from(coupons, ([name, coupon]) => call(name, coupon)));
  await each((name, { products }) => shop.saveProductSet({ meta: `products-${name}`, name, products: [...products] }));
  await each((name, { products }) => shop.saveTemplate({ meta: `template-${name}`, template: template(name, products.size) }));
  await each((name, { campaign, recorded }) =>
    shop.issueBatch({
      meta: `batch-${name}`,
      id: name,
      template: name,
      size: Math.max(mailed.get(campaign)?.length ?? 0, recorded, 1),
      format: FORMAT,
      campaign,
    }),
  );
}

function orderOf({ id, at: placed, store, lines }) {
  return {
    id,
    currency: "USD",
    store,
    placed_at: moment(placed),
    lines: lines.map((line, place) => ({
      id: String(place + 1),
      product: line.product_id,
      categories: line.product_category ? [line.product_category] : [],
      quantity: Number(line.quantity),
      amount_minor: Number(line.sales_cents),
    })),
  };
}

/** What came of one coupon on one basket. */
async function handIn(shop, { number, code }, household, order) {
  try {
    const { pricing } = await shop.redeem({ meta: `redeem-${number}-${order.id}`, code, holder: customer(household), order });
    return { said: "redeemed", discount: pricing.discount_minor };
  } catch (no) {
    if (no instanceof DeniedError && ["condition_failed", "no_effect"].includes(no.code)) {
      return { said: no.code, discount: 0 };
    }
    throw no;
  }
}

/** A household claims what it hands in that day, then tries each coupon on its baskets until one takes it. */
async function playDay(engine, shop, { days }, household, day, redemptions) {
  const byTime = (a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : Number(a.id) - Number(b.id));
  const baskets = [...(days.get(`${household} ${day}`)?.values() ?? [])].sort(byTime);
  engine.setNow(moment(baskets[0]?.at ?? `${day}T12:00:00`));
  const coupons = await Promise.all(
    redemptions.map(async ({ number, campaign_id: campaign, coupon_upc: upc }) => {
      const take = { batch: couponName(campaign, upc) };
      const { code } = await shop.claim({ meta: `claim-${number}`, take, holder: customer(household) });
      return { number, code, answers: new Set(), discount: 0 };
    }),
  );
  for (const basket of baskets) {
    engine.setNow(moment(basket.at));
    const order = orderOf(basket);
    const left = coupons.filter((coupon) => !coupon.answers.has("redeemed"));
    await Promise.all(
      left.map(async (coupon) => {
        const { said, discount } = await handIn(shop, coupon, household, order);
        coupon.answers.add(said);
        coupon.discount += discount;
      }),
    );
  }
  return coupons.map(({ answers, discount }) => ({
    verdict: answers.has("redeemed") ? "redeemed" : answers.has("no_effect") ? "no_effect" : "no_matching_product",
    discount,
  }));
}

/** The redemptions of a household's day, one day after another as they stand in the file. */
function* byDay(redemptions) {
  let group = [];
  for (const row of redemptions) {
    if (group.length > 0 && (group[0].household_id !== row.household_id || group[0].day !== row.day)) {
      yield group;
      group = [];
    }
    group.push(row);
  }
  if (group.length > 0) {
    yield group;
  }
}

async function play(journey, db, keyring) {
  const engine = await open(db, { keyring, now: "2016-01-01T00:00:00Z" });
  const shop = engine.tenant("complete-journey");
  await setUp(shop, journey);
  const all = [];
  for (const group of byDay(journey.redemptions)) {
    all.push(...(await playDay(engine, shop, journey, group[0].household_id, group[0].day, group)));
    process.stderr.write(`\r${all.length} of ${journey.redemptions.length} coupons handed in`);
  }
  process.stderr.write("\n");
  await engine.close();
  const count = (verdict) => all.filter((one) => one.verdict === verdict).length;
  return {
    mailed: [...journey.mailed.values()].reduce((sum, households) => sum + households.length, 0),
    claimed: all.length,
    tried: all.length,
    redeemed: count("redeemed"),
    denied_no_matching_product: count("no_matching_product"),
    denied_no_effect: count("no_effect"),
    lines_dropped: journey.linesDropped,
    discount_minor: all.reduce((sum, one) => sum + one.discount, 0),
  };
}

const { values: args } = parseArgs({ options: { data: { type: "string", default: DATA }, db: { type: "string" } } });
const folder = args.db === undefined ? mkdtempSync(join(tmpdir(), "cardmint-journey-")) : undefined;
try {
  const db = args.db ?? join(folder, "journey.db");
  const keyring = `${db}.keys.json`;
  if (!existsSync(keyring)) {
    await createKeyring(keyring);
  }
  console.log(JSON.stringify(await play(load(args.data), db, keyring)));
} finally {
  if (folder !== undefined) {
    rmSync(folder, { recursive: true });
  }
}

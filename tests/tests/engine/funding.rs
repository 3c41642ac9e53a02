//! Who bears what of the discounts: told by the events of redemptions and refunds, and equal to a recount of their rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use cardmint::card::{Benefit, CardKind, Funding, RedeemFrom, Setting, TemplateDraft};
use cardmint::checkout::{Funded, Order, Pricing};
use cardmint::code::CodeFormat;
use cardmint::rule::{Line, LineFilter, Over};
use cardmint::store::{
    CommitOutcome, Group, Lookup, MemoryStore, Page, Record, Scan, Store, StoreError, Stored, StoredEvent,
};
use cardmint::{
    CaptureHold, CardPick, CountFunding, FundingFigures, IssueBatch, OrderCard, PlaceHold, Receipt, RedeemOrder,
    RefundRedemption, SavePromotion,
};
use cardmint_tests::{Shop, bearer, cny, denied, eight_tenths, instant, order, refused};

/// What each party bears and gets back, by batch.
type Sums = BTreeMap<(String, String), (i64, i64)>;

fn thirds() -> Vec<Funding> {
    let part = |party: &str, off_bp| Funding { party: party.to_owned(), off_bp };
    vec![part("platform", 3_333), part("brand", 3_334), part("shop", 3_333)]
}

fn amount_off(minor: i64) -> TemplateDraft {
    TemplateDraft { benefit: Benefit::AmountOff { minor: Setting::Fixed(minor), over: Over::Order }, ..bearer() }
}

/// Odd prices, shipping among them.
fn basket(id: &str) -> Order {
    Order { shipping_minor: 599, ..order(id, &[("apple", 1_001), ("pear", 3_337), ("tea", 7)]) }
}

fn figures(shop: &Shop, asked: CountFunding) -> FundingFigures {
    shop.tenant.count_funding(asked).unwrap().wait().unwrap()
}

fn sums(figures: &FundingFigures) -> Sums {
    assert!(figures.lines.iter().all(|line| line.currency == cny()));
    let of = |line: &cardmint::FundingLine| {
        ((line.batch.clone(), line.party.clone()), (line.borne_minor, line.returned_minor))
    };
    figures.lines.iter().map(of).collect()
}

/// What a pricing says line by line.
fn add(sums: &mut Sums, batch: &str, pricing: &Pricing) {
    let shares = pricing.allocations.iter().flat_map(|share| &share.funded).chain(&pricing.shipping_funded);
    let mut all = 0;
    for Funded { party, off_minor } in shares {
        sums.entry((batch.to_owned(), party.clone())).or_default().0 += off_minor;
        all += off_minor;
    }
    assert_eq!(all, pricing.discount_minor, "nobody bears the rest");
}

fn back(sums: &mut Sums, batch: &str, funded: &[Funded]) {
    for Funded { party, off_minor } in funded {
        sums.entry((batch.to_owned(), party.clone())).or_default().1 += off_minor;
    }
}

/// Uses cards in all ways in which cards are used, and gives some back.
fn trade(shop: &Shop) -> Sums {
    let mut sums = Sums::new();
    shop.batch("off", 9, TemplateDraft { funding: thirds(), ..amount_off(1_000) });
    shop.batch("nobodys", 9, amount_off(100));
    let tea = LineFilter { products: vec!["tea".to_owned()], ..LineFilter::default() };
    let goods = Benefit::Goods { quantity: 1, lines: tea };
    let limits = cardmint::card::Limits { uses_per_card: 9, ..Default::default() };
    let usage = serde_json::from_value(serde_json::json!({"unit": "unit"})).unwrap();
    let times = TemplateDraft {
        kind: CardKind::Times,
        benefit: goods,
        limits,
        usage: Some(usage),
        funding: thirds(),
        ..bearer()
    };
    shop.template("times", times).unwrap();
    let issue = IssueBatch { format: CodeFormat::S20, ..shop.issue_batch("times", 9) };
    shop.tenant.issue_batch(issue).wait().unwrap();
    shop.template("promo", TemplateDraft { funding: thirds(), redeem_from: RedeemFrom::Claimed, ..amount_off(333) })
        .unwrap();
    shop.tenant.save_promotion(SavePromotion::new(shop.meta(), "promo", "promo")).wait().unwrap();

    let code = |batch, serial| shop.code_of(batch, serial).unwrap();
    let one = shop.redeem_on(&code("off", 0), None, basket("o1")).unwrap();
    add(&mut sums, "off", &one.pricing);
    shop.redeem_on(&code("nobodys", 0), None, basket("o2")).unwrap();
    // Several on one order, a promotion behind them.
    let cards = ["off", "nobodys"].map(|batch| OrderCard::code(code(batch, 1)));
    let receipt = shop.tenant.redeem_order(RedeemOrder::new(shop.meta(), basket("o3"), cards)).wait().unwrap();
    add(&mut sums, "off", &receipt.receipts[0].pricing);
    add(&mut sums, "promo.r1", &receipt.receipts[2].pricing);
    // Held, then captured.
    let held = shop.tenant.hold(PlaceHold::new(shop.meta(), code("off", 2).as_str(), basket("o4"))).wait().unwrap();
    let captured = shop.tenant.capture(CaptureHold { meta: shop.meta(), hold: held.hold, amount_minor: None }).wait();
    add(&mut sums, "off", &captured.unwrap().receipt.unwrap().pricing);

    shop.clock.set("2026-12-01T00:00:00Z");
    let refund = |of: &Receipt, units| {
        let asked = RefundRedemption { units, ..RefundRedemption::new(shop.meta(), &of.redemption) };
        shop.tenant.refund(asked).wait().unwrap().funded
    };
    let given_back = refund(&one, None);
    back(&mut sums, "off", &given_back);
    assert_eq!(given_back.iter().map(|part| part.off_minor).sum::<i64>(), one.pricing.discount_minor);
    // Seven pieces of 1.01 in all, given back three, one and three at a time: to each party what it bears, in the end.
    let pieces = Line::new("l", "tea", 7, 101);
    let times = shop.redeem_on(&code("times", 0), None, Order::new("o5", cny(), [pieces])).unwrap();
    add(&mut sums, "times", &times.pricing);
    for units in [3, 1, 3] {
        back(&mut sums, "times", &refund(&times, Some(units)));
    }
    let (bears, gets) = sums[&("times".to_owned(), "brand".to_owned())];
    assert_eq!((bears, gets), (34, 34), "a third of 1.01, and the odd cent");
    sums
}

#[test]
fn g36_what_parties_bear_is_told_by_the_journal_and_equals_a_recount() {
    for shop in Shop::each() {
        let recounted = trade(&shop);
        let all = figures(&shop, CountFunding::default());
        assert_eq!(sums(&all), recounted, "{}", shop.name);
        let uses: Vec<_> = all.lines.iter().map(|line| (line.batch.as_str(), line.redemptions)).collect();
        assert_eq!(uses[..3], [("off", 3); 3]);
        assert!(uses.contains(&("promo.r1", 1)) && uses.contains(&("times", 1)) && uses.len() == 9);
        // November's redemptions, December's refunds.
        let month = |since: &str, until: &str| CountFunding {
            since: Some(instant(since)),
            until: Some(instant(until)),
            ..CountFunding::default()
        };
        let november = figures(&shop, month("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"));
        assert!(november.lines.iter().all(|line| line.returned_minor == 0 && line.batch != "times"));
        let december = figures(&shop, month("2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"));
        let mut both = sums(&november);
        for (of, (borne, returned)) in sums(&december) {
            let sum = both.entry(of).or_default();
            *sum = (sum.0 + borne, sum.1 + returned);
        }
        assert_eq!(both, recounted);
        let of_batch = figures(&shop, CountFunding { batch: Some("times".to_owned()), ..CountFunding::default() });
        assert_eq!(of_batch.lines, all.lines.iter().filter(|line| line.batch == "times").cloned().collect::<Vec<_>>());
        assert_eq!(shop.tenant.audit(()).unwrap().wait().unwrap().findings, [], "{}", shop.name);
    }
}

#[test]
fn g36_events_carry_the_shares_and_campaigns_are_told_apart() {
    for shop in Shop::each() {
        let template = TemplateDraft { funding: thirds(), ..eight_tenths() };
        shop.campaign_batch(shop.campaign("spring"), 9, template.clone());
        shop.batch("other", 9, template);
        for (batch, order) in [("spring", "o1"), ("other", "o2")] {
            let code = shop.claim(batch, "ann").unwrap();
            shop.redeem_on(&code, Some("ann"), basket(order)).unwrap();
        }
        let of = figures(&shop, CountFunding { campaign: Some("spring".to_owned()), ..CountFunding::default() });
        assert_eq!(of.lines.iter().map(|line| line.batch.as_str()).collect::<Vec<_>>(), ["spring"; 3]);
        assert_eq!(of.lines[0].campaign.as_deref(), Some("spring"));
        assert_eq!(of.lines.iter().map(|line| line.borne_minor).sum::<i64>(), 869);
        let history = shop.tenant.history(CardPick::Id(shop.card("spring", 0))).unwrap();
        let facts = history.last().unwrap().facts.clone().unwrap();
        let told: Vec<Funded> = serde_json::from_value(facts["funded"].clone()).unwrap();
        assert_eq!(told.iter().map(|part| part.off_minor).sum::<i64>(), 869);
        assert_eq!((facts["currency"].as_str(), told[0].party.as_str()), (Some("CNY"), "brand"));
        let none = |asked| denied(shop.tenant.count_funding(asked));
        assert_eq!(none(CountFunding { campaign: Some("none".to_owned()), ..CountFunding::default() }), "unknown");
        assert_eq!(none(CountFunding { batch: Some("none".to_owned()), ..CountFunding::default() }), "unknown");
        let at = Some(instant("2026-12-01T00:00:00Z"));
        let wrong = shop.tenant.count_funding(CountFunding { since: at, until: at, ..CountFunding::default() });
        assert_eq!(refused(wrong).field, "until");
    }
}

/// A store whose events are those of a build that told nothing of parties.
struct Forgetful(MemoryStore);

impl Store for Forgetful {
    fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Arc<Stored>>>, StoreError> {
        self.0.load(lookups)
    }

    fn commit(&self, group: Group<'_>) -> Result<Vec<CommitOutcome>, StoreError> {
        self.0.commit(group)
    }

    fn scan(&self, scan: &Scan) -> Result<Page, StoreError> {
        let mut page = self.0.scan(scan)?;
        for item in &mut page.items {
            let Record::Event(StoredEvent { writer, n, event }) = &item.record else { continue };
            let Ok(serde_json::Value::Object(mut facts)) = serde_json::from_str(&event.facts) else { continue };
            facts.retain(|name, _| !["funded", "currency"].contains(&name.as_str()));
            let event = cardmint::card::Event { facts: serde_json::to_string(&facts).unwrap(), ..event.clone() };
            let record = Record::Event(StoredEvent { writer: *writer, n: *n, event });
            *item = Arc::new(Stored { version: item.version, record });
        }
        Ok(page)
    }
}

#[test]
fn events_of_an_earlier_build_are_told_by_the_frozen_shares() {
    let shop = Shop::over("forgetful", Arc::new(Forgetful(MemoryStore::new())), None);
    let recounted = trade(&shop);
    assert_eq!(sums(&figures(&shop, CountFunding::default())), recounted);
}

//! Limits over scopes and windows, and money budgets.

use std::sync::Arc;
use std::thread;

use cardmint::card::{Benefit, CardKind, HoldTerms, Limits, Setting, TemplateDraft};
use cardmint::checkout::{Line, Order};
use cardmint::code::CodeFormat;
use cardmint::limit::{Limit, LimitWindow, Measure, Period, Scope, UsageUnit};
use cardmint::rule::Over;
use cardmint::subject::Subject;
use cardmint::{
    CaptureHold, CaptureOutcome, CardPick, Error, HoldView, IssueBatch, Meta, PlaceHold, Quote, Receipt, Redeem,
    RefundRedemption, SaveCampaign, SaveSettings,
};
use cardmint_tests::{Shop, bearer, cny, denial, denied, keyring, order, refused};

const HOUR: i64 = 3_600_000;

fn uses(name: &str, most: i64) -> Limit {
    Limit::new(name, Measure::Uses { usage_unit: UsageUnit::Order }, most)
}

fn money(name: &str, most: i64) -> Limit {
    Limit { measure: Measure::Money { currency: cny() }, ..uses(name, most) }
}

/// Cards of ten uses each, under these limits.
fn of(list: Vec<Limit>) -> TemplateDraft {
    TemplateDraft { limits: Limits { uses_per_card: 10, list, ..Limits::default() }, ..bearer() }
}

/// Issues a batch of a hundred such cards.
fn batch(shop: &Shop, list: Vec<Limit>) {
    shop.batch("b", 100, of(list));
}

fn code(shop: &Shop, serial: u32) -> String {
    shop.code_of("b", serial).unwrap()
}

fn redeem(shop: &Shop, serial: u32) -> Result<Receipt, Error> {
    shop.redeem_with(shop.meta(), &code(shop, serial), None)
}

fn hold(shop: &Shop, serial: u32, order_id: &str) -> Result<HoldView, Error> {
    let asked = PlaceHold::new(shop.meta(), code(shop, serial), order(order_id, &[("apple", 10_000)]));
    shop.tenant.hold(asked).wait()
}

fn capture(shop: &Shop, held: &HoldView) -> CaptureOutcome {
    shop.tenant.capture(CaptureHold::new(shop.meta(), held.hold.clone())).wait().unwrap().outcome
}

fn fact<T>(outcome: Result<T, Error>, name: &str) -> serde_json::Value
where
    T: std::fmt::Debug,
{
    denial(outcome).facts()[name].clone()
}

#[test]
fn g01_a_limit_over_many_cards_holds_from_many_threads() {
    for shop in Shop::each() {
        batch(&shop, vec![uses("all", 37)]);
        let codes: Vec<String> = (0..8).map(|serial| code(&shop, serial)).collect();
        let outcomes: Vec<_> = thread::scope(|scope| {
            let racers: Vec<_> = codes
                .iter()
                .map(|code| {
                    let shop = &shop;
                    scope.spawn(move || (0..8).map(|_| shop.redeem_with(shop.meta(), code, None)).collect::<Vec<_>>())
                })
                .collect();
            racers.into_iter().flat_map(|racer| racer.join().unwrap()).collect()
        });
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 37, "{}", shop.name);
        for no in outcomes.into_iter().filter(Result::is_err) {
            let no = denial(no);
            assert_eq!(
                (no.code(), no.facts()["name"].as_str(), no.facts()["used"].as_i64()),
                ("limit_reached", Some("all"), Some(37))
            );
        }
    }
}

#[test]
fn scopes_are_counted_apart_also_several_at_once() {
    for shop in Shop::each() {
        let device = Scope::Subject("device".to_owned());
        let each = |name: &str, scope: &[Scope]| Limit { scope: scope.to_vec(), ..uses(name, 1) };
        batch(&shop, vec![each("till", &[Scope::Holder, Scope::Store]), each("device", &[device])]);
        let asks = |serial, customer: &str, store: &str, device: &str| {
            let order = Order { store: Some(store.to_owned()), ..order("o1", &[("apple", 10_000)]) };
            let subjects = vec![Subject::new("device", device)];
            let redeem = Redeem { subjects, ..Redeem::new(shop.meta(), code(&shop, serial), order) };
            shop.tenant.redeem(redeem.by(Subject::customer(customer))).wait()
        };
        asks(0, "ann", "s1", "d1").unwrap();
        assert_eq!(fact(asks(1, "ann", "s1", "d2"), "name"), "till");
        asks(1, "ann", "s2", "d2").unwrap();
        assert_eq!(fact(asks(2, "bob", "s1", "d2"), "name"), "device");
        asks(2, "bob", "s1", "d3").unwrap();
        // Names that hold what stands between two parts of a key are not two parts.
        asks(3, "cid", "s1/holder:customer:dan", "d4").unwrap();
        asks(3, "cid/store:s1", "s1", "d5").unwrap();
        assert_eq!(denied(redeem(&shop, 4)), "holder_required");
        let nowhere =
            Redeem::new(shop.meta(), code(&shop, 4), order("o1", &[("apple", 10_000)])).by(Subject::customer("eve"));
        assert_eq!(fact(shop.tenant.redeem(nowhere).wait(), "scope"), "store");
        let twice = vec![Subject::new("device", "a"), Subject::new("device", "b")];
        let twice =
            Redeem { subjects: twice, ..Redeem::new(shop.meta(), code(&shop, 4), order("o1", &[("apple", 1)])) };
        assert_eq!(refused(shop.tenant.redeem(twice).wait()).field, "subjects[1].kind");
    }
}

#[test]
fn a_day_begins_where_the_tenant_lives_and_what_was_taken_from_it_goes_back_to_it() {
    for shop in Shop::each() {
        let zone = "Asia/Shanghai".to_owned();
        let settings = SaveSettings { meta: shop.meta(), zone, rounding: Default::default(), profile: None };
        shop.tenant.save_settings(settings).wait().unwrap();
        batch(&shop, vec![Limit { window: LimitWindow::Calendar(Period::Day), ..uses("daily", 2) }]);
        // The shop opens at 8 in the morning of its zone.
        let first = redeem(&shop, 0).unwrap();
        redeem(&shop, 1).unwrap();
        let no = denial(redeem(&shop, 2));
        assert_eq!(
            (no.facts()["window"].as_str(), no.facts()["frees_at"].as_str()),
            (Some("day"), Some("2026-11-11T16:00:00Z"))
        );
        shop.clock.advance(16 * HOUR);
        redeem(&shop, 2).unwrap();
        redeem(&shop, 3).unwrap();
        // Yesterday's use comes back to yesterday, whatever day it is.
        shop.refund(&first.redemption).unwrap();
        assert_eq!(denied(redeem(&shop, 4)), "limit_reached");
        shop.clock.set("2026-11-11T15:59:59.999Z");
        redeem(&shop, 5).unwrap();
        assert_eq!(denied(redeem(&shop, 6)), "limit_reached");
    }
}

#[test]
fn a_rolling_window_frees_each_use_by_itself_and_says_when() {
    for shop in Shop::each() {
        batch(&shop, vec![Limit { window: LimitWindow::RollingS(3_600), ..uses("hourly", 2) }]);
        let first = redeem(&shop, 0).unwrap();
        shop.clock.advance(HOUR / 2);
        redeem(&shop, 1).unwrap();
        let no = denial(redeem(&shop, 2));
        assert_eq!((no.code(), no.facts()["frees_at"].as_str()), ("limit_reached", Some("2026-11-11T01:01:00Z")));
        shop.clock.set("2026-11-11T01:00:59.999Z");
        assert_eq!(denied(redeem(&shop, 2)), "limit_reached");
        shop.clock.advance(1);
        let third = redeem(&shop, 2).unwrap();
        assert_eq!(fact(redeem(&shop, 3), "frees_at"), "2026-11-11T01:31:00Z");
        // What left the window is not given back to it; what is in it is.
        shop.refund(&first.redemption).unwrap();
        assert_eq!(denied(redeem(&shop, 3)), "limit_reached");
        shop.refund(&third.redemption).unwrap();
        redeem(&shop, 3).unwrap();
        assert_eq!(denied(redeem(&shop, 4)), "limit_reached");
        shop.clock.advance(24 * HOUR);
        redeem(&shop, 4).unwrap();
    }
}

#[test]
fn g12_a_use_is_an_order_a_line_or_a_piece_as_the_limit_says() {
    for shop in Shop::each() {
        let per = |name: &str, usage_unit, most| Limit { measure: Measure::Uses { usage_unit }, ..uses(name, most) };
        let list = vec![
            per("orders", UsageUnit::Order, 3),
            per("lines", UsageUnit::Line, 5),
            per("pieces", UsageUnit::Unit, 9),
        ];
        batch(&shop, list);
        let asks = |serial, lines: &[u32]| {
            let line = |(place, quantity): (usize, &u32)| Line::new(place.to_string(), "apple", *quantity, 1_000);
            let order = Order::new("o1", cny(), lines.iter().enumerate().map(line));
            shop.tenant.redeem(Redeem::new(shop.meta(), code(&shop, serial), order)).wait()
        };
        asks(0, &[3, 3]).unwrap();
        let no = denial(asks(1, &[1, 3]));
        assert_eq!(
            (no.facts()["name"].as_str(), no.facts()["asked"].as_i64()),
            (Some("pieces"), Some(4)),
            "3 are left"
        );
        asks(1, &[1, 1]).unwrap();
        assert_eq!(fact(asks(2, &[1, 1]), "name"), "lines");
        asks(2, &[1]).unwrap();
        assert_eq!(fact(asks(3, &[1]), "name"), "orders");
    }
}

fn budget(shop: &Shop, limit: Limit, template: TemplateDraft) {
    shop.tenant.save_campaign(SaveCampaign { limits: vec![limit], ..shop.campaign("c") }).wait().unwrap();
    let format = if template.kind == CardKind::GiftCard { CodeFormat::S20 } else { CodeFormat::S16 };
    shop.template("b", template).unwrap();
    let batch = IssueBatch { format, campaign: Some("c".to_owned()), ..shop.issue_batch("b", 100) };
    shop.tenant.issue_batch(batch).wait().unwrap();
}

#[test]
fn a_money_budget_reserves_at_the_hold_and_settles_at_the_capture() {
    for shop in Shop::each() {
        // 20.00 off each order of 100.00, from a budget of 50.00.
        budget(&shop, money("budget", 5_000), of(Vec::new()));
        let (one, two) = (hold(&shop, 0, "o1").unwrap(), hold(&shop, 1, "o2").unwrap());
        let no = denial(hold(&shop, 2, "o3"));
        assert_eq!(
            (no.code(), no.facts()["held"]["minor"].as_i64(), no.facts()["scope"].as_str()),
            ("held", Some(4_000), Some("campaign"))
        );
        let quoted = shop.tenant.quote(Quote::new(CardPick::code(code(&shop, 2)), order("o4", &[("apple", 10_000)])));
        assert_eq!(quoted.unwrap().outcome.unwrap_err().code(), "held", "as a hold would be told (G-13)");
        assert_eq!(capture(&shop, &one), CaptureOutcome::Captured);
        shop.tenant.release((shop.meta(), two.hold)).wait().unwrap();
        let receipt = redeem(&shop, 2).unwrap();
        let no = denial(redeem(&shop, 3));
        assert_eq!((no.code(), no.facts()["used"]["minor"].as_i64()), ("limit_reached", Some(4_000)));
        shop.refund(&receipt.redemption).unwrap();
        redeem(&shop, 3).unwrap();
        // What is left of it is enough for a smaller order.
        let smaller = order("o5", &[("apple", 5_000)]);
        shop.redeem_on(&code(&shop, 4), None, smaller.clone()).unwrap();
        assert_eq!(denied(shop.redeem_on(&code(&shop, 5), None, smaller)), "limit_reached");
        let foreign = Order {
            currency: cardmint::money::Currency::parse("currency", "JPY").unwrap(),
            ..order("o6", &[("apple", 1)])
        };
        assert_eq!(denied(shop.redeem_on(&code(&shop, 5), None, foreign)), "currency_mismatch");
    }
}

#[test]
fn a_budget_counts_what_is_captured_and_gets_back_what_is_refunded_in_parts() {
    for shop in Shop::each() {
        let value = Benefit::Value { minor: Setting::Fixed(5_000) };
        let template = TemplateDraft { kind: CardKind::GiftCard, benefit: value, ..bearer() };
        budget(&shop, money("budget", 5_000), template);
        let held = hold(&shop, 0, "o1").unwrap();
        assert_eq!(denied(hold(&shop, 1, "o2")), "held");
        let part = CaptureHold { amount_minor: Some(1_200), ..CaptureHold::new(shop.meta(), held.hold.clone()) };
        let receipt = shop.tenant.capture(part).wait().unwrap().receipt.unwrap();
        let pay = |serial, minor| {
            let redeem = Redeem::new(shop.meta(), code(&shop, serial), order("o2", &[("apple", 10_000)]));
            shop.tenant.redeem(Redeem { amount_minor: Some(minor), ..redeem }).wait()
        };
        assert_eq!(fact(pay(1, 3_801), "used")["minor"], 1_200);
        pay(1, 3_800).unwrap();
        assert_eq!(denied(pay(2, 1)), "limit_reached");
        let back =
            RefundRedemption { amount_minor: Some(200), ..RefundRedemption::new(shop.meta(), &receipt.redemption) };
        shop.tenant.refund(back).wait().unwrap();
        assert_eq!(denied(pay(2, 201)), "limit_reached");
        pay(2, 200).unwrap();
        shop.refund(&receipt.redemption).unwrap();
        pay(3, 1_000).unwrap();
        assert_eq!(denied(pay(4, 1)), "limit_reached");
    }
}

#[test]
fn a_budget_that_refunds_do_not_refill_stays_used() {
    let shop = Shop::memory();
    budget(&shop, Limit { refill: false, ..money("spent", 2_000) }, of(Vec::new()));
    let receipt = redeem(&shop, 0).unwrap();
    shop.refund(&receipt.redemption).unwrap();
    assert_eq!(denied(redeem(&shop, 0)), "limit_reached");
}

#[test]
fn g10_what_a_hold_counts_in_a_window_comes_back_when_its_time_is_over() {
    for shop in Shop::each() {
        let window = LimitWindow::RollingS(86_400);
        let limits = Limits {
            uses_per_card: 10,
            list: vec![Limit { window, ..uses("rolling", 1) }, uses("all", 2)],
            ..Limits::default()
        };
        let holds = HoldTerms { ttl_s: 60, ..HoldTerms::default() };
        shop.batch("b", 100, TemplateDraft { limits, holds, ..bearer() });
        let held = hold(&shop, 0, "o1").unwrap();
        assert_eq!(fact(redeem(&shop, 1), "name"), "rolling");
        shop.clock.advance(60_000);
        redeem(&shop, 1).unwrap();
        assert_eq!(capture(&shop, &held), CaptureOutcome::RefundRequired, "the window is full");
        shop.clock.advance(26 * HOUR);
        let again = hold(&shop, 2, "o2").unwrap();
        assert_eq!(capture(&shop, &again), CaptureOutcome::Captured);
        assert_eq!(fact(redeem(&shop, 3), "name"), "rolling");
        shop.clock.advance(26 * HOUR);
        assert_eq!(fact(redeem(&shop, 3), "name"), "all");
        // A captured use stands in its window until it leaves it, and a refund gives it back to both.
        let receipt = shop.tenant.get_hold(again.hold).unwrap().unwrap().redemption.unwrap();
        shop.refund(&receipt).unwrap();
        redeem(&shop, 3).unwrap();
    }
}

#[test]
fn a_batch_has_limits_of_its_own_that_count_its_cards_alone() {
    for shop in Shop::each() {
        shop.tenant.save_campaign(SaveCampaign { limits: vec![uses("all", 4)], ..shop.campaign("c") }).wait().unwrap();
        shop.template("t", of(vec![Limit { scope: vec![Scope::Batch], ..uses("each", 3) }])).unwrap();
        let issue = |id: &str, limits| {
            let batch = IssueBatch { limits, campaign: Some("c".to_owned()), ..shop.issue_batch("t", 9) };
            shop.tenant.issue_batch(IssueBatch { id: id.to_owned(), ..batch }).wait().unwrap()
        };
        assert_eq!(issue("one", vec![uses("own", 2)]).limits.len(), 1);
        assert!(issue("two", Vec::new()).limits.is_empty());
        let use_of = |batch: &str, serial| shop.redeem_with(shop.meta(), &shop.code_of(batch, serial).unwrap(), None);
        let first = use_of("one", 0).unwrap();
        let asked = PlaceHold::new(shop.meta(), shop.code_of("one", 1).unwrap(), order("o1", &[("apple", 10_000)]));
        let held = shop.tenant.hold(asked).wait().unwrap();
        let no = denial(use_of("one", 2));
        assert_eq!(
            (no.code(), no.facts()["scope"].as_str(), no.facts()["name"].as_str()),
            ("held", Some("batch"), Some("own"))
        );
        capture(&shop, &held);
        assert_eq!(denied(use_of("one", 2)), "limit_reached");
        // The template's limit counts each batch apart, and comes first.
        let second = use_of("two", 0).unwrap();
        use_of("two", 1).unwrap();
        let no = denial(use_of("two", 2));
        assert_eq!((no.facts()["scope"].as_str(), no.facts()["limit"].as_i64()), (Some("campaign"), Some(4)));
        shop.refund(&second.redemption).unwrap();
        shop.refund(&first.redemption).unwrap();
        use_of("one", 2).unwrap();
        assert_eq!(fact(use_of("one", 3), "scope"), "batch", "before the campaign's");
        use_of("two", 2).unwrap();
        assert_eq!(shop.tenant.audit(()).unwrap().wait().unwrap().findings, [], "{}", shop.name);
        // Another process reads them with the batch.
        let other = shop.beside(Arc::clone(&shop.store), keyring());
        let code = shop.code_of("one", 4).unwrap();
        assert_eq!(fact(other.redeem_with(Meta::key("other"), &code, None), "scope"), "batch");
    }
}

#[test]
fn limits_that_cannot_be_meant_are_refused_by_name() {
    let shop = Shop::memory();
    let wrong = |limit: Limit| refused(shop.template("b", of(vec![limit]))).field;
    assert_eq!(wrong(uses("a", 0)), "template.limits.list[0].most");
    assert_eq!(
        wrong(Limit { window: LimitWindow::RollingS(59), ..uses("a", 1) }),
        "template.limits.list[0].window.rolling_s"
    );
    let campaign = SaveCampaign { limits: vec![uses("a", 1), uses("a", 1)], ..shop.campaign("c") };
    assert_eq!(refused(shop.tenant.save_campaign(campaign).wait()).field, "limits[1].name");
    shop.template("b", bearer()).unwrap();
    let batch = IssueBatch { limits: vec![uses("a", 0)], ..shop.issue_batch("b", 1) };
    assert_eq!(refused(shop.tenant.issue_batch(batch).wait()).field, "limits[0].most");
    let over = Over::Order;
    let draft =
        TemplateDraft { benefit: Benefit::AmountOff { minor: Setting::Fixed(1), over }, ..of(vec![money("m", 1)]) };
    shop.batch("b", 1, draft);
    redeem(&shop, 0).unwrap();
}

#[test]
fn g36_the_audit_counts_what_limits_count() {
    for shop in Shop::each() {
        let rolling = Limit { window: LimitWindow::RollingS(3_600), ..uses("rolling", 9) };
        let kept = Limit { refill: false, ..money("kept", 90_000) };
        budget(&shop, money("budget", 90_000), of(vec![uses("all", 9), rolling, kept]));
        let first = redeem(&shop, 0).unwrap();
        let (captured, open) = (hold(&shop, 1, "o1").unwrap(), hold(&shop, 2, "o2").unwrap());
        capture(&shop, &captured);
        shop.refund(&first.redemption).unwrap();
        assert_eq!(open.state, cardmint::card::HoldState::Open);
        assert_eq!(shop.tenant.audit(()).unwrap().wait().unwrap().findings, [], "{}", shop.name);
    }
}

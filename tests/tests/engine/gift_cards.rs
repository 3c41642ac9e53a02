//! Cards that hold value: paid with a part at a time, loaded, set right, given back.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;

use cardmint::card::{
    Benefit, CardKind, CardState, EventKind, Limits, Parameter, ParameterValue, Setting, TemplateDraft,
};
use cardmint::checkout::Order;
use cardmint::code::CodeFormat;
use cardmint::subject::Subject;
use cardmint::{
    Adjust, CardPick, CardView, Denial, Error, Fact, Issue, IssueBatch, LimitScope, Load, Quote, Receipt, Redeem,
    RefundReceipt, RefundRedemption, SaveTemplate, ValueMoved,
};
use cardmint_tests::{Shop, cny, denial, denied, eight_tenths, order, refused};

/// Of 50.00, personal.
fn fifty() -> TemplateDraft {
    TemplateDraft {
        kind: CardKind::GiftCard,
        benefit: Benefit::Value { minor: Setting::Fixed(5_000) },
        ..eight_tenths()
    }
}

/// Claims a card of a new batch.
fn gift(shop: &Shop, template: TemplateDraft) -> String {
    shop.template("g", template).unwrap();
    let format = CodeFormat::S20;
    shop.tenant.issue_batch(IssueBatch { format, ..shop.issue_batch("g", 100) }).wait().unwrap();
    shop.claim("g", "ann").unwrap()
}

fn costs(minor: i64) -> Order {
    order("o1", &[("apple", minor)])
}

fn pay(shop: &Shop, code: &str, total: i64, amount: Option<i64>) -> Result<Receipt, Error> {
    let redeem = Redeem { amount_minor: amount, ..Redeem::new(shop.meta(), code, costs(total)) };
    shop.tenant.redeem(redeem.by(Subject::customer("ann"))).wait()
}

fn load(shop: &Shop, code: &str, amount_minor: i64) -> Result<ValueMoved, Error> {
    shop.tenant.load(Load { meta: shop.meta(), card: CardPick::code(code), amount_minor }).wait()
}

fn adjust(shop: &Shop, code: &str, delta_minor: i64) -> Result<ValueMoved, Error> {
    let meta = shop.because("counted again");
    shop.tenant.adjust(Adjust { meta, card: CardPick::code(code), delta_minor }).wait()
}

fn give_back(shop: &Shop, redemption: &str, amount_minor: Option<i64>) -> Result<RefundReceipt, Error> {
    shop.tenant.refund(RefundRedemption { amount_minor, ..RefundRedemption::new(shop.meta(), redemption) }).wait()
}

fn look(shop: &Shop, code: &str) -> CardView {
    shop.tenant.look_up(CardPick::code(code)).unwrap()
}

fn balance(shop: &Shop, code: &str) -> i64 {
    look(shop, code).balance_minor.unwrap()
}

#[test]
fn a_gift_card_pays_a_part_at_a_time_and_is_no_discount() {
    for shop in Shop::each() {
        let code = gift(&shop, fifty());
        let view = look(&shop, &code);
        assert_eq!((view.balance_minor, view.currency, view.state), (Some(5_000), Some(cny()), CardState::Claimed));
        let first = pay(&shop, &code, 12_000, Some(2_000)).unwrap();
        let pricing = &first.pricing;
        assert_eq!((pricing.before_minor, pricing.discount_minor), (12_000, 0));
        assert_eq!((pricing.tender_minor, pricing.payable_minor, first.balance_minor), (2_000, 10_000, Some(3_000)));
        assert!(pricing.allocations.is_empty(), "value pays: no line has a share of it");
        let second = pay(&shop, &code, 1_000, None).unwrap();
        assert_eq!(
            (second.pricing.tender_minor, second.pricing.payable_minor),
            (1_000, 0),
            "no more than the order costs"
        );
        let last = pay(&shop, &code, 12_000, None).unwrap();
        assert_eq!((last.pricing.tender_minor, last.balance_minor), (2_000, Some(0)), "as much as it can");
        assert_eq!(look(&shop, &code).state, CardState::Spent);
        let empty = denial(pay(&shop, &code, 12_000, None));
        assert_eq!(empty.facts()["available"], serde_json::json!({"minor": 0, "currency": "CNY"}));
        let stored = shop.tenant.redemption(first.redemption.as_str()).unwrap().unwrap();
        assert_eq!((&stored.pricing, stored.balance_minor), (pricing, Some(3_000)));
    }
}

#[test]
fn the_same_key_pays_once() {
    for shop in Shop::each() {
        let code = gift(&shop, fifty());
        let redeem = Redeem { amount_minor: Some(700), ..Redeem::new(shop.meta(), code.as_str(), costs(12_000)) };
        let redeem = redeem.by(Subject::customer("ann"));
        let receipt = shop.tenant.redeem(redeem.clone()).wait().unwrap();
        assert_eq!(shop.tenant.redeem(redeem.clone()).wait().unwrap(), receipt);
        assert_eq!(denied(shop.tenant.redeem(Redeem { amount_minor: Some(701), ..redeem }).wait()), "key_reused");
        let request = Load { meta: shop.meta(), card: CardPick::code(&code), amount_minor: 100 };
        let loaded = shop.tenant.load(request.clone()).wait().unwrap();
        assert_eq!(shop.tenant.load(request.clone()).wait().unwrap(), loaded);
        assert_eq!(denied(shop.tenant.load(Load { amount_minor: 101, ..request }).wait()), "key_reused");
        assert_eq!(balance(&shop, &code), 4_400);
    }
}

#[test]
fn asking_for_more_than_there_is_says_what_is_short() {
    let shop = Shop::memory();
    let code = gift(&shop, fifty());
    let short = denial(pay(&shop, &code, 12_000, Some(6_900)));
    let money = |minor| Fact::Money { minor, currency: cny() };
    let (available, asked, short_by) = (money(5_000), Some(money(6_900)), Some(money(1_900)));
    assert_eq!(short, Denial::InsufficientBalance { available, asked, short: short_by });
    assert_eq!(refused(pay(&shop, &code, 12_000, Some(12_001))).field, "amount_minor");
    assert_eq!(refused(pay(&shop, &code, 12_000, Some(0))).field, "amount_minor");
    assert_eq!(denied(pay(&shop, &code, 0, None)), "no_effect");
    let quote = |asked| {
        let quote = Quote { amount_minor: asked, ..Quote::new(CardPick::code(&code), costs(12_000)) };
        let quoted = shop.tenant.quote(Quote { holder: Some(Subject::customer("ann")), ..quote }).unwrap();
        quoted.outcome.map(|pricing| pricing.tender_minor)
    };
    assert_eq!((quote(None), quote(Some(1))), (Ok(5_000), Ok(1)));
    assert!(quote(Some(5_001)).is_err());
    assert_eq!(balance(&shop, &code), 5_000);
    // A coupon holds nothing that an amount could be taken of.
    shop.batch("b", 1, eight_tenths());
    let coupon = shop.claim("b", "ann").unwrap();
    let redeem = Redeem { amount_minor: Some(1), ..shop.redeem_request(&coupon, Some("ann")) };
    assert_eq!(refused(shop.tenant.redeem(redeem).wait()).field, "amount_minor");
    assert_eq!((denied(load(&shop, &coupon, 1)), denied(adjust(&shop, &coupon, 1))), ("wrong_kind", "wrong_kind"));
}

#[test]
fn g05_parts_that_are_given_back_never_add_up_to_more_than_was_taken() {
    for shop in Shop::each() {
        let code = gift(&shop, fifty());
        let payment = pay(&shop, &code, 12_000, Some(1_000)).unwrap().redemption;
        let key = shop.meta();
        let part = RefundRedemption { amount_minor: Some(300), ..RefundRedemption::new(key, payment.as_str()) };
        let first = shop.tenant.refund(part.clone()).wait().unwrap();
        assert_eq!((first.amount_minor, first.left_minor, first.balance_minor), (300, Some(700), Some(4_300)));
        assert_eq!(shop.tenant.refund(part).wait().unwrap(), first);
        let too_large = denial(give_back(&shop, &payment, Some(701)));
        assert_eq!(too_large.facts()["left"]["minor"], 700);
        // Eight at once, 100 each, over and over: exactly seven find something left.
        let outcomes: Vec<_> = thread::scope(|scope| {
            let racers: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| (0..4).map(|_| give_back(&shop, &payment, Some(100))).collect::<Vec<_>>()))
                .collect();
            racers.into_iter().flat_map(|racer| racer.join().unwrap()).collect()
        });
        let given: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
        assert_eq!(given.len(), 7);
        assert_eq!(given.iter().map(|receipt| receipt.left_minor.unwrap()).min(), Some(0));
        assert_eq!(balance(&shop, &code), 5_000);
        for refused in outcomes.into_iter().filter(Result::is_err) {
            assert_eq!(denied(refused), "already_refunded");
        }
        let another = pay(&shop, &code, 12_000, None).unwrap().redemption;
        assert_eq!(look(&shop, &code).state, CardState::Spent);
        let whole = give_back(&shop, &another, None).unwrap();
        assert_eq!(
            (whole.amount_minor, whole.left_minor, look(&shop, &code).state),
            (5_000, Some(0), CardState::Claimed)
        );
    }
}

#[test]
fn the_holders_use_comes_back_with_the_last_part() {
    let shop = Shop::memory();
    let limits = Limits { uses_per_holder: Some(1), ..Limits::default() };
    let code = gift(&shop, TemplateDraft { limits, ..fifty() });
    let payment = pay(&shop, &code, 12_000, Some(1_000)).unwrap().redemption;
    give_back(&shop, &payment, Some(999)).unwrap();
    let reached = Denial::LimitReached { scope: LimitScope::HolderUses, limit: 1, used: 1 };
    assert_eq!(denial(pay(&shop, &code, 12_000, Some(1))), reached);
    give_back(&shop, &payment, None).unwrap();
    pay(&shop, &code, 12_000, Some(1)).unwrap();
}

/// Loads, payments, refunds and adjustments at once, from many threads: nothing is ever below 0, and all movements of the journal
/// add up to what the card holds.
#[test]
fn g04_whatever_is_interleaved_the_balance_is_the_sum_of_its_movements() {
    for shop in Shop::each() {
        let code = gift(&shop, fifty());
        let told = AtomicI64::new(5_000);
        thread::scope(|scope| {
            for racer in 0..8_i64 {
                let (shop, code, told) = (&shop, code.as_str(), &told);
                scope.spawn(move || {
                    for turn in 0..12_i64 {
                        let amount = 100 + racer * 37 + turn * 91;
                        let moved = match (racer + turn) % 4 {
                            0 => load(shop, code, amount).map(|moved| moved.delta_minor).ok(),
                            1 => adjust(shop, code, -amount).map(|moved| moved.delta_minor).ok(),
                            2 => pay(shop, code, 12_000, Some(amount)).map(|paid| -paid.pricing.tender_minor).ok(),
                            _ => pay(shop, code, 12_000, Some(amount)).ok().map(|paid| {
                                let back = give_back(shop, &paid.redemption, Some(amount / 2)).unwrap();
                                back.amount_minor - paid.pricing.tender_minor
                            }),
                        };
                        told.fetch_add(moved.unwrap_or(0), Ordering::SeqCst);
                        assert!(balance(shop, code) >= 0);
                    }
                });
            }
        });
        assert_eq!(balance(&shop, &code), told.into_inner(), "{}", shop.name);
        assert_eq!(balance(&shop, &code), recount(&shop, &code), "{}", shop.name);
    }
}

/// What the journal says that a card of 50.00 holds, and that every step of it is chained.
fn recount(shop: &Shop, code: &str) -> i64 {
    let history = shop.tenant.history(CardPick::code(code)).unwrap();
    let movement = |kind: EventKind, facts: Option<&serde_json::Value>| match kind {
        EventKind::Loaded | EventKind::Adjusted => facts.unwrap()["delta_minor"].as_i64().unwrap(),
        EventKind::Refunded => facts.unwrap()["amount_minor"].as_i64().unwrap(),
        _ => 0,
    };
    assert!(history.iter().all(|entry| entry.chained == Some(true)));
    let moved: i64 = history.iter().map(|entry| movement(entry.kind, entry.facts.as_ref())).sum();
    let paid = shop.tenant.redemptions_of_order("o1").unwrap().items;
    5_000 + moved - paid.iter().map(|redemption| redemption.pricing.tender_minor).sum::<i64>()
}

#[test]
fn g01_a_card_of_a_hundred_is_spent_in_exactly_a_hundred_steps_of_one() {
    for shop in Shop::each() {
        let code = gift(&shop, TemplateDraft { benefit: Benefit::Value { minor: Setting::Fixed(100) }, ..fifty() });
        let outcomes: Vec<_> = thread::scope(|scope| {
            let pay = || (0..20).map(|_| pay(&shop, &code, 12_000, Some(1))).collect::<Vec<_>>();
            let racers: Vec<_> = (0..8).map(|_| scope.spawn(pay)).collect();
            racers.into_iter().flat_map(|racer| racer.join().unwrap()).collect()
        });
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 100, "{}", shop.name);
        for refused in outcomes.into_iter().filter(Result::is_err) {
            assert_eq!(denied(refused), "insufficient_balance");
        }
        assert_eq!((balance(&shop, &code), recount(&shop, &code)), (0, 5_000 - 100), "of 1.00, counted from 50.00");
    }
}

#[test]
fn a_card_is_loaded_up_to_what_it_may_hold() {
    for shop in Shop::each() {
        let limits = Limits { balance_max_minor: Some(10_000), ..Limits::default() };
        let code = gift(&shop, TemplateDraft { limits, ..fifty() });
        let loaded = load(&shop, &code, 5_000).unwrap();
        assert_eq!((loaded.delta_minor, loaded.balance_minor, loaded.currency), (5_000, 10_000, cny()));
        assert_eq!(
            denial(load(&shop, &code, 1)),
            Denial::LimitReached { scope: LimitScope::Balance, limit: 10_000, used: 10_000 }
        );
        assert_eq!(refused(load(&shop, &code, 0)).field, "amount_minor");
        assert_eq!(refused(load(&shop, &code, i64::MAX)).field, "amount_minor");
        assert_eq!(refused(adjust(&shop, &code, i64::MIN)).field, "delta_minor");
        let untold = Adjust { meta: shop.meta(), card: CardPick::code(&code), delta_minor: 1 };
        assert_eq!(refused(shop.tenant.adjust(untold).wait()).field, "meta.reason");
        pay(&shop, &code, 10_000, None).unwrap();
        assert_eq!(look(&shop, &code).state, CardState::Spent);
        assert_eq!(load(&shop, &code, 100).unwrap().balance_minor, 100);
        assert_eq!(look(&shop, &code).state, CardState::Claimed, "it holds something again");
        shop.tenant.freeze((shop.because("lost"), CardPick::code(&code))).wait().unwrap();
        assert_eq!(denied(load(&shop, &code, 1)), "frozen");
        assert_eq!(adjust(&shop, &code, -100).unwrap().balance_minor, 0, "set right, whatever else is the matter");
        shop.tenant.unfreeze((shop.meta(), CardPick::code(&code))).wait().unwrap();
        shop.tenant.replace((shop.meta(), CardPick::code(&code))).wait().unwrap();
        assert_eq!(denied(load(&shop, &code, 1)), "not_found_or_invalid", "the old code is dead");
    }
}

#[test]
fn an_issue_sets_the_face_value_within_its_bounds() {
    let shop = Shop::memory();
    let face = Parameter::Integer { min: 1_000, max: 50_000, default: 10_000 };
    let template = TemplateDraft {
        benefit: Benefit::Value { minor: Setting::named("face") },
        parameters: BTreeMap::from([("face".to_owned(), face)]),
        ..fifty()
    };
    let default = gift(&shop, template);
    assert_eq!(balance(&shop, &default), 10_000);
    let issue = |value| Issue {
        meta: shop.meta(),
        batch: "g".to_owned(),
        holder: Subject::customer("bob"),
        channel: None,
        parameters: BTreeMap::from([("face".to_owned(), ParameterValue::Integer(value))]),
    };
    let issued = shop.tenant.issue(issue(20_000)).wait().unwrap();
    assert_eq!(issued.card.balance_minor, Some(20_000));
    assert_eq!(refused(shop.tenant.issue(issue(50_001)).wait()).field, "parameters.face");
    let figures = shop.tenant.count_batch("g").unwrap().wait().unwrap();
    assert_eq!(figures.balance_minor, 99 * 10_000 + 20_000, "those that nobody touched hold their value, too");
    shop.tenant.void((shop.because("stolen"), CardPick::code(&default))).wait().unwrap();
    assert_eq!(shop.tenant.count_batch("g").unwrap().wait().unwrap().balance_minor, 98 * 10_000 + 20_000);
}

#[test]
fn templates_of_value_are_checked() {
    let shop = Shop::memory();
    let wrong = |change: &dyn Fn(&mut TemplateDraft)| {
        let mut template = fifty();
        change(&mut template);
        refused(shop.tenant.save_template(SaveTemplate { meta: shop.meta(), template }).wait()).field
    };
    assert_eq!(wrong(&|it| it.kind = CardKind::Coupon), "template.kind");
    assert_eq!(wrong(&|it| it.benefit = eight_tenths().benefit), "template.benefit");
    assert_eq!(wrong(&|it| it.currency = None), "template.currency");
    assert_eq!(wrong(&|it| it.limits.uses_per_card = 2), "template.limits.uses_per_card");
    assert_eq!(wrong(&|it| it.limits.balance_max_minor = Some(4_999)), "template.benefit.value.minor");
    assert_eq!(wrong(&|it| it.benefit = Benefit::Value { minor: Setting::Fixed(-1) }), "template.benefit.value.minor");
    let coupon = TemplateDraft { limits: Limits { balance_max_minor: Some(1), ..Limits::default() }, ..eight_tenths() };
    let refusal = refused(shop.tenant.save_template(SaveTemplate { meta: shop.meta(), template: coupon }).wait());
    assert_eq!(refusal.field, "template.limits.balance_max_minor");
    // Stored value asks for longer codes.
    shop.template("short", fifty()).unwrap();
    let short = denial(shop.tenant.issue_batch(shop.issue_batch("short", 1)).wait());
    assert_eq!((short.code(), short.facts()["would_do"]["symbols"].as_u64()), ("odds_too_low", Some(20)));
}

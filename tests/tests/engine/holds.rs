//! Holds: kept for an order, then captured, released, or free again by themselves. Every shop has two engines over one store, so
//! that clocks can disagree.

use std::sync::Arc;
use std::thread;

use cardmint::card::{
    Benefit, CardKind, CardState, HoldId, HoldState, HoldTerms, LateCapture, Limits, Setting, TemplateDraft,
};
use cardmint::code::CodeFormat;
use cardmint::store::{Key, Lookup, Owner, Record, TenantKey};
use cardmint::subject::{Subject, SubjectKey};
use cardmint::{
    Adjust, CaptureHold, CaptureOutcome, Captured, CardPick, Error, Freeze, HoldView, IssueBatch, PlaceHold, Quote,
    RefundRedemption, Replace, SavePublicCode, Void,
};
use cardmint_tests::{Shop, bearer, denial, denied, eight_tenths, keyring, order, refused};

const MINUTE: i64 = 60_000;

/// Of 50.00, for whoever knows the code.
fn fifty() -> TemplateDraft {
    TemplateDraft { kind: CardKind::GiftCard, benefit: Benefit::Value { minor: Setting::Fixed(5_000) }, ..bearer() }
}

fn late(late: LateCapture, template: TemplateDraft) -> TemplateDraft {
    TemplateDraft { holds: HoldTerms { late, ..HoldTerms::default() }, ..template }
}

/// The code of the first card of a new batch.
fn first(shop: &Shop, template: TemplateDraft) -> String {
    let format = if template.kind == CardKind::GiftCard { CodeFormat::S20 } else { CodeFormat::S16 };
    shop.template("b", template).unwrap();
    shop.tenant.issue_batch(IssueBatch { format, ..shop.issue_batch("b", 100) }).wait().unwrap();
    shop.code_of("b", 0).unwrap()
}

/// The same shop as another process sees it.
fn beside(shop: &Shop) -> Shop {
    shop.beside(Arc::clone(&shop.store), keyring())
}

fn asks(shop: &Shop, code: &str, order_id: &str) -> PlaceHold {
    PlaceHold::new(shop.meta(), code, order(order_id, &[("apple", 10_000)]))
}

fn hold(shop: &Shop, code: &str, order_id: &str) -> Result<HoldView, Error> {
    shop.tenant.hold(asks(shop, code, order_id)).wait()
}

fn hold_by(shop: &Shop, code: &str, order_id: &str, customer: &str) -> Result<HoldView, Error> {
    shop.tenant.hold(asks(shop, code, order_id).by(Subject::customer(customer))).wait()
}

fn hold_amount(shop: &Shop, code: &str, order_id: &str, minor: i64) -> Result<HoldView, Error> {
    shop.tenant.hold(PlaceHold { amount_minor: Some(minor), ..asks(shop, code, order_id) }).wait()
}

fn capture(shop: &Shop, hold: &HoldView) -> Result<Captured, Error> {
    shop.tenant.capture(CaptureHold::new(shop.meta(), hold.hold.clone())).wait()
}

fn release(shop: &Shop, hold: &HoldView) -> Result<HoldView, Error> {
    shop.tenant.release((shop.meta(), hold.hold.clone())).wait()
}

fn outcome(captured: Result<Captured, Error>) -> CaptureOutcome {
    captured.unwrap().outcome
}

fn redeem_on(shop: &Shop, code: &str, order_id: &str) -> Result<cardmint::Receipt, Error> {
    shop.redeem_on(code, None, order(order_id, &[("apple", 10_000)]))
}

fn state(shop: &Shop, hold: &HoldView) -> HoldState {
    shop.tenant.get_hold(hold.hold.clone()).unwrap().unwrap().state
}

/// What an account counts, and how much of that stands in buckets.
fn account(shop: &Shop, owner: Owner, unit: &str) -> (i64, i64) {
    let tenant = TenantKey::new("default", cardmint::code::World::Live);
    let keys = [Key::Account(owner.clone(), unit.to_owned()), Key::AccountHeld(owner, unit.to_owned())];
    let found = shop.store.load(&keys.map(|key| Lookup::exact(&tenant, key))).unwrap();
    let value = |at: usize| match found[at].as_ref().map(|stored| &stored.record) {
        Some(Record::Account(account)) => account.balance,
        Some(Record::AccountHeld(held)) => held.buckets.iter().map(|(_, amount)| amount).sum(),
        _ => 0,
    };
    (value(0), value(1))
}

fn ann() -> Owner {
    Owner::Holder(SubjectKey::from_stored("customer:ann".to_owned()))
}

#[test]
fn a_held_use_is_nobody_elses_until_it_is_captured_released_or_over() {
    for shop in Shop::each() {
        let code = first(&shop, bearer());
        let held = hold(&shop, &code, "o1").unwrap();
        assert_eq!((held.state, held.pricing.discount_minor), (HoldState::Open, 2_000));
        assert_eq!(held.hold.to_string(), format!("{}/o1", held.card));
        let no = denial(redeem_on(&shop, &code, "o2"));
        assert_eq!((no.code(), no.facts()["frees_at"].as_str()), ("held", Some(held.expires_at.to_string().as_str())));
        assert_eq!(denied(hold(&shop, &code, "o2")), "held");
        let captured = capture(&shop, &held).unwrap();
        let receipt = captured.receipt.unwrap();
        assert_eq!((captured.outcome, receipt.order.as_str()), (CaptureOutcome::Captured, "o1"));
        assert_eq!(receipt.pricing, held.pricing);
        let stored = shop.tenant.redemption(receipt.redemption.as_str()).unwrap().unwrap();
        assert_eq!(stored.hold, Some(held.hold.clone()));
        assert_eq!(shop.tenant.look_up(CardPick::code(&code)).unwrap().state, CardState::Spent);
        let over = denial(capture(&shop, &held));
        assert_eq!(
            (over.code(), over.facts()["redemption"].as_str()),
            ("already_captured", Some(receipt.redemption.as_str()))
        );
        assert_eq!(denied(release(&shop, &held)), "already_captured");
        assert_eq!(
            shop.tenant.holds_of_order("o1").unwrap().items,
            [shop.tenant.get_hold(held.hold).unwrap().unwrap()]
        );
    }
}

#[test]
fn the_same_key_holds_captures_and_releases_once() {
    for shop in Shop::each() {
        let code = first(&shop, fifty());
        let request = PlaceHold { amount_minor: Some(700), ..asks(&shop, &code, "o1") };
        let held = shop.tenant.hold(request.clone()).wait().unwrap();
        assert_eq!(shop.tenant.hold(request.clone()).wait().unwrap(), held);
        assert_eq!(
            denied(shop.tenant.hold(PlaceHold { amount_minor: Some(701), ..request.clone() }).wait()),
            "key_reused"
        );
        let take = CaptureHold { amount_minor: Some(300), ..CaptureHold::new(shop.meta(), held.hold.clone()) };
        let captured = shop.tenant.capture(take.clone()).wait().unwrap();
        assert_eq!(shop.tenant.capture(take.clone()).wait().unwrap(), captured);
        assert_eq!(denied(shop.tenant.capture(CaptureHold { amount_minor: None, ..take }).wait()), "key_reused");
        assert_eq!(shop.tenant.hold(request).wait().unwrap(), held, "the reply of then, whatever became of the hold");
        // A redemption's id is the key that made it: a redeem cannot have that of a capture.
        let key = captured.receipt.unwrap().redemption;
        assert_eq!(denied(shop.redeem_with(key.as_str().into(), &code, None)), "key_reused");
        let other = hold_amount(&shop, &code, "o2", 100).unwrap();
        let receipt = redeem_on(&shop, &code, "o3").unwrap();
        let reused = CaptureHold::new(receipt.redemption.as_str().into(), other.hold.clone());
        assert_eq!(denied(shop.tenant.capture(reused).wait()), "key_reused");
        let give = cardmint::ReleaseHold { meta: shop.meta(), hold: other.hold };
        let released = shop.tenant.release(give.clone()).wait().unwrap();
        assert_eq!(shop.tenant.release(give).wait().unwrap(), released);
    }
}

#[test]
fn g03_the_same_owner_and_order_get_the_same_hold() {
    for shop in Shop::each() {
        let code = first(&shop, bearer());
        let held = hold_by(&shop, &code, "o1", "ann").unwrap();
        shop.clock.advance(MINUTE);
        assert_eq!(
            hold_by(&shop, &code, "o1", "ann").unwrap(),
            held,
            "another key, the same hold, no longer than before"
        );
        assert_eq!(denied(hold_by(&shop, &code, "o1", "bob")), "not_owner");
        let dearer = PlaceHold { order: order("o1", &[("apple", 20_000)]), ..asks(&shop, &code, "o1") };
        let changed = denial(shop.tenant.hold(dearer.clone().by(Subject::customer("ann"))).wait());
        assert_eq!((changed.code(), changed.facts()["now"]["discount_minor"].as_i64()), ("quote_changed", Some(4_000)));
        release(&shop, &held).unwrap();
        let anew = shop.tenant.hold(dearer.by(Subject::customer("ann"))).wait().unwrap();
        assert_eq!((anew.hold, anew.pricing.discount_minor), (held.hold, 4_000), "released, it is held anew");
        // And after its time.
        shop.clock.advance(24 * 60 * MINUTE);
        let again = hold_by(&shop, &code, "o1", "ann").unwrap();
        assert!(again.at > anew.at && again.state == HoldState::Open);
        let captured = capture(&shop, &again).unwrap().receipt.unwrap();
        assert_eq!(denied(hold_by(&shop, &code, "o1", "ann")), "already_captured");
        shop.refund(&captured.redemption).unwrap();
        hold_by(&shop, &code, "o1", "ann").unwrap();
    }
}

#[test]
fn g03_a_hold_that_names_a_quote_comes_to_the_same_or_is_refused() {
    for shop in Shop::each() {
        let code = first(&shop, fifty());
        let quote = |order_id: &str| {
            let quoted = shop.tenant.quote(Quote::new(CardPick::code(&code), order(order_id, &[("apple", 10_000)])));
            quoted.unwrap().digest.unwrap()
        };
        let (mine, theirs) = (quote("o1"), quote("o2"));
        let held = shop.tenant.hold(PlaceHold { quote: Some(theirs), amount_minor: None, ..asks(&shop, &code, "o2") });
        let held = held.wait().unwrap();
        assert_eq!(held.pricing.tender_minor, 5_000);
        let named = |mark: &str| PlaceHold { quote: Some(mark.to_owned()), ..asks(&shop, &code, "o1") };
        assert_eq!(denied(shop.tenant.hold(named(&mine)).wait()), "held", "all of it is another order's");
        let take = CaptureHold { amount_minor: Some(2_000), ..CaptureHold::new(shop.meta(), held.hold) };
        shop.tenant.capture(take).wait().unwrap();
        let changed = denial(shop.tenant.hold(named(&mine)).wait());
        assert_eq!((changed.code(), changed.facts()["now"]["tender_minor"].as_i64()), ("quote_changed", Some(3_000)));
        shop.tenant.hold(named(&quote("o1"))).wait().unwrap();
        // The order's own hold is not in the way of its own quote.
        assert_eq!(shop.tenant.hold(named(&quote("o1"))).wait().unwrap().pricing.tender_minor, 3_000);
        assert_eq!(refused(shop.tenant.hold(named("7.xyz")).wait()).field, "quote");
    }
}

#[test]
fn g04_what_is_held_is_not_available_and_comes_back_to_the_minor_unit() {
    for shop in Shop::each() {
        let code = first(&shop, fifty());
        let one = hold_amount(&shop, &code, "o1", 2_000).unwrap();
        let two = hold_amount(&shop, &code, "o2", 2_500).unwrap();
        let short = denial(hold_amount(&shop, &code, "o3", 501));
        assert_eq!((short.code(), short.facts()["held"]["minor"].as_i64()), ("held", Some(4_500)));
        assert_eq!(denied(hold_amount(&shop, &code, "o3", 5_001)), "insufficient_balance");
        let down = |delta_minor| {
            let meta = shop.because("counted again");
            shop.tenant.adjust(Adjust { meta, card: CardPick::code(&code), delta_minor }).wait()
        };
        assert_eq!(denied(down(-501)), "held", "no ceiling goes below what is captured and held");
        let take =
            |amount| CaptureHold { amount_minor: Some(amount), ..CaptureHold::new(shop.meta(), one.hold.clone()) };
        let too_much = denial(shop.tenant.capture(take(2_001)).wait());
        assert_eq!((too_much.code(), too_much.facts()["held"]["minor"].as_i64()), ("capture_too_large", Some(2_000)));
        let part = shop.tenant.capture(take(300)).wait().unwrap().receipt.unwrap();
        assert_eq!(
            (part.pricing.tender_minor, part.pricing.payable_minor, part.balance_minor),
            (300, 9_700, Some(4_700))
        );
        hold_amount(&shop, &code, "o3", 2_200).unwrap();
        assert_eq!(denied(hold_amount(&shop, &code, "o4", 1)), "held", "4700 − 2500 − 2200");
        release(&shop, &two).unwrap();
        hold_amount(&shop, &code, "o4", 2_500).unwrap();
        assert_eq!(denied(hold_amount(&shop, &code, "o5", 1)), "held");
    }
}

#[test]
fn g08_capturing_an_expired_hold_answers_by_the_declared_policy() {
    use CaptureOutcome::{Backordered, Reacquired, RefundRequired};
    for (policy, free, taken) in [
        (LateCapture::Reacquire, Reacquired, RefundRequired),
        (LateCapture::Backorder, Reacquired, Backordered),
        (LateCapture::Refund, RefundRequired, RefundRequired),
    ] {
        for shop in Shop::each() {
            let code = first(&shop, late(policy, bearer()));
            let other = shop.code_of("b", 1).unwrap();
            let (one, two) = (hold(&shop, &code, "o1").unwrap(), hold(&shop, &other, "o1").unwrap());
            shop.clock.advance(one.expires_at.millis() - one.at.millis() - 1);
            assert_eq!((state(&shop, &one), denied(redeem_on(&shop, &code, "o2"))), (HoldState::Open, "held"));
            shop.clock.advance(1);
            assert_eq!(state(&shop, &one), HoldState::Expired, "to the millisecond, with nobody working on it (G-09)");
            let thief = redeem_on(&shop, &other, "o2").unwrap();
            let (first, second) = (shop.meta(), CaptureHold::new(shop.meta(), two.hold.clone()));
            let captured = shop.tenant.capture(CaptureHold::new(first, one.hold.clone())).wait().unwrap();
            assert_eq!((captured.outcome, captured.receipt.is_some()), (free, free == Reacquired));
            let late = shop.tenant.capture(second.clone()).wait().unwrap();
            assert_eq!((late.outcome, late.receipt.clone()), (taken, None));
            // What was answered stays so, also once the card is free again.
            shop.refund(&thief.redemption).unwrap();
            assert_eq!(shop.tenant.capture(second).wait().unwrap(), late);
            let again = outcome(capture(&shop, &two));
            assert_eq!(again, if taken == Backordered { Reacquired } else { RefundRequired });
        }
    }
}

#[test]
fn a_late_capture_takes_nothing_of_a_batch_that_stands_still_or_is_dead() {
    use CaptureOutcome::{Backordered, Captured, Reacquired, RefundRequired};
    for (policy, frozen, dead) in [
        (LateCapture::Reacquire, RefundRequired, RefundRequired),
        (LateCapture::Backorder, Backordered, RefundRequired),
    ] {
        for shop in Shop::each() {
            let codes =
                [first(&shop, late(policy, bearer())), shop.code_of("b", 1).unwrap(), shop.code_of("b", 2).unwrap()];
            let [one, two, three] = codes.map(|code| hold(&shop, &code, "o1").unwrap());
            shop.tenant.freeze_batch((shop.because("stolen"), "b")).wait().unwrap();
            assert_eq!(outcome(capture(&shop, &one)), Captured, "an open hold is a promise");
            shop.clock.advance(two.expires_at.millis() - two.at.millis());
            assert_eq!(outcome(capture(&shop, &two)), frozen);
            shop.tenant.unfreeze_batch((shop.meta(), "b")).wait().unwrap();
            assert_eq!(outcome(capture(&shop, &two)), if frozen == Backordered { Reacquired } else { RefundRequired });
            shop.tenant.void_batch((shop.because("stolen"), "b")).wait().unwrap();
            assert_eq!(outcome(capture(&shop, &three)), dead);
        }
    }
}

#[test]
fn g09_open_holds_are_capped_per_holder_and_per_pool() {
    for shop in Shop::each() {
        let holds = HoldTerms { open_per_holder: 2, open_per_batch: Some(3), ..HoldTerms::default() };
        let first = first(&shop, TemplateDraft { holds, ..bearer() });
        let codes: Vec<String> = (0..5).map(|serial| shop.code_of("b", serial).unwrap()).collect();
        let held = hold_by(&shop, &first, "o0", "ann").unwrap();
        hold_by(&shop, &codes[1], "o1", "ann").unwrap();
        let capped = denial(hold_by(&shop, &codes[2], "o2", "ann"));
        let facts = capped.facts();
        assert_eq!(
            (capped.code(), facts["per"].as_str(), facts["open"].as_u64()),
            ("too_many_holds", Some("holder"), Some(2))
        );
        assert_eq!(facts["frees_at"].as_str(), Some(held.expires_at.to_string().as_str()));
        hold(&shop, &codes[2], "o2").unwrap();
        assert_eq!(denial(hold(&shop, &codes[3], "o3")).facts()["per"], "batch");
        capture(&shop, &held).unwrap();
        hold_by(&shop, &codes[3], "o3", "ann").unwrap();
        assert_eq!(denial(hold(&shop, &codes[4], "o4")).facts()["per"], "batch");
        // With nobody working on it, all of them are free when their time is over.
        shop.clock.advance(16 * MINUTE);
        for (serial, code) in codes.iter().enumerate().skip(1).take(2) {
            hold_by(&shop, code, &format!("again{serial}"), "ann").unwrap();
        }
        assert_eq!(account(&shop, ann(), "holds:b"), (2, 2));
    }
}

#[test]
fn g10_a_release_an_expiry_and_a_refund_give_back_once_in_every_counter() {
    for shop in Shop::each() {
        let limits = Limits { uses_per_card: 3, uses_per_holder: Some(3), ..Limits::default() };
        let code = first(&shop, TemplateDraft { limits, ..bearer() });
        let uses = || account(&shop, ann(), "uses:b");
        let open = || account(&shop, ann(), "holds:b");
        let left = || shop.tenant.look_up(CardPick::code(&code)).unwrap().uses_left;
        let held: Vec<HoldView> =
            (0..3).map(|place| hold_by(&shop, &code, &format!("o{place}"), "ann").unwrap()).collect();
        assert_eq!((uses(), open(), left()), ((3, 3), (3, 3), 3));
        let receipt = capture(&shop, &held[0]).unwrap().receipt.unwrap();
        assert_eq!((uses(), open(), left()), ((3, 2), (2, 2), 2));
        release(&shop, &held[1]).unwrap();
        assert_eq!((uses(), open(), left()), ((2, 1), (1, 1), 2));
        assert_eq!(denied(release(&shop, &held[1])), "stale");
        shop.clock.advance(16 * MINUTE);
        assert_eq!(state(&shop, &held[2]), HoldState::Expired);
        release(&shop, &held[2]).unwrap();
        assert_eq!(uses(), (2, 1), "it came back by itself; whoever counts next writes that down");
        shop.refund(&receipt.redemption).unwrap();
        assert_eq!((uses(), left()), ((1, 1), 3));
        let again: Vec<HoldView> =
            (3..6).map(|place| hold_by(&shop, &code, &format!("o{place}"), "ann").unwrap()).collect();
        assert_eq!((uses(), open(), left()), ((3, 3), (3, 3), 3), "three of three");
        assert_eq!(denied(hold_by(&shop, &code, "o9", "ann")), "held");
        again.iter().for_each(|hold| assert_eq!(outcome(capture(&shop, hold)), CaptureOutcome::Captured));
        assert_eq!((uses(), open(), left()), ((3, 0), (0, 0), 0));
    }
}

/// A redeem needs no more than the account; only where that is full does it look whether something has lapsed.
#[test]
fn g10_what_lapsed_is_free_for_whoever_redeems() {
    for shop in Shop::each() {
        let limits = Limits { uses_per_card: 9, uses_per_holder: Some(2), ..Limits::default() };
        let code = first(&shop, TemplateDraft { limits, ..bearer() });
        let held = hold_by(&shop, &code, "o1", "ann").unwrap();
        shop.redeem(&code, "ann").unwrap();
        let no = denial(shop.redeem(&code, "ann"));
        assert_eq!((no.code(), no.facts()["scope"].as_str()), ("held", Some("holder_uses")));
        shop.clock.advance(16 * MINUTE);
        shop.redeem(&code, "ann").unwrap();
        assert_eq!(account(&shop, ann(), "uses:b"), (2, 0));
        assert_eq!(denied(shop.redeem(&code, "ann")), "limit_reached");
        assert_eq!(outcome(capture(&shop, &held)), CaptureOutcome::RefundRequired, "the holder's limit is used up");
    }
}

#[test]
fn g11_quotes_and_holds_of_before_a_release_or_refund_are_stale() {
    for shop in Shop::each() {
        let code = first(&shop, bearer());
        let quote = || {
            let quoted = shop.tenant.quote(Quote::new(CardPick::code(&code), order("cart", &[("apple", 10_000)])));
            quoted.unwrap().digest.unwrap()
        };
        let named = |quote: &str| PlaceHold { quote: Some(quote.to_owned()), ..asks(&shop, &code, "cart") };
        let before = quote();
        let held = hold(&shop, &code, "o1").unwrap();
        release(&shop, &held).unwrap();
        assert_eq!(denied(shop.tenant.hold(named(&before)).wait()), "stale");
        assert_eq!((denied(capture(&shop, &held)), denied(release(&shop, &held))), ("stale", "stale"));
        let between = quote();
        let receipt = redeem_on(&shop, &code, "o2").unwrap();
        shop.refund(&receipt.redemption).unwrap();
        assert_eq!(denied(shop.tenant.hold(named(&between)).wait()), "stale");
        let cart = shop.tenant.hold(named(&quote())).wait().unwrap();
        let receipt = capture(&shop, &cart).unwrap().receipt.unwrap();
        shop.refund(&receipt.redemption).unwrap();
        assert_eq!((state(&shop, &cart), denied(capture(&shop, &cart))), (HoldState::Refunded, "stale"));
    }
}

#[test]
fn crossing_commands_are_refused_unless_forced_and_then_the_hold_is_dead() {
    for shop in Shop::each() {
        type Act = fn(&Shop, String, bool) -> Result<cardmint::CardWithCode, Error>;
        let acts: [Act; 3] = [
            |shop, code, force| {
                shop.tenant.freeze(Freeze { force, ..(shop.because("lost"), CardPick::code(code)).into() }).wait()
            },
            |shop, code, force| shop.tenant.void(Void { force, ..(shop.meta(), CardPick::code(code)).into() }).wait(),
            |shop, code, force| {
                shop.tenant.replace(Replace { force, ..(shop.meta(), CardPick::code(code)).into() }).wait()
            },
        ];
        first(&shop, late(LateCapture::Backorder, bearer()));
        for (serial, act) in (0..).zip(acts) {
            let code = shop.code_of("b", serial).unwrap();
            let held = hold(&shop, &code, "o1").unwrap();
            let no = denial(act(&shop, code.clone(), false));
            assert_eq!(
                (no.code(), no.facts()["until"].as_str()),
                ("has_open_hold", Some(held.expires_at.to_string().as_str()))
            );
            act(&shop, code.clone(), true).unwrap();
            assert_eq!(state(&shop, &held), HoldState::RefundRequired);
            let captured = capture(&shop, &held).unwrap();
            assert_eq!(
                (captured.outcome, captured.receipt),
                (CaptureOutcome::RefundRequired, None),
                "at once, by no policy"
            );
            assert_eq!(outcome(capture(&shop, &held)), CaptureOutcome::RefundRequired, "and for good");
        }
        // A hold that is over is in nobody's way.
        let code = shop.code_of("b", 9).unwrap();
        let held = hold(&shop, &code, "o1").unwrap();
        shop.clock.advance(held.expires_at.millis() - held.at.millis());
        shop.tenant.void((shop.meta(), CardPick::code(&code))).wait().unwrap();
    }
}

/// Two engines whose clocks disagree: a card's row, or an account, that was written past a hold's end has judged it, whatever
/// the other's clock says.
#[test]
fn a_hold_is_over_for_everybody_once_it_is_over_for_its_counters() {
    for shop in Shop::each() {
        let ahead = beside(&shop);
        let limits = Limits { uses_per_card: 9, uses_per_holder: Some(2), ..Limits::default() };
        let code = first(&shop, TemplateDraft { limits, ..bearer() });
        let (one, two) = (hold_by(&shop, &code, "o1", "ann").unwrap(), hold_by(&shop, &code, "o2", "ann").unwrap());
        ahead.clock.advance(16 * MINUTE);
        assert_eq!((state(&shop, &one), state(&ahead, &one)), (HoldState::Open, HoldState::Expired));
        // Another card of the same holder: only the account of the holder's uses is touched, by the engine that is ahead.
        let other = shop.code_of("b", 5).unwrap();
        ahead.redeem(&other, "ann").unwrap();
        assert_eq!(state(&shop, &one), HoldState::Expired, "the account has judged, and so for all");
        assert_eq!(outcome(capture(&shop, &one)), CaptureOutcome::Reacquired);
        assert_eq!(outcome(capture(&shop, &two)), CaptureOutcome::RefundRequired, "two of two are used");
        assert_eq!(account(&shop, ann(), "uses:b"), (2, 0));
        // A step back revives nothing.
        shop.clock.advance(-60 * MINUTE);
        assert_eq!(denied(hold_by(&shop, &code, "o3", "ann")), "limit_reached");
    }
}

#[test]
fn g01_holds_captures_and_redeems_from_many_threads_never_pass_a_limit() {
    for shop in Shop::each() {
        let beside = beside(&shop);
        let limits = Limits { uses_per_card: 20, uses_per_holder: Some(15), ..Limits::default() };
        let code = first(&shop, TemplateDraft { limits, ..bearer() });
        let captured: usize = thread::scope(|scope| {
            let racers: Vec<_> = (0..8)
                .map(|racer| {
                    let (shop, code) = (if racer % 2 == 0 { &shop } else { &beside }, code.as_str());
                    scope.spawn(move || {
                        let mut used = 0;
                        for turn in 0..6 {
                            let asked = PlaceHold {
                                meta: format!("h-{racer}-{turn}").as_str().into(),
                                ..asks(shop, code, &format!("o-{racer}-{turn}"))
                            };
                            match shop.tenant.hold(asked.by(Subject::customer("ann"))).wait() {
                                Ok(held) if turn % 3 == 0 => {
                                    let key = format!("r-{racer}-{turn}");
                                    shop.tenant.release((key.as_str().into(), held.hold)).wait().unwrap();
                                }
                                Ok(held) => {
                                    let key = format!("c-{racer}-{turn}");
                                    let taken =
                                        shop.tenant.capture(CaptureHold::new(key.as_str().into(), held.hold)).wait();
                                    assert_eq!(outcome(taken), CaptureOutcome::Captured);
                                    used += 1;
                                }
                                no => assert!(["held", "limit_reached"].contains(&denied(no))),
                            }
                        }
                        used
                    })
                })
                .collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).sum()
        });
        assert_eq!(captured, 15, "{}", shop.name);
        assert_eq!(account(&shop, ann(), "uses:b"), (15, 0));
        assert_eq!(account(&shop, ann(), "holds:b"), (0, 0));
        assert_eq!(shop.tenant.look_up(CardPick::code(&code)).unwrap().uses_left, 5);
    }
}

#[test]
fn a_public_code_is_held_once_per_order_by_a_holder() {
    for shop in Shop::each() {
        shop.batch("w", 5, eight_tenths());
        let word = SavePublicCode {
            meta: shop.meta(),
            batch: "w".to_owned(),
            word: "SUMMER".into(),
            normalisation: cardmint::code::Normalisation::Word,
        };
        shop.tenant.save_public_code(word).wait().unwrap();
        assert_eq!(denied(hold(&shop, "SUMMER", "o1")), "holder_required");
        let held = hold_by(&shop, "summer", "o1", "ann").unwrap();
        assert_eq!(hold_by(&shop, "SUMMER", "o1", "ann").unwrap(), held, "the same card, by whatever key");
        assert_eq!(shop.tenant.wallet(Subject::customer("ann")).unwrap().items.len(), 1);
        let second = hold_by(&shop, "SUMMER", "o2", "ann").unwrap();
        assert_ne!(second.card, held.card, "what another order holds is passed by");
        release(&shop, &held).unwrap();
        let third = hold_by(&shop, "SUMMER", "o3", "ann").unwrap();
        assert_eq!(third.card, held.card, "and what was given back is used first");
        assert_eq!(outcome(capture(&shop, &third)), CaptureOutcome::Captured);
    }
}

#[test]
fn bad_input_is_refused_by_name() {
    let shop = Shop::memory();
    let code = first(&shop, bearer());
    let with = |ttl_s| shop.tenant.hold(PlaceHold { ttl_s: Some(ttl_s), ..asks(&shop, &code, "o1") }).wait();
    assert_eq!(
        (refused(with(0)).field, refused(with(86_401)).field, refused(with(u32::MAX)).field),
        ("ttl_s".to_owned(), "ttl_s".to_owned(), "ttl_s".to_owned())
    );
    let held = with(1).unwrap();
    assert_eq!(held.expires_at.millis() - held.at.millis(), 1_000);
    let take = CaptureHold { amount_minor: Some(1), ..CaptureHold::new(shop.meta(), held.hold.clone()) };
    assert_eq!(refused(shop.tenant.capture(take).wait()).field, "amount_minor");
    let unknown = HoldId::parse("hold", "16-0-77/nowhere").unwrap();
    assert_eq!(denied(shop.tenant.capture(CaptureHold::new(shop.meta(), unknown.clone())).wait()), "unknown");
    assert_eq!(denied(shop.tenant.release((shop.meta(), unknown.clone())).wait()), "unknown");
    assert_eq!(shop.tenant.get_hold(unknown).unwrap(), None);
    let bad = HoldTerms { ttl_s: 0, ..HoldTerms::default() };
    assert_eq!(refused(shop.template("b", TemplateDraft { holds: bad, ..bearer() })).field, "template.holds.ttl_s");
    let gift = PlaceHold { amount_minor: Some(1), ..asks(&shop, &code, "o9") };
    assert_eq!(denied(shop.tenant.hold(gift.clone()).wait()), "held");
    shop.clock.advance(1_000);
    assert_eq!(refused(shop.tenant.hold(gift).wait()).field, "amount_minor");
    let refund = RefundRedemption::new(shop.meta(), "none");
    assert_eq!(denied(shop.tenant.refund(refund).wait()), "unknown");
}

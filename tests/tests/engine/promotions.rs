//! Promotions: what comes off orders by itself, counted by cards that nobody holds.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

use cardmint::card::{
    Benefit, CardState, Limits, PromotionLife, RedeemFrom, Setting, Stacking, TemplateDraft, ValidityDraft,
};
use cardmint::checkout::{Order, Verdict};
use cardmint::limit::{Limit, Measure, UsageUnit};
use cardmint::rule::{Condition, LineFilter, Over};
use cardmint::store::{Key, Lookup, StoreError};
use cardmint::subject::Subject;
use cardmint::{
    CaptureOrder, CardPick, Denial, Error, HoldOrder, IssueBatch, ListCards, OrderCard, OrderReceipt, Paging,
    QuoteOrder, RedeemOrder, SaveCampaign, SavePromotion, Settings,
};
use cardmint_tests::{Shop, bearer, cny, denial, denied, eight_tenths, order, refused};

fn amount_off(minor: i64) -> TemplateDraft {
    TemplateDraft { benefit: Benefit::AmountOff { minor: Setting::Fixed(minor), over: Over::Order }, ..eight_tenths() }
}

fn uses(name: &str, most: i64) -> Limit {
    Limit::new(name, Measure::Uses { usage_unit: UsageUnit::Order }, most)
}

/// Saves a template and a promotion of it, both called `id`.
fn promote(shop: &Shop, id: &str, template: TemplateDraft) {
    shop.template(id, template).unwrap();
    shop.tenant.save_promotion(SavePromotion::new(shop.meta(), id, id)).wait().unwrap();
}

fn basket(id: &str) -> Order {
    order(id, &[("apple", 10_000)])
}

fn redeem(shop: &Shop, id: &str, holder: Option<&str>, cards: Vec<OrderCard>) -> Result<OrderReceipt, Error> {
    let holder = holder.map(Subject::customer);
    shop.tenant.redeem_order(RedeemOrder { holder, ..RedeemOrder::new(shop.meta(), basket(id), cards) }).wait()
}

/// What came of each promotion, by its id.
fn verdicts(shop: &Shop, asked: QuoteOrder) -> Vec<(String, Verdict, Option<&'static str>)> {
    let quoted = shop.tenant.quote_order(asked).unwrap();
    let of =
        |one: cardmint::QuotedPromotion| (one.promotion, one.card.verdict, one.card.denial.as_ref().map(Denial::code));
    quoted.promotions.into_iter().map(of).collect()
}

#[track_caller]
fn audit_is_clean(shop: &Shop) {
    assert_eq!(shop.tenant.audit(()).unwrap().wait().unwrap().findings, [], "{}", shop.name);
}

#[test]
fn g03_promotions_come_off_orders_by_themselves() {
    for shop in Shop::each() {
        promote(&shop, "five", amount_off(500));
        let min = vec![Condition::MinSpend { minor: 19_900, over: Over::Order }];
        promote(&shop, "from-199", TemplateDraft { conditions: min, ..amount_off(1_000) });
        shop.batch("fifth", 9, bearer());
        let card = || OrderCard::code(shop.code_of("fifth", 0).unwrap());
        let quoted = shop.tenant.quote_order(QuoteOrder::new(basket("o1"), [card()])).unwrap();
        // By template id: a fifth of what 5.00 off leaves of 100.00.
        assert_eq!((quoted.totals.discount_minor, quoted.totals.payable_minor), (2_500, 7_500));
        assert_eq!(quoted.promotions[0].card.pricing.as_ref().unwrap().discount_minor, 500);
        assert_eq!(quoted.promotions[1].card.verdict, Verdict::NearMiss, "99.00 more, and it applies");
        let asked = RedeemOrder { quote: quoted.digest, ..RedeemOrder::new(shop.meta(), basket("o1"), [card()]) };
        let receipt = shop.tenant.redeem_order(asked.clone()).wait().unwrap();
        assert_eq!(receipt.totals, quoted.totals);
        assert_eq!((receipt.receipts.len(), receipt.left_out.len()), (2, 0), "what does not apply is no card left out");
        let promotion = &receipt.promotions[0];
        assert_eq!((promotion.promotion.as_str(), promotion.place), ("five", 1));
        assert_eq!(shop.tenant.redeem_order(asked).wait().unwrap(), receipt);
        // Without any card, and without promotions.
        let alone = redeem(&shop, "o2", None, Vec::new()).unwrap();
        assert_eq!((alone.totals.discount_minor, alone.receipts.len()), (500, 1));
        let off = |cards| RedeemOrder { no_promotions: true, ..RedeemOrder::new(shop.meta(), basket("o3"), cards) };
        assert_eq!(refused(shop.tenant.redeem_order(off(Vec::new())).wait()).field, "cards");
        let card = OrderCard::code(shop.code_of("fifth", 1).unwrap());
        let without = shop.tenant.redeem_order(off(vec![card])).wait().unwrap();
        assert_eq!((without.totals.discount_minor, without.promotions.len()), (2_000, 0));
        audit_is_clean(&shop);
    }
}

#[test]
fn promotions_are_paused_revised_and_archived() {
    for shop in Shop::each() {
        promote(&shop, "p", amount_off(500));
        let off = |id| redeem(&shop, id, None, Vec::new()).map(|receipt| receipt.totals.discount_minor);
        assert_eq!(off("o1").unwrap(), 500);
        let paused = shop.tenant.pause_promotion((shop.meta(), "p")).wait().unwrap();
        assert_eq!((paused.life, paused.revision), (PromotionLife::Paused, 1));
        assert_eq!(denied(off("o2")), "no_effect");
        assert_eq!(denied(shop.tenant.pause_promotion((shop.meta(), "p")).wait()), "wrong_life");
        // A new revision while it is paused stays so.
        shop.template("p", amount_off(700)).unwrap();
        let save = SavePromotion::new(shop.meta(), "p", "p");
        let revised = shop.tenant.save_promotion(save.clone()).wait().unwrap();
        assert_eq!((revised.revision, revised.template_version, revised.life), (2, 2, PromotionLife::Paused));
        assert_eq!(shop.tenant.save_promotion(save).wait().unwrap(), revised);
        assert_eq!(denied(off("o2")), "no_effect");
        shop.tenant.resume_promotion((shop.meta(), "p")).wait().unwrap();
        assert_eq!(off("o2").unwrap(), 700);
        shop.tenant.archive_promotion((shop.meta(), "p")).wait().unwrap();
        assert_eq!(denied(off("o3")), "no_effect");
        assert_eq!(denied(shop.tenant.resume_promotion((shop.meta(), "p")).wait()), "wrong_life");
        let again = SavePromotion::new(shop.meta(), "p", "p");
        assert_eq!(denied(shop.tenant.save_promotion(again).wait()), "wrong_life");
        assert_eq!(denied(shop.tenant.pause_promotion((shop.meta(), "q")).wait()), "unknown");
        let listed = shop.tenant.list_promotions(cardmint::ListPromotions {}).unwrap();
        assert_eq!(
            listed.iter().map(|one| (one.id.as_str(), one.life)).collect::<Vec<_>>(),
            [("p", PromotionLife::Archived)]
        );
        // Settings that are saved later keep them.
        let settings = cardmint::SaveSettings {
            meta: shop.meta(),
            zone: "Asia/Shanghai".to_owned(),
            rounding: Default::default(),
            profile: None,
        };
        shop.tenant.save_settings(settings).wait().unwrap();
        assert_eq!(shop.tenant.list_promotions(cardmint::ListPromotions {}).unwrap(), listed);
        audit_is_clean(&shop);
    }
}

#[test]
fn only_coupons_that_are_claimed_and_used_once_count_a_promotion() {
    let shop = Shop::memory();
    let save = |template| {
        shop.template("t", template).unwrap();
        refused(shop.tenant.save_promotion(SavePromotion::new(shop.meta(), "p", "t")).wait()).field
    };
    assert_eq!(save(TemplateDraft { redeem_from: RedeemFrom::Issued, ..amount_off(500) }), "template");
    assert_eq!(
        save(TemplateDraft { limits: Limits { uses_per_card: 2, ..Limits::default() }, ..amount_off(500) }),
        "template"
    );
    let limits = Limits { claims_per_holder: Some(1), ..Limits::default() };
    assert_eq!(save(TemplateDraft { limits, ..amount_off(500) }), "template");
    let long = SavePromotion::new(shop.meta(), "p".repeat(49), "t");
    assert_eq!(refused(shop.tenant.save_promotion(long).wait()).field, "id");
    assert_eq!(denied(shop.tenant.save_promotion(SavePromotion::new(shop.meta(), "p", "none")).wait()), "unknown");
}

#[test]
fn g12_windows_limits_and_budgets_hold_for_promotions_as_for_cards() {
    for shop in Shop::each() {
        let budget = Limit::new("budget", Measure::Money { currency: cny() }, 1_200);
        let campaign = SaveCampaign { limits: vec![budget], ..shop.campaign("c") };
        shop.tenant.save_campaign(campaign).wait().unwrap();
        let limits = Limits { uses_per_holder: Some(1), ..Limits::default() };
        let validity = ValidityDraft {
            start: Some("2026-11-11".to_owned()),
            end: Some("2026-11-11".to_owned()),
            ..ValidityDraft::default()
        };
        shop.template("p", TemplateDraft { limits, validity, ..amount_off(500) }).unwrap();
        let save = SavePromotion {
            campaign: Some("c".to_owned()),
            limits: vec![uses("uses", 9)],
            ..SavePromotion::new(shop.meta(), "p", "p")
        };
        shop.tenant.save_promotion(save).wait().unwrap();
        // A card of the same campaign: both come out of one budget, cards first.
        shop.template("card", TemplateDraft { redeem_from: RedeemFrom::Issued, ..amount_off(400) }).unwrap();
        let batch = IssueBatch { campaign: Some("c".to_owned()), ..shop.issue_batch("card", 9) };
        shop.tenant.issue_batch(batch).wait().unwrap();
        let card = |serial| vec![OrderCard::code(shop.code_of("card", serial).unwrap())];
        let first = redeem(&shop, "o1", Some("ann"), card(0)).unwrap();
        assert_eq!(first.totals.discount_minor, 900);
        let quote = |who| QuoteOrder::new(basket("o2"), Vec::new()).by(Subject::customer(who));
        assert_eq!(verdicts(&shop, quote("ann")), [("p".to_owned(), Verdict::Refused, Some("limit_reached"))]);
        assert_eq!(
            verdicts(&shop, quote("bob")),
            [("p".to_owned(), Verdict::Refused, Some("limit_reached"))],
            "3.00 left"
        );
        // Given back, both have room again.
        shop.refund(&first.receipts[1].redemption).unwrap();
        assert_eq!(verdicts(&shop, quote("ann")), [("p".to_owned(), Verdict::Applied, None)]);
        assert_eq!(redeem(&shop, "o2", Some("ann"), Vec::new()).unwrap().totals.discount_minor, 500);
        // The day is over.
        shop.refund(&first.receipts[0].redemption).unwrap();
        shop.clock.set("2026-11-12T00:00:00Z");
        assert_eq!(verdicts(&shop, quote("bob")), [("p".to_owned(), Verdict::Refused, Some("expired"))]);
        audit_is_clean(&shop);
    }
}

#[test]
fn limits_of_a_template_outlive_a_revision_and_those_of_a_batch_do_not() {
    for shop in Shop::each() {
        let limits = Limits { list: vec![uses("all", 3)], ..Limits::default() };
        shop.template("p", TemplateDraft { limits, ..amount_off(500) }).unwrap();
        let save =
            || SavePromotion { limits: vec![uses("of_revision", 1)], ..SavePromotion::new(shop.meta(), "p", "p") };
        let mut at = 0;
        let mut redeem = || {
            at += 1;
            redeem(&shop, &format!("o{at}"), None, Vec::new()).map(|receipt| receipt.totals.discount_minor)
        };
        for _ in 0..3 {
            shop.tenant.save_promotion(save()).wait().unwrap();
            assert_eq!(redeem().unwrap(), 500);
            assert_eq!(denied(redeem()), "no_effect");
        }
        shop.tenant.save_promotion(save()).wait().unwrap();
        assert_eq!(denied(redeem()), "no_effect", "three of three are used");
        audit_is_clean(&shop);
    }
}

#[test]
fn g16_a_card_and_a_promotion_may_exclude_each_other() {
    for shop in Shop::each() {
        promote(
            &shop,
            "a",
            TemplateDraft { stacking: Some(Stacking { rank: 1, ..Stacking::default() }), ..amount_off(500) },
        );
        let stacking = Stacking { excludes: [Stacking::ALL.to_owned()].into(), ..Stacking::default() };
        shop.batch("b", 9, TemplateDraft { stacking: Some(stacking), ..bearer() });
        let card = OrderCard::code(shop.code_of("b", 0).unwrap());
        let receipt = redeem(&shop, "o1", None, vec![card]).unwrap();
        // The card comes first; the promotion does not refuse the whole.
        assert_eq!((receipt.totals.discount_minor, receipt.promotions.len()), (2_000, 0));
        audit_is_clean(&shop);
    }
}

#[test]
fn g10_promotions_are_held_and_captured_with_the_order() {
    for shop in Shop::each() {
        let limits = Limits { uses_per_holder: Some(1), ..Limits::default() };
        promote(&shop, "p", TemplateDraft { limits, ..amount_off(500) });
        let ask = |id| HoldOrder::new(shop.meta(), basket(id), Vec::new());
        let hold = |id| shop.tenant.hold_order(ask(id).by(Subject::customer("ann"))).wait();
        // A promotion keeps a card for its holder: nobody in particular holds none.
        assert_eq!(denied(shop.tenant.hold_order(ask("o1")).wait()), "no_effect");
        let held = hold("o1").unwrap();
        assert_eq!((held.totals.discount_minor, held.promotions[0].promotion.as_str()), (500, "p"));
        assert_eq!(hold("o1").unwrap(), held);
        let none = HoldOrder { promotions_off: vec!["q".to_owned()], ..ask("o1").by(Subject::customer("ann")) };
        assert_eq!(denied(shop.tenant.hold_order(none).wait()), "has_open_hold");
        assert_eq!(denied(hold("o2")), "no_effect", "the use of the holder is held");
        let quote = QuoteOrder::new(basket("o1"), Vec::new()).by(Subject::customer("ann"));
        assert_eq!(verdicts(&shop, quote), [("p".to_owned(), Verdict::Applied, None)], "its own hold is free to it");
        shop.tenant.release_order((shop.meta(), vec![held.holds[0].hold.clone()])).wait().unwrap();
        // The same order holds the same card anew.
        let again = hold("o1").unwrap();
        assert_eq!(again.holds[0].card, held.holds[0].card);
        let capture = CaptureOrder::new(shop.meta(), [again.holds[0].hold.clone()]);
        let captured = shop.tenant.capture_order(capture).wait().unwrap();
        let redemption = captured.holds[0].receipt.as_ref().unwrap().redemption.clone();
        assert_eq!(denied(hold("o3")), "no_effect");
        shop.refund(&redemption).unwrap();
        assert!(hold("o3").is_ok());
        audit_is_clean(&shop);
    }
}

#[test]
fn g01_a_promotions_uses_are_counted_under_concurrency() {
    const THREADS: usize = 8;
    for shop in Shop::each() {
        shop.template("p", amount_off(500)).unwrap();
        let save = SavePromotion { limits: vec![uses("uses", 50)], ..SavePromotion::new(shop.meta(), "p", "p") };
        shop.tenant.save_promotion(save).wait().unwrap();
        let (start, done) = (Barrier::new(THREADS), AtomicUsize::new(0));
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let (shop, start, done) = (&shop, &start, &done);
                scope.spawn(move || {
                    start.wait();
                    for at in 0..10 {
                        match redeem(shop, &format!("o{thread}-{at}"), None, Vec::new()) {
                            Ok(_) => drop(done.fetch_add(1, Ordering::SeqCst)),
                            other => assert_eq!(denied(other), "no_effect"),
                        }
                    }
                });
            }
        });
        assert_eq!(done.load(Ordering::SeqCst), 50, "{}", shop.name);
        let page = Paging { after: None, limit: 1_000 };
        let spent = ListCards { batch: "p.r1".to_owned(), state: Some(CardState::Spent), channel: None, page };
        assert_eq!(shop.tenant.list_cards(spent).unwrap().items.len(), 50, "each use is a card");
        audit_is_clean(&shop);
    }
}

/// How often the tenant's settings are read.
fn settings_read(watched: &cardmint_tests::Watched) -> Arc<AtomicUsize> {
    let read = Arc::new(AtomicUsize::new(0));
    let to = Arc::clone(&read);
    watched.look_at_loads(move |lookups: &[Lookup]| -> Option<StoreError> {
        to.fetch_add(lookups.iter().filter(|lookup| lookup.key == Key::Settings).count(), Ordering::SeqCst);
        None
    });
    read
}

#[test]
fn promotions_that_do_not_change_cost_an_order_no_read() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("fifth", 99, bearer());
        let code = |serial| vec![OrderCard::code(shop.code_of("fifth", serial).unwrap())];
        let min = vec![Condition::MinSpend { minor: 19_900, over: Over::Order }];
        let codes: Vec<_> = (0..6).map(code).collect();
        redeem(&shop, "o0", None, codes[0].clone()).unwrap();
        let read = settings_read(&watched);
        let mut cost = Vec::new();
        for (at, cards) in codes[1..3].iter().enumerate() {
            watched.forget();
            redeem(&shop, &format!("o{at}"), None, cards.clone()).unwrap();
            cost.push(watched.loads());
        }
        for id in ["p", "q", "r"] {
            promote(&shop, id, TemplateDraft { conditions: min.clone(), ..amount_off(500) });
        }
        redeem(&shop, "o8", None, codes[3].clone()).unwrap();
        read.store(0, Ordering::SeqCst);
        watched.forget();
        redeem(&shop, "o9", None, codes[4].clone()).unwrap();
        cost.push(watched.loads());
        assert_eq!(read.load(Ordering::SeqCst), 0, "the list is one row that is in sight anyway");
        assert!(cost.windows(2).all(|pair| pair[0] == pair[1]), "{cost:?} loads");
    }
}

#[test]
fn g22_an_order_reads_nothing_of_promotions_that_it_cannot_meet() {
    for (shop, watched) in Shop::each_watched() {
        let on = |product: &str| {
            let lines = LineFilter { products: vec![product.to_owned()], ..LineFilter::default() };
            TemplateDraft { conditions: vec![Condition::HasLine { lines }], ..amount_off(500) }
        };
        promote(&shop, "apple", on("apple"));
        (0..60).for_each(|at| promote(&shop, &format!("p{at}"), on(&format!("pear{at}"))));
        let (_engine, elsewhere) = shop.engine_with(Arc::clone(&shop.store), Settings::default());
        let redeem = |id: &str| {
            let asked = RedeemOrder::new(shop.meta(), basket(id), Vec::new());
            elsewhere.redeem_order(asked).wait().unwrap().totals.discount_minor
        };
        assert_eq!(redeem("o1"), 500);
        let batches = Arc::new(Mutex::new(BTreeSet::new()));
        let to = Arc::clone(&batches);
        watched.look_at_loads(move |lookups: &[Lookup]| -> Option<StoreError> {
            let keys = lookups.iter().map(|lookup| lookup.key.clone());
            to.lock().unwrap().extend(keys.filter(|key| matches!(key, Key::Batch(_) | Key::Template(..))));
            None
        });
        // Rows that may change are read again by whoever looks at them.
        shop.clock.advance(10_000);
        assert_eq!(redeem("o2"), 500);
        let read = batches.lock().unwrap().clone();
        assert_eq!(read.len(), 1, "{read:?}");
    }
}

#[test]
fn a_promotion_that_was_paused_elsewhere_is_off_within_the_lag() {
    let shop = Shop::sqlite();
    promote(&shop, "p", amount_off(500));
    let settings = Settings { control_lag_ms: 200, ..Settings::default() };
    let (_engine, elsewhere) = shop.engine_with(Arc::clone(&shop.store), settings);
    let quote = || elsewhere.quote_order(QuoteOrder::new(basket("o"), Vec::new())).unwrap().totals.discount_minor;
    assert_eq!(quote(), 500);
    shop.tenant.pause_promotion((shop.meta(), "p")).wait().unwrap();
    shop.clock.advance(1_000);
    let off_within = |tries: u32| {
        (0..tries).any(|_| {
            quote() == 0 || {
                thread::sleep(std::time::Duration::from_millis(50));
                false
            }
        })
    };
    assert!(off_within(40));
}

#[test]
fn a_promotions_cards_are_no_cards_to_pick() {
    for shop in Shop::each() {
        promote(&shop, "p", amount_off(500));
        // One that is not given out yet cannot be used, and one that was is spent.
        let pick = || vec![CardPick::Id(shop.card("p.r1", 0)).into()];
        let Denial::CardDenied { why, .. } = denial(redeem(&shop, "o1", None, pick())) else { panic!() };
        assert_eq!(why.code(), "wrong_state");
        redeem(&shop, "o2", None, Vec::new()).unwrap();
        let Denial::CardDenied { why, .. } = denial(redeem(&shop, "o3", None, pick())) else { panic!() };
        assert_eq!(why.code(), "limit_reached");
        let (meta, batch) = (shop.because("print"), "p.r1".to_owned());
        let export = cardmint::ExportCodes { meta, batch, first: 0, count: None };
        assert_eq!(denied(shop.tenant.export_codes(export)), "export_closed");
    }
}

#[test]
fn a_quote_reads_as_often_with_twenty_promotions_as_with_one() {
    for (shop, watched) in Shop::each_watched() {
        let reads = || {
            let quote = || shop.tenant.quote_order(QuoteOrder::new(basket("o1"), Vec::new())).unwrap();
            quote();
            watched.forget();
            (quote().promotions.len(), watched.loads())
        };
        promote(&shop, "p", amount_off(10));
        let one = reads();
        (0..19).for_each(|at| promote(&shop, &format!("p{at}"), amount_off(10)));
        let twenty = reads();
        assert_eq!((one.0, twenty.0), (1, 20));
        assert!(twenty.1 <= one.1, "{} loads, and {} with one", twenty.1, one.1);
    }
}

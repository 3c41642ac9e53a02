//! Batches and campaigns that are stopped, killed, prolonged, refilled, measured and put away, over both stores.

use std::sync::Arc;
use std::thread;

use cardmint::card::{
    Batch, Benefit, CardKind, CardState, ExtendPolicy, Goal, Life, Limits, Policies, Refill, Setting, TemplateDraft,
    ValidityDraft,
};
use cardmint::code::{CodeFormat, Normalisation};
use cardmint::rule::Over;
use cardmint::subject::Subject;
use cardmint::{
    CardPick, Denial, DiffTemplates, Error, ExportCodes, ExtendBatch, GrowBatch, IssueBatch, Load, PlaceHold,
    RefillBatch, SaveCampaign, SavePublicCode, Settings,
};
use cardmint_tests::{Shop, denial, denied, eight_tenths, order, refused};

fn twice() -> TemplateDraft {
    TemplateDraft { limits: Limits { uses_per_card: 2, ..Limits::default() }, ..eight_tenths() }
}

fn freeze(shop: &Shop, batch: &str) -> Result<Arc<Batch>, Error> {
    shop.tenant.freeze_batch((shop.because("stolen"), batch)).wait()
}

#[test]
fn a_frozen_batch_stands_still_and_goes_on() {
    for shop in Shop::each() {
        shop.batch("b", 10, twice());
        let code = shop.claim("b", "ann").unwrap();
        let used = shop.redeem(&code, "ann").unwrap();
        assert_eq!(refused(shop.tenant.freeze_batch((shop.meta(), "b")).wait()).field, "meta.reason");
        freeze(&shop, "b").unwrap();
        assert_eq!(denied(freeze(&shop, "b")), "wrong_life");
        let stolen = Denial::Frozen { reason: "stolen".to_owned() };
        assert_eq!(denial(shop.redeem(&code, "ann")), stolen);
        assert_eq!(denial(shop.claim("b", "bob")), stolen);
        assert_eq!(denial(shop.tenant.issue(shop.issue_request("b", "bob")).wait()), stolen);
        assert_eq!(denial(shop.tenant.replace((shop.meta(), CardPick::code(&code))).wait()), stolen);
        let view = shop.tenant.look_up(CardPick::code(&code)).unwrap();
        assert_eq!((view.state, view.frozen.as_deref()), (CardState::Claimed, Some("stolen")));
        let figures = shop.tenant.count_batch("b").unwrap().wait().unwrap();
        assert_eq!((figures.frozen, figures.claimed, figures.minted), (10, 1, 9));
        // What was taken is given back, and the card is not frozen itself when its batch goes on.
        shop.refund(&used.redemption).unwrap();
        shop.tenant.unfreeze_batch((shop.meta(), "b")).wait().unwrap();
        shop.redeem(&code, "ann").unwrap();
        shop.claim("b", "bob").unwrap();
        assert_eq!(denied(shop.tenant.unfreeze_batch((shop.meta(), "b")).wait()), "wrong_life");
        assert_eq!(denied(freeze(&shop, "none")), "unknown", "{}", shop.name);
    }
}

#[test]
fn a_voided_batch_is_dead_but_for_what_was_used_up() {
    for shop in Shop::each() {
        shop.batch("b", 10, eight_tenths());
        let claim = shop.claim_request("b", "bob");
        let again = || shop.tenant.claim(claim.clone()).wait().unwrap().code;
        let (spent, code) = (shop.claim("b", "ann").unwrap(), again().unwrap());
        let used = shop.redeem(&spent, "ann").unwrap();
        assert_eq!(again().as_ref(), Some(&code), "the same reply again");
        shop.tenant.void_batch((shop.because("misprint"), "b")).wait().unwrap();
        assert_eq!(again(), None, "a dead card's code is not shown again");
        assert_eq!(denied(shop.redeem(&code, "bob")), "void");
        assert_eq!(denied(shop.claim("b", "cat")), "void");
        assert_eq!(denied(shop.refund(&used.redemption)), "void");
        assert_eq!(denied(shop.tenant.reveal((shop.because("x"), CardPick::Id(shop.card("b", 3)))).wait()), "void");
        let export = ExportCodes { meta: shop.because("print"), batch: "b".to_owned(), first: 0, count: None };
        assert_eq!(denied(shop.tenant.export_codes(export)), "void", "no dead code is printed");
        assert_eq!(
            denied(shop.tenant.grow_batch(GrowBatch { meta: shop.meta(), batch: "b".to_owned(), size: 11 }).wait()),
            "wrong_life"
        );
        let figures = shop.tenant.count_batch("b").unwrap().wait().unwrap();
        assert_eq!((figures.void, figures.spent, figures.minted), (9, 1, 0), "{}", shop.name);
        assert_eq!(shop.tenant.look_up(CardPick::code(&code)).unwrap().state, CardState::Void);
        assert_eq!(shop.tenant.look_up(CardPick::code(&spent)).unwrap().state, CardState::Spent);
        assert_eq!(denied(freeze(&shop, "b")), "wrong_life");
    }
}

#[test]
fn a_closed_batch_gives_no_more_out() {
    for shop in Shop::each() {
        shop.batch("b", 10, eight_tenths());
        let code = shop.claim("b", "ann").unwrap();
        let issued = shop.tenant.issue(shop.issue_request("b", "bob")).wait().unwrap().code.unwrap();
        shop.tenant.close_batch((shop.meta(), "b")).wait().unwrap();
        let closed = Denial::BatchNotActive { batch: "b".to_owned(), life: "closed" };
        assert_eq!(denial(shop.claim("b", "cat")), closed);
        assert_eq!(denial(shop.tenant.issue(shop.issue_request("b", "cat")).wait()), closed);
        shop.claim_code(&issued, "bob").unwrap();
        shop.redeem(&issued, "bob").unwrap();
        shop.redeem(&code, "ann").unwrap();
        freeze(&shop, "b").unwrap();
    }
}

/// Nothing that was redeemed can be removed: there is no operation that deletes, and what puts away keeps rows, history and refunds.
#[test]
fn g29_what_was_redeemed_is_archived_not_deleted() {
    for shop in Shop::each() {
        let mut campaign = shop.campaign("c");
        campaign.end = Some("2026-11-12".to_owned());
        shop.campaign_batch(campaign, 10, eight_tenths());
        let code = shop.claim("c", "ann").unwrap();
        let used = shop.redeem(&code, "ann").unwrap();
        let running = denial(shop.tenant.archive_campaign((shop.meta(), "c")).wait());
        assert_eq!(running.code(), "wrong_life", "it runs");
        shop.tenant.archive_batch((shop.meta(), "c")).wait().unwrap();
        shop.tenant.end_campaign((shop.meta(), "c")).wait().unwrap();
        shop.tenant.archive_campaign((shop.meta(), "c")).wait().unwrap();
        assert_eq!(denied(shop.claim("c", "bob")), "batch_not_active");
        assert_eq!(denied(shop.redeem(&code, "ann")), "batch_not_active");
        assert_eq!(shop.tenant.redemption(used.redemption.as_str()).unwrap().unwrap().pricing, used.pricing);
        assert_eq!(shop.tenant.history(CardPick::code(&code)).unwrap().len(), 2);
        assert_eq!(shop.refund(&used.redemption).unwrap().uses_left, 1, "and it can be given back");
        let names: Vec<&str> = cardmint::operation::Operation::all().iter().map(|operation| operation.name).collect();
        assert!(names.iter().all(|name| !name.contains("delete") && !name.contains("remove")), "{names:?}");
    }
}

#[test]
fn g29_the_terms_of_an_issued_card_never_change() {
    for shop in Shop::each() {
        shop.batch("b", 10, twice());
        let code = shop.claim("b", "ann").unwrap();
        let terms = shop.tenant.template("b").unwrap().unwrap();
        let half = Benefit::PercentOff { off_bp: Setting::Fixed(5_000), cap_minor: None, over: Over::Order };
        shop.template("b", TemplateDraft { benefit: half, ..twice() }).unwrap();
        assert_eq!(shop.redeem(&code, "ann").unwrap().pricing.discount_minor, 2_000, "20 % off, as it was issued");
        freeze(&shop, "b").unwrap();
        shop.tenant.unfreeze_batch((shop.meta(), "b")).wait().unwrap();
        shop.tenant.grow_batch(GrowBatch { meta: shop.meta(), batch: "b".to_owned(), size: 20 }).wait().unwrap();
        let later = shop.claim("b", "bob").unwrap();
        assert_eq!(shop.redeem(&later, "bob").unwrap().pricing.discount_minor, 2_000);
        assert_eq!(shop.redeem(&code, "ann").unwrap().pricing.discount_minor, 2_000);
        let batch = shop.tenant.batch("b").unwrap().unwrap();
        let pinned = cardmint::GetTemplate { id: "b".to_owned(), version: Some(batch.template_version) };
        assert_eq!(shop.tenant.template(pinned).unwrap().unwrap(), terms, "{}", shop.name);
    }
}

#[test]
fn all_cards_of_a_batch_are_extended_at_once() {
    for shop in Shop::each() {
        let extend = Some(ExtendPolicy { days_max: 30, expired: false });
        let validity = ValidityDraft { end: Some("2026-11-11".to_owned()), ..ValidityDraft::default() };
        let policies = Policies { extend, ..Policies::default() };
        shop.batch("b", 10, TemplateDraft { policies, validity, ..twice() });
        shop.batch("fixed", 10, twice());
        let extend = |batch: &str, until: &str| {
            let (batch, until) = (batch.to_owned(), until.to_owned());
            shop.tenant.extend_batch(ExtendBatch { meta: shop.meta(), batch, until }).wait()
        };
        let code = shop.claim("b", "ann").unwrap();
        assert_eq!(denied(extend("fixed", "2026-11-20")), "not_extendable");
        assert_eq!(refused(extend("b", "2026-11-10")).field, "until");
        extend("b", "2026-11-20").unwrap();
        shop.clock.set("2026-11-20T23:59:59Z");
        shop.redeem(&code, "ann").unwrap();
        let late = shop.claim("b", "bob").unwrap();
        let end = |code: &str| shop.tenant.look_up(CardPick::code(code)).unwrap().expires_at.unwrap().to_string();
        assert_eq!((end(&code), end(&late)), ("2026-11-21T00:00:00Z".to_owned(), "2026-11-21T00:00:00Z".to_owned()));
        extend("b", "2027-11-20").unwrap();
        assert_eq!(end(&code), "2026-12-12T00:00:00Z", "as far as the template allows");
        assert_eq!(
            shop.tenant.wallet(cardmint::subject::Subject::customer("ann")).unwrap().items[0]
                .expires_at
                .unwrap()
                .to_string(),
            end(&code)
        );
        shop.clock.set("2026-12-12T00:00:00Z");
        assert_eq!(denied(shop.redeem(&code, "ann")), "expired");
        extend("b", "2027-11-20").unwrap();
        assert_eq!(denied(shop.redeem(&code, "ann")), "expired", "{}: it does not revive", shop.name);
    }
}

#[test]
fn a_batch_that_runs_low_grows_in_the_commit_that_takes_a_card() {
    for shop in Shop::each() {
        shop.batch("b", 3, eight_tenths());
        let refill = Some(Refill { below: 2, by: 4, up_to: 9 });
        let set =
            |refill| shop.tenant.refill_batch(RefillBatch { meta: shop.meta(), batch: "b".to_owned(), refill }).wait();
        assert_eq!(refused(set(Some(Refill { below: 0, by: 1, up_to: 1 }))).field, "refill.below");
        assert_eq!(denied(set(Some(Refill { below: 1, by: 1, up_to: 1 << 31 }))), "batch_too_large");
        set(refill).unwrap();
        let outcomes: Vec<_> = thread::scope(|scope| {
            let shop = &shop;
            let racers: Vec<_> =
                (0..12).map(|n| scope.spawn(move || shop.claim("b", &format!("customer-{n}")))).collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        assert_eq!(
            outcomes.iter().filter(|outcome| outcome.is_ok()).count(),
            9,
            "{}: as many as it may have",
            shop.name
        );
        for refused in outcomes.into_iter().filter(Result::is_err) {
            assert_eq!(denied(refused), "sold_out");
        }
        assert_eq!(shop.tenant.batch("b").unwrap().unwrap().size, 9);
        set(None).unwrap();
        assert_eq!(shop.tenant.batch("b").unwrap().unwrap().refill, None);
        shop.batch("open", 3, cardmint_tests::bearer());
        let open = RefillBatch { meta: shop.meta(), batch: "open".to_owned(), refill };
        assert_eq!(refused(shop.tenant.refill_batch(open).wait()).field, "batch");
    }
}

/// With a public code a hold claims its card, too.
#[test]
fn a_hold_by_public_code_makes_the_batch_larger_that_runs_low() {
    for shop in Shop::each() {
        shop.batch("b", 2, eight_tenths());
        let word = SavePublicCode::new(shop.meta(), "b", "SUMMER20", Normalisation::Word);
        shop.tenant.save_public_code(word).wait().unwrap();
        let refill = Some(Refill { below: 2, by: 3, up_to: 9 });
        shop.tenant.refill_batch(RefillBatch { meta: shop.meta(), batch: "b".to_owned(), refill }).wait().unwrap();
        let hold = PlaceHold::new(shop.meta(), "SUMMER20", order("o", &[("apple", 10_000)]));
        shop.tenant.hold(hold.by(Subject::customer("ann"))).wait().unwrap();
        assert_eq!(shop.tenant.batch("b").unwrap().unwrap().size, 5, "{}", shop.name);
    }
}

#[test]
fn a_refill_that_the_odds_forbid_is_left_out_and_the_claim_goes_on() {
    let shop = Shop::memory();
    shop.template("b", eight_tenths()).unwrap();
    let size = CodeFormat::S12.size_max();
    let (short, long) = (CodeFormat::S12, 100_000);
    shop.tenant.issue_batch(IssueBatch { format: short, ..shop.issue_batch("b", long) }).wait().unwrap();
    let refill = Some(Refill { below: long, by: size - long, up_to: size });
    shop.tenant.refill_batch(RefillBatch { meta: shop.meta(), batch: "b".to_owned(), refill }).wait().unwrap();
    shop.claim("b", "ann").unwrap();
    assert_eq!(shop.tenant.batch("b").unwrap().unwrap().size, long, "with more, the codes could be guessed");
}

/// What another engine said of a batch holds here within the lag, however busy the batch is.
#[test]
fn a_frozen_batch_holds_on_every_engine_within_the_lag() {
    for shop in Shop::each() {
        shop.batch(
            "b",
            10,
            TemplateDraft { limits: Limits { uses_per_card: 100, ..Limits::default() }, ..eight_tenths() },
        );
        let code = shop.claim("b", "ann").unwrap();
        let lag = Settings::default().control_lag_ms;
        let (_engine, beside) = shop.engine_with(Arc::clone(&shop.store), Settings::default());
        shop.redeem(&code, "ann").unwrap();
        beside.freeze_batch((shop.because("stolen"), "b")).wait().unwrap();
        shop.redeem(&code, "ann").unwrap();
        shop.clock.advance(i64::from(lag));
        assert_eq!(denied(shop.redeem(&code, "ann")), "frozen", "{}", shop.name);
    }
}

/// A claim that makes its batch larger reads the batch by name and writes it by number: what it was decided on is what it writes.
#[test]
fn a_card_is_not_given_out_on_one_row_of_a_batch_that_grows_by_another() {
    for shop in Shop::each() {
        shop.batch("b", 4, eight_tenths());
        let refill = Some(Refill { below: 3, by: 2, up_to: 9 });
        shop.tenant.refill_batch(RefillBatch { meta: shop.meta(), batch: "b".to_owned(), refill }).wait().unwrap();
        shop.claim("b", "ann").unwrap();
        let (_engine, beside) = shop.engine_with(Arc::clone(&shop.store), Settings::default());
        beside.batch("b").unwrap().unwrap();
        freeze(&shop, "b").unwrap();
        // In the lag a card of it might still go, but not with a growth that was written over the row that is frozen.
        assert_eq!(denied(beside.claim(shop.claim_request("b", "bob")).wait()), "frozen", "{}", shop.name);
        let batch = shop.tenant.batch("b").unwrap().unwrap();
        assert_eq!((batch.size, batch.frozen.as_deref()), (4, Some("stolen")));
    }
}

#[test]
fn a_campaign_lives_and_is_measured() {
    for shop in Shop::each() {
        let goal = Some(Goal { measure: "redemptions".to_owned(), target: 10 });
        shop.campaign_batch(SaveCampaign { life: Life::Draft, goal, ..shop.campaign("c") }, 10, eight_tenths());
        shop.batch("other", 10, eight_tenths());
        assert_eq!(denied(shop.claim("c", "ann")), "campaign_not_running");
        shop.tenant.start_campaign((shop.meta(), "c")).wait().unwrap();
        let codes: Vec<_> = ["ann", "bob", "cat"].map(|who| (shop.claim("c", who).unwrap(), who)).into();
        shop.claim("other", "ann").unwrap();
        let used: Vec<_> = codes[..2].iter().map(|(code, who)| shop.redeem(code, who).unwrap().redemption).collect();
        shop.refund(&used[0]).unwrap();
        shop.tenant.pause_campaign((shop.meta(), "c")).wait().unwrap();
        assert_eq!(denied(shop.redeem(&codes[2].0, "cat")), "campaign_not_running");
        let measured = shop.tenant.measure_campaign("c").unwrap().wait().unwrap();
        assert_eq!((measured.batches, measured.cards, measured.claims, measured.redemptions), (1, 10, 3, 1));
        assert_eq!((measured.reached, measured.life.as_str()), (Some(1), "paused"));
        shop.tenant.resume_campaign((shop.meta(), "c")).wait().unwrap();
        shop.redeem(&codes[2].0, "cat").unwrap();
        assert_eq!(shop.tenant.measure_campaign("c").unwrap().wait().unwrap().reached, Some(2), "{}", shop.name);
        assert_eq!(denied(shop.tenant.measure_campaign("none").map(drop)), "unknown");
        let denied_life = denial(shop.tenant.start_campaign((shop.meta(), "c")).wait());
        let expected = Denial::WrongLife { kind: "campaign", id: "c".to_owned(), life: "running", command: "start" };
        assert_eq!(denied_life, expected);
    }
}

#[test]
fn gift_cards_of_a_frozen_batch_are_not_loaded() {
    let shop = Shop::memory();
    let benefit = Benefit::Value { minor: Setting::Fixed(5_000) };
    shop.template("g", TemplateDraft { kind: CardKind::GiftCard, benefit, ..eight_tenths() }).unwrap();
    shop.tenant.issue_batch(IssueBatch { format: CodeFormat::S20, ..shop.issue_batch("g", 10) }).wait().unwrap();
    let code = shop.claim("g", "ann").unwrap();
    let load = || shop.tenant.load(Load { meta: shop.meta(), card: CardPick::code(&code), amount_minor: 1 }).wait();
    freeze(&shop, "g").unwrap();
    assert_eq!(denied(load()), "frozen");
    shop.tenant.void_batch((shop.because("misprint"), "g")).wait().unwrap();
    assert_eq!(denied(load()), "void");
    assert_eq!(shop.tenant.count_batch("g").unwrap().wait().unwrap().balance_minor, 0, "nothing lives there");
}

#[test]
fn what_changed_between_two_versions_can_be_read() {
    for shop in Shop::each() {
        shop.template("t", eight_tenths()).unwrap();
        shop.template("t", twice()).unwrap();
        let benefit = Benefit::PercentOff { off_bp: Setting::Fixed(3_000), cap_minor: Some(500), over: Over::Order };
        shop.template("t", TemplateDraft { benefit, ..twice() }).unwrap();
        let diff = |before, after| shop.tenant.diff_templates(DiffTemplates { id: "t".to_owned(), before, after });
        let said = |from, to| -> Vec<String> {
            let value = |value: &Option<serde_json::Value>| value.as_ref().map_or("-".to_owned(), ToString::to_string);
            let line = |it: &cardmint::card::TemplateChange| {
                format!(
                    "{} ({}, {}): {} > {}",
                    it.path,
                    it.label.en,
                    it.label.zh_cn,
                    value(&it.before),
                    value(&it.after)
                )
            };
            diff(from, to).unwrap().iter().map(line).collect()
        };
        assert_eq!(said(1, Some(2)), ["limits.uses_per_card (limits, 限额): 1 > 2"]);
        let all = [
            "benefit.percent_off.off_bp (benefit, 权益): 2000 > 3000",
            "benefit.percent_off.cap_minor (benefit, 权益): - > 500",
            "limits.uses_per_card (limits, 限额): 1 > 2",
        ];
        let mut newest = said(1, None);
        newest.sort_unstable();
        let mut expected = all.to_vec();
        expected.sort_unstable();
        assert_eq!(newest, expected, "{}", shop.name);
        assert_eq!(said(3, Some(3)), [""; 0]);
        assert_eq!(denied(diff(1, Some(9))), "unknown");
    }
}

//! Cards from batch to refund, as a merchant and a shopper meet them.

use std::collections::BTreeSet;
use std::sync::Arc;

use cardmint::card::{
    AfterClaim, Audience, Benefit, CardState, Display, EventKind, Life, Limits, Parameter, ParameterValue, Setting,
    TemplateDraft, ValidityDraft,
};
use cardmint::checkout::{Line, Order};
use cardmint::code::{CodeFormat, FormatRefused, Keyring, Normalisation, World};
use cardmint::money::{Currency, Rounding};
use cardmint::rule::{Condition, LineFilter, Over};
use cardmint::subject::Subject;
use cardmint::{
    AddAudience, AudienceAdded, CardPick, ChaChaEntropy, Claim, ClaimFrom, CloseExport, Denial, Error, ExportCodes,
    Fact, GrowBatch, Issue, LimitScope, ListCards, Locale, Meta, Observe, Paging, Quote, Reader, Redeem, RekeyBatch,
    SaveCampaign, SaveProductSet, SavePublicCode, SaveSettings, SaveTemplate, Wallet,
};
use cardmint_tests::{
    Shop, Watched, bearer, cny, denial, denied, eight_tenths, instant, keyring, order, refused, set_of,
    ten_off_from_199,
};

fn amount_off(minor: Setting, over: Over) -> TemplateDraft {
    TemplateDraft { benefit: Benefit::AmountOff { minor, over }, ..eight_tenths() }
}

fn with_limits(limits: Limits) -> TemplateDraft {
    TemplateDraft { limits, ..eight_tenths() }
}

fn on(shop: &Shop, reason: &str, code: &str) -> (Meta, CardPick) {
    (shop.because(reason), CardPick::code(code))
}

fn quoted(shop: &Shop, code: &str, customer: Option<&str>, order: Order) -> Result<i64, Denial> {
    let quote = Quote { holder: customer.map(Subject::customer), ..Quote::new(CardPick::code(code), order) };
    shop.tenant.quote(quote).unwrap().outcome.map(|pricing| pricing.discount_minor)
}

fn kinds(shop: &Shop, pick: &CardPick) -> Vec<EventKind> {
    let history = shop.tenant.history(pick.clone()).unwrap();
    assert!(history.iter().all(|entry| entry.chained == Some(true)));
    let places: Vec<_> = history.iter().map(|entry| entry.place).collect();
    assert_eq!(places, (1..=u32::try_from(history.len()).unwrap()).collect::<Vec<_>>());
    history.into_iter().map(|entry| entry.kind).collect()
}

#[test]
fn a_card_goes_from_batch_to_refund_and_back() {
    for shop in Shop::each() {
        shop.batch("b", 1, eight_tenths());
        let code = shop.claim("b", "ann").unwrap();
        assert_eq!(quoted(&shop, &code, Some("ann"), order("o", &[("apple", 10_000)])), Ok(2_000));
        let receipt = shop.redeem(&code, "ann").unwrap();
        let pricing = &receipt.pricing;
        assert_eq!((pricing.before_minor, pricing.discount_minor, pricing.payable_minor), (10_000, 2_000, 8_000));
        let again = denial(shop.redeem(&code, "ann"));
        assert_eq!(again, Denial::LimitReached { scope: LimitScope::Card, limit: 1, used: 1 });
        let key = shop.meta();
        let refund = shop.refund_with(key.clone(), &receipt.redemption).unwrap();
        assert_eq!((refund.amount_minor, refund.uses_left), (2_000, 1));
        assert_eq!(shop.refund_with(key, &receipt.redemption).unwrap(), refund);
        assert_eq!(denied(shop.refund(&receipt.redemption)), "already_refunded");
        shop.redeem(&code, "ann").unwrap();
        use EventKind::{Claimed, Redeemed, Refunded};
        assert_eq!(kinds(&shop, &CardPick::code(&code)), [Claimed, Redeemed, Refunded, Redeemed]);
        assert_eq!(denied(shop.refund("nothing")), "unknown");
    }
}

#[test]
fn a_bearer_card_is_used_by_whoever_knows_its_code() {
    for shop in Shop::each() {
        shop.batch("b", 2, bearer());
        assert_eq!(shop.tenant.look_up(CardPick::Id(shop.card("b", 0))).unwrap().state, CardState::Issued);
        let code = shop.code_of("b", 0).unwrap();
        let silent = (shop.meta(), CardPick::Id(shop.card("b", 1)));
        assert_eq!(refused(shop.tenant.reveal(silent).wait()).field, "meta.reason");
        assert_eq!(denied(shop.claim("b", "ann")), "wrong_state");
        shop.redeem_with(shop.meta(), &code, None).unwrap();
        assert_eq!(kinds(&shop, &CardPick::code(&code)), [EventKind::CodeRevealed, EventKind::Redeemed]);
        let other = shop.code_of("b", 1).unwrap();
        shop.claim_code(&other, "ann").unwrap();
        assert_eq!(denied(shop.redeem_with(shop.meta(), &other, None)), "not_owner");
        assert_eq!(denied(shop.redeem(&other, "bob")), "not_owner");
        shop.redeem(&other, "ann").unwrap();
    }
}

/// Asks twice under one key, then under the same key with another payload.
fn repeats<T: PartialEq + std::fmt::Debug>(
    (shop, watched): (&Shop, &Watched),
    what: &str,
    ask: impl Fn(Meta) -> Result<T, Error>,
    other: impl Fn(Meta) -> Result<T, Error>,
) -> T {
    let meta = Meta { key: format!("same-{what}"), ..shop.because("why") };
    let first = ask(meta.clone()).unwrap_or_else(|error| panic!("{what}: {error}"));
    let before = (everything(shop), watched.commits());
    assert_eq!(ask(meta.clone()).unwrap(), first, "{what}");
    assert_eq!(denied(other(meta)), "key_reused", "{what}");
    assert_eq!((everything(shop), watched.commits()), before, "{what} moved something");
    first
}

/// What the tenant holds, as far as lists show it.
fn everything(shop: &Shop) -> String {
    let (page, tenant) = (Paging::default(), &shop.tenant);
    let batches = tenant.list_batches(page.clone()).unwrap();
    let cards: Vec<_> = batches
        .items
        .iter()
        .map(|batch| {
            let request = ListCards { batch: batch.id.clone(), state: None, channel: None, page: Paging::default() };
            let cards = tenant.list_cards(request.clone()).unwrap().items;
            let events = cards.iter().map(|card| tenant.history(CardPick::Id(card.id)).unwrap().len());
            let events: Vec<_> = events.collect();
            (cards, events)
        })
        .collect();
    let campaigns = tenant.list_campaigns(page.clone()).unwrap();
    format!("{batches:?}{cards:?}{campaigns:?}{:?}", tenant.list_templates(page.clone()).unwrap())
}

#[test]
fn setting_up_twice_under_one_key_does_it_once() {
    for (shop, watched) in Shop::each_watched() {
        let tenant = &shop.tenant;
        let settings = |meta, zone: &str| {
            tenant
                .save_settings(SaveSettings {
                    meta,
                    zone: zone.to_owned(),
                    rounding: Rounding::HalfEven,
                    profile: None,
                })
                .wait()
        };
        repeats((&shop, &watched), "settings", |m| settings(m, "Asia/Shanghai"), |m| settings(m, "UTC"));
        let campaign = |meta, title: &str| {
            tenant.save_campaign(SaveCampaign { meta, title: title.to_owned(), ..shop.campaign("c") })
        };
        repeats((&shop, &watched), "campaign", |m| campaign(m, "one").wait(), |m| campaign(m, "two").wait());
        let audience = |meta, who: &str| {
            let subjects = vec![Subject::new("phone", who)];
            tenant.add_audience(AddAudience { meta, campaign: "c".to_owned(), subjects }).wait()
        };
        assert_eq!(repeats((&shop, &watched), "audience", |m| audience(m, "+861"), |m| audience(m, "+862")).added, 1);
        let set = |meta, product: &str| {
            let request = SaveProductSet { meta, name: "s".to_owned(), products: vec![product.to_owned()] };
            tenant.save_product_set(request).wait()
        };
        assert_eq!(repeats((&shop, &watched), "product-set", |m| set(m, "apple"), |m| set(m, "pear")).version, 1);
        let template = |meta, template: TemplateDraft| {
            let template = TemplateDraft { id: "t".to_owned(), ..template };
            tenant.save_template(SaveTemplate { meta, template }).wait()
        };
        let saved = repeats(
            (&shop, &watched),
            "template",
            |m| template(m, eight_tenths()),
            |m| template(m, ten_off_from_199()),
        );
        assert_eq!(saved.version, 1);
        let batch = |meta, size| {
            let request = cardmint::IssueBatch::new(meta, "b", "t", size, CodeFormat::S16);
            tenant.issue_batch(request).wait()
        };
        repeats((&shop, &watched), "batch", |m| batch(m, 5), |m| batch(m, 6));
        repeats(
            (&shop, &watched),
            "grow",
            |m| tenant.grow_batch(GrowBatch { meta: m, batch: "b".to_owned(), size: 7 }).wait(),
            |m| tenant.grow_batch(GrowBatch { meta: m, batch: "b".to_owned(), size: 8 }).wait(),
        );
        let word = |meta, word: &str| {
            tenant.save_public_code(SavePublicCode::new(meta, "b", word, Normalisation::Word)).wait()
        };
        repeats((&shop, &watched), "word", |m| word(m, "SUMMER20"), |m| word(m, "SUMMER21"));
        let observe = |meta, kind: &str| {
            let (subject, at) = (Subject::customer("ann"), instant("2026-11-11T00:00:00Z"));
            tenant.observe(Observe { meta, subject, kind: kind.to_owned(), at, facts: Default::default() }).wait()
        };
        repeats((&shop, &watched), "observe", |m| observe(m, "visit"), |m| observe(m, "login"));
        let export = |meta, first| {
            let request = ExportCodes { meta, batch: "b".to_owned(), first, count: Some(2) };
            Ok(tenant.export_codes(request)?.map(Result::unwrap).collect::<Vec<_>>())
        };
        repeats((&shop, &watched), "export", |m| export(m, 0), |m| export(m, 1));
        shop.batch("closing", 1, eight_tenths());
        let close = |meta, batch: &str| tenant.close_export(CloseExport { meta, batch: batch.to_owned() }).wait();
        repeats((&shop, &watched), "close", |m| close(m, "closing"), |m| close(m, "b"));
    }
}

#[test]
fn moving_a_card_twice_under_one_key_does_it_once() {
    for (shop, watched) in Shop::each_watched() {
        let tenant = &shop.tenant;
        shop.batch("b", 9, with_limits(Limits { uses_per_holder: Some(9), ..Limits::default() }));
        let claim = |meta, who: &str| {
            let take = ClaimFrom::Batch("b".to_owned());
            tenant.claim(Claim { meta, take, holder: Subject::customer(who), channel: None }).wait()
        };
        let code = repeats((&shop, &watched), "claim", |m| claim(m, "ann"), |m| claim(m, "bob")).code.unwrap();
        let issue = |meta, who: &str| tenant.issue(Issue { meta, ..shop.issue_request("b", who) }).wait();
        let issued = repeats((&shop, &watched), "issue", |m| issue(m, "ann"), |m| issue(m, "bob"));
        let other = issued.code.unwrap();
        let redeem = |meta, order_id: &str| {
            let order = order(order_id, &[("apple", 10_000)]);
            tenant.redeem(Redeem { meta, order, ..shop.redeem_request(&code, Some("ann")) }).wait()
        };
        let receipt = repeats((&shop, &watched), "redeem", |m| redeem(m, "o1"), |m| redeem(m, "o2"));
        assert_eq!(receipt.redemption, "same-redeem");
        let refund = |meta, id: &str| shop.refund_with(meta, id);
        repeats((&shop, &watched), "refund", |m| refund(m, "same-redeem"), |m| refund(m, "another"));
        let act = |meta, code: &str| (meta, CardPick::code(code));
        repeats(
            (&shop, &watched),
            "freeze",
            |m| tenant.freeze(act(m, &code)).wait(),
            |m| tenant.freeze(act(m, &other)).wait(),
        );
        repeats(
            (&shop, &watched),
            "unfreeze",
            |m| tenant.unfreeze(act(m, &code)).wait(),
            |m| tenant.unfreeze(act(m, &other)).wait(),
        );
        repeats(
            (&shop, &watched),
            "reveal",
            |m| tenant.reveal(act(m, &code)).wait(),
            |m| tenant.reveal(act(m, &other)).wait(),
        );
        let id = CardPick::Id(issued.card.id);
        let by_id = |meta, pick: &CardPick| (meta, pick.clone());
        let first = CardPick::Id(shop.card("b", 0));
        repeats(
            (&shop, &watched),
            "replace",
            |m| tenant.replace(by_id(m, &id)).wait(),
            |m| tenant.replace(by_id(m, &first)).wait(),
        );
        repeats(
            (&shop, &watched),
            "void",
            |m| tenant.void(by_id(m, &id)).wait(),
            |m| tenant.void(by_id(m, &first)).wait(),
        );
        // A reason or an origin belongs to the request, too.
        let meta = |reason: &str| Meta { key: "reasoned".to_owned(), ..shop.because(reason) };
        tenant.freeze(by_id(meta("lost"), &first)).wait().unwrap();
        assert_eq!(denied(tenant.freeze(by_id(meta("found"), &first)).wait()), "key_reused");
        // Operations have keys of their own.
        tenant.unfreeze(by_id(meta("lost"), &first)).wait().unwrap();
    }
}

#[test]
fn a_denied_request_leaves_nothing_and_may_be_tried_again() {
    for shop in Shop::each() {
        shop.batch("b", 2, eight_tenths());
        let (code, key) = (shop.claim("b", "ann").unwrap(), shop.meta());
        shop.tenant.freeze(on(&shop, "lost", &code)).wait().unwrap();
        let before = everything(&shop);
        assert_eq!(denied(shop.redeem_with(key.clone(), &code, Some("ann"))), "frozen");
        assert_eq!(everything(&shop), before);
        assert_eq!(shop.tenant.redemption(key.key.as_str()).unwrap(), None);
        shop.tenant.unfreeze(on(&shop, "found", &code)).wait().unwrap();
        // Even with another payload: nothing is kept of a denied request.
        shop.redeem_with(Meta { reason: Some("again".to_owned()), ..key }, &code, Some("ann")).unwrap();
    }
}

#[test]
fn g31_whatever_is_wrong_with_a_code_the_answer_is_one() {
    for shop in Shop::each() {
        shop.batch("b", 4, bearer());
        let code = shop.code_of("b", 0).unwrap();
        let last = code.chars().last().unwrap();
        let forged = format!("{}{}", &code[..code.len() - 1], if last == '7' { '8' } else { '7' });
        let superseded = shop.code_of("b", 1).unwrap();
        shop.tenant.replace(on(&shop, "torn", &superseded)).wait().unwrap();
        let number = shop.tenant.card_number(shop.card("b", 0)).unwrap();
        // Genuine codes of elsewhere, over the same store.
        let elsewhere = |tenant: cardmint::Tenant| {
            let mut there = shop.beside(Arc::clone(&shop.store), keyring());
            there.tenant = tenant;
            there.batch("there", 1, bearer());
            there.code_of("there", 0).unwrap()
        };
        let other_tenant = elsewhere(shop.engine.tenant("other", World::Live).unwrap());
        let test_world = elsewhere(shop.engine.tenant("default", World::Test).unwrap());
        assert!(test_world.starts_with("TEST"));
        let wrong = [
            ("forged", forged.as_str()),
            ("truncated", &code[..code.len() - 2]),
            ("doubled", &format!("{code}{code}")),
            ("unknown word", "SUMMER99"),
            ("Chinese", "八折券"),
            ("superseded", &superseded),
            ("other tenant", &other_tenant),
            ("test world", &test_world),
            ("card number", &number),
            ("wrong format", "VIP-0000-0000-0000-0000"),
            ("of nobody", "0000-0000-0000-0000"),
            ("NUL", "\0"),
        ];
        for (what, text) in wrong {
            let answers = [
                denial(shop.redeem(text, "ann")),
                denial(shop.claim_code(text, "ann")),
                denial(shop.tenant.look_up(CardPick::code(text))),
                denial(shop.tenant.replace(on(&shop, "test", text)).wait()),
                quoted(&shop, text, None, order("o", &[("apple", 1)])).unwrap_err(),
            ];
            assert!(answers.iter().all(|answer| *answer == Denial::NotFoundOrInvalid), "{what}: {answers:?}");
        }
        let found = shop.tenant.look_up(CardPick::Number(number)).unwrap();
        assert_eq!(found.id, shop.card("b", 0));
        let typed = code.to_lowercase().replace('-', " ");
        shop.redeem(&typed, "ann").unwrap();
    }
}

#[test]
fn a_replaced_code_is_dead_at_once_and_numbers_end_by_name() {
    for shop in Shop::each() {
        shop.batch("b", 1, eight_tenths());
        let old = shop.claim("b", "ann").unwrap();
        let pick = CardPick::Id(shop.card("b", 0));
        let request = (shop.because("leaked"), pick.clone());
        let replaced = shop.tenant.replace(request.clone()).wait().unwrap();
        let fresh = replaced.code.unwrap();
        assert_ne!(fresh, old);
        assert_eq!(denied(shop.redeem(&old, "ann")), "not_found_or_invalid");
        assert_eq!(shop.tenant.replace(request.clone()).wait().unwrap().code, Some(fresh.clone()));
        for _ in 1..7 {
            shop.tenant.replace((shop.meta(), pick.clone())).wait().unwrap();
        }
        assert_eq!(shop.tenant.replace(request).wait().unwrap().code, None, "the code it gave is dead");
        let end = denial(shop.tenant.replace((shop.meta(), pick.clone())).wait());
        assert_eq!(end, Denial::IssueNumbersUsedUp { most: 7 });
        shop.redeem(&shop.code_of("b", 0).unwrap(), "ann").unwrap();
        assert_eq!(denied(shop.redeem(&fresh, "ann")), "not_found_or_invalid");
    }
}

#[test]
fn frozen_and_void_answer_by_name() {
    for shop in Shop::each() {
        shop.batch("b", 2, eight_tenths());
        let code = shop.claim("b", "ann").unwrap();
        let silent = (shop.meta(), CardPick::code(&code));
        assert_eq!(refused(shop.tenant.freeze(silent).wait()).field, "meta.reason");
        shop.tenant.freeze(on(&shop, "chargeback", &code)).wait().unwrap();
        assert_eq!(denial(shop.redeem(&code, "ann")), Denial::Frozen { reason: "chargeback".to_owned() });
        assert_eq!(denied(shop.tenant.freeze(on(&shop, "again", &code)).wait()), "frozen");
        assert_eq!(denied(shop.tenant.replace(on(&shop, "again", &code)).wait()), "frozen");
        assert_eq!(shop.tenant.look_up(CardPick::code(&code)).unwrap().frozen.as_deref(), Some("chargeback"));
        shop.tenant.unfreeze(on(&shop, "settled", &code)).wait().unwrap();
        assert_eq!(denied(shop.tenant.unfreeze(on(&shop, "twice", &code)).wait()), "wrong_state");
        shop.tenant.void(on(&shop, "fraud", &code)).wait().unwrap();
        for outcome in [
            denied(shop.redeem(&code, "ann")),
            denied(shop.tenant.void(on(&shop, "twice", &code)).wait()),
            denied(shop.tenant.reveal(on(&shop, "show", &code)).wait()),
            denied(shop.tenant.replace(on(&shop, "torn", &code)).wait()),
            denied(shop.tenant.unfreeze(on(&shop, "open", &code)).wait()),
        ] {
            assert_eq!(outcome, "void");
        }
        let spent = shop.claim("b", "ann").unwrap();
        let receipt = shop.redeem(&spent, "ann").unwrap();
        assert_eq!(denied(shop.tenant.void(on(&shop, "late", &spent)).wait()), "wrong_state");
        // Freezing hides no card from its refund.
        shop.tenant.freeze(on(&shop, "check", &spent)).wait().unwrap();
        shop.refund(&receipt.redemption).unwrap();
        assert_eq!(denied(shop.redeem(&spent, "ann")), "frozen");
    }
}

#[test]
fn rekeying_a_batch_kills_its_codes_and_no_others() {
    for shop in Shop::each() {
        for id in ["leaked", "well"] {
            shop.batch(id, 3, bearer());
        }
        let old: Vec<_> = (0..3).map(|serial| shop.code_of("leaked", serial).unwrap()).collect();
        let kept = shop.code_of("well", 0).unwrap();
        let early =
            refused(shop.tenant.rekey_batch(RekeyBatch { meta: shop.meta(), batch: "leaked".to_owned() }).wait());
        assert!(early.allowed.contains("rotate"), "{early}");

        let mut ring = keyring();
        ring.rotate(&ChaChaEntropy::from_seed([9; 32])).unwrap();
        let rotated = shop.beside(Arc::clone(&shop.store), Keyring::from_json(&ring.to_json()).unwrap());
        let because = |key: &str| Meta { reason: Some("leak".to_owned()), ..Meta::key(key) };
        rotated.tenant.rekey_batch(RekeyBatch { meta: because("rekey"), batch: "leaked".to_owned() }).wait().unwrap();
        for code in &old {
            assert_eq!(denied(rotated.redeem_with(because("r0"), code, None)), "not_found_or_invalid");
        }
        let reveal = (because("reveal"), CardPick::Id(rotated.card("leaked", 0)));
        let fresh = rotated.tenant.reveal(reveal).wait().unwrap().code.unwrap();
        rotated.redeem_with(because("r1"), &fresh, None).unwrap();
        rotated.redeem_with(because("r2"), &kept, None).unwrap();

        // The old key is retired: the batch that still lies under it has no codes any more, and its cards are found by id.
        ring.retire(0).unwrap();
        let retired = shop.beside(Arc::clone(&shop.store), ring);
        let second = shop.code_of("well", 1).unwrap();
        assert_eq!(denied(retired.redeem_with(because("r3"), &second, None)), "not_found_or_invalid");
        assert_eq!(retired.tenant.look_up(CardPick::Id(shop.card("well", 0))).unwrap().state, CardState::Spent);
        let other = retired.tenant.look_up(CardPick::Id(shop.card("leaked", 1))).unwrap();
        assert_eq!(other.state, CardState::Issued);
    }
}

#[test]
fn only_listed_subjects_claim() {
    for shop in Shop::each() {
        let campaign = SaveCampaign { audience: Audience::Listed, ..shop.campaign("vip") };
        shop.campaign_batch(campaign, 9, eight_tenths());
        let phone = "+8613800138000";
        let list = |phone: &str| {
            let subjects = vec![Subject::new("phone", phone), Subject::customer("ann"), Subject::customer("ann")];
            AddAudience { meta: shop.meta(), campaign: "vip".to_owned(), subjects }
        };
        assert_eq!(shop.tenant.add_audience(list(phone)).wait(), Ok(AudienceAdded { added: 2 }));
        assert_eq!(shop.tenant.add_audience(list(phone)).wait(), Ok(AudienceAdded { added: 0 }));
        shop.claim("vip", "ann").unwrap();
        assert_eq!(denied(shop.claim("vip", "bob")), "not_in_audience");
        let by_phone = |phone: &str| Claim { holder: Subject::new("phone", phone), ..shop.claim_request("vip", "") };
        let card = shop.tenant.claim(by_phone(phone)).wait().unwrap().card;
        let holder = card.holder.unwrap();
        assert!(holder.as_str().starts_with("phone:") && !holder.as_str().contains("138"), "{holder:?}");
        assert_eq!(denied(shop.tenant.claim(by_phone("+8613800138001")).wait()), "not_in_audience");
        // Staff may give a card to anybody.
        shop.tenant.issue(shop.issue_request("vip", "bob")).wait().unwrap();
        // A public word lets nobody past the list.
        shop.tenant
            .save_public_code(SavePublicCode::new(shop.meta(), "vip", "VIPONLY9", Normalisation::Word))
            .wait()
            .unwrap();
        assert_eq!(denied(shop.redeem("VIPONLY9", "eve")), "not_in_audience");
        assert_eq!(
            quoted(&shop, "VIPONLY9", Some("eve"), order("o", &[("apple", 100)])).unwrap_err().code(),
            "not_in_audience"
        );
        shop.redeem("viponly9", "ann").unwrap();
    }
}

#[test]
fn cards_stand_still_with_their_campaign() {
    for shop in Shop::each() {
        let save = |life, start: Option<&str>, end: Option<&str>| {
            let (start, end) = (start.map(str::to_owned), end.map(str::to_owned));
            shop.tenant.save_campaign(SaveCampaign { life, start, end, ..shop.campaign("c") }).wait().unwrap()
        };
        shop.campaign_batch(shop.campaign("c"), 9, eight_tenths());
        let code = shop.claim("c", "ann").unwrap();
        for life in [Life::Draft, Life::Paused, Life::Archived] {
            let campaign = save(life, None, None);
            for outcome in [denial(shop.claim("c", "bob")), denial(shop.redeem(&code, "ann"))] {
                let life = campaign.life_at(instant("2026-11-11T00:00:00Z")).to_owned();
                assert_eq!(outcome, Denial::CampaignNotRunning { campaign: "c".to_owned(), life });
            }
        }
        let archived = {
            let mut batch = shop.issue_batch("late", 1);
            (batch.template, batch.campaign) = ("c".to_owned(), Some("c".to_owned()));
            shop.tenant.issue_batch(batch).wait()
        };
        assert_eq!(denied(archived), "campaign_not_running");
        save(Life::Running, Some("2026-11-12"), None);
        assert_eq!(denied(shop.claim("c", "bob")), "not_started");
        save(Life::Running, None, Some("2026-11-10"));
        assert_eq!(denied(shop.claim("c", "bob")), "expired");
        assert_eq!(denied(shop.redeem(&code, "ann")), "expired");
        save(Life::Running, None, Some("2026-11-11"));
        shop.redeem(&code, "ann").unwrap();
    }
}

#[test]
fn cards_end_with_their_campaign_unless_told_otherwise() {
    for shop in Shop::each() {
        for (id, cap) in [("capped", true), ("free", false)] {
            let end = Some("2026-11-12T00:00:00Z".to_owned());
            let validity = ValidityDraft { cap_at_campaign_end: cap, ..ValidityDraft::default() };
            let template = TemplateDraft { validity, ..eight_tenths() };
            shop.campaign_batch(SaveCampaign { end, ..shop.campaign(id) }, 3, template);
        }
        let (capped, free) = (shop.claim("capped", "ann").unwrap(), shop.claim("free", "ann").unwrap());
        let end = |code: &str| shop.tenant.look_up(CardPick::code(code)).unwrap().expires_at;
        assert_eq!((end(&capped), end(&free)), (Some(instant("2026-11-12T00:00:00Z")), None));
        shop.clock.set("2026-11-12T00:00:00Z");
        assert_eq!(
            denial(shop.redeem(&capped, "ann")),
            Denial::Expired { expired_at: instant("2026-11-12T00:00:00Z") }
        );
        assert_eq!(quoted(&shop, &free, Some("ann"), order("o", &[("apple", 100)])), Ok(20));
        shop.redeem(&free, "ann").unwrap();
        assert_eq!(denied(shop.claim("free", "ann")), "expired", "no new ones after the end");
    }
}

#[test]
fn g25_what_a_denial_says_is_missing_is_what_it_takes() {
    for shop in Shop::each() {
        shop.batch("b", 1, ten_off_from_199());
        let code = shop.claim("b", "ann").unwrap();
        let denial = denial(shop.redeem_on(&code, Some("ann"), order("o", &[("apple", 18_000)])));
        let money = |minor| Fact::Money { minor, currency: cny() };
        let Denial::ConditionFailed { path, have, need, short } = &denial else { panic!("{denial:?}") };
        assert_eq!(path, "conditions[0].min_spend");
        assert_eq!((have, need, short.as_ref()), (&money(18_000), &money(19_900), Some(&money(1_900))));
        assert_eq!(denial.text(Locale::ZhCn, Reader::Shopper), "还差 ¥19.00 可用此卡。");
        assert_eq!(denial.text(Locale::En, Reader::Shopper), "Add ¥19.00 more to use this card.");
        let almost = order("o", &[("apple", 18_000), ("pear", 1_899)]);
        assert_eq!(quoted(&shop, &code, Some("ann"), almost).unwrap_err().code(), "condition_failed");
        let receipt = shop.redeem_on(&code, Some("ann"), order("o", &[("apple", 18_000), ("pear", 1_900)])).unwrap();
        assert_eq!(receipt.pricing.discount_minor, 1_000);
    }
}

fn save_set(shop: &Shop, products: &[&str]) -> u32 {
    let products = products.iter().map(|product| (*product).to_owned()).collect();
    shop.tenant
        .save_product_set(SaveProductSet { meta: shop.meta(), name: "fruit".to_owned(), products })
        .wait()
        .unwrap()
        .version
}

#[test]
fn g29_a_template_keeps_the_product_set_that_it_was_saved_with() {
    for shop in Shop::each() {
        assert_eq!(
            denied(shop.template("b", amount_off(Setting::Fixed(500), Over::Lines(set_of("fruit"))))),
            "unknown"
        );
        save_set(&shop, &["apple"]);
        shop.batch("b", 3, amount_off(Setting::Fixed(500), Over::Lines(set_of("fruit"))));
        assert_eq!(save_set(&shop, &["pear"]), 2);
        let saved = shop.tenant.template("b").unwrap().unwrap();
        let Benefit::AmountOff { over: Over::Lines(filter), .. } = saved.draft.benefit else { panic!() };
        assert_eq!(filter.product_set_version, Some(1));
        let code = shop.claim("b", "ann").unwrap();
        let no_fruit = order("o", &[("pear", 1_000)]);
        assert_eq!(quoted(&shop, &code, Some("ann"), no_fruit).unwrap_err(), Denial::NoEffect);
        let free_fruit = order("o", &[("apple", 0), ("pear", 1_000)]);
        assert_eq!(denied(shop.redeem_on(&code, Some("ann"), free_fruit)), "no_effect");
        let mixed = order("o", &[("pear", 1_000), ("apple", 300)]);
        let pricing = shop.redeem_on(&code, Some("ann"), mixed).unwrap().pricing;
        assert_eq!((pricing.discount_minor, pricing.payable_minor), (300, 1_000), "never more than the lines cost");
        assert_eq!((pricing.allocations.len(), pricing.allocations[0].line.as_str()), (1, "l1"));
        // A template saved now gets the new version, and cards of the old batch still follow the old one.
        assert_eq!(shop.template("b", amount_off(Setting::Fixed(500), Over::Lines(set_of("fruit")))), Ok(2));
        let second = shop.claim("b", "ann").unwrap();
        assert_eq!(quoted(&shop, &second, Some("ann"), order("o", &[("apple", 900)])), Ok(500));
        assert_eq!(quoted(&shop, &second, Some("ann"), order("o", &[("pear", 900)])), Err(Denial::NoEffect));
    }
}

#[test]
fn g14_a_capped_percentage_is_shared_out_exactly() {
    for shop in Shop::each() {
        let benefit = Benefit::PercentOff { off_bp: Setting::Fixed(3_333), cap_minor: Some(5_000), over: Over::Order };
        shop.batch("b", 4, TemplateDraft { benefit, ..eight_tenths() });
        for (amounts, off) in
            [(vec![("a", 333), ("b", 333), ("c", 335)], 334), (vec![("a", 9_999), ("b", 9_998)], 5_000)]
        {
            let code = shop.claim("b", "ann").unwrap();
            let pricing = shop.redeem_on(&code, Some("ann"), order("o", &amounts)).unwrap().pricing;
            assert_eq!(pricing.discount_minor, off);
            assert_eq!(pricing.allocations.iter().map(|part| part.off_minor).sum::<i64>(), off);
            assert!(pricing.allocations.iter().all(|part| (1..=part.before_minor).contains(&part.off_minor)));
        }
        let all = Benefit::PercentOff { off_bp: Setting::Fixed(10_000), cap_minor: None, over: Over::Order };
        shop.batch("all", 1, TemplateDraft { benefit: all, ..eight_tenths() });
        let code = shop.claim("all", "ann").unwrap();
        assert_eq!(
            shop.redeem_on(&code, Some("ann"), order("o", &[("a", 1), ("b", 7)])).unwrap().pricing.payable_minor,
            0
        );
    }
}

#[test]
fn g17_the_order_of_lines_changes_no_total() {
    for shop in Shop::each() {
        shop.batch("b", 1, eight_tenths());
        let code = shop.claim("b", "ann").unwrap();
        let lines = [("a", 1_001), ("b", 333), ("c", 7)];
        let back: Vec<_> = lines.iter().rev().copied().collect();
        let quote = |lines: &[(&str, i64)]| quoted(&shop, &code, Some("ann"), order("o", lines));
        assert_eq!(quote(&lines), quote(&back));
        assert_eq!(quote(&lines), quote(&lines));
    }
}

#[test]
fn categories_and_currency_decide_what_a_card_covers() {
    for shop in Shop::each() {
        let fresh = LineFilter { categories: vec!["fresh food".to_owned()], ..LineFilter::default() };
        let conditions = vec![Condition::HasLine { lines: fresh.clone() }];
        shop.batch("b", 1, TemplateDraft { conditions, ..amount_off(Setting::Fixed(100), Over::Lines(fresh)) });
        let code = shop.claim("b", "ann").unwrap();
        let plain = order("o", &[("apple", 1_000), ("soap", 1_000)]);
        let missing = quoted(&shop, &code, Some("ann"), plain.clone()).unwrap_err();
        assert!(matches!(missing, Denial::ConditionFailed { short: None, .. }), "{missing:?}");
        let mut good = plain.clone();
        good.lines[0] = Line { categories: vec!["fresh food".to_owned()], ..good.lines[0].clone() };
        assert_eq!(quoted(&shop, &code, Some("ann"), good.clone()), Ok(100));
        let usd = Currency::parse("currency", "USD").unwrap();
        let foreign = denial(shop.redeem_on(&code, Some("ann"), Order { currency: usd, ..good }));
        assert_eq!(foreign, Denial::CurrencyMismatch { card: cny(), order: usd });
    }
}

fn with_value() -> TemplateDraft {
    let face = Parameter::Integer { min: 100, max: 5_000, default: 1_000 };
    let greeting = Parameter::Text { chars_max: 10, default: "hello".to_owned() };
    let display = Display { title: "满减券".to_owned(), colour: "#d81e06".to_owned(), ..Display::default() };
    TemplateDraft {
        parameters: [("face".to_owned(), face), ("greeting".to_owned(), greeting)].into(),
        display: [("zh-CN".to_owned(), display)].into(),
        ..amount_off(Setting::named("face"), Over::Order)
    }
}

#[test]
fn parameters_have_bounds_and_defaults_and_stay_with_the_card() {
    for shop in Shop::each() {
        shop.template("b", with_value()).unwrap();
        let face = |value| ("face".to_owned(), ParameterValue::Integer(value));
        let text = |value: &str| ("greeting".to_owned(), ParameterValue::Text(value.to_owned()));
        let batch = |parameters: Vec<(String, ParameterValue)>| {
            let mut batch = shop.issue_batch("b", 9);
            batch.parameters = parameters.into_iter().collect();
            batch.display = [("en".to_owned(), Display { title: "Off".to_owned(), ..Display::default() })].into();
            shop.tenant.issue_batch(batch).wait()
        };
        for (bad, field) in [
            (face(99), "parameters.face"),
            (face(5_001), "parameters.face"),
            (("face".to_owned(), ParameterValue::Text("9".to_owned())), "parameters.face"),
            (text("longer than ten"), "parameters.greeting"),
            (("other".to_owned(), ParameterValue::Integer(1)), "parameters.other"),
        ] {
            assert_eq!(refused(batch(vec![bad])).field, field);
        }
        batch(vec![face(2_000)]).unwrap();
        assert_eq!(shop.tenant.batch("b").unwrap().unwrap().display["en"].title, "Off");
        assert_eq!(shop.tenant.template("b").unwrap().unwrap().draft.display["zh-CN"].title, "满减券");
        let issue = |parameters: Vec<(String, ParameterValue)>| {
            let parameters = parameters.into_iter().collect();
            shop.tenant.issue(Issue { parameters, ..shop.issue_request("b", "ann") }).wait()
        };
        assert_eq!(refused(issue(vec![face(1)])).field, "parameters.face");
        let own = issue(vec![face(3_000), text("八字祝福万事如意")]).unwrap();
        assert_eq!(own.card.parameters, [face(3_000), text("八字祝福万事如意")].into());
        let code = own.code.unwrap();
        // A later version of the template changes nothing for a card that is out.
        shop.template("b", eight_tenths()).unwrap();
        shop.claim_code(&code, "ann").unwrap();
        assert_eq!(shop.redeem(&code, "ann").unwrap().pricing.discount_minor, 3_000);
        let plain = shop.claim("b", "ann").unwrap();
        let view = shop.tenant.look_up(CardPick::code(&plain)).unwrap();
        assert_eq!(view.parameters, [face(2_000), text("hello")].into());
        assert_eq!(shop.redeem(&plain, "ann").unwrap().pricing.discount_minor, 2_000);
    }
}

#[test]
fn an_issued_card_is_claimed_by_its_holder_first() {
    for shop in Shop::each() {
        shop.batch("b", 2, eight_tenths());
        let issued = shop.tenant.issue(shop.issue_request("b", "ann")).wait().unwrap();
        let code = issued.code.unwrap();
        assert_eq!(issued.card.state, CardState::Issued);
        let early = denial(shop.redeem(&code, "ann"));
        assert_eq!(early, Denial::WrongState { state: "issued", command: "redeem" });
        assert_eq!(early.text(Locale::ZhCn, Reader::Shopper), "请先领取此卡。");
        assert_eq!(denied(shop.claim_code(&code, "bob")), "not_owner");
        shop.claim_code(&code, "ann").unwrap();
        let twice = denial(shop.claim_code(&code, "ann"));
        assert_eq!(twice, Denial::WrongState { state: "claimed", command: "claim" });
        assert_eq!(twice.text(Locale::En, Reader::Shopper), "This card can no longer be claimed.");
        assert_eq!(denied(shop.redeem(&code, "bob")), "not_owner");
        assert_eq!(denied(shop.redeem_with(shop.meta(), &code, None)), "not_owner");
        shop.redeem(&code, "ann").unwrap();
        let wallet = shop.tenant.wallet(Subject::customer("ann")).unwrap();
        assert_eq!(wallet.items.iter().map(|card| card.id).collect::<Vec<_>>(), [issued.card.id]);
    }
}

#[test]
fn limits_per_holder_count_and_give_back() {
    for shop in Shop::each() {
        let limits = Limits { uses_per_holder: Some(2), claims_per_holder: Some(3), ..Limits::default() };
        shop.batch("b", 9, with_limits(limits));
        let codes: Vec<_> = (0..3).map(|_| shop.claim("b", "ann").unwrap()).collect();
        let claims = denial(shop.claim("b", "ann"));
        assert_eq!(claims, Denial::LimitReached { scope: LimitScope::HolderClaims, limit: 3, used: 3 });
        let first = shop.redeem(&codes[0], "ann").unwrap();
        shop.redeem(&codes[1], "ann").unwrap();
        let uses = denial(shop.redeem(&codes[2], "ann"));
        assert_eq!(uses, Denial::LimitReached { scope: LimitScope::HolderUses, limit: 2, used: 2 });
        assert_eq!(quoted(&shop, &codes[2], Some("ann"), order("o", &[("apple", 100)])), Err(uses));
        shop.claim("b", "bob").unwrap();
        shop.refund(&first.redemption).unwrap();
        shop.redeem(&codes[2], "ann").unwrap();
        assert_eq!(denied(shop.redeem(&codes[0], "ann")), "limit_reached");
        // Whoever counts per holder must hear who it is.
        let limits = Limits { uses_per_holder: Some(1), ..Limits::default() };
        shop.batch("anyone", 1, TemplateDraft { limits, ..bearer() });
        let code = shop.code_of("anyone", 0).unwrap();
        assert_eq!(denied(shop.redeem_with(shop.meta(), &code, None)), "holder_required");
    }
}

fn word(shop: &Shop, batch: &str, word: &str, normalisation: Normalisation) -> Result<(), Error> {
    shop.tenant.save_public_code(SavePublicCode::new(shop.meta(), batch, word, normalisation)).wait().map(|_| ())
}

#[test]
fn g13_a_public_code_takes_the_holders_own_card_first() {
    for shop in Shop::each() {
        let limits = Limits { claims_per_holder: Some(1), ..Limits::default() };
        shop.batch("b", 2, with_limits(limits));
        word(&shop, "b", "SUMMER20", Normalisation::Word).unwrap();
        let own = shop.claim("b", "ann").unwrap();
        let apple = || order("o", &[("apple", 10_000)]);
        assert_eq!(quoted(&shop, "summer20", Some("ann"), apple()), Ok(2_000), "a quote sees her own card, too");
        let receipt = shop.redeem("Summer 20", "ann").unwrap();
        assert_eq!(receipt.card, shop.tenant.look_up(CardPick::code(&own)).unwrap().id);
        let twice = denial(shop.redeem("SUMMER20", "ann"));
        assert_eq!(twice, Denial::LimitReached { scope: LimitScope::HolderClaims, limit: 1, used: 1 });
        assert_eq!(quoted(&shop, "summer20", Some("ann"), apple()), Err(twice));
        // A guest is the order; a refund gives the same order its card again.
        let guest = |id: &str| shop.redeem_on("ｓｕｍｍｅｒ-20", None, order(id, &[("apple", 10_000)]));
        let first = guest("o1").unwrap();
        let view = shop.tenant.look_up(CardPick::Id(first.card)).unwrap();
        assert_eq!(view.holder.as_ref().map(|holder| holder.as_str()), Some("order:o1"));
        assert_eq!(kinds(&shop, &CardPick::Id(first.card)), [EventKind::Claimed, EventKind::Redeemed]);
        assert_eq!(denied(guest("o2")), "sold_out");
        shop.refund(&first.redemption).unwrap();
        assert_eq!(guest("o1").unwrap().card, first.card);
        assert_eq!(denied(shop.redeem("SUMMER20", "bob")), "sold_out");
        assert_eq!(denied(shop.tenant.look_up(CardPick::code("SUMMER20"))), "not_found_or_invalid");
    }
}

#[test]
fn g27_words_that_read_the_same_cannot_both_be() {
    for shop in Shop::each() {
        for id in ["a", "b", "c"] {
            shop.batch(id, 5, eight_tenths());
        }
        word(&shop, "a", "SUMMER20", Normalisation::Word).unwrap();
        for same in ["summer20", "Summer-20", "ＳＵＭＭＥＲ２０", " sum mer 20 "] {
            let outcome = denial(word(&shop, "b", same, Normalisation::Word));
            assert_eq!(outcome.code(), "exists");
            assert!(!format!("{outcome:?}{outcome}").to_uppercase().contains("SUMMER"));
            assert_eq!(denied(word(&shop, "b", same, Normalisation::CaseSensitive)), "exists");
        }
        word(&shop, "c", "Winter99x", Normalisation::CaseSensitive).unwrap();
        assert_eq!(denied(shop.redeem("WINTER99X", "ann")), "not_found_or_invalid");
        shop.redeem(" Winter99x ", "ann").unwrap();
        shop.redeem("sUmMeR20", "ann").unwrap();
        // The profile belongs to the batch: another word cannot change how the first is read.
        let mixed = refused(word(&shop, "c", "AUTUMN20", Normalisation::Word));
        assert_eq!((mixed.field.as_str(), mixed.allowed.contains("case_sensitive")), ("normalisation", true));
        word(&shop, "c", "Autumn20", Normalisation::CaseSensitive).unwrap();
        assert_eq!(denied(shop.redeem("WINTER99X", "ann")), "not_found_or_invalid");
        // The shape of a sealed code, or of a card number, would never be looked up as a word.
        let code = shop.claim("a", "bob").unwrap();
        let number = shop.tenant.card_number(shop.card("a", 1)).unwrap();
        for taken in [code.as_str(), &number, "WELCOME2SHOP", "ab", "tab\tbed"] {
            let refusal = refused(word(&shop, "b", taken, Normalisation::Word));
            assert_eq!(refusal.field, "word");
            assert!(!refusal.to_string().contains(taken), "{refusal}");
        }
        shop.batch("bearer", 5, bearer());
        assert_eq!(refused(word(&shop, "bearer", "AUTUMN20", Normalisation::Word)).field, "batch");
    }
}

#[test]
fn g26_validity_is_counted_in_the_tenants_days() {
    for shop in Shop::each() {
        let zone = "Asia/Shanghai".to_owned();
        shop.tenant
            .save_settings(SaveSettings { meta: shop.meta(), zone, rounding: Rounding::HalfUp, profile: None })
            .wait()
            .unwrap();
        let validity = |after_claim, start: Option<&str>, end: Option<&str>| {
            let (start, end) = (start.map(str::to_owned), end.map(str::to_owned));
            TemplateDraft {
                validity: ValidityDraft { start, end, after_claim, cap_at_campaign_end: true },
                ..eight_tenths()
            }
        };
        // The shop opens at 08:00 in Shanghai: seven days after that day, at midnight there.
        shop.batch("days", 2, validity(Some(AfterClaim::Days(Setting::Fixed(7))), None, None));
        shop.batch("seconds", 2, validity(Some(AfterClaim::Seconds(3_600)), None, Some("2026-11-11T00:30:00Z")));
        shop.batch("dates", 2, validity(None, Some("2026-11-12"), Some("2026-11-12")));
        let codes = ["days", "seconds", "dates"].map(|id| shop.claim(id, "ann").unwrap());
        let end = |code: &str| shop.tenant.look_up(CardPick::code(code)).unwrap().expires_at.unwrap().to_string();
        assert_eq!(end(&codes[0]), "2026-11-18T16:00:00Z");
        assert_eq!(end(&codes[1]), "2026-11-11T00:30:00Z");
        assert_eq!(end(&codes[2]), "2026-11-12T16:00:00Z");
        let starts_at = instant("2026-11-11T16:00:00Z");
        assert_eq!(denial(shop.redeem(&codes[2], "ann")), Denial::NotStarted { starts_at });
        shop.clock.set("2026-11-11T16:00:00Z");
        let apple = || order("o", &[("apple", 100)]);
        assert_eq!(quoted(&shop, &codes[2], Some("ann"), apple()), Ok(20));
        shop.clock.set("2026-11-12T15:59:59.999Z");
        assert_eq!(quoted(&shop, &codes[2], Some("ann"), apple()), Ok(20));
        shop.clock.set("2026-11-12T16:00:00Z");
        assert_eq!(denied(shop.redeem(&codes[2], "ann")), "expired");
        assert_eq!(denied(shop.claim("dates", "bob")), "expired");
    }
}

#[test]
fn time_never_runs_backwards_for_a_card() {
    for shop in Shop::each() {
        let validity = ValidityDraft { end: Some("2026-11-12T00:00:00Z".to_owned()), ..ValidityDraft::default() };
        shop.batch("b", 1, TemplateDraft { validity, ..eight_tenths() });
        let code = shop.claim("b", "ann").unwrap();
        shop.clock.set("2026-11-13T00:00:00Z");
        shop.tenant.freeze(on(&shop, "check", &code)).wait().unwrap();
        shop.clock.set("2026-11-11T00:00:00Z");
        let back = shop.tenant.unfreeze(on(&shop, "fine", &code)).wait().unwrap();
        assert_eq!(back.card.expires_at, Some(instant("2026-11-12T00:00:00Z")));
        assert_eq!(denied(shop.redeem(&code, "ann")), "expired", "it was seen after its end");
        assert_eq!(quoted(&shop, &code, Some("ann"), order("o", &[("a", 100)])).unwrap_err().code(), "expired");
        let times: Vec<_> = shop.tenant.history(CardPick::code(&code)).unwrap().iter().map(|entry| entry.at).collect();
        assert!(times.is_sorted(), "{times:?}");
        assert!(kinds(&shop, &CardPick::code(&code)).ends_with(&[EventKind::Unfrozen]));
    }
}

/// Walks through all pages of a list.
fn walk(shop: &Shop, state: Option<CardState>, channel: Option<&str>, limit: usize) -> Vec<u32> {
    let mut request = ListCards {
        batch: "b".to_owned(),
        state,
        channel: channel.map(str::to_owned),
        page: Paging { after: None, limit },
    };
    let mut serials = Vec::new();
    loop {
        let page = shop.tenant.list_cards(request.clone()).unwrap();
        assert!(page.items.len() <= limit);
        serials.extend(page.items.iter().map(|card| card.id.serial));
        match page.next {
            Some(next) => request.page.after = Some(next),
            None => return serials,
        }
    }
}

#[test]
fn g21_cards_are_listed_by_page_with_filters() {
    for shop in Shop::each() {
        shop.template("b", eight_tenths()).unwrap();
        let mut batch = shop.issue_batch("b", 25);
        batch.channel = Some("app".to_owned());
        shop.tenant.issue_batch(batch).wait().unwrap();
        for serial in 0..6 {
            let channel = (serial % 2 == 1).then(|| "till".to_owned());
            shop.tenant.claim(Claim { channel, ..shop.claim_request("b", "ann") }).wait().unwrap();
        }
        let void = (shop.because("lost"), CardPick::Id(shop.card("b", 20)));
        shop.tenant.void(void).wait().unwrap();
        for limit in [1, 2, 7, 25, 1_000] {
            assert_eq!(walk(&shop, None, None, limit), (0..25).collect::<Vec<_>>());
            assert_eq!(walk(&shop, Some(CardState::Claimed), None, limit), [0, 1, 2, 3, 4, 5]);
            assert_eq!(walk(&shop, Some(CardState::Claimed), Some("till"), limit), [1, 3, 5]);
            assert_eq!(walk(&shop, None, Some("till"), limit), [1, 3, 5]);
            assert_eq!(walk(&shop, Some(CardState::Void), None, limit), [20]);
            let minted: Vec<_> = (6..25).filter(|serial| *serial != 20).collect();
            assert_eq!(walk(&shop, Some(CardState::Minted), None, limit), minted);
            assert_eq!(walk(&shop, Some(CardState::Minted), Some("app"), limit), minted);
            assert_eq!(walk(&shop, Some(CardState::Spent), None, limit), [0; 0]);
        }
        let ann = Subject::customer("ann");
        let first = shop.tenant.wallet(Wallet { holder: ann.clone(), page: Paging { after: None, limit: 4 } }).unwrap();
        let second = shop
            .tenant
            .wallet(Wallet { holder: ann.clone(), page: Paging { after: first.next.clone(), limit: 4 } })
            .unwrap();
        let serials: Vec<_> = first.items.iter().chain(&second.items).map(|card| card.id.serial).collect();
        assert_eq!((serials, second.next), (vec![0, 1, 2, 3, 4, 5], None));
        let far = ListCards {
            batch: "b".to_owned(),
            state: None,
            channel: None,
            page: Paging { after: Some("4294967295".to_owned()), limit: 10 },
        };
        assert_eq!(shop.tenant.list_cards(far.clone()).unwrap().items, []);
    }
}

#[test]
fn g21_a_page_deep_in_a_huge_batch_costs_no_more() {
    for (shop, watched) in Shop::each_watched() {
        shop.template("b", eight_tenths()).unwrap();
        let request = cardmint::IssueBatch::new(shop.meta(), "b", "b", 10_000_000, CodeFormat::S20);
        shop.tenant.issue_batch(request).wait().unwrap();
        let page = |after: Option<&str>| {
            let page = Paging { after: after.map(str::to_owned), limit: 100 };
            let request = ListCards { batch: "b".to_owned(), state: None, channel: None, page };
            shop.tenant.list_cards(request.clone()).unwrap()
        };
        page(None);
        watched.forget();
        assert_eq!(page(Some("0009999899")).items.len(), 100);
        assert!(watched.loads() <= 1);
        assert_eq!(watched.commits(), 0);
    }
}

#[test]
fn the_facts_of_a_redemption_stand_in_its_row() {
    for shop in Shop::each() {
        shop.batch("b", 1, eight_tenths());
        let code = shop.claim("b", "ann").unwrap();
        let facts = Order {
            store: Some("bund-1".to_owned()),
            channel: Some("app".to_owned()),
            source: Some("poster".to_owned()),
            placed_at: Some(instant("2026-11-10T23:00:00Z")),
            new_customer: Some(true),
            segments: ["gold".to_owned()].into(),
            ..order("o-7", &[("apple", 10_000)])
        };
        let receipt = shop.redeem_on(&code, Some("ann"), facts).unwrap();
        let row = shop.tenant.redemption(receipt.redemption.as_str()).unwrap().unwrap();
        assert_eq!(
            (row.order.as_str(), row.store.as_deref(), row.channel.as_deref()),
            ("o-7", Some("bund-1"), Some("app"))
        );
        assert_eq!((row.source.as_deref(), row.new_customer), (Some("poster"), Some(true)));
        assert_eq!((row.ordered_at, row.segments.len()), (Some(instant("2026-11-10T23:00:00Z")), 1));
        assert_eq!((row.pricing, row.currency), (receipt.pricing, cny()));
        let listed = shop.tenant.redemptions_of_order("o-7").unwrap();
        assert_eq!(listed.items.len(), 1);
    }
}

#[test]
fn g31_batches_whose_codes_could_be_guessed_are_refused() {
    for shop in Shop::each() {
        shop.template("b", eight_tenths()).unwrap();
        let issue = |id: &str, size, format| {
            shop.tenant.issue_batch(cardmint::IssueBatch::new(shop.meta(), id, "b", size, format)).wait()
        };
        let odds = |outcome: Result<_, Error>| match denial(outcome) {
            Denial::OddsTooLow(FormatRefused { live, floor_bits, would_do, .. }) => (live, floor_bits, would_do),
            other => panic!("{other:?}"),
        };
        issue("one", 100_000, CodeFormat::S12).unwrap();
        assert_eq!(odds(issue("two", 100_000, CodeFormat::S12)), (200_000, 40, Some(CodeFormat::S16)));
        issue("two", 31_072, CodeFormat::S12).unwrap();
        assert_eq!(
            odds(shop.tenant.grow_batch(GrowBatch { meta: shop.meta(), batch: "two".to_owned(), size: 31_073 }).wait()),
            (131_073, 40, Some(CodeFormat::S16))
        );
        issue("three", 100_000, CodeFormat::S16).unwrap();
        shop.tenant
            .grow_batch(GrowBatch { meta: shop.meta(), batch: "three".to_owned(), size: 200_000 })
            .wait()
            .unwrap();
        assert_eq!(
            refused(
                shop.tenant
                    .grow_batch(GrowBatch { meta: shop.meta(), batch: "three".to_owned(), size: 200_000 })
                    .wait()
            )
            .field,
            "size"
        );
        let large = denial(issue("four", (1 << 30) + 1, CodeFormat::S16));
        assert_eq!(large, Denial::BatchTooLarge { asked: (1 << 30) + 1, most: 1 << 30 });
        assert_eq!(denied(issue("three", 1, CodeFormat::S16)), "exists");
    }
}

#[test]
fn growing_a_batch_adds_cards_behind_the_last() {
    for shop in Shop::each() {
        shop.batch("b", 1, eight_tenths());
        shop.claim("b", "ann").unwrap();
        assert_eq!(denied(shop.claim("b", "ann")), "sold_out");
        shop.tenant.grow_batch(GrowBatch { meta: shop.meta(), batch: "b".to_owned(), size: 2 }).wait().unwrap();
        let code = shop.claim("b", "ann").unwrap();
        assert_eq!(shop.tenant.look_up(CardPick::code(&code)).unwrap().id.serial, 1);
    }
}

fn every_denial() -> Vec<Denial> {
    let at = instant("2026-11-12T00:00:00Z");
    let (usd, name) = (Currency::parse("currency", "USD").unwrap(), || "c".to_owned());
    let money = |minor| Fact::Money { minor, currency: cny() };
    let failed = |short| Denial::ConditionFailed {
        path: "conditions[0].min_spend".to_owned(),
        have: money(18_000),
        need: money(19_900),
        short,
    };
    let scopes = [LimitScope::Card, LimitScope::HolderUses, LimitScope::HolderClaims];
    let mut denials = vec![
        Denial::NotFoundOrInvalid,
        Denial::KeyReused,
        Denial::Void,
        Denial::Frozen { reason: "suspected fraud".to_owned() },
        Denial::WrongState { state: "issued", command: "redeem" },
        Denial::NotOwner,
        Denial::HolderRequired,
        Denial::NotInAudience { campaign: name() },
        Denial::CampaignNotRunning { campaign: name(), life: "paused".to_owned() },
        Denial::NotStarted { starts_at: at },
        Denial::Expired { expired_at: at },
        Denial::SoldOut { batch: name() },
        Denial::CurrencyMismatch { card: cny(), order: usd },
        failed(Some(money(1_900))),
        failed(None),
        Denial::NoEffect,
        Denial::OddsTooLow(CodeFormat::S12.require(200_000, 40).unwrap_err()),
        Denial::BatchNumbersUsedUp { symbols: 12 },
        Denial::BatchTooLarge { asked: 1 << 31, most: 1 << 30 },
        Denial::IssueNumbersUsedUp { most: 7 },
        Denial::ExportClosed { batch: name() },
        Denial::AlreadyRefunded { at },
    ];
    denials.extend(scopes.map(|scope| Denial::LimitReached { scope, limit: 2, used: 2 }));
    for kind in ["campaign", "template", "batch", "product_set", "card", "redemption", "public_code"] {
        denials.push(Denial::Unknown { kind, id: name() });
        denials.push(Denial::Exists { kind, id: name() });
    }
    denials
}

#[test]
fn every_denial_speaks_both_languages_to_both_readers() {
    let denials = every_denial();
    let codes: BTreeSet<_> = denials.iter().map(Denial::code).collect();
    assert_eq!(codes.len(), 24, "a denial without a case here");
    let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    for denial in &denials {
        for reader in [Reader::Shopper, Reader::Staff] {
            let (en, zh) = (denial.text(Locale::En, reader), denial.text(Locale::ZhCn, reader));
            assert!(en.ends_with('.') && en.starts_with(|c: char| c.is_ascii_uppercase()) && !chinese(&en), "{en}");
            assert!(zh.ends_with('。') && chinese(&zh), "{zh}");
        }
        for locale in [Locale::En, Locale::ZhCn] {
            let text = denial.text(locale, Reader::Shopper);
            for inside in ["1900", "18000", "19900", "fraud", "conditions", "paused", "issued", "campaign", "bits"] {
                assert!(!text.contains(inside), "{text}");
            }
        }
        assert!(denial.facts().values().all(|fact| !fact.is_null() || denial.code() == "odds_too_low"));
    }
}

#[test]
fn an_observed_event_is_written_once() {
    for (shop, watched) in Shop::each_watched() {
        let observe = |meta: Meta| {
            let (subject, at) = (Subject::new("phone", "+8613800138000"), instant("2026-11-10T00:00:00Z"));
            let facts = [("page".to_owned(), "home".to_owned())].into();
            shop.tenant.observe(Observe { meta, subject, kind: "visit".to_owned(), at, facts }).wait()
        };
        let key = shop.meta();
        observe(key.clone()).unwrap();
        assert_eq!(watched.changesets(), 1);
        let written = watched.written();
        for part in ["Observed", r#"\"kind\":\"visit\""#, r#"\"page\":\"home\""#, "2026-11-10T00:00:00Z"] {
            assert!(written.contains(part), "{part} in {written}");
        }
        observe(key).unwrap();
        assert_eq!(watched.changesets(), 1);
        observe(shop.meta()).unwrap();
        assert_eq!(watched.changesets(), 2);
    }
}

#[test]
fn settings_round_as_they_say() {
    for shop in Shop::each() {
        let benefit = Benefit::PercentOff { off_bp: Setting::Fixed(1_000), cap_minor: None, over: Over::Order };
        shop.batch("b", 1, TemplateDraft { benefit, ..eight_tenths() });
        let code = shop.claim("b", "ann").unwrap();
        let quote = || quoted(&shop, &code, Some("ann"), order("o", &[("apple", 25)]));
        assert_eq!(quote(), Ok(3));
        let settings =
            SaveSettings { meta: shop.meta(), zone: "UTC".to_owned(), rounding: Rounding::HalfEven, profile: None };
        shop.tenant.save_settings(settings).wait().unwrap();
        assert_eq!(quote(), Ok(2));
        let receipt = shop.redeem_on(&code, Some("ann"), order("o", &[("apple", 25)])).unwrap();
        assert_eq!(receipt.pricing.rounding, Rounding::HalfEven);
    }
}

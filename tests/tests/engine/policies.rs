//! Policy profiles of stored value, buyers' records, and successors of expired cards.

use std::collections::BTreeMap;

use cardmint::card::{
    AfterClaim, Benefit, Buyer, CardKind, CardState, EventKind, Limits, Parameter, Policies, Profile, RedeemFrom,
    RefundTo, Setting, TemplateDraft, TransferPolicy, ValidityDraft, VoucherPurpose, VoucherVat,
};
use cardmint::code::{CodeFormat, World};
use cardmint::money::{Currency, Rounding};
use cardmint::store::{Scan, ScanOf, TenantKey};
use cardmint::subject::Subject;
use cardmint::{
    CardPick, Denial, Error, Issue, IssueBatch, LiabilityAt, LiabilityNow, Load, Locale, Meta, Reader, Redeem,
    RefundRedemption, SaveCampaign, SaveSettings, Succeed, Transfer,
};
use cardmint_tests::{Shop, denial, denied, eight_tenths, instant, order, refused};

fn validity() -> ValidityDraft {
    ValidityDraft { cap_at_campaign_end: false, ..ValidityDraft::default() }
}

/// A card of a value that keeps to its profile.
fn gift(profile: Profile, minor: i64) -> TemplateDraft {
    let redeem_from = match profile {
        Profile::CnSinglePurpose { registered: true } => RedeemFrom::Claimed,
        _ => RedeemFrom::Issued,
    };
    TemplateDraft {
        kind: CardKind::GiftCard,
        benefit: Benefit::Value { minor: Setting::Fixed(minor) },
        validity: validity(),
        profile: Some(profile),
        redeem_from,
        ..eight_tenths()
    }
}

const REGISTERED: Profile = Profile::CnSinglePurpose { registered: true };
const BEARER: Profile = Profile::CnSinglePurpose { registered: false };

fn euro(purpose: VoucherPurpose, vat: Option<VoucherVat>) -> TemplateDraft {
    let currency = Some(Currency::parse("currency", "EUR").unwrap());
    TemplateDraft { currency, ..gift(Profile::EuVoucher { purpose, valid_years_min: Some(5), vat }, 10_000) }
}

fn batch(shop: &Shop, id: &str, template: TemplateDraft) -> Result<(), Error> {
    shop.template(id, template)?;
    let format = CodeFormat::S20;
    shop.tenant.issue_batch(IssueBatch { format, ..shop.issue_batch(id, 10) }).wait().map(drop)
}

fn bought(shop: &Shop, facts: &[(&str, &str)]) -> Meta {
    let facts = facts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Meta { buyer: Some(Buyer { reference: None, facts }), ..shop.meta() }
}

fn by_reference(shop: &Shop) -> Meta {
    Meta { buyer: Some(Buyer { reference: Some("kyc-77".to_owned()), facts: BTreeMap::new() }), ..shop.meta() }
}

/// The rule that was broken.
fn broken<T: std::fmt::Debug>(outcome: Result<T, Error>) -> &'static str {
    match denial(outcome) {
        Denial::PolicyViolation { rule, .. } => rule,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_template_that_breaks_its_profile_is_not_saved_and_the_law_is_named() {
    let shop = Shop::memory();
    let after = |after_claim| ValidityDraft { after_claim: Some(after_claim), ..validity() };
    let until = |end: &str| ValidityDraft { end: Some(end.to_owned()), ..validity() };
    let named = |max| [("face".to_owned(), Parameter::Integer { min: 0, max, default: 100 })].into();
    let face = Benefit::Value { minor: Setting::named("face") };
    let most = |minor| Limits { balance_max_minor: Some(minor), ..Limits::default() };
    let campaign = ValidityDraft::default();
    let vat = Some(VoucherVat { country: "DE".to_owned(), rate_bp: 1_900 });
    let cases = [
        (gift(REGISTERED, 500_000), None),
        (gift(REGISTERED, 500_001), Some("value_max")),
        (gift(BEARER, 100_000), None),
        (gift(BEARER, 100_001), Some("value_max")),
        (TemplateDraft { parameters: named(100_001), benefit: face.clone(), ..gift(BEARER, 1) }, Some("value_max")),
        (TemplateDraft { parameters: named(100_000), benefit: face, ..gift(BEARER, 1) }, None),
        (TemplateDraft { limits: most(100_001), ..gift(BEARER, 1) }, Some("value_max")),
        (TemplateDraft { redeem_from: RedeemFrom::Issued, ..gift(REGISTERED, 1) }, Some("registered_holder")),
        (TemplateDraft { currency: Some(Currency::parse("c", "EUR").unwrap()), ..gift(BEARER, 1) }, Some("currency")),
        (TemplateDraft { validity: until("2099-01-01"), ..gift(REGISTERED, 1) }, Some("no_expiry")),
        (
            TemplateDraft { validity: after(AfterClaim::Days(Setting::Fixed(36_500))), ..gift(REGISTERED, 1) },
            Some("no_expiry"),
        ),
        (TemplateDraft { validity: campaign.clone(), ..gift(REGISTERED, 1) }, Some("no_expiry")),
        (TemplateDraft { validity: campaign, ..gift(BEARER, 1) }, Some("valid_years_min")),
        // The shop opens on 2026-11-11; the last day counts.
        (TemplateDraft { validity: until("2029-11-10"), ..gift(BEARER, 1) }, None),
        (TemplateDraft { validity: until("2029-11-09"), ..gift(BEARER, 1) }, Some("valid_years_min")),
        (TemplateDraft { validity: after(AfterClaim::Days(Setting::Fixed(1_096))), ..gift(BEARER, 1) }, None),
        (
            TemplateDraft { validity: after(AfterClaim::Days(Setting::Fixed(1_095))), ..gift(BEARER, 1) },
            Some("valid_years_min"),
        ),
        (
            TemplateDraft { validity: after(AfterClaim::Seconds(1_096 * 86_400 - 1)), ..gift(BEARER, 1) },
            Some("valid_years_min"),
        ),
        (TemplateDraft { validity: until("2026-12-01"), ..gift(Profile::None, 900_000) }, None),
        (euro(VoucherPurpose::Multi, None), None),
        (euro(VoucherPurpose::Multi, vat.clone()), Some("vat_known")),
        (euro(VoucherPurpose::Single, vat), None),
        (euro(VoucherPurpose::Single, None), Some("vat_known")),
        (TemplateDraft { validity: until("2031-11-09"), ..euro(VoucherPurpose::Multi, None) }, Some("valid_years_min")),
    ];
    for (place, (template, rule)) in cases.into_iter().enumerate() {
        let saved = shop.template(&format!("t{place}"), template.clone());
        match rule {
            None => assert!(saved.is_ok(), "{place}: {saved:?}"),
            Some(rule) => assert_eq!(broken(saved), rule, "{place}: {template:?}"),
        }
    }
    let no = denial(shop.template("t", gift(BEARER, 100_001)));
    let facts = serde_json::json!({
        "profile": "cn_single_purpose", "rule": "value_max", "limit": {"minor": 100_000, "currency": "CNY"},
        "given": {"minor": 100_001, "currency": "CNY"}, "source": "单用途商业预付卡管理办法（试行）第十八条",
    });
    assert_eq!(serde_json::Value::Object(no.facts()), facts);
    assert_eq!((no.code(), no.status().number()), ("policy_violation", 280));
    assert_eq!(no.text(Locale::ZhCn, Reader::Shopper), "单张卡余额不能超过 ¥1000.00。");
    let coupon = TemplateDraft { profile: Some(BEARER), ..eight_tenths() };
    assert_eq!(refused(shop.template("c", coupon)).field, "template.profile");
}

/// The tenant's profile goes into templates of value that name none, and stays with them.
#[test]
fn a_tenants_profile_holds_for_templates_that_name_none() {
    for shop in Shop::each() {
        let settings = |profile| SaveSettings {
            meta: shop.meta(),
            zone: "Asia/Shanghai".to_owned(),
            rounding: Rounding::HalfUp,
            profile,
        };
        shop.tenant.save_settings(settings(Some(BEARER))).wait().unwrap();
        let plain = |minor| TemplateDraft { profile: None, ..gift(BEARER, minor) };
        assert_eq!(broken(shop.template("a", plain(100_001))), "value_max");
        shop.template("a", plain(100_000)).unwrap();
        shop.template("off", TemplateDraft { profile: Some(Profile::None), ..plain(100_001) }).unwrap();
        shop.template("coupon", eight_tenths()).unwrap();
        shop.tenant.save_settings(settings(None)).wait().unwrap();
        let pinned = shop.tenant.template("a").unwrap().unwrap();
        assert_eq!(pinned.draft.profile, Some(BEARER));
        shop.template("b", plain(100_001)).unwrap();
    }
}

#[test]
fn a_card_keeps_to_its_profile_when_it_is_given_and_loaded() {
    for shop in Shop::each() {
        let end = ValidityDraft { end: Some("2029-11-10".to_owned()), ..validity() };
        shop.template("ends", TemplateDraft { validity: end, ..gift(BEARER, 90_000) }).unwrap();
        let format = CodeFormat::S20;
        let issue = |id: &str| {
            let batch = IssueBatch { format, template: "ends".to_owned(), ..shop.issue_batch(id, 5) };
            shop.tenant.issue_batch(batch).wait()
        };
        issue("today").unwrap();
        shop.clock.advance(86_400_000);
        assert_eq!(broken(issue("tomorrow")), "valid_years_min");
        let code = shop.code_of("today", 0).unwrap();
        let load =
            |meta, amount_minor| shop.tenant.load(Load { meta, card: CardPick::code(&code), amount_minor }).wait();
        assert_eq!(broken(load(shop.meta(), 10_001)), "value_max");
        assert_eq!(load(shop.meta(), 10_000).unwrap().balance_minor, 100_000);
    }
}

const NAME: &str = "Zhang Xiaoming";
const NUMBER: &str = "110101199003070000";

/// A registered card that is handed on is registered anew.
#[test]
fn g30_a_registered_card_is_handed_on_to_somebody_who_is_recorded() {
    for shop in Shop::each() {
        let transfer = Some(TransferPolicy { transfers_max: 1, keep_code: false, refund_to: RefundTo::PresentHolder });
        let policies = Policies { transfer, ..Policies::default() };
        batch(&shop, "r", TemplateDraft { policies, ..gift(REGISTERED, 20_000) }).unwrap();
        let given = shop.tenant.issue(Issue { meta: by_reference(&shop), ..shop.issue_request("r", "ann") }).wait();
        let card = CardPick::Id(given.unwrap().card.id);
        let hand_on = |meta| {
            let (holder, to) = (Subject::customer("ann"), Subject::customer("bob"));
            shop.tenant.transfer(Transfer { meta, card: card.clone(), holder, to }).wait()
        };
        assert_eq!(broken(hand_on(shop.meta())), "buyer");
        hand_on(by_reference(&shop)).unwrap();
        let history = shop.tenant.history(card.clone()).unwrap();
        let kinds: Vec<_> = history.iter().rev().take(2).map(|entry| entry.kind).collect();
        assert_eq!(kinds, [EventKind::BuyerRecorded, EventKind::Transferred]);
    }
}

/// A registered card is bought by somebody: all facts that the law names, or the host's own record. No fact is kept in clear.
#[test]
fn g30_buyers_of_registered_cards_are_recorded_and_their_facts_are_nowhere_in_clear() {
    for shop in Shop::each() {
        batch(&shop, "r", gift(REGISTERED, 20_000)).unwrap();
        let give = |meta| shop.tenant.issue(Issue { meta, ..shop.issue_request("r", "ann") }).wait();
        assert_eq!(broken(give(shop.meta())), "buyer");
        let no = denial(give(bought(&shop, &[("name", NAME), ("contact", "13800000000")])));
        assert_eq!(no.facts()["given"], "without id_number");
        let all = [("name", NAME), ("id_number", NUMBER), ("contact", "13800000000")];
        let meta = bought(&shop, &all);
        let given = give(meta.clone()).unwrap();
        assert_eq!(give(meta.clone()).unwrap().card, given.card, "the same request");
        let other = Meta { buyer: Some(Buyer::default()), ..meta.clone() };
        assert_eq!(denied(give(other)), "key_reused");
        assert!(!format!("{meta:?}").contains(NAME) && !format!("{meta:?}").contains(NUMBER), "{meta:?}");
        let load = |meta| shop.tenant.load(Load { meta, card: CardPick::Id(given.card.id), amount_minor: 100 }).wait();
        assert_eq!(broken(load(shop.meta())), "buyer");
        load(by_reference(&shop)).unwrap();
        let history = shop.tenant.history(CardPick::Id(given.card.id)).unwrap();
        assert!(history.iter().all(|entry| entry.chained == Some(true)));
        let told: Vec<_> = history.iter().filter(|entry| entry.kind == EventKind::BuyerRecorded).collect();
        let facts = |place: usize| told[place].facts.clone().unwrap();
        assert_eq!(facts(0)["facts"].as_object().unwrap().keys().collect::<Vec<_>>(), ["contact", "id_number", "name"]);
        assert_eq!(facts(1), serde_json::json!({"reference": "kyc-77"}));
        for of in [ScanOf::EventsOfCard(given.card.id), ScanOf::CardsOfHolder(holder(&given.card)), ScanOf::Accounts] {
            let tenant = TenantKey::new("default", World::Live);
            let page = shop.store.scan(&Scan { tenant, of, after: None, limit: 100 }).unwrap();
            let text = format!("{page:?}");
            assert!(!text.contains(NAME) && !text.contains(NUMBER) && !text.contains("13800000000"));
        }
        let long = bought(&shop, &[("name", &"x".repeat(201))]);
        let refused = refused(give(long));
        assert_eq!((refused.field.as_str(), refused.given.as_str()), ("meta.buyer.facts.name", "201 bytes"));
    }
}

fn holder(card: &cardmint::CardView) -> cardmint::subject::SubjectKey {
    card.holder.clone().unwrap()
}

fn succeed(shop: &Shop, card: &str, until: Option<&str>) -> Result<cardmint::CardWithCode, Error> {
    let until = until.map(str::to_owned);
    shop.tenant.succeed(Succeed { meta: shop.meta(), card: CardPick::code(card), until }).wait()
}

fn sums_to(shop: &Shop, outstanding: i64, breakage: i64) {
    let now = shop.tenant.liability(LiabilityNow::default()).unwrap();
    let at = shop.tenant.liability_at(LiabilityAt::default()).unwrap().wait().unwrap();
    let line = &at.lines[0];
    assert_eq!((line.outstanding_minor, line.breakage_minor), (outstanding, Some(breakage)), "{}", shop.name);
    assert_eq!(now.lines[0].outstanding_minor, outstanding);
}

/// All cards of a batch that is frozen stand still, and those of a dead or archived one have no successor that could be used.
#[test]
fn a_batch_that_stands_still_has_no_successors() {
    for shop in Shop::each() {
        let end = ValidityDraft { end: Some("2029-12-31".to_owned()), ..validity() };
        batch(&shop, "b", TemplateDraft { validity: end, ..gift(BEARER, 90_000) }).unwrap();
        let code = shop.code_of("b", 3).unwrap();
        shop.clock.set("2030-02-28T12:00:00Z");
        shop.tenant.freeze_batch((shop.because("stolen"), "b")).wait().unwrap();
        assert_eq!(denied(succeed(&shop, &code, None)), "frozen");
        shop.tenant.unfreeze_batch((shop.meta(), "b")).wait().unwrap();
        shop.tenant.close_batch((shop.meta(), "b")).wait().unwrap();
        succeed(&shop, &code, None).unwrap();
        let other = shop.code_of("b", 4).unwrap();
        shop.tenant.archive_batch((shop.meta(), "b")).wait().unwrap();
        assert_eq!(denied(succeed(&shop, &other, None)), "batch_not_active", "{}", shop.name);
    }
}

/// A card's first event says when it ends, also where that is the one that empties it: its campaign may end otherwise later on.
#[test]
fn an_untouched_card_that_has_a_successor_keeps_its_end_when_the_campaign_moves() {
    for shop in Shop::each() {
        let campaign = |end: &str| SaveCampaign { end: Some(end.to_owned()), ..shop.campaign("c") };
        shop.tenant.save_campaign(campaign("2029-12-31")).wait().unwrap();
        let validity = ValidityDraft::default();
        shop.template("b", TemplateDraft { validity, profile: None, ..gift(BEARER, 90_000) }).unwrap();
        let (format, campaign_id) = (CodeFormat::S20, Some("c".to_owned()));
        let request = IssueBatch { format, campaign: campaign_id, ..shop.issue_batch("b", 10) };
        shop.tenant.issue_batch(request).wait().unwrap();
        let code = shop.code_of("b", 3).unwrap();
        shop.clock.set("2030-02-28T12:00:00Z");
        succeed(&shop, &code, Some("2040-01-01")).unwrap();
        shop.tenant.save_campaign(campaign("2029-06-30")).wait().unwrap();
        let audit = shop.tenant.audit(()).unwrap().wait().unwrap();
        assert!(audit.findings.is_empty(), "{}: {:?}", shop.name, audit.findings);
    }
}

/// Where a successor came from stays known, though somebody takes it.
#[test]
fn a_successor_that_is_claimed_still_says_whose_successor_it_is() {
    for shop in Shop::each() {
        let end = ValidityDraft { end: Some("2029-12-31".to_owned()), ..validity() };
        let registered = Profile::CnSinglePurpose { registered: true };
        batch(&shop, "b", TemplateDraft { validity: end, profile: None, ..gift(registered, 90_000) }).unwrap();
        let issued = shop.tenant.issue(shop.issue_request("b", "ann")).wait().unwrap();
        shop.clock.set("2030-02-28T12:00:00Z");
        let next = succeed(&shop, &issued.code.unwrap(), Some("2040-01-01")).unwrap();
        let code = next.code.unwrap();
        shop.claim_code(&code, "ann").unwrap();
        let view = shop.tenant.look_up(CardPick::code(&code)).unwrap();
        assert_eq!((view.state, view.origin.parent_card), (CardState::Claimed, Some(issued.card.id)), "{}", shop.name);
    }
}

/// What is left on an expired card goes onto a successor; a late refund lands on the old card and goes on as well.
#[test]
fn g18_what_is_left_on_an_expired_card_goes_onto_a_successor_and_nothing_vanishes() {
    for shop in Shop::each() {
        let end = ValidityDraft { end: Some("2029-12-31".to_owned()), ..validity() };
        batch(&shop, "b", TemplateDraft { validity: end, ..gift(BEARER, 90_000) }).unwrap();
        let code = shop.code_of("b", 3).unwrap();
        let pay = |code: &str, amount| {
            let amount_minor = Some(amount);
            shop.tenant
                .redeem(Redeem { amount_minor, ..Redeem::new(shop.meta(), code, order("o", &[("tea", 90_000)])) })
                .wait()
        };
        let paid = pay(&code, 30_000).unwrap();
        assert_eq!(denied(succeed(&shop, &code, None)), "not_expired");
        shop.clock.set("2030-02-28T12:00:00Z");
        assert_eq!(denied(pay(&code, 1)), "expired");
        sums_to(&shop, 60_000, 60_000 + 9 * 90_000);
        let request = Succeed { meta: shop.meta(), card: CardPick::code(&code), until: None };
        let next = shop.tenant.succeed(request.clone()).wait().unwrap();
        assert_eq!(shop.tenant.succeed(request).wait().unwrap(), next, "the same key, the same successor");
        let view = &next.card;
        assert_eq!((view.balance_minor, view.state, view.id.serial), (Some(60_000), CardState::Issued, 10));
        assert_eq!(view.expires_at, Some(instant("2033-02-28T12:00:00Z")), "three years, as the profile asks");
        let old = shop.tenant.look_up(CardPick::code(&code)).unwrap();
        assert_eq!((old.balance_minor, old.state, view.origin.parent_card), (Some(0), CardState::Spent, Some(old.id)));
        sums_to(&shop, 60_000, 9 * 90_000);
        let new_code = next.code.clone().unwrap();
        pay(&new_code, 10_000).unwrap();
        assert_eq!(denied(succeed(&shop, &code, None)), "insufficient_balance");
        let back =
            RefundRedemption { amount_minor: Some(5_000), ..RefundRedemption::new(shop.meta(), paid.redemption) };
        shop.tenant.refund(back).wait().unwrap();
        sums_to(&shop, 55_000, 5_000 + 9 * 90_000);
        let second = succeed(&shop, &code, Some("2040-01-01")).unwrap();
        assert_eq!((second.card.balance_minor, second.card.id.serial), (Some(5_000), 11));
        sums_to(&shop, 55_000, 9 * 90_000);
        let another = shop.code_of("b", 4).unwrap();
        assert_eq!(broken(succeed(&shop, &another, Some("2031-01-01"))), "valid_years_min");
        for card in [code, new_code, second.code.unwrap()] {
            let history = shop.tenant.history(CardPick::code(&card)).unwrap();
            assert!(history.iter().all(|entry| entry.chained == Some(true)));
        }
        let figures = shop.tenant.batch("b").unwrap().unwrap();
        assert_eq!(figures.size, 12);
    }
}

#[test]
fn a_successor_belongs_to_the_same_holder_and_needs_an_end_where_its_template_has_none_left() {
    let shop = Shop::memory();
    let end = ValidityDraft { end: Some("2026-12-01".to_owned()), ..validity() };
    let personal = TemplateDraft { redeem_from: RedeemFrom::Claimed, validity: end, ..gift(Profile::None, 5_000) };
    batch(&shop, "p", personal).unwrap();
    let code = shop.claim("p", "ann").unwrap();
    shop.clock.set("2026-12-10T00:00:00Z");
    assert_eq!(refused(succeed(&shop, &code, None)).field, "until");
    assert_eq!(refused(succeed(&shop, &code, Some("2026-12-01"))).field, "until");
    assert_eq!(refused(succeed(&shop, &code, Some("soon"))).field, "until");
    shop.tenant.freeze((shop.because("lost"), CardPick::code(&code))).wait().unwrap();
    assert_eq!(denied(succeed(&shop, &code, Some("2027-01-01"))), "frozen");
    shop.tenant.unfreeze((shop.meta(), CardPick::code(&code))).wait().unwrap();
    let next = succeed(&shop, &code, Some("2027-01-01")).unwrap();
    assert_eq!((next.card.holder.unwrap().as_str(), next.card.state), ("customer:ann", CardState::Claimed));
    let redeem = Redeem::new(shop.meta(), next.code.unwrap(), order("o", &[("tea", 900)]));
    assert_eq!(denied(shop.tenant.redeem(redeem.clone().by(Subject::customer("bob"))).wait()), "not_owner");
    shop.tenant.redeem(redeem.by(Subject::customer("ann"))).wait().unwrap();
    batch(&shop, "c", eight_tenths()).unwrap();
    let coupon = shop.claim("c", "ann").unwrap();
    assert_eq!(denied(succeed(&shop, &coupon, None)), "wrong_kind");
}

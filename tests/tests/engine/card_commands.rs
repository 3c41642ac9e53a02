//! Tying cards, handing them on, putting off their end: over both stores.

use std::thread;

use cardmint::card::{
    BindPolicy, CardState, EventKind, ExtendPolicy, Limits, Policies, RedeemFrom, RefundTo, TemplateDraft,
    TransferPolicy, ValidityDraft,
};
use cardmint::subject::Subject;
use cardmint::{
    Bind, CardPick, CardWithCode, Denial, Error, Extend, Freeze, LimitScope, Quote, Rebind, Receipt, Redeem,
    SaveSettings, Transfer,
};
use cardmint_tests::{Shop, bearer, denial, denied, eight_tenths, order, refused};

/// Tied to a device, and to another one once.
fn tied() -> TemplateDraft {
    let bind = Some(BindPolicy { kinds: vec!["device".to_owned(), "phone".to_owned()], rebinds_max: 1 });
    let policies = Policies { bind, ..Policies::default() };
    TemplateDraft { redeem_from: RedeemFrom::Bound, policies, ..eight_tenths() }
}

fn handed_on(keep_code: bool, refund_to: RefundTo) -> TemplateDraft {
    let transfer = Some(TransferPolicy { transfers_max: 2, keep_code, refund_to });
    let limits = Limits { uses_per_card: 3, ..Limits::default() };
    TemplateDraft { policies: Policies { transfer, ..Policies::default() }, limits, ..eight_tenths() }
}

fn device(name: &str) -> Subject {
    Subject::new("device", name)
}

fn bind(shop: &Shop, code: &str, customer: &str, to: Subject) -> Result<CardWithCode, Error> {
    let (card, holder) = (CardPick::code(code), Subject::customer(customer));
    shop.tenant.bind(Bind { meta: shop.meta(), card, holder, to }).wait()
}

fn rebind(shop: &Shop, code: &str, to: Subject) -> Result<CardWithCode, Error> {
    let (card, holder) = (CardPick::code(code), Subject::customer("ann"));
    shop.tenant.rebind(Rebind { meta: shop.meta(), card, holder, to }).wait()
}

fn transfer(shop: &Shop, code: &str, from: &str, to: &str) -> Result<CardWithCode, Error> {
    let (card, holder, to) = (CardPick::code(code), Subject::customer(from), Subject::customer(to));
    shop.tenant.transfer(Transfer { meta: shop.meta(), card, holder, to }).wait()
}

fn extend(shop: &Shop, code: &str, until: &str) -> Result<CardWithCode, Error> {
    shop.tenant.extend(Extend { meta: shop.meta(), card: CardPick::code(code), until: until.to_owned() }).wait()
}

fn present(shop: &Shop, code: &str, customer: &str, subjects: Vec<Subject>) -> Result<Receipt, Error> {
    let redeem = Redeem { subjects, ..Redeem::new(shop.meta(), code, order("o1", &[("apple", 1_000)])) };
    shop.tenant.redeem(redeem.by(Subject::customer(customer))).wait()
}

#[test]
fn a_tied_card_is_redeemed_where_it_is_tied_to() {
    for shop in Shop::each() {
        shop.batch("k", 10, tied());
        let code = shop.claim("k", "ann").unwrap();
        assert_eq!(denied(present(&shop, &code, "ann", vec![device("d1")])), "wrong_state", "it is not tied yet");
        assert_eq!(denied(bind(&shop, &code, "bob", device("d1"))), "not_owner");
        assert_eq!(denied(bind(&shop, &code, "ann", Subject::new("ip", "::1"))), "not_bindable");
        assert_eq!(denied(rebind(&shop, &code, device("d2"))), "wrong_state");
        let bound = bind(&shop, &code, "ann", device("d1")).unwrap();
        assert_eq!((bound.card.state, bound.card.bound.unwrap().as_str()), (CardState::Bound, "device:d1"));
        assert_eq!(bound.code, None);
        assert_eq!(denied(bind(&shop, &code, "ann", device("d2"))), "wrong_state");
        for subjects in [vec![], vec![device("d2")]] {
            let quote = Quote {
                holder: Some(Subject::customer("ann")),
                subjects: subjects.clone(),
                ..Quote::new(CardPick::code(&code), order("o", &[("apple", 1)]))
            };
            let elsewhere = Denial::NotBound { kind: "device".to_owned() };
            assert_eq!(shop.tenant.quote(quote).unwrap().outcome, Err(elsewhere.clone()));
            assert_eq!(denial(present(&shop, &code, "ann", subjects)), elsewhere);
        }
        rebind(&shop, &code, device("d2")).unwrap();
        assert_eq!(denied(present(&shop, &code, "ann", vec![device("d1")])), "not_bound");
        let reached = Denial::LimitReached { scope: LimitScope::Rebinds, limit: 1, used: 1 };
        assert_eq!(denial(rebind(&shop, &code, device("d3"))), reached);
        let used = present(&shop, &code, "ann", vec![Subject::new("app", "wechat"), device("d2")]).unwrap();
        let figures = shop.tenant.count_batch("k").unwrap().wait().unwrap();
        assert_eq!((figures.spent, figures.bound), (1, 0));
        shop.refund(&used.redemption).unwrap();
        assert_eq!(shop.tenant.count_batch("k").unwrap().wait().unwrap().bound, 1, "back where it was");
        let history = shop.tenant.history(CardPick::code(&code)).unwrap();
        let kinds: Vec<_> = history.iter().map(|entry| entry.kind).collect();
        let (bound, rebound) = (EventKind::Bound, EventKind::Rebound);
        assert_eq!(kinds, [EventKind::Claimed, bound, rebound, EventKind::Redeemed, EventKind::Refunded]);
        assert_eq!(history[2].facts.as_ref().unwrap()["bound"], "device:d2", "its ties stand in the journal");
        assert!(history.iter().all(|entry| entry.chained == Some(true)));
    }
}

#[test]
fn a_card_tied_to_a_phone_keeps_no_number() {
    let shop = Shop::memory();
    shop.batch("k", 10, tied());
    let code = shop.claim("k", "ann").unwrap();
    let phone = Subject::new("phone", "+8613800000000");
    let bound = bind(&shop, &code, "ann", phone.clone()).unwrap();
    assert!(!format!("{bound:?}").contains("13800000000"));
    present(&shop, &code, "ann", vec![phone]).unwrap();
}

#[test]
fn a_transferred_card_has_another_code_and_the_old_one_is_dead() {
    for shop in Shop::each() {
        shop.batch("k", 10, handed_on(false, RefundTo::PresentHolder));
        let old = shop.claim("k", "ann").unwrap();
        let used = present(&shop, &old, "ann", vec![]).unwrap();
        assert_eq!(denied(transfer(&shop, &old, "bob", "cat")), "not_owner");
        assert_eq!(refused(transfer(&shop, &old, "ann", "ann")).field, "to");
        let request = Transfer {
            meta: shop.meta(),
            card: CardPick::code(&old),
            holder: Subject::customer("ann"),
            to: Subject::customer("bob"),
        };
        let given = shop.tenant.transfer(request.clone()).wait().unwrap();
        let new = given.code.clone().unwrap();
        assert_ne!(new, old);
        assert_eq!(shop.tenant.transfer(request).wait().unwrap(), given, "the same reply again");
        assert_eq!((given.card.issue_no, given.card.uses_left), (1, 2));
        for dead in [shop.redeem(&old, "ann"), shop.redeem(&old, "bob")] {
            assert_eq!(denied(dead), "not_found_or_invalid");
        }
        assert_eq!(denied(shop.redeem(&new, "ann")), "not_owner");
        shop.redeem(&new, "bob").unwrap();
        let wallet = |customer: &str| shop.tenant.wallet(Subject::customer(customer)).unwrap().items.len();
        assert_eq!((wallet("ann"), wallet("bob")), (0, 1));
        // What ann used goes back to the card, which is bob's.
        shop.refund(&used.redemption).unwrap();
        assert_eq!(shop.tenant.look_up(CardPick::code(&new)).unwrap().uses_left, 2);
        let newer = transfer(&shop, &new, "bob", "cat").unwrap().code.unwrap();
        let reached = Denial::LimitReached { scope: LimitScope::Transfers, limit: 2, used: 2 };
        assert_eq!(denial(transfer(&shop, &newer, "cat", "dan")), reached);
        shop.tenant.freeze(Freeze::from((shop.because("lost"), CardPick::code(&newer)))).wait().unwrap();
        assert_eq!(denied(transfer(&shop, &newer, "cat", "dan")), "frozen");
    }
}

#[test]
fn a_template_may_keep_the_code_and_give_back_to_the_original_only() {
    for shop in Shop::each() {
        shop.batch("k", 10, handed_on(true, RefundTo::OriginalOnly));
        let code = shop.claim("k", "ann").unwrap();
        let before = present(&shop, &code, "ann", vec![]).unwrap();
        assert_eq!(transfer(&shop, &code, "ann", "bob").unwrap().code, Some(code.clone()));
        let after = present(&shop, &code, "bob", vec![]).unwrap();
        assert_eq!(denial(shop.refund(&before.redemption)), Denial::RefundToOriginalOnly);
        shop.refund(&after.redemption).unwrap();
        transfer(&shop, &code, "bob", "ann").unwrap();
        shop.refund(&before.redemption).unwrap();
    }
}

#[test]
fn a_card_is_handed_on_once_however_many_ask() {
    for shop in Shop::each() {
        shop.batch("k", 10, handed_on(true, RefundTo::PresentHolder));
        let code = shop.claim("k", "ann").unwrap();
        let won: usize = thread::scope(|scope| {
            let give = |to: usize| transfer(&shop, &code, "ann", &format!("friend-{to}")).is_ok();
            let racers: Vec<_> = (0..8).map(|to| scope.spawn(move || give(to))).collect();
            racers.into_iter().map(|racer| usize::from(racer.join().unwrap())).sum()
        });
        assert_eq!(won, 1, "{}", shop.name);
    }
}

#[test]
fn what_a_template_does_not_allow_is_denied() {
    let shop = Shop::memory();
    shop.batch("k", 10, eight_tenths());
    let code = shop.claim("k", "ann").unwrap();
    assert_eq!(denied(bind(&shop, &code, "ann", device("d"))), "not_bindable");
    assert_eq!(denied(transfer(&shop, &code, "ann", "bob")), "not_transferable");
    assert_eq!(denied(extend(&shop, &code, "2027-01-01")), "not_extendable");
    let untied = TemplateDraft { redeem_from: RedeemFrom::Bound, ..eight_tenths() };
    assert_eq!(refused(shop.template("t", untied)).field, "template.policies.bind");
    let mut anywhere = tied();
    anywhere.policies.bind = Some(BindPolicy { kinds: vec!["No Kind".to_owned()], rebinds_max: 0 });
    assert_eq!(refused(shop.template("t", anywhere)).field, "template.policies.bind.kind");
    let mut never = handed_on(false, RefundTo::PresentHolder);
    never.policies.transfer.as_mut().unwrap().transfers_max = 0;
    assert_eq!(refused(shop.template("t", never)).field, "template.policies.transfer.transfers_max");
}

/// Good to 11 November in Shanghai, 30 days longer at most.
fn for_a_day(expired: bool) -> TemplateDraft {
    let extend = Some(ExtendPolicy { days_max: 30, expired });
    let validity = ValidityDraft { end: Some("2026-11-11".to_owned()), ..ValidityDraft::default() };
    TemplateDraft { policies: Policies { extend, ..Policies::default() }, validity, ..eight_tenths() }
}

#[test]
fn a_card_is_extended_as_far_as_its_template_says() {
    for shop in Shop::each() {
        let zone = "Asia/Shanghai".to_owned();
        shop.tenant
            .save_settings(SaveSettings { meta: shop.meta(), zone, rounding: Default::default(), profile: None })
            .wait()
            .unwrap();
        shop.batch("late", 10, for_a_day(true));
        shop.batch("k", 10, for_a_day(false));
        let (late, code) = (shop.claim("late", "ann").unwrap(), shop.claim("k", "ann").unwrap());
        let end = |extended: CardWithCode| extended.card.expires_at.unwrap().to_string();
        assert_eq!(end(extend(&shop, &code, "2026-11-20").unwrap()), "2026-11-20T16:00:00Z");
        assert_eq!(refused(extend(&shop, &code, "2026-11-20")).field, "until", "no later than before");
        assert_eq!(refused(extend(&shop, &code, "some day")).field, "until");
        let too_far = denial(extend(&shop, &code, "2026-12-12"));
        assert_eq!(too_far.facts()["until_max"], "2026-12-11T16:00:00Z", "counted from the end of its terms");
        assert_eq!(end(extend(&shop, &code, "2026-12-11").unwrap()), "2026-12-11T16:00:00Z");
        shop.clock.set("2026-11-11T16:00:00Z");
        shop.redeem(&code, "ann").unwrap();
        assert_eq!(denied(shop.redeem(&late, "ann")), "expired");
        extend(&shop, &late, "2026-11-12T16:00:00Z").unwrap();
        shop.redeem(&late, "ann").unwrap();
        shop.clock.set("2026-12-11T16:00:00Z");
        assert_eq!(denied(extend(&shop, &code, "2027-01-01")), "expired", "{}", shop.name);
    }
}

#[test]
fn an_extension_outlives_a_claim_and_ends_with_the_campaign() {
    let shop = Shop::memory();
    let template = TemplateDraft { redeem_from: RedeemFrom::Issued, ..for_a_day(false) };
    shop.batch("open", 10, TemplateDraft { redeem_from: bearer().redeem_from, ..template });
    let code = shop.code_of("open", 0).unwrap();
    extend(&shop, &code, "2026-11-15").unwrap();
    shop.claim_code(&code, "ann").unwrap();
    let card = shop.tenant.look_up(CardPick::code(&code)).unwrap();
    assert_eq!(card.expires_at.unwrap().to_string(), "2026-11-16T00:00:00Z");
    let mut campaign = shop.campaign("c");
    campaign.end = Some("2026-11-12".to_owned());
    shop.campaign_batch(campaign, 10, for_a_day(false));
    let code = shop.claim("c", "ann").unwrap();
    assert_eq!(denial(extend(&shop, &code, "2026-11-13")).facts()["until_max"], "2026-11-13T00:00:00Z");
    extend(&shop, &code, "2026-11-12").unwrap();
    let endless = TemplateDraft { validity: ValidityDraft::default(), ..for_a_day(false) };
    shop.batch("endless", 1, endless);
    let code = shop.claim("endless", "ann").unwrap();
    assert_eq!(refused(extend(&shop, &code, "2027-01-01")).field, "card");
}

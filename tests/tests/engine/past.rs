//! Cards as they were: the journal tells, and what it told stays true.

use cardmint::card::{CardState, Limits, TemplateDraft, ValidityDraft};
use cardmint::{Adjust, CardAsOf, CardPick, CardWas, Load, Meta, RefundRedemption, SaveCampaign, Tenant};
use cardmint_tests::{Shop, bearer, denied, eight_tenths, instant, refused};

fn as_of(shop: &Tenant, card: cardmint::id::CardId, at: &str) -> Result<CardWas, cardmint::Error> {
    shop.card_as_of(CardAsOf { card: CardPick::Id(card), at: instant(at) })
}

/// A life of events, each at a minute of its own; what the card was after each is asked for at the end and compared with what a
/// look-up said then.
#[test]
fn a_card_is_told_as_it_was_at_every_moment() {
    for shop in Shop::each() {
        let limits = Limits { uses_per_card: 3, ..Limits::default() };
        shop.campaign_batch(shop.campaign("spring"), 3, TemplateDraft { limits, ..eight_tenths() });
        let card = shop.card("spring", 0);
        let mut said = Vec::new();
        let mut minute = 0;
        let mut step = |shop: &Shop, act: &dyn Fn(&Shop)| {
            minute += 1;
            shop.clock.set(&format!("2026-11-11T00:{minute:02}:00Z"));
            act(shop);
            let now = shop.tenant.look_up(CardPick::Id(card)).unwrap();
            said.push((format!("2026-11-11T00:{minute:02}:30Z"), now));
        };
        step(&shop, &|_| {});
        step(&shop, &|shop| drop(shop.claim("spring", "ann").unwrap()));
        let code = || shop.code_of("spring", 0).unwrap();
        step(&shop, &|shop| drop(shop.redeem_with(Meta::key("r1"), &code(), Some("ann")).unwrap()));
        step(&shop, &|shop| drop(shop.redeem_with(Meta::key("r2"), &code(), Some("ann")).unwrap()));
        step(&shop, &|shop| drop(shop.redeem_with(Meta::key("r3"), &code(), Some("ann")).unwrap()));
        step(&shop, &|shop| drop(shop.refund("r2").unwrap()));
        step(&shop, &|shop| {
            shop.tenant.freeze((shop.because("lost"), CardPick::Id(card))).wait().unwrap();
        });
        step(&shop, &|shop| {
            shop.tenant.unfreeze((shop.meta(), CardPick::Id(card))).wait().unwrap();
        });
        step(&shop, &|shop| {
            shop.tenant.replace((shop.meta(), CardPick::Id(card))).wait().unwrap();
        });
        step(&shop, &|shop| {
            shop.tenant.void((shop.meta(), CardPick::Id(card))).wait().unwrap();
        });
        let ask_all = || said.iter().map(|(at, _)| as_of(&shop.tenant, card, at).unwrap()).collect::<Vec<_>>();
        shop.clock.set("2026-11-12T00:00:00Z");
        let told = ask_all();
        for ((at, was), told) in said.iter().zip(&told) {
            assert_eq!(told.card, *was, "{} at {at}", shop.name);
        }
        assert!(told[..9].iter().all(|was| was.settled) && !told[9].settled);
        assert_eq!((told[0].events, told[1].events), (0, 1));
        // Whatever happens later, the answers stay.
        shop.tenant
            .save_campaign(SaveCampaign { end: Some("2026-11-13".to_owned()), ..shop.campaign("spring") })
            .wait()
            .unwrap();
        assert_eq!(ask_all(), told);
    }
}

#[test]
fn a_gift_card_is_told_with_what_it_held() {
    for shop in Shop::each() {
        let gift = cardmint::card::TemplateDraft::from_json(
            r#"{"id": "gift", "kind": "gift_card", "currency": "CNY", "redeem_from": "issued",
                "benefit": {"value": {"minor": {"parameter": "face"}}},
                "parameters": {"face": {"integer": {"min": 1, "max": 100000, "default": 10000}}}}"#,
        )
        .unwrap();
        shop.template("gift", gift).unwrap();
        let mut batch = shop.issue_batch("gift", 3);
        batch.format = cardmint::code::CodeFormat::S20;
        batch.parameters = [("face".to_owned(), cardmint::card::ParameterValue::Integer(20_000))].into();
        shop.tenant.issue_batch(batch).wait().unwrap();
        let card = shop.card("gift", 1);
        let mut balances = vec![20_000];
        let mut at = vec!["2026-11-11T00:00:01Z".to_owned()];
        let mut next = |balance| {
            let minute = at.len();
            shop.clock.set(&format!("2026-11-11T00:{minute:02}:00Z"));
            at.push(format!("2026-11-11T00:{minute:02}:30Z"));
            balances.push(balance);
        };
        next(20_000 - 10_000);
        let code = shop.code_of("gift", 1).unwrap();
        shop.redeem_with(Meta::key("p1"), &code, None).unwrap();
        next(10_500);
        shop.tenant.load(Load { meta: shop.meta(), card: CardPick::Id(card), amount_minor: 500 }).wait().unwrap();
        next(500);
        shop.redeem_with(Meta::key("p2"), &code, None).unwrap();
        next(0);
        let adjust = Adjust { meta: shop.because("typo"), card: CardPick::Id(card), delta_minor: -500 };
        shop.tenant.adjust(adjust).wait().unwrap();
        next(4_000);
        let part = RefundRedemption { amount_minor: Some(4_000), ..RefundRedemption::new(shop.meta(), "p2") };
        shop.tenant.refund(part).wait().unwrap();
        shop.clock.set("2026-11-12T00:00:00Z");
        for (at, balance) in at.iter().zip(balances) {
            let was = as_of(&shop.tenant, card, at).unwrap();
            assert_eq!(was.card.balance_minor, Some(balance), "{} at {at}", shop.name);
            let spent = was.card.state == CardState::Spent;
            assert_eq!(spent, balance == 0, "{at}");
        }
    }
}

/// An untouched card has no row and no event: its batch and its campaign tell, as they were.
#[test]
fn an_untouched_card_ends_as_its_campaign_ended_then() {
    for shop in Shop::each() {
        let ends = |day: &str| SaveCampaign { end: Some(day.to_owned()), ..shop.campaign("spring") };
        shop.clock.set("2026-11-11T01:00:00Z");
        let validity = ValidityDraft { cap_at_campaign_end: true, ..ValidityDraft::default() };
        shop.campaign_batch(ends("2026-12-01"), 2, TemplateDraft { validity, ..bearer() });
        let card = shop.card("spring", 1);
        let end = |at: &str| as_of(&shop.tenant, card, at).unwrap().card.expires_at;
        shop.clock.set("2026-11-11T02:00:00Z");
        assert_eq!(end("2026-11-11T01:30:00Z"), Some(instant("2026-12-02T00:00:00Z")));
        shop.tenant.save_campaign(ends("2026-12-24")).wait().unwrap();
        // The first touch keeps the end of that day.
        shop.clock.set("2026-11-11T03:00:00Z");
        let code = shop.code_of("spring", 1).unwrap();
        shop.redeem(&code, "ann").unwrap();
        shop.clock.set("2026-11-11T04:00:00Z");
        shop.tenant.save_campaign(ends("2026-11-30")).wait().unwrap();
        shop.clock.set("2026-11-11T05:00:00Z");
        assert_eq!(end("2026-11-11T01:30:00Z"), Some(instant("2026-12-02T00:00:00Z")));
        assert_eq!(end("2026-11-11T02:30:00Z"), Some(instant("2026-12-25T00:00:00Z")));
        assert_eq!(end("2026-11-11T04:30:00Z"), Some(instant("2026-12-25T00:00:00Z")));
        // Before its batch, and beyond the size that it had then, there was no card.
        assert_eq!(denied(as_of(&shop.tenant, card, "2026-11-11T00:30:00Z")), "unknown");
        let grow = cardmint::GrowBatch { meta: shop.meta(), batch: "spring".to_owned(), size: 5 };
        shop.tenant.grow_batch(grow).wait().unwrap();
        shop.clock.set("2026-11-11T06:00:00Z");
        let fresh = shop.card("spring", 4);
        assert_eq!(denied(as_of(&shop.tenant, fresh, "2026-11-11T04:30:00Z")), "unknown");
        assert!(as_of(&shop.tenant, fresh, "2026-11-11T05:30:00Z").is_ok());
    }
}

#[test]
fn the_future_cannot_be_told() {
    let shop = Shop::memory();
    shop.batch("b", 1, bearer());
    let card = shop.card("b", 0);
    for at in ["2026-11-11T00:00:00Z", "2026-11-11T00:00:00.001Z", "2030-01-01T00:00:00Z"] {
        assert_eq!(refused(as_of(&shop.tenant, card, at)).field, "at", "{at}");
    }
}

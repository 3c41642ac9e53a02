//! A public code that many try: exactly as many uses as cards, and the rows of sealed cards. (The long form, with four processes, is the
//! bench `public-code`; the race of processes for the count is in proof.)

use std::thread;

use cardmint::card::{Limits, RedeemFrom, TemplateDraft};
use cardmint::code::{Normalisation, World};
use cardmint::store::{Owner, Record, Scan, ScanOf, TenantKey};
use cardmint::subject::Subject;
use cardmint::{Error, PlaceHold, Receipt, Redeem, SavePublicCode};
use cardmint_tests::{Shop, bearer, denied, order};

const CARDS: u32 = 20;

fn furnish(shop: &Shop) {
    let limits = Limits { uses_per_holder: Some(3), claims_per_holder: Some(2), ..Limits::default() };
    shop.batch("b", CARDS, TemplateDraft { limits, redeem_from: RedeemFrom::Claimed, ..bearer() });
}

fn redeem(shop: &Shop, code: &str, buyer: &str) -> Result<Receipt, Error> {
    let asked = Redeem::new(shop.meta(), code, order(&format!("o-{buyer}"), &[("apple", 10_000)]));
    shop.tenant.redeem(asked.by(Subject::customer(buyer))).wait()
}

/// How many rows of each kind there are: cards, events of cards, redemptions, refunds, accounts, what is held, stocks.
fn rows(shop: &Shop) -> [usize; 7] {
    use ScanOf::{Accounts, AccountsHeld, EventsOfCards, EveryCard, Redemptions, Refunds, Stocks};
    [EveryCard, EventsOfCards, Redemptions, Refunds, Accounts, AccountsHeld, Stocks].map(|of| {
        let tenant = TenantKey::new("default", World::Live);
        let page = shop.store.scan(&Scan { tenant, of, after: None, limit: 1_000 }).unwrap();
        assert!(page.next.is_none());
        // Books are rollups: one for each day and engine.
        let is_book = |record: &Record| matches!(record, Record::Account(it) if matches!(it.owner, Owner::Book(_)));
        page.items.iter().filter(|stored| !is_book(&stored.record)).count()
    })
}

#[test]
fn g01_a_word_has_as_many_uses_as_cards_and_leaves_the_rows_of_sealed_ones() {
    for (by_word, sealed) in Shop::each().into_iter().zip(Shop::each()) {
        furnish(&by_word);
        let word = SavePublicCode::new(by_word.meta(), "b", "SUMMER20", Normalisation::Word);
        by_word.tenant.save_public_code(word).wait().unwrap();
        let tries = |from: u32| {
            let shop = &by_word;
            move || (from..from + 25).map(|n| redeem(shop, "summer-20", &format!("c{n}"))).collect::<Vec<_>>()
        };
        let outcomes: Vec<Result<Receipt, Error>> = thread::scope(|scope| {
            let racers: Vec<_> = (0..4).map(|racer| scope.spawn(tries(racer * 25))).collect();
            racers.into_iter().flat_map(|racer| racer.join().unwrap()).collect()
        });
        let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), CARDS as usize, "{}", by_word.name);
        lost.into_iter().for_each(|no| assert_eq!(denied(no), "sold_out"));

        furnish(&sealed);
        for n in 0..CARDS {
            let buyer = format!("c{n}");
            let code = sealed.claim("b", &buyer).unwrap();
            redeem(&sealed, &code, &buyer).unwrap();
        }
        assert_eq!(rows(&by_word), rows(&sealed), "{}", by_word.name);
        assert_eq!(rows(&by_word)[..3], [20, 40, 20]);
    }
}

#[test]
fn a_card_that_is_nobodys_is_held_by_its_order_and_no_cap_per_holder_counts_it() {
    for shop in Shop::each() {
        let holds = cardmint::card::HoldTerms { open_per_holder: 1, open_per_batch: Some(2), ..Default::default() };
        shop.batch("b", 9, TemplateDraft { holds, ..bearer() });
        let hold = |serial, id: &str, holder: Option<&str>| {
            let asked =
                PlaceHold::new(shop.meta(), shop.code_of("b", serial).unwrap(), order(id, &[("apple", 10_000)]));
            shop.tenant.hold(PlaceHold { holder: holder.map(Subject::customer), ..asked }).wait()
        };
        let first = hold(0, "o1", None).unwrap();
        assert_eq!(hold(0, "o1", None).unwrap().hold, first.hold, "the same order has the same hold");
        assert_eq!(denied(hold(0, "o1", Some("ann"))), "not_owner");
        assert_eq!(denied(hold(0, "o2", None)), "held");
        hold(1, "o2", None).unwrap();
        assert_eq!(denied(hold(2, "o3", None)), "too_many_holds", "of the batch");
    }
}

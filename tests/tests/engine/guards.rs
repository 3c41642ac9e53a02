//! What a decision rests on and does not write: somebody else changes it between the look and the commit.

use std::sync::Arc;

use cardmint::card::{
    Benefit, CardKind, HoldId, HoldTerms, LateCapture, Limits, PartialPolicy, Setting, TemplateDraft,
};
use cardmint::checkout::refund::TenderOrder;
use cardmint::code::CodeFormat;
use cardmint::limit::{Limit, Measure};
use cardmint::store::{Changeset, MemoryStore, Record, Store, Write};
use cardmint::subject::Subject;
use cardmint::{
    CaptureHold, CaptureOrder, CaptureOutcome, CardPick, Denial, HoldOrder, HoldView, IssueBatch, LineReturn, Link,
    OrderCaptured, OrderCard, PlaceHold, Redeem, RedeemOrder, RefundOrder,
};
use cardmint_sqlite::{Options, SqliteStore};
use cardmint_tests::{Shop, Watched, bearer, cny, denial, denied, keyring, order};

/// Two engines on one store: the commits of the first are looked at.
struct Two {
    shop: Shop,
    other: Arc<Shop>,
    watched: Arc<Watched>,
}

impl Two {
    fn over(name: &'static str, store: Arc<dyn Store>, folder: Option<tempfile::TempDir>) -> Self {
        let watched = Watched::over(store);
        let other = Shop::with("other", watched.inner(), None, keyring(), [2; 32]);
        let shop = Shop::over(name, watched.clone(), folder);
        Self { shop, other: Arc::new(other), watched }
    }

    fn each() -> [Self; 2] {
        let folder = tempfile::tempdir().unwrap();
        let file = SqliteStore::open(folder.path().join("shop.db"), Options::default()).unwrap();
        [Self::over("memory", Arc::new(MemoryStore::new()), None), Self::over("sqlite", Arc::new(file), Some(folder))]
    }

    /// Between what the first engine reads next and its commit the other one does this. A code that is told for a request writes nothing
    /// but its card: that is not what is meant.
    fn between(&self, act: impl FnOnce(&Shop) + Send + 'static) {
        let (other, mut act) = (Arc::clone(&self.other), Some(act));
        self.watched.look_at_commits(move |group| {
            let tells_a_code =
                |changeset: &Changeset| matches!(changeset.writes.as_slice(), [Write { record: Record::Card(_), .. }]);
            if let Some(act) = act.take_if(|_| !group.iter().all(tells_a_code)) {
                act(&other);
            }
            None
        });
    }

    fn advance(&self, millis: i64) {
        self.shop.clock.advance(millis);
        self.other.clock.advance(millis);
    }

    fn is_sound(&self) {
        let findings = self.shop.tenant.audit(()).unwrap().wait().unwrap().findings;
        assert_eq!(findings, [], "{}", self.shop.name);
    }
}

fn ann() -> Subject {
    Subject::customer("ann")
}

/// Two uses a holder; a hold that is captured too late is taken again, where it is free.
fn twice_a_holder() -> TemplateDraft {
    let limits = Limits { uses_per_holder: Some(2), ..Limits::default() };
    TemplateDraft { limits, holds: HoldTerms { late: LateCapture::Reacquire, ..HoldTerms::default() }, ..bearer() }
}

fn redeem(shop: &Shop, serial: u32, holder: &Subject) -> Redeem {
    let bought = order(&format!("o-{serial}"), &[("apple", 10_000)]);
    Redeem::new(shop.meta(), shop.code_of("b", serial).unwrap(), bought).by(holder.clone())
}

/// For a second.
fn hold(shop: &Shop, serial: u32, holder: &Subject) -> HoldView {
    let bought = order(&format!("h-{serial}"), &[("apple", 10_000)]);
    let asked = PlaceHold::new(shop.meta(), shop.code_of("b", serial).unwrap(), bought).by(holder.clone());
    shop.tenant.hold(PlaceHold { ttl_s: Some(1), ..asked }).wait().unwrap()
}

#[test]
fn g02_a_use_that_counts_elsewhere_meanwhile_is_counted() {
    for two in Two::each() {
        let shop = &two.shop;
        shop.batch("b", 9, twice_a_holder());
        let phone = Subject::new("phone", "13800138000");
        let held = hold(shop, 0, &phone);
        two.advance(60_000);
        shop.tenant.link(Link { meta: shop.meta(), subjects: vec![ann(), phone] }).wait().unwrap();
        two.advance(60_000);
        shop.tenant.redeem(redeem(shop, 1, &ann())).wait().unwrap();
        let next = redeem(shop, 2, &ann());
        // One is left for the person; the hold of before the link takes it, on the account of the phone.
        two.between(move |other| {
            let captured = other.tenant.capture(CaptureHold::new(other.meta(), held.hold)).wait().unwrap();
            assert_eq!(captured.outcome, CaptureOutcome::Reacquired);
        });
        assert_eq!(denied(shop.tenant.redeem(next).wait()), "limit_reached", "{}", shop.name);
        two.is_sound();
    }
}

#[test]
fn a_release_comes_not_before_what_it_read_of_its_accounts() {
    for two in Two::each() {
        let shop = &two.shop;
        shop.batch("b", 9, twice_a_holder());
        let held = hold(shop, 0, &ann());
        two.advance(60_000);
        two.between(|other| {
            other.clock.advance(5_000);
            hold(other, 1, &ann());
        });
        shop.tenant.release((shop.meta(), held.hold.clone())).wait().unwrap();
        let history = shop.tenant.history(CardPick::Id(held.card)).unwrap();
        let released = history.last().unwrap();
        assert_eq!(released.kind, cardmint::card::EventKind::Released);
        assert_eq!(released.at, cardmint_tests::instant("2026-11-11T00:01:05Z"), "{}", shop.name);
        two.is_sound();
    }
}

#[test]
fn g08_what_comes_free_meanwhile_is_taken_by_a_late_capture() {
    for two in Two::each() {
        let shop = &two.shop;
        shop.batch("b", 9, twice_a_holder());
        let held = hold(shop, 0, &ann());
        two.advance(60_000);
        let first = shop.tenant.redeem(redeem(shop, 1, &ann())).wait().unwrap();
        shop.tenant.redeem(redeem(shop, 2, &ann())).wait().unwrap();
        two.between(move |other| drop(other.refund(&first.redemption).unwrap()));
        let captured = shop.tenant.capture(CaptureHold::new(shop.meta(), held.hold)).wait().unwrap();
        assert_eq!(captured.outcome, CaptureOutcome::Reacquired, "{}", shop.name);
        two.is_sound();
    }
}

#[test]
fn g12_a_cap_gives_what_comes_free_meanwhile() {
    for two in Two::each() {
        let shop = &two.shop;
        let budget = Limit::new("budget", Measure::Money { currency: cny() }, 3_000);
        let list = vec![Limit { partial_policy: PartialPolicy::Cap, ..budget }];
        shop.batch("b", 9, TemplateDraft { limits: Limits { list, ..Limits::default() }, ..bearer() });
        let first = shop.tenant.redeem(redeem(shop, 0, &ann())).wait().unwrap();
        assert_eq!(first.pricing.discount_minor, 2_000);
        let quoted = shop.tenant.quote(cardmint::Quote::new(
            CardPick::code(shop.code_of("b", 1).unwrap()),
            order("o-1", &[("apple", 10_000)]),
        ));
        assert_eq!(quoted.unwrap().outcome.unwrap().discount_minor, 1_000, "what is left");
        let next = redeem(shop, 1, &ann());
        two.between(move |other| drop(other.refund(&first.redemption).unwrap()));
        let second = shop.tenant.redeem(next).wait().unwrap();
        assert_eq!(second.pricing.discount_minor, 2_000, "{}", shop.name);
        two.is_sound();
    }
}

#[test]
fn g05_what_a_card_got_back_meanwhile_was_paid_out() {
    for two in Two::each() {
        let shop = &two.shop;
        let benefit = Benefit::Value { minor: Setting::Fixed(6_000) };
        shop.template("gift", TemplateDraft { kind: CardKind::GiftCard, benefit, ..bearer() }).unwrap();
        shop.tenant.issue_batch(IssueBatch { format: CodeFormat::S20, ..shop.issue_batch("gift", 9) }).wait().unwrap();
        let bought = order("o-1", &[("apple", 7_000), ("pear", 5_000)]);
        let paid = shop.redeem_on(&shop.code_of("gift", 0).unwrap(), None, bought.clone()).unwrap().redemption;
        // Half was paid otherwise and goes back there, so that nothing of the card is written.
        let lines = RefundOrder::lines(shop.meta(), bought, [LineReturn::all("l1")]);
        let asked = RefundOrder { tenders: TenderOrder::CardsLast, ..lines };
        two.between(move |other| {
            other.refund(&paid).unwrap();
        });
        let refunded = shop.tenant.refund_order(asked).wait().unwrap();
        assert_eq!((refunded.payout_minor, refunded.left_minor), (0, 6_000), "{}", shop.name);
        two.is_sound();
    }
}

fn cards(shop: &Shop, serials: &[u32]) -> Vec<OrderCard> {
    serials.iter().map(|serial| OrderCard::code(shop.code_of("b", *serial).unwrap())).collect()
}

fn name(what: &str, serials: &[u32]) -> String {
    serials.iter().fold(what.to_owned(), |name, serial| format!("{name}-{serial}"))
}

fn redeem_order(shop: &Shop, serials: &[u32], holder: &Subject) -> RedeemOrder {
    let bought = order(&name("r", serials), &[("apple", 10_000)]);
    RedeemOrder::new(shop.meta(), bought, cards(shop, serials)).by(holder.clone())
}

/// For a second.
fn hold_order(shop: &Shop, serials: &[u32], holder: &Subject) -> Vec<HoldId> {
    let bought = order(&name("h", serials), &[("apple", 10_000)]);
    let asked = HoldOrder::new(shop.meta(), bought, cards(shop, serials)).by(holder.clone());
    let held = shop.tenant.hold_order(HoldOrder { ttl_s: Some(1), ..asked }).wait().unwrap();
    held.holds.into_iter().map(|held| held.hold).collect()
}

fn capture_order(shop: &Shop, holds: &[HoldId]) -> OrderCaptured {
    shop.tenant.capture_order(CaptureOrder::new(shop.meta(), holds.iter().cloned())).wait().unwrap()
}

/// So many uses a holder, late captures as above.
fn uses_a_holder(most: u32) -> TemplateDraft {
    let draft = twice_a_holder();
    TemplateDraft { limits: Limits { uses_per_holder: Some(most), ..draft.limits }, ..draft }
}

fn link(shop: &Shop, phone: &Subject) {
    shop.tenant.link(Link { meta: shop.meta(), subjects: vec![ann(), phone.clone()] }).wait().unwrap();
}

#[test]
fn g02_an_order_counts_what_late_holds_of_the_same_person_take_meanwhile() {
    for two in Two::each() {
        let shop = &two.shop;
        shop.batch("b", 9, uses_a_holder(4));
        let phone = Subject::new("phone", "13800138000");
        let held = hold_order(shop, &[0, 1], &phone);
        two.advance(60_000);
        link(shop, &phone);
        two.advance(60_000);
        shop.tenant.redeem(redeem(shop, 2, &ann())).wait().unwrap();
        // Three of four are free to the person; the holds of before the link take two, on the account of the phone.
        two.between(move |other| {
            assert_eq!(capture_order(other, &held).outcome, CaptureOutcome::Reacquired);
        });
        let denial = denial(shop.tenant.redeem_order(redeem_order(shop, &[3, 4], &ann())).wait());
        let Denial::CardDenied { place, why, .. } = denial else { panic!("{denial:?}") };
        assert_eq!((place, why.code()), (1, "limit_reached"), "{}", shop.name);
        let left = shop.tenant.redeem_order(redeem_order(shop, &[3], &ann())).wait().unwrap();
        assert_eq!(left.receipts.len(), 1);
        two.is_sound();
    }
}

#[test]
fn g02_two_orders_of_one_person_share_what_it_may_use() {
    for two in Two::each() {
        let shop = &two.shop;
        shop.batch("b", 9, uses_a_holder(3));
        let phone = Subject::new("phone", "13800138000");
        // The phone has used one before it was known whose it is: that counts beside the person.
        shop.tenant.redeem(redeem(shop, 0, &phone)).wait().unwrap();
        link(shop, &phone);
        two.advance(60_000);
        let by_phone = redeem_order(shop, &[1, 2], &phone);
        two.between(move |other| {
            assert_eq!(other.tenant.redeem_order(by_phone).wait().unwrap().receipts.len(), 2);
        });
        assert_eq!(denied(shop.tenant.redeem_order(redeem_order(shop, &[3, 4], &ann())).wait()), "card_denied");
        assert_eq!(denied(shop.tenant.redeem(redeem(shop, 3, &ann())).wait()), "limit_reached", "{}", shop.name);
        two.is_sound();
    }
}

#[test]
fn an_orders_own_moves_are_none_of_what_it_rests_on() {
    for two in Two::each() {
        let shop = &two.shop;
        shop.batch("b", 9, uses_a_holder(4));
        let phone = Subject::new("phone", "13800138000");
        shop.tenant.redeem(redeem(shop, 0, &phone)).wait().unwrap();
        let held = hold_order(shop, &[1, 2], &phone);
        two.advance(60_000);
        link(shop, &phone);
        two.advance(60_000);
        // Whoever asks for a code writes that down.
        let bought = redeem_order(shop, &[3], &ann());
        two.watched.forget();
        let captured = capture_order(shop, &held);
        assert_eq!((captured.outcome, captured.holds.len()), (CaptureOutcome::Reacquired, 2));
        shop.tenant.redeem_order(bought).wait().unwrap();
        assert_eq!(two.watched.commits(), 2, "{}: nothing fell out, so nothing was compared with itself", shop.name);
        two.is_sound();
    }
}

#[test]
fn g08_of_late_holds_that_share_one_use_none_is_taken() {
    for two in Two::each() {
        let shop = &two.shop;
        shop.batch("b", 9, twice_a_holder());
        let held = hold_order(shop, &[0, 1], &ann());
        two.advance(60_000);
        shop.tenant.redeem(redeem(shop, 2, &ann())).wait().unwrap();
        two.watched.forget();
        // One is left: the first hold could have it, and beside it the second fails, so the order fails.
        let captured = capture_order(shop, &held);
        assert_eq!(captured.outcome, CaptureOutcome::RefundRequired, "{}", shop.name);
        let of = |holds: Vec<HoldId>| holds;
        assert_eq!(of(captured.holds.into_iter().map(|hold| hold.hold).collect()), [held[1].clone()]);
        assert_eq!(of(captured.released.into_iter().map(|hold| hold.hold).collect()), [held[0].clone()]);
        assert_eq!(two.watched.commits(), 1, "{}: what it rests on is the account without its own moves", shop.name);
        shop.tenant.redeem(redeem(shop, 3, &ann())).wait().unwrap();
        two.is_sound();
    }
}

#[test]
fn g08_late_holds_of_an_order_are_all_taken_where_enough_comes_free_meanwhile() {
    for two in Two::each() {
        let shop = &two.shop;
        shop.batch("b", 9, twice_a_holder());
        let held = hold_order(shop, &[0, 1], &ann());
        two.advance(60_000);
        let first = shop.tenant.redeem(redeem(shop, 2, &ann())).wait().unwrap();
        two.between(move |other| drop(other.refund(&first.redemption).unwrap()));
        let captured = capture_order(shop, &held);
        assert_eq!((captured.outcome, captured.holds.len()), (CaptureOutcome::Reacquired, 2), "{}", shop.name);
        two.is_sound();
    }
}

#[test]
fn an_order_that_is_released_comes_not_before_what_it_read_of_its_accounts() {
    for two in Two::each() {
        let shop = &two.shop;
        shop.batch("b", 9, twice_a_holder());
        let held = hold_order(shop, &[0, 1], &ann());
        let cards = [shop.card("b", 0), shop.card("b", 1)];
        two.advance(60_000);
        two.between(|other| {
            other.clock.advance(5_000);
            hold(other, 2, &ann());
        });
        shop.tenant.release_order((shop.meta(), held)).wait().unwrap();
        for card in cards {
            let history = shop.tenant.history(CardPick::Id(card)).unwrap();
            let released = history.last().unwrap();
            assert_eq!(released.at, cardmint_tests::instant("2026-11-11T00:01:05Z"), "{}", shop.name);
        }
        two.is_sound();
    }
}

#[test]
fn g02_a_card_that_comes_free_meanwhile_is_not_left_out() {
    for two in Two::each() {
        let shop = &two.shop;
        shop.batch("b", 9, bearer());
        let (ben, kept) = (Subject::customer("ben"), |held: Vec<HoldId>| held.into_iter().next().unwrap());
        let of_ben = kept(hold_order(shop, &[1], &ben));
        two.between(move |other| {
            other.tenant.release((other.meta(), of_ben)).wait().unwrap();
        });
        let asked = redeem_order(shop, &[1, 2], &ann());
        let charged = shop.tenant.redeem_order(RedeemOrder { leave_out: true, ..asked }).wait().unwrap();
        assert_eq!((charged.receipts.len(), charged.left_out.len()), (2, 0), "{}", shop.name);

        let of_ben = kept(hold_order(shop, &[3], &ben));
        two.between(move |other| {
            other.tenant.release((other.meta(), of_ben)).wait().unwrap();
        });
        let asked = HoldOrder::new(shop.meta(), order("h", &[("apple", 10_000)]), cards(shop, &[3, 4])).by(ann());
        let held = shop.tenant.hold_order(HoldOrder { leave_out: true, ..asked }).wait().unwrap();
        assert_eq!((held.holds.len(), held.left_out.len()), (2, 0), "{}", shop.name);
        two.is_sound();
    }
}

/// What it was left out for stands: nothing else that happens meanwhile costs a second look.
#[test]
fn a_card_that_stays_held_is_left_out_at_the_first_look() {
    for two in Two::each() {
        let shop = &two.shop;
        shop.batch("b", 9, bearer());
        hold_order(shop, &[1], &Subject::customer("ben"));
        let asked = redeem_order(shop, &[1, 2], &ann());
        two.between(|other| {
            hold(other, 5, &Subject::customer("cal"));
        });
        two.watched.forget();
        let charged = shop.tenant.redeem_order(RedeemOrder { leave_out: true, ..asked }).wait().unwrap();
        assert_eq!((charged.receipts.len(), charged.left_out.len()), (1, 1), "{}", shop.name);
        assert_eq!(two.watched.commits(), 1, "{}", shop.name);
        two.is_sound();
    }
}

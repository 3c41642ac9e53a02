//! What an answer rests on: rows of one moment, control rows no older than the lag, one version of each.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use cardmint::card::{Life, Limits, TemplateDraft};
use cardmint::code::{Formats, Keyring, Normalisation, World};
use cardmint::store::{Lookup, Store, StoreError};
use cardmint::subject::Subject;
use cardmint::time::{Clock, Instant};
use cardmint::{
    CardPick, ChaChaEntropy, Claim, ClaimFrom, Engine, LimitScope, Meta, Quote, Redeem, RekeyBatch, SaveCampaign,
    SavePublicCode, Settings, Tenant,
};
use cardmint_tests::{Fault, Shop, Watched, bearer, denied, eight_tenths, instant, keyring, order};

/// Lets something happen before the second load from now on.
fn before_second_load(watched: &Watched, happens: impl FnOnce() + Send + 'static) {
    let (mut loads, mut happens) = (0, Some(happens));
    watched.look_at_loads(move |_: &[Lookup]| -> Option<StoreError> {
        loads += 1;
        if loads == 2
            && let Some(happens) = happens.take()
        {
            happens();
        }
        None
    });
}

#[test]
fn g02_a_denial_rests_on_rows_of_one_moment() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 1, bearer());
        let code = shop.code_of("b", 0).unwrap();
        let claim = Claim {
            meta: Meta::key("once"),
            take: ClaimFrom::Code(code.as_str().into()),
            holder: Subject::customer("ann"),
            channel: None,
        };
        // The same request, retried at once on another engine, comes between two reads of the first: its key was not there, and
        // then the card was claimed. No moment had both.
        let beside = shop.beside(watched.inner(), keyring());
        let same = claim.clone();
        before_second_load(&watched, move || drop(beside.tenant.claim(same).wait().unwrap()));
        let reply = shop.tenant.claim(claim).wait().unwrap();
        assert_eq!(reply.card.holder.map(|holder| holder.as_str().to_owned()).as_deref(), Some("customer:ann"));
    }
}

#[test]
fn g02_a_quote_rests_on_rows_of_one_moment() {
    for (shop, watched) in Shop::each_watched() {
        let limits = Limits { uses_per_holder: Some(1), ..Limits::default() };
        shop.batch("b", 1, TemplateDraft { limits, ..eight_tenths() });
        let code = shop.claim("b", "ann").unwrap();
        let quote = || {
            let order = order("o1", &[("apple", 10_000)]);
            let (card, holder) = (CardPick::code(&code), Some(Subject::customer("ann")));
            shop.tenant.quote(Quote { holder, ..Quote::new(card, order) }).unwrap().outcome
        };
        quote().unwrap();
        let beside = shop.beside(watched.inner(), keyring());
        let redeem = Redeem { meta: Meta::key("foreign"), ..beside.redeem_request(&code, Some("ann")) };
        before_second_load(&watched, move || drop(beside.tenant.redeem(redeem).wait().unwrap()));
        // The card was free before and is spent after; at no moment was it free and ann's limit reached.
        match quote() {
            Ok(_) => {}
            Err(cardmint::Denial::LimitReached { scope, .. }) => assert_eq!(scope, LimitScope::Card),
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[test]
fn g02_a_denial_that_saw_its_group_does_not_rest_on_what_was_read_before() {
    for (shop, watched) in Shop::each_watched() {
        let limits = Limits { claims_per_holder: Some(2), ..Limits::default() };
        shop.batch("b", 5, TemplateDraft { limits, ..eight_tenths() });
        let word = SavePublicCode::new(shop.meta(), "b", "SUMMER20", Normalisation::Word);
        shop.tenant.save_public_code(word).wait().unwrap();
        // Ann has two cards, as many as she may claim, and one of them is spent.
        let codes: Vec<_> = (0..2).map(|_| shop.claim("b", "ann").unwrap()).collect();
        let spent = shop.redeem(&codes[1], "ann").unwrap().redemption;
        let beside = shop.beside(watched.inner(), keyring());
        let refund = move || drop(beside.refund_with(Meta::key("foreign"), &spent).unwrap());
        watched.hurt([Fault::Meddle(Box::new(refund))]);
        // Of two uses the first takes her free card. When it has come through, the other card is free again.
        let calls: Vec<_> = (0..2).map(|_| shop.tenant.redeem(shop.redeem_request("SUMMER20", Some("ann")))).collect();
        for call in calls {
            call.wait().unwrap();
        }
    }
}

/// A wall clock that leaps, beside a steady one that does not.
#[derive(Clone, Default)]
struct Leaping {
    wall_ms: Arc<AtomicI64>,
    steady_us: Arc<AtomicU64>,
}

impl Leaping {
    fn pass(&self, millis: u64, leap_ms: i64) {
        self.steady_us.fetch_add(millis * 1_000, Ordering::SeqCst);
        self.wall_ms.fetch_add(i64::try_from(millis).unwrap() + leap_ms, Ordering::SeqCst);
    }
}

impl Clock for Leaping {
    fn now(&self) -> Instant {
        instant("2026-11-11T00:00:00Z").plus_millis(self.wall_ms.load(Ordering::SeqCst))
    }

    fn steady_us(&self) -> u64 {
        self.steady_us.load(Ordering::SeqCst)
    }
}

fn on(store: Arc<dyn Store>, clock: Leaping, keyring: Keyring) -> Tenant {
    let entropy = ChaChaEntropy::from_seed([9; 32]);
    let engine = Engine::with(store, keyring, clock, entropy, Formats::default(), Settings::default());
    engine.tenant("default", World::Live).unwrap()
}

#[test]
fn a_clock_that_goes_back_lets_no_control_row_live_longer() {
    for shop in Shop::each() {
        shop.campaign_batch(shop.campaign("c"), 2, TemplateDraft { ..eight_tenths() });
        let codes: Vec<_> = (0..2).map(|_| shop.claim("c", "ann").unwrap()).collect();
        let clock = Leaping::default();
        let tenant = on(Arc::clone(&shop.store), clock.clone(), keyring());
        let redeem = |code: &str| {
            let redeem = Redeem { meta: Meta::key(format!("r-{code}")), ..shop.redeem_request(code, Some("ann")) };
            tenant.redeem(redeem).wait()
        };
        redeem(&codes[0]).unwrap();
        shop.tenant.save_campaign(SaveCampaign { life: Life::Paused, ..shop.campaign("c") }).wait().unwrap();
        // A minute goes by, and somebody sets the clock back by as much: the cached campaign seems fresh.
        clock.pass(60_000, -60_000);
        assert_eq!(denied(redeem(&codes[1])), "campaign_not_running");
    }
}

#[test]
fn whoever_comes_with_a_code_of_the_old_key_is_not_told_the_new_one() {
    for shop in Shop::each() {
        let rotated = || {
            let entropy = ChaChaEntropy::from_seed([7; 32]);
            let mut ring = Keyring::generate(&entropy);
            ring.rotate(&entropy).unwrap();
            ring
        };
        shop.batch("b", 1, bearer());
        let old = shop.code_of("b", 0).unwrap();
        // This engine knows the batch by its number, from a look at the leaked code; by its name it asks the store.
        let tenant = on(Arc::clone(&shop.store), Leaping::default(), rotated());
        tenant.look_up(CardPick::code(&old)).unwrap();
        let rekeying = shop.beside(Arc::clone(&shop.store), rotated());
        rekeying.tenant.rekey_batch(RekeyBatch { meta: Meta::key("rekey"), batch: "b".to_owned() }).wait().unwrap();
        let claim = Claim {
            meta: Meta::key("thief"),
            take: ClaimFrom::Code(old.as_str().into()),
            holder: Subject::customer("thief"),
            channel: None,
        };
        // Within the lag the old code still passes. What it gets is that code, not a living one.
        let reply = tenant.claim(claim).wait().unwrap();
        assert_eq!(reply.code, Some(old));
    }
}

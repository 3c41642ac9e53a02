//! Group commit: who meets in a group, what falls out of it, and what callers hear when the store does not answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use cardmint::card::{Limits, TemplateDraft};
use cardmint::code::{Formats, Normalisation, World};
use cardmint::store::{Account, Key, Lookup, Owner, Record, Scan, ScanOf, Store, StoreError, TenantKey};
use cardmint::{
    Call, CardPick, ChaChaEntropy, Denial, Engine, Error, LimitScope, Meta, Receipt, Redeem, SavePublicCode, Settings,
    Tenant,
};
use cardmint_tests::{Fault, Shop, Watched, bearer, block_on, denial, denied, eight_tenths, join, keyring};

/// A redemption that is in the queue and that nobody leads yet.
fn queued(shop: &Shop, code: &str, customer: &str) -> Call<Receipt> {
    shop.tenant.redeem(shop.redeem_request(code, Some(customer)))
}

fn uses(limit: u32) -> TemplateDraft {
    TemplateDraft { limits: Limits { uses_per_holder: Some(limit), ..Limits::default() }, ..eight_tenths() }
}

fn many(uses_per_card: u32) -> TemplateDraft {
    TemplateDraft { limits: Limits { uses_per_card, ..Limits::default() }, ..eight_tenths() }
}

fn uses_left(shop: &Shop, code: &str) -> u32 {
    shop.tenant.look_up(CardPick::code(code)).unwrap().uses_left
}

fn unknown() -> StoreError {
    StoreError::OutcomeUnknown("connection lost".to_owned())
}

/// How far a holder's count of uses has come, straight from the store.
fn counted(shop: &Shop, customer: &str, template: &str) -> i64 {
    let tenant = TenantKey::new("default", World::Live);
    let owner = Owner::from_text(&format!("holder:customer:{customer}")).unwrap();
    let rows = shop.store.load(&[Lookup::exact(&tenant, Key::Account(owner, format!("uses:{template}")))]).unwrap();
    match rows.into_iter().flatten().next().map(|stored| stored.record.clone()) {
        Some(Record::Account(Account { balance, .. })) => balance,
        _ => 0,
    }
}

fn redemptions_of(shop: &Shop, code: &str) -> usize {
    let card = shop.tenant.look_up(CardPick::code(code)).unwrap().id;
    let tenant = TenantKey::new("default", World::Live);
    let scan = Scan { tenant, of: ScanOf::RedemptionsOfCard(card), after: None, limit: 10_000 };
    shop.store.scan(&scan).unwrap().items.len()
}

#[test]
fn g01_two_redeemers_in_one_group_make_one_receipt_and_one_commit() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 1, eight_tenths());
        let code = shop.claim("b", "ann").unwrap();
        watched.forget();
        let (first, second) = (queued(&shop, &code, "ann"), queued(&shop, &code, "ann"));
        first.wait().unwrap();
        assert_eq!(denied(second.wait()), "limit_reached");
        assert_eq!((watched.commits(), watched.changesets()), (1, 1));
        assert_eq!(redemptions_of(&shop, &code), 1);
    }
}

#[test]
fn a_member_that_falls_out_takes_its_dependants_with_it() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 1, many(10));
        let code = shop.claim("b", "ann").unwrap();
        // In between another process uses the same card: the group's first redemption falls out, the others rest on it.
        let beside = shop.beside(watched.inner(), keyring());
        let foreign = Redeem { meta: Meta::key("foreign"), ..beside.redeem_request(&code, Some("ann")) };
        let meddle = move || drop(beside.tenant.redeem(foreign).wait().unwrap());
        watched.forget();
        watched.hurt([Fault::Meddle(Box::new(meddle))]);
        let calls: Vec<_> = (0..4).map(|_| queued(&shop, &code, "ann")).collect();
        for call in calls {
            call.wait().unwrap();
        }
        assert_eq!(uses_left(&shop, &code), 5);
        assert_eq!(redemptions_of(&shop, &code), 5);
        assert_eq!((watched.commits(), watched.changesets()), (2, 8), "all four were decided again");
        assert!(shop.tenant.history(CardPick::code(&code)).unwrap().iter().all(|entry| entry.chained == Some(true)));
    }
}

#[test]
fn members_that_rest_on_nothing_stay_when_another_falls_out() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 2, many(10));
        let (hurt, well) = (shop.claim("b", "ann").unwrap(), shop.claim("b", "bob").unwrap());
        let beside = shop.beside(watched.inner(), keyring());
        let foreign = Redeem { meta: Meta::key("foreign"), ..beside.redeem_request(&hurt, Some("ann")) };
        watched.hurt([Fault::Meddle(Box::new(move || drop(beside.tenant.redeem(foreign).wait().unwrap())))]);
        watched.forget();
        let (first, second) = (queued(&shop, &hurt, "ann"), queued(&shop, &well, "bob"));
        first.wait().unwrap();
        second.wait().unwrap();
        assert_eq!((uses_left(&shop, &hurt), uses_left(&shop, &well)), (8, 9));
        assert_eq!(watched.changesets(), 3, "only the one that conflicted was decided again");
    }
}

#[test]
fn g02_a_denial_that_rests_on_a_dropped_member_is_decided_again() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 2, uses(1));
        let (first, second) = (shop.claim("b", "ann").unwrap(), shop.claim("b", "ann").unwrap());
        // The first card is frozen behind the group's back: its redemption falls out, and ann has her one use again.
        let beside = shop.beside(watched.inner(), keyring());
        let card = CardPick::code(&first);
        let freeze = move || {
            let request = (Meta { reason: Some("lost".to_owned()), ..Meta::key("foreign") }, card);
            drop(beside.tenant.freeze(request).wait().unwrap());
        };
        watched.hurt([Fault::Meddle(Box::new(freeze))]);
        let (falls, rests) = (queued(&shop, &first, "ann"), queued(&shop, &second, "ann"));
        assert_eq!(denied(falls.wait()), "frozen");
        rests.wait().unwrap();
        assert_eq!(counted(&shop, "ann", "b"), 1);
    }
}

#[test]
fn g02_a_use_that_a_refund_in_the_group_gives_back_is_there_for_those_behind_it() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 5, uses(2));
        let codes: Vec<_> = (0..5).map(|_| shop.claim("b", "ann").unwrap()).collect();
        let spent: Vec<_> = codes.iter().take(2).map(|code| shop.redeem(code, "ann").unwrap().redemption).collect();
        // Refund, use, refund, use, and one use too many, unless the second card's use falls out, as it does.
        let beside = shop.beside(watched.inner(), keyring());
        let card = CardPick::code(&codes[2]);
        let freeze = move || {
            let request = (Meta { reason: Some("lost".to_owned()), ..Meta::key("foreign") }, card);
            drop(beside.tenant.freeze(request).wait().unwrap());
        };
        watched.hurt([Fault::Meddle(Box::new(freeze))]);
        let refund = |redemption: &str| {
            let redemption = redemption.to_owned();
            shop.tenant.refund(cardmint::RefundRedemption::new(shop.meta(), redemption))
        };
        let first = refund(&spent[0]);
        let falls = queued(&shop, &codes[2], "ann");
        let second = refund(&spent[1]);
        let (third, fourth) = (queued(&shop, &codes[3], "ann"), queued(&shop, &codes[4], "ann"));
        first.wait().unwrap();
        assert_eq!(denied(falls.wait()), "frozen");
        second.wait().unwrap();
        third.wait().unwrap();
        fourth.wait().unwrap();
        assert_eq!(counted(&shop, "ann", "b"), 2);
    }
}

#[test]
fn g01_an_unknown_outcome_is_settled_whether_it_happened_or_not() {
    for happened in [false, true] {
        for (shop, watched) in Shop::each_watched() {
            shop.batch("b", 1, many(10));
            let code = shop.claim("b", "ann").unwrap();
            watched.hurt([if happened { Fault::After(unknown()) } else { Fault::Before(unknown()) }]);
            let (first, second) = (queued(&shop, &code, "ann"), queued(&shop, &code, "ann"));
            let (first, second) = (first.wait().unwrap(), second.wait().unwrap());
            assert_ne!(first.redemption, second.redemption);
            assert_eq!(uses_left(&shop, &code), 8, "happened: {happened}");
            let again = shop.redeem_with(Meta::key(first.redemption.clone()), &code, Some("ann")).unwrap();
            assert_eq!(again, first);
            assert_eq!(redemptions_of(&shop, &code), 2);
        }
    }
}

#[test]
fn nobody_hears_that_nothing_was_written_while_that_is_unknown() {
    let down = || StoreError::Unavailable("no route".to_owned());
    let busy = || StoreError::Busy("locked".to_owned());
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 1, many(10));
        let code = shop.claim("b", "ann").unwrap();
        for then in [down(), busy()] {
            watched.hurt([Fault::Before(unknown()), Fault::Before(then)]);
            let reply = shop.redeem(&code, "ann");
            assert!(matches!(reply, Err(Error::Store(StoreError::OutcomeUnknown(_)))), "{reply:?}");
        }
        assert_eq!(uses_left(&shop, &code), 10);
        watched.hurt([Fault::After(unknown())]);
        watched.hurt_loads([None, Some(down())]);
        let key = shop.meta();
        let reply = shop.redeem_with(key.clone(), &code, Some("ann"));
        assert!(matches!(reply, Err(Error::Store(StoreError::OutcomeUnknown(_)))), "{reply:?}");
        let left = uses_left(&shop, &code);
        shop.redeem_with(key, &code, Some("ann")).unwrap();
        assert_eq!(uses_left(&shop, &code), left, "it had happened");
    }
}

#[test]
fn a_store_that_fails_or_is_busy_fails_the_call_and_not_the_next() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 1, eight_tenths());
        let code = shop.claim("b", "ann").unwrap();
        for error in [StoreError::Busy("locked".to_owned()), StoreError::Unavailable("no route".to_owned())] {
            watched.hurt([Fault::Before(error.clone())]);
            assert_eq!(shop.redeem(&code, "ann"), Err(Error::Store(error)));
        }
        shop.redeem(&code, "ann").unwrap();
        assert_eq!(redemptions_of(&shop, &code), 1);
    }
}

/// `threads` at once, each trying in turn what `attempt` does with its numbers; all outcomes.
fn storm<T: Send>(threads: usize, each: usize, attempt: impl Fn(usize, usize) -> T + Sync) -> Vec<T> {
    let attempt = &attempt;
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|thread| scope.spawn(move || (0..each).map(|n| attempt(thread, n)).collect::<Vec<_>>()))
            .collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

/// How many succeeded; all others must be `limit_reached` in this scope.
fn successes<T: std::fmt::Debug>(outcomes: Vec<Result<T, Error>>, scope: LimitScope, limit: u64) -> usize {
    let (good, bad): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    for outcome in bad {
        assert_eq!(denial(outcome), Denial::LimitReached { scope, limit, used: limit });
    }
    good.len()
}

#[test]
fn g01_a_single_use_card_is_redeemed_once_by_eight_threads() {
    for shop in Shop::each() {
        shop.batch("b", 1, eight_tenths());
        let code = shop.claim("b", "ann").unwrap();
        let outcomes = storm(8, 25, |_, _| shop.redeem(&code, "ann"));
        assert_eq!(successes(outcomes, LimitScope::Card, 1), 1);
        assert_eq!(redemptions_of(&shop, &code), 1);
    }
}

#[test]
fn g01_g02_a_limit_per_holder_lets_exactly_as_many_through() {
    for shop in Shop::each() {
        shop.batch("b", 100, uses(7));
        let codes: Vec<_> = (0..100).map(|_| shop.claim("b", "ann").unwrap()).collect();
        let outcomes = storm(8, 12, |thread, n| shop.redeem(&codes[thread * 12 + n], "ann"));
        assert_eq!(successes(outcomes, LimitScope::HolderUses, 7), 7);
        assert_eq!(counted(&shop, "ann", "b"), 7);
        assert_eq!(codes.iter().map(|code| redemptions_of(&shop, code)).sum::<usize>(), 7);
    }
}

#[test]
fn g01_g02_nobody_is_refused_while_there_is_room() {
    for shop in Shop::each() {
        // Two engines over one store: what one commits makes the other's groups conflict.
        let beside = shop.beside(Arc::clone(&shop.store), keyring());
        shop.batch("b", 64, uses(64));
        let codes: Vec<_> = (0..64).map(|_| shop.claim("b", "ann").unwrap()).collect();
        let outcomes = storm(8, 8, |thread, n| {
            let at = if thread % 2 == 0 { &shop } else { &beside };
            at.redeem_with(Meta::key(format!("t{thread}-{n}")), &codes[thread * 8 + n], Some("ann"))
        });
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 64, "{outcomes:?}");
        assert_eq!(counted(&shop, "ann", "b"), 64);
    }
}

#[test]
fn g01_stock_of_a_hundred_goes_to_a_hundred() {
    for shop in Shop::each() {
        shop.batch("b", 100, eight_tenths());
        let outcomes = storm(8, 20, |thread, n| shop.claim("b", &format!("c{thread}-{n}")));
        let (good, bad): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        let codes: std::collections::BTreeSet<_> = good.into_iter().map(Result::unwrap).collect();
        assert_eq!((codes.len(), bad.len()), (100, 60));
        assert!(bad.into_iter().all(|outcome| denied(outcome) == "sold_out"));
    }
}

#[test]
fn g01_a_public_word_gives_as_many_uses_as_its_batch_has_cards() {
    for shop in Shop::each() {
        shop.batch("b", 30, eight_tenths());
        shop.tenant
            .save_public_code(SavePublicCode::new(shop.meta(), "b", "SUMMER20", Normalisation::Word))
            .wait()
            .unwrap();
        let outcomes = storm(8, 6, |thread, n| shop.redeem("summer 20", &format!("c{thread}-{n}")));
        let (good, bad): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        let cards: std::collections::BTreeSet<_> = good.into_iter().map(|receipt| receipt.unwrap().card).collect();
        assert_eq!((cards.len(), bad.len()), (30, 18));
        assert!(bad.into_iter().all(|outcome| denied(outcome) == "sold_out"));
    }
}

#[test]
fn calls_in_flight_from_one_thread_meet_in_groups() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 64, eight_tenths());
        let codes: Vec<_> = (0..64).map(|_| shop.claim("b", "ann").unwrap()).collect();
        watched.forget();
        let replies = join(codes.iter().map(|code| queued(&shop, code, "ann")));
        assert!(replies.iter().all(Result::is_ok));
        assert!(64 / watched.commits() > 8, "{} commits", watched.commits());
    }
}

#[test]
fn a_group_of_redemptions_needs_at_most_two_loads() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 50, uses(100));
        let codes: Vec<_> = (0..50).map(|_| shop.claim("b", "ann").unwrap()).collect();
        shop.redeem(&codes[0], "ann").unwrap();
        watched.forget();
        let calls: Vec<_> = codes[1..].iter().map(|code| queued(&shop, code, "ann")).collect();
        assert!(calls.into_iter().all(|call| call.wait().is_ok()));
        assert_eq!(watched.commits(), 1);
        assert!(watched.loads() <= 2, "{} loads", watched.loads());
    }
}

#[test]
fn loads_of_claims_do_not_grow_with_the_group() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 200, eight_tenths());
        shop.batch("w", 200, eight_tenths());
        shop.tenant
            .save_public_code(SavePublicCode::new(shop.meta(), "w", "SUMMER20", Normalisation::Word))
            .wait()
            .unwrap();
        shop.claim("b", "ann").unwrap();
        shop.redeem("summer20", "ann").unwrap();
        watched.forget();
        let claims: Vec<_> = (0..60).map(|n| shop.tenant.claim(shop.claim_request("b", &format!("c{n}")))).collect();
        assert!(claims.into_iter().all(|call| call.wait().is_ok()));
        assert!(watched.loads() <= 4, "{} loads for 60 claims", watched.loads());
        watched.forget();
        let calls: Vec<_> = (0..60).map(|n| queued(&shop, "summer20", &format!("c{n}"))).collect();
        assert!(calls.into_iter().all(|call| call.wait().is_ok()));
        assert!(watched.loads() <= 2, "{} loads for 60 uses of a word", watched.loads());
    }
}

fn committer_threads() -> usize {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return 0 };
    let names = tasks.flatten().filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok());
    names.filter(|name| name.starts_with("cardmint-commit")).count()
}

#[test]
fn dropping_the_engine_ends_its_thread() {
    for _ in 0..20 {
        for shop in Shop::each() {
            shop.batch("b", 1, eight_tenths());
            let code = shop.claim("b", "ann").unwrap();
            block_on(queued(&shop, &code, "ann")).unwrap();
        }
    }
    // Other tests of this file run beside it and have a thread or two of their own.
    let ended = (0..500).any(|_| {
        thread::sleep(Duration::from_millis(10));
        committer_threads() <= 4
    });
    assert!(ended, "{} threads", committer_threads());
}

/// Drops what it holds when it is woken, on whatever thread that is.
struct DropOnWake(std::sync::Mutex<Option<Tenant>>, AtomicBool);

impl std::task::Wake for DropOnWake {
    fn wake(self: Arc<Self>) {
        drop(self.0.lock().unwrap().take());
        self.1.store(true, Ordering::SeqCst);
    }
}

#[test]
fn the_last_handle_may_be_dropped_by_the_committer_itself() {
    for shop in Shop::each() {
        shop.batch("b", 1, eight_tenths());
        let code = shop.claim("b", "ann").unwrap();
        let mut call = queued(&shop, &code, "ann");
        let Shop { engine, tenant, .. } = shop;
        drop(engine);
        let dropper = Arc::new(DropOnWake(std::sync::Mutex::new(Some(tenant)), AtomicBool::new(false)));
        let waker = std::task::Waker::from(Arc::clone(&dropper));
        let pending = std::pin::Pin::new(&mut call);
        let _ = std::future::Future::poll(pending, &mut std::task::Context::from_waker(&waker));
        let woken = (0..500).any(|_| {
            thread::sleep(Duration::from_millis(10));
            dropper.1.load(Ordering::SeqCst)
        });
        assert!(woken, "the committer waits for itself");
        call.wait().unwrap();
    }
}

#[test]
fn close_ends_the_group_under_way_and_answers_closed_to_the_rest() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 3, eight_tenths());
        let codes: Vec<_> = (0..3).map(|_| shop.claim("b", "ann").unwrap()).collect();
        watched.shut();
        thread::scope(|scope| {
            let under_way = scope.spawn(|| shop.redeem(&codes[0], "ann"));
            watched.until_held();
            let waits = queued(&shop, &codes[1], "ann");
            let closing = scope.spawn(|| shop.engine.close());
            thread::sleep(Duration::from_millis(20));
            assert!(!closing.is_finished(), "close waits for the group under way");
            watched.open();
            under_way.join().unwrap().unwrap();
            closing.join().unwrap();
            assert_eq!(waits.wait(), Err(Error::Closed));
        });
        assert_eq!(shop.redeem(&codes[2], "ann"), Err(Error::Closed));
        let beside = shop.beside(watched.inner(), keyring());
        assert_eq!(uses_left(&beside, &codes[0]), 0);
        assert_eq!(uses_left(&beside, &codes[1]), 1);
    }
}

#[test]
fn a_full_queue_answers_busy_at_once_and_loses_nothing() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 1, many(100));
        let code = shop.claim("b", "ann").unwrap();
        let settings = Settings { queue_max: 4, ..Settings::default() };
        let engine = Engine::with(
            watched.inner(),
            keyring(),
            shop.clock.clone(),
            ChaChaEntropy::from_seed([3; 32]),
            Formats::default(),
            settings,
        );
        let small = engine.tenant("default", World::Live).unwrap();
        let call = |n: usize| {
            let request = shop.redeem_request(&code, Some("ann"));
            small.redeem(Redeem { meta: Meta::key(format!("q{n}")), ..request })
        };
        let calls: Vec<_> = (0..6).map(call).collect();
        let done: Vec<_> = calls.iter().map(Call::is_done).collect();
        assert_eq!(done, [false, false, false, false, true, true], "busy is said at once");
        let replies: Vec<_> = calls.into_iter().map(Call::wait).collect();
        assert!(replies[..4].iter().all(Result::is_ok));
        assert!(replies[4..].iter().all(|reply| matches!(reply, Err(Error::Busy(_)))));
        assert_eq!(uses_left(&shop, &code), 96);
        call(5).wait().unwrap();
    }
}

#[test]
fn a_call_that_was_dropped_before_it_was_decided_is_withdrawn() {
    for shop in Shop::each() {
        shop.batch("b", 1, many(10));
        let code = shop.claim("b", "ann").unwrap();
        drop(queued(&shop, &code, "ann"));
        shop.redeem(&code, "ann").unwrap();
        assert_eq!(uses_left(&shop, &code), 9);
    }
}

#[test]
fn a_store_that_panics_costs_its_group_and_no_other() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 2, eight_tenths());
        let (first, second) = (shop.claim("b", "ann").unwrap(), shop.claim("b", "bob").unwrap());
        watched.shut();
        watched.hurt([Fault::Panic]);
        thread::scope(|scope| {
            let lost = scope.spawn(|| shop.redeem(&first, "ann"));
            watched.until_held();
            let other = scope.spawn(|| shop.redeem(&second, "bob"));
            watched.open();
            assert!(matches!(lost.join().unwrap(), Err(Error::Store(StoreError::OutcomeUnknown(_)))));
            other.join().unwrap().unwrap();
        });
        shop.redeem(&first, "ann").unwrap();
    }
}

#[test]
fn an_engine_that_is_behind_another_still_saves() {
    for shop in Shop::each() {
        let beside = shop.beside(Arc::clone(&shop.store), keyring());
        shop.tenant.save_campaign(shop.campaign("c")).wait().unwrap();
        assert_eq!(beside.tenant.campaign("c").unwrap().unwrap().title, "c");
        let renamed = cardmint::SaveCampaign { title: "renamed".to_owned(), ..shop.campaign("c") };
        shop.tenant.save_campaign(renamed).wait().unwrap();
        // What `beside` has cached is no longer what is there: it must read again, not give up.
        let again = cardmint::SaveCampaign { meta: Meta::key("x"), title: "again".to_owned(), ..shop.campaign("c") };
        assert_eq!(beside.tenant.save_campaign(again).wait().unwrap().title, "again");
    }
}

#[test]
fn g31_two_tenants_in_one_group_do_not_see_each_other() {
    // The same idempotency key in one group, and neither sees the other.
    for shop in Shop::each() {
        let other = shop.engine.tenant("other", World::Live).unwrap();
        shop.batch("b", 1, bearer());
        let code = shop.code_of("b", 0).unwrap();
        let request = |key: &str| Redeem { meta: Meta::key(key), ..shop.redeem_request(&code, None) };
        let (ours, theirs) = (shop.tenant.redeem(request("same")), other.redeem(request("same")));
        ours.wait().unwrap();
        assert_eq!(denied(theirs.wait()), "not_found_or_invalid");
    }
}

/// The wrapper itself must count, or the tests above say nothing.
#[test]
fn the_watched_store_counts() {
    for (shop, watched) in Shop::each_watched() {
        let _: &Arc<Watched> = &watched;
        shop.batch("b", 1, eight_tenths());
        assert_eq!((watched.commits(), watched.changesets()), (2, 2));
        assert!(watched.loads() >= 2);
    }
}

#[test]
fn g01_storms_with_lost_answers_still_count_right() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 1, many(40));
        let code = shop.claim("b", "ann").unwrap();
        // Every third commit is lost on its way there or back; callers repeat what they did not hear of.
        watched.hurt((0..90).map(|n| match n % 6 {
            2 => Fault::After(unknown()),
            5 => Fault::Before(unknown()),
            _ => Fault::Meddle(Box::new(|| ())),
        }));
        let outcomes = storm(8, 8, |thread, n| {
            let meta = || Meta::key(format!("t{thread}-{n}"));
            let first = shop.redeem_with(meta(), &code, Some("ann"));
            let again = shop.redeem_with(meta(), &code, Some("ann"));
            assert_eq!(first.is_ok(), again.is_ok(), "{first:?}, then {again:?}");
            again
        });
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 40);
        assert_eq!((uses_left(&shop, &code), redemptions_of(&shop, &code)), (0, 40));
    }
}

#[test]
fn a_group_that_was_decided_on_one_that_failed_is_decided_again() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 1, eight_tenths());
        let code = shop.claim("b", "ann").unwrap();
        watched.shut();
        watched.hurt([Fault::Before(StoreError::Unavailable("the disk is gone".to_owned()))]);
        thread::scope(|scope| {
            let first = scope.spawn(|| shop.redeem(&code, "ann"));
            watched.until_held();
            // Decided while the first is on its way into the store, it sees the card spent.
            let second = scope.spawn(|| shop.redeem(&code, "ann"));
            thread::sleep(Duration::from_millis(50));
            watched.open();
            assert!(matches!(first.join().unwrap(), Err(Error::Store(StoreError::Unavailable(_)))));
            second.join().unwrap().unwrap();
        });
        assert_eq!(denied(shop.redeem(&code, "ann")), "limit_reached");
    }
}

#[test]
fn a_denial_that_rests_on_the_group_under_way_waits_for_it() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 1, eight_tenths());
        let code = shop.claim("b", "ann").unwrap();
        watched.shut();
        thread::scope(|scope| {
            let first = scope.spawn(|| shop.redeem(&code, "ann"));
            watched.until_held();
            let second = scope.spawn(|| shop.redeem(&code, "ann"));
            thread::sleep(Duration::from_millis(50));
            assert!(!second.is_finished(), "nothing is durable yet that the card was spent by");
            watched.open();
            first.join().unwrap().unwrap();
            assert_eq!(denied(second.join().unwrap()), "limit_reached");
        });
    }
}

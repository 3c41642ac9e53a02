//! The manners of the committer: poison, deadlines, a full queue, withdrawal, stale control rows, unknown outcomes, shutdown.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use cardmint::card::{Life, Limits, TemplateDraft};
use cardmint::store::{Changeset, Key, Lookup, Record, Store, StoreError};
use cardmint::{Call, CardPick, Error, ExportCodes, Meta, Receipt, Redeem, SaveCampaign, Settings, Tenant};
use cardmint_tests::{Fault, Shop, Watched, bearer, denied, eight_tenths, keyring};

fn many(uses_per_card: u32) -> TemplateDraft {
    TemplateDraft { limits: Limits { uses_per_card, ..Limits::default() }, ..eight_tenths() }
}

fn unknown() -> StoreError {
    StoreError::OutcomeUnknown("connection lost".to_owned())
}

fn broken() -> StoreError {
    StoreError::Unavailable("this row cannot be written".to_owned())
}

fn codes_of(shop: &Shop, batch: &str) -> Vec<String> {
    let export = ExportCodes { meta: shop.because("test"), batch: batch.to_owned(), first: 0, count: None };
    shop.tenant.export_codes(export).unwrap().map(|code| code.unwrap().code).collect()
}

/// A redemption under a key that is in the queue and that nobody leads yet.
fn queued(shop: &Shop, tenant: &Tenant, meta: Meta, code: &str) -> Call<Receipt> {
    tenant.redeem(Redeem { meta, ..shop.redeem_request(code, Some("ann")) })
}

fn within(key: &str, deadline_ms: u32) -> Meta {
    Meta { deadline_ms: Some(deadline_ms), ..Meta::key(key) }
}

fn uses_left(shop: &Shop, code: &str) -> u32 {
    shop.tenant.look_up(CardPick::code(code)).unwrap().uses_left
}

fn holds(changesets: &[Changeset], keys: &[&str]) -> bool {
    let mut writes = changesets.iter().flat_map(|changeset| &changeset.writes);
    writes.any(|write| match &write.record {
        Record::Redemption(redemption) => keys.contains(&redemption.key.as_str()),
        _ => false,
    })
}

/// Redeems all codes from four threads, all outstanding at once; the outcome of each key.
fn flood(
    shop: &Shop,
    tenant: &Tenant,
    codes: &[String],
    key: impl Fn(usize) -> String + Sync,
) -> BTreeMap<String, Result<Receipt, Error>> {
    let hands: Vec<Vec<(usize, &String)>> =
        (0..4).map(|hand| codes.iter().enumerate().filter(|(n, _)| n % 4 == hand).collect()).collect();
    let key = &key;
    thread::scope(|scope| {
        let running: Vec<_> = hands
            .into_iter()
            .map(|hand| {
                scope.spawn(move || {
                    let calls: Vec<_> = hand
                        .into_iter()
                        .map(|(n, code)| (key(n), queued(shop, tenant, Meta::key(key(n)), code)))
                        .collect();
                    calls.into_iter().map(|(key, call)| (key, call.wait())).collect::<Vec<_>>()
                })
            })
            .collect();
        running.into_iter().flat_map(|hand| hand.join().unwrap()).collect()
    })
}

#[test]
fn one_poison_request_among_ten_thousand_costs_each_other_at_most_one_retry() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 10_000, bearer());
        let codes = codes_of(&shop, "b");
        watched.forget();
        watched.look_at_commits(|group| holds(group, &["poison"]).then(|| Fault::Before(broken())));
        let outcomes =
            flood(&shop, &shop.tenant, &codes, |n| if n == 4_321 { "poison".into() } else { format!("k{n}") });
        for (key, outcome) in &outcomes {
            match key.as_str() {
                "poison" => assert_eq!(*outcome, Err(Error::Store(broken()))),
                _ => assert!(outcome.is_ok(), "{key} heard {outcome:?}"),
            }
        }
        let tries = watched.tries();
        assert_eq!(tries.len(), 10_000);
        assert!(tries.values().all(|tries| *tries <= 2), "{:?}", tries.values().max());
        let again = tries.iter().filter(|(key, tries)| *key != "poison" && **tries == 2).count();
        assert!(again < 256, "{again} of other groups were tried again");
    }
}

#[test]
fn a_row_that_cannot_be_read_costs_its_own_request_and_no_other() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 400, bearer());
        let codes = codes_of(&shop, "b");
        let damaged = || StoreError::Damaged("this row is none".to_owned());
        let cards = [shop.card("b", 17), shop.card("b", 18), shop.card("b", 19), shop.card("b", 301)];
        watched.look_at_loads(move |lookups| {
            let hit = |lookup: &Lookup| matches!(&lookup.key, Key::Card(card) if cards.contains(card));
            lookups.iter().any(hit).then(damaged)
        });
        watched.forget();
        let outcomes = flood(&shop, &shop.tenant, &codes, |n| format!("k{n}"));
        for (key, outcome) in outcomes {
            match key.as_str() {
                "k17" | "k18" | "k19" | "k301" => assert_eq!(outcome, Err(Error::Store(damaged()))),
                _ => assert!(outcome.is_ok(), "{key} heard {outcome:?}"),
            }
        }
        assert!(
            watched.tries().values().all(|tries| *tries == 1),
            "those that can be read are committed once, together"
        );
    }
}

#[test]
fn a_store_that_is_down_is_asked_a_few_times_and_not_once_for_each() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 200, bearer());
        let codes = codes_of(&shop, "b");
        watched.forget();
        watched.look_at_commits(|_| Some(Fault::Before(StoreError::Unavailable("no route".to_owned()))));
        let calls: Vec<_> = codes
            .iter()
            .enumerate()
            .map(|(n, code)| queued(&shop, &shop.tenant, Meta::key(format!("k{n}")), code))
            .collect();
        for call in calls {
            assert!(matches!(call.wait(), Err(Error::Store(StoreError::Unavailable(_)))));
        }
        assert_eq!(watched.commits(), 4, "the group, and three alone");
    }
}

#[test]
fn a_request_that_loses_its_connection_each_time_does_not_take_others_along() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 50, bearer());
        let codes = codes_of(&shop, "b");
        watched.look_at_commits(|group| holds(group, &["k7"]).then(|| Fault::Before(unknown())));
        let outcomes = flood(&shop, &shop.tenant, &codes, |n| format!("k{n}"));
        for (key, outcome) in outcomes {
            match key.as_str() {
                "k7" => assert_eq!(outcome, Err(Error::Store(unknown()))),
                _ => assert!(outcome.is_ok(), "{key} heard {outcome:?}"),
            }
        }
    }
}

#[test]
fn a_group_that_conflicts_twice_is_halved() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 8, many(100));
        let codes = codes_of(&shop, "b");
        let codes: Vec<_> = codes.iter().map(|code| shop.claim_code(code, "ann").unwrap()).collect();
        // Another process uses one card of the group before each of its commits: all others rest on it by the holder's account.
        let beside = shop.beside(watched.inner(), keyring());
        let sizes = Arc::new(std::sync::Mutex::new(Vec::new()));
        let (seen, foreign) = (Arc::clone(&sizes), AtomicUsize::new(0));
        let meddled = codes.clone();
        watched.look_at_commits(move |group| {
            seen.lock().unwrap().push(group.len());
            let n = foreign.fetch_add(1, Ordering::SeqCst);
            (n < 3).then(|| {
                for code in &meddled {
                    let meta = Meta::key(format!("foreign{n}-{code}"));
                    beside.tenant.redeem(Redeem { meta, ..beside.redeem_request(code, Some("ann")) }).wait().unwrap();
                }
                Fault::Meddle(Box::new(|| ()))
            })
        });
        let calls: Vec<_> = codes
            .iter()
            .enumerate()
            .map(|(n, code)| queued(&shop, &shop.tenant, Meta::key(format!("k{n}")), code))
            .collect();
        for call in calls {
            call.wait().unwrap();
        }
        assert_eq!(*sizes.lock().unwrap(), [8, 8, 4, 2, 2, 4], "whole, whole, then halves");
        assert!(codes.iter().all(|code| uses_left(&shop, code) == 100 - 4));
    }
}

#[test]
fn a_call_past_its_deadline_is_told_so_and_never_written() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 1, many(10));
        let code = shop.claim("b", "ann").unwrap();
        watched.forget();
        let (late, well) =
            (queued(&shop, &shop.tenant, within("a", 50), &code), queued(&shop, &shop.tenant, within("b", 51), &code));
        let own = queued(&shop, &shop.tenant, within("c", 0), &code);
        shop.clock.advance(51);
        assert_eq!(late.wait(), Err(Error::DeadlinePassed));
        well.wait().unwrap();
        shop.clock.advance(1_000_000);
        own.wait().unwrap();
        assert_eq!(watched.tries().keys().collect::<Vec<_>>(), ["b", "c"]);
        // Nothing keeps the key: the same request, under another deadline, is done.
        queued(&shop, &shop.tenant, within("a", 9), &code).wait().unwrap();
        let again = queued(&shop, &shop.tenant, Meta::key("a"), &code).wait().unwrap();
        assert_eq!((again.redemption.as_str(), uses_left(&shop, &code)), ("a", 7));
    }
}

#[test]
fn the_deadline_of_the_settings_holds_where_a_call_names_none() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 1, many(10));
        let code = shop.claim("b", "ann").unwrap();
        let (_engine, tenant) = shop.engine_with(watched.inner(), Settings { deadline_ms: 20, ..Settings::default() });
        let (late, own) =
            (queued(&shop, &tenant, Meta::key("a"), &code), queued(&shop, &tenant, within("b", 100), &code));
        shop.clock.advance(21);
        assert_eq!(late.wait(), Err(Error::DeadlinePassed));
        own.wait().unwrap();
    }
}

#[test]
fn a_deadline_covers_waiting_for_the_group_before_and_waiting_for_a_retry() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 2, many(10));
        let (one, other) = (shop.claim("b", "ann").unwrap(), shop.claim("b", "ann").unwrap());
        watched.forget();
        watched.shut();
        thread::scope(|scope| {
            let first = scope.spawn(|| queued(&shop, &shop.tenant, within("a", 0), &one).wait());
            watched.until_held();
            // Decided already, and at the desk when its time is over.
            let second = scope.spawn(|| queued(&shop, &shop.tenant, within("b", 50), &other).wait());
            thread::sleep(Duration::from_millis(50));
            shop.clock.advance(51);
            watched.open();
            first.join().unwrap().unwrap();
            assert_eq!(second.join().unwrap(), Err(Error::DeadlinePassed));
        });
        // Its card is used by another process, and the clock goes on meanwhile.
        let beside = shop.beside(watched.inner(), keyring());
        let (clock, foreign) =
            (shop.clock.clone(), Redeem { meta: Meta::key("f"), ..shop.redeem_request(&one, Some("ann")) });
        watched.hurt([Fault::Meddle(Box::new(move || {
            drop(beside.tenant.redeem(foreign).wait().unwrap());
            clock.advance(51);
        }))]);
        assert_eq!(queued(&shop, &shop.tenant, within("c", 50), &one).wait(), Err(Error::DeadlinePassed));
        assert_eq!((uses_left(&shop, &one), uses_left(&shop, &other)), (8, 10));
    }
}

#[test]
fn what_is_durable_is_never_told_as_late_and_what_is_unknown_neither() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 1, many(10));
        let code = shop.claim("b", "ann").unwrap();
        let clock = shop.clock.clone();
        watched.hurt([Fault::Meddle(Box::new(move || clock.advance(51)))]);
        queued(&shop, &shop.tenant, within("a", 50), &code).wait().unwrap();
        let clock = shop.clock.clone();
        let mut commits = 0;
        watched.look_at_commits(move |_| {
            commits += 1;
            clock.advance(51);
            (commits == 1).then(|| Fault::After(unknown()))
        });
        let reply = queued(&shop, &shop.tenant, within("b", 50), &code).wait();
        assert!(matches!(reply, Err(Error::Store(StoreError::OutcomeUnknown(_)))), "{reply:?}");
        assert_eq!(uses_left(&shop, &code), 8, "it had happened");
    }
}

#[test]
fn a_full_queue_answers_busy_without_a_look_at_the_store() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 1, many(100));
        let code = shop.claim("b", "ann").unwrap();
        let store = Arc::clone(&watched) as Arc<dyn Store>;
        let (_engine, tenant) = shop.engine_with(store, Settings { queue_max: 4, ..Settings::default() });
        let calls: Vec<_> = (0..4).map(|n| queued(&shop, &tenant, Meta::key(format!("k{n}")), &code)).collect();
        watched.forget();
        for n in 4..1_000 {
            let call = queued(&shop, &tenant, Meta::key(format!("k{n}")), &code);
            assert!(call.is_done());
            assert!(matches!(call.wait(), Err(Error::Busy(_))));
        }
        assert_eq!((watched.loads(), watched.commits()), (0, 0));
        assert!(calls.into_iter().all(|call| call.wait().is_ok()));
        queued(&shop, &tenant, Meta::key("k5"), &code).wait().unwrap();
        assert_eq!(uses_left(&shop, &code), 95);
    }
}

#[test]
fn calls_that_were_dropped_are_never_written_and_the_others_are() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 60, bearer());
        let codes = codes_of(&shop, "b");
        watched.forget();
        let calls: Vec<_> = codes
            .iter()
            .enumerate()
            .map(|(n, code)| queued(&shop, &shop.tenant, Meta::key(format!("k{n}")), code))
            .collect();
        let kept: Vec<_> = calls.into_iter().enumerate().filter(|(n, _)| n % 3 == 0).collect();
        for (_, call) in kept {
            call.wait().unwrap();
        }
        let written = watched.tries();
        assert_eq!(written.len(), 20);
        assert!((0..60).all(|n| written.contains_key(&format!("k{n}")) == (n % 3 == 0)));
    }
}

#[test]
fn a_call_that_was_dropped_while_its_group_waits_to_be_tried_again_is_withdrawn() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 1, many(10));
        let code = shop.claim("b", "ann").unwrap();
        let beside = shop.beside(watched.inner(), keyring());
        let (stays, goes) = (
            queued(&shop, &shop.tenant, Meta::key("stays"), &code),
            queued(&shop, &shop.tenant, Meta::key("goes"), &code),
        );
        let foreign = Redeem { meta: Meta::key("f"), ..shop.redeem_request(&code, Some("ann")) };
        watched.hurt([Fault::Meddle(Box::new(move || {
            drop(beside.tenant.redeem(foreign).wait().unwrap());
            drop(goes);
        }))]);
        stays.wait().unwrap();
        assert_eq!(uses_left(&shop, &code), 8);
    }
}

fn paused(shop: &Shop, meta: Meta) -> SaveCampaign {
    SaveCampaign { life: Life::Paused, meta, ..shop.campaign("c") }
}

/// A shop with a personal card of a running campaign, whose control rows are cached.
fn campaign_shop(shop: &Shop) -> String {
    shop.campaign_batch(shop.campaign("c"), 10, many(10));
    let code = shop.claim("c", "ann").unwrap();
    shop.redeem(&code, "ann").unwrap();
    code
}

#[test]
fn a_group_is_not_committed_on_control_rows_older_than_the_lag() {
    for (shop, watched) in Shop::each_watched() {
        let code = campaign_shop(&shop);
        let beside = shop.beside(watched.inner(), keyring());
        watched.forget();
        watched.shut();
        thread::scope(|scope| {
            let held = scope.spawn(|| shop.redeem(&code, "ann"));
            watched.until_held();
            beside.tenant.save_campaign(paused(&beside, Meta::key("pause"))).wait().unwrap();
            shop.clock.advance(1_001);
            watched.open();
            assert_eq!(denied(held.join().unwrap()), "campaign_not_running");
        });
        assert_eq!((watched.commits(), uses_left(&shop, &code)), (1, 9));
        beside.tenant.save_campaign(SaveCampaign { meta: Meta::key("run"), ..beside.campaign("c") }).wait().unwrap();
        shop.clock.advance(1_001);
        // A pause of the store alone costs a second look, and no denial.
        watched.shut();
        watched.forget();
        thread::scope(|scope| {
            let held = scope.spawn(|| shop.redeem(&code, "ann"));
            watched.until_held();
            shop.clock.advance(1_001);
            watched.open();
            held.join().unwrap().unwrap();
        });
        assert_eq!((watched.commits(), uses_left(&shop, &code)), (2, 8));
    }
}

#[test]
fn a_control_row_takes_effect_within_the_lag_and_not_at_once() {
    for (shop, watched) in Shop::each_watched() {
        let code = campaign_shop(&shop);
        let beside = shop.beside(watched.inner(), keyring());
        beside.tenant.save_campaign(paused(&beside, Meta::key("pause"))).wait().unwrap();
        // The last quarter of the lag is the commit's.
        shop.clock.advance(750);
        shop.redeem(&code, "ann").unwrap();
        shop.clock.advance(251);
        assert_eq!(denied(shop.redeem(&code, "ann")), "campaign_not_running");
    }
}

#[test]
fn a_store_that_is_always_slower_than_the_lag_is_busy_and_writes_nothing() {
    for (shop, watched) in Shop::each_watched() {
        let code = campaign_shop(&shop);
        let clock = shop.clock.clone();
        watched.look_at_commits(move |_| {
            clock.advance(1_001);
            None
        });
        let reply = queued(&shop, &shop.tenant, within("slow", 0), &code).wait();
        assert!(matches!(reply, Err(Error::Busy(_))), "{reply:?}");
        assert_eq!(uses_left(&shop, &code), 9);
    }
}

#[test]
fn a_no_after_an_unknown_outcome_is_told_as_unknown_where_it_may_still_come() {
    for (shop, watched) in Shop::each_watched() {
        let code = campaign_shop(&shop);
        watched.never_settles();
        // The commit is on its way when the connection is lost; then the campaign is paused; then the commit lands.
        let beside = shop.beside(watched.inner(), keyring());
        let pause = paused(&beside, Meta::key("pause"));
        let mut pause = Some(move || drop(beside.tenant.save_campaign(pause).wait().unwrap()));
        watched.look_at_commits(move |_| {
            let pause = pause.take()?;
            pause();
            Some(Fault::Late(unknown()))
        });
        let reply = shop.redeem_with(Meta::key("late"), &code, Some("ann"));
        assert!(matches!(reply, Err(Error::Store(StoreError::OutcomeUnknown(_)))), "{reply:?}");
        assert_eq!(watched.land(), 1, "no denial was given for what came after all");
        shop.redeem_with(Meta::key("late"), &code, Some("ann")).unwrap();
        assert_eq!(uses_left(&shop, &code), 8);
    }
}

#[test]
fn a_no_after_an_unknown_outcome_is_a_fact_where_nothing_comes_late() {
    for (shop, watched) in Shop::each_watched() {
        let code = campaign_shop(&shop);
        let beside = shop.beside(watched.inner(), keyring());
        let pause = paused(&beside, Meta::key("pause"));
        let mut pause = Some(move || drop(beside.tenant.save_campaign(pause).wait().unwrap()));
        watched.look_at_commits(move |_| {
            let pause = pause.take()?;
            pause();
            Some(Fault::Before(unknown()))
        });
        assert_eq!(denied(shop.redeem(&code, "ann")), "campaign_not_running");
    }
}

#[test]
fn a_request_that_ran_again_keeps_its_late_twin_out() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 1, many(10));
        let code = shop.claim("b", "ann").unwrap();
        watched.never_settles();
        watched.hurt([Fault::Late(unknown())]);
        let receipt = shop.redeem_with(Meta::key("twin"), &code, Some("ann")).unwrap();
        assert_eq!(watched.land(), 0, "its key is taken");
        assert_eq!(shop.redeem_with(Meta::key("twin"), &code, Some("ann")).unwrap(), receipt);
        assert_eq!(uses_left(&shop, &code), 9);
    }
}

#[test]
fn dropping_the_last_handle_answers_closed_to_calls_that_nobody_decided() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 1, many(10));
        let code = shop.claim("b", "ann").unwrap();
        let (engine, tenant) = shop.engine_with(watched.inner(), Settings::default());
        let calls: Vec<_> = (0..5).map(|n| queued(&shop, &tenant, Meta::key(format!("k{n}")), &code)).collect();
        drop((engine, tenant));
        for call in calls {
            assert_eq!(call.wait(), Err(Error::Closed));
        }
        assert_eq!(uses_left(&shop, &code), 10);
    }
}

#[test]
fn a_store_that_panics_while_it_reads_costs_its_group_and_no_other() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 2, bearer());
        let codes = codes_of(&shop, "b");
        let mut panics = Some(());
        watched.look_at_loads(move |_| panics.take().map(|()| panic!("the store panics, as the test says")));
        let _: &Arc<Watched> = &watched;
        let lost = queued(&shop, &shop.tenant, Meta::key("k0"), &codes[0]).wait();
        assert!(lost.is_err(), "{lost:?}");
        queued(&shop, &shop.tenant, Meta::key("k1"), &codes[1]).wait().unwrap();
        queued(&shop, &shop.tenant, Meta::key("k0"), &codes[0]).wait().unwrap();
    }
}

#[test]
fn rows_of_a_changeset_are_touched_in_the_order_of_their_keys() {
    for (shop, watched) in Shop::each_watched() {
        watched.look_at_commits(|group| {
            for changeset in group {
                let keys: Vec<_> = changeset.writes.iter().map(|write| write.record.key()).collect();
                assert!(keys.is_sorted(), "{keys:?}");
                let accounts: Vec<_> = changeset.moves.iter().map(|step| (&step.owner, &step.unit)).collect();
                assert!(accounts.is_sorted(), "{accounts:?}");
            }
            None
        });
        let limits = Limits { uses_per_holder: Some(9), claims_per_holder: Some(9), ..Limits::default() };
        shop.batch("b", 3, TemplateDraft { limits, ..eight_tenths() });
        let code = shop.claim("b", "ann").unwrap();
        let receipt = shop.redeem(&code, "ann").unwrap();
        shop.refund(&receipt.redemption).unwrap();
    }
}

#[test]
fn engine_figures_count_what_happened() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 20, bearer());
        let codes = codes_of(&shop, "b");
        let store = Arc::clone(&watched) as Arc<dyn Store>;
        let (engine, tenant) = shop.engine_with(store, Settings { queue_max: 12, ..Settings::default() });
        let before = tenant.engine_figures(()).unwrap();
        assert_eq!((before.calls, before.queued, before.ended.len()), (0, 0, 0));
        let call = |n: usize, code: usize| queued(&shop, &tenant, Meta::key(format!("k{n}")), &codes[code]);
        // Ten cards, one of them twice, one call withdrawn; one too many for the queue.
        let mut calls: Vec<_> = (0..10).map(|n| call(n, n)).collect();
        calls.push(call(10, 0));
        let goes = call(11, 11);
        let busy = call(12, 12);
        assert_eq!(tenant.engine_figures(()).unwrap().queued, 12);
        drop(goes);
        // The clock stands in the tests; here it moves while they wait, and again while they are committed.
        shop.clock.advance(3);
        let clock = shop.clock.clone();
        let mut commits = 0;
        watched.look_at_commits(move |_| {
            commits += 1;
            clock.advance(5);
            (commits == 1).then(|| Fault::Before(unknown()))
        });
        let replies: Vec<_> = calls.into_iter().map(Call::wait).collect();
        assert!(matches!(busy.wait(), Err(Error::Busy(_))));
        assert_eq!(replies.iter().filter(|reply| reply.is_ok()).count(), 10);
        let figures = tenant.engine_figures(()).unwrap();
        let ended = [("busy", 1), ("closed", 1), ("limit_reached", 1), ("ok", 10)];
        assert_eq!(figures.ended, ended.map(|(code, count)| (code.to_owned(), count)).into());
        assert_eq!((figures.calls, figures.queued, figures.withdrawn), (13, 0, 1));
        assert_eq!((figures.commits_failed, figures.outcomes_unknown, figures.conflicts, figures.panics), (1, 1, 0, 0));
        assert_eq!(figures.decided_again, 12, "all but the one that was withdrawn, and the denial on what is durable");
        assert_eq!((figures.group_size.count, figures.group_size.sum, figures.group_size.max), (2, 20, 10));
        assert_eq!((figures.wait_us.count, figures.wait_us.sum), (12, 12 * 3_000));
        assert_eq!((figures.commit_us.count, figures.commit_us.max), (2, 5_000));
        assert_eq!(figures.reply_us.max, 13_000);
        assert!(figures.loads >= 2);
        // They are the engine's, whichever tenant asks, and no other engine's.
        let other = engine.tenant("other", cardmint::code::World::Test).unwrap();
        assert_eq!(other.engine_figures(()).unwrap(), figures);
        assert_ne!(shop.tenant.engine_figures(()).unwrap(), figures);
    }
}

#[test]
fn g02_a_redemption_that_is_repeated_is_answered_again_whatever_became_of_its_card() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 3, bearer());
        let codes = codes_of(&shop, "b");
        watched.forget();
        let receipt = shop.redeem_with(Meta::key("once"), &codes[0], Some("ann")).unwrap();
        assert_eq!(watched.loads(), 1);
        assert_eq!(shop.redeem_with(Meta::key("once"), &codes[0], Some("ann")).unwrap(), receipt, "spent meanwhile");
        assert_eq!(denied(shop.redeem_with(Meta::key("once"), &codes[0], Some("bob"))), "key_reused");
        assert_eq!(
            denied(shop.redeem_with(Meta::key("once"), &codes[1], Some("ann"))),
            "key_reused",
            "its own card is new"
        );
        assert_eq!(denied(shop.redeem_with(Meta::key("other"), &codes[0], Some("ann"))), "limit_reached");
        // Given back: the card has its use, and the key still answers.
        shop.refund("once").unwrap();
        assert_eq!(shop.redeem_with(Meta::key("once"), &codes[0], Some("ann")).unwrap(), receipt);
        assert_eq!(uses_left(&shop, &codes[0]), 1);
        // Twice in one group, beside another one.
        let twice = || queued(&shop, &shop.tenant, Meta::key("twice"), &codes[1]);
        let (first, second, other) = (twice(), twice(), queued(&shop, &shop.tenant, Meta::key("twice"), &codes[2]));
        assert_eq!(first.wait().unwrap(), second.wait().unwrap());
        assert_eq!(denied(other.wait()), "key_reused");
        shop.tenant.freeze((shop.because("check"), CardPick::code(&codes[2]))).wait().unwrap();
        assert_eq!(denied(shop.redeem_with(Meta::key("third"), &codes[2], Some("ann"))), "frozen");
    }
}

/// Until so many loads were made: then whoever waits behind the gate has decided.
fn until_loads(watched: &Watched, loads: usize) {
    while watched.loads() < loads {
        thread::sleep(Duration::from_millis(1));
    }
    thread::sleep(Duration::from_millis(20));
}

#[test]
fn calls_that_come_while_a_group_waits_are_decided_on_it_and_committed_with_it() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 3, bearer());
        let codes = codes_of(&shop, "b");
        watched.forget();
        watched.shut();
        thread::scope(|scope| {
            let under_way = scope.spawn(|| shop.redeem(&codes[0], "ann"));
            watched.until_held();
            let waits = scope.spawn(|| shop.redeem(&codes[1], "ann"));
            until_loads(&watched, 2);
            // The same card, another one, and the card under way: one after another, each a layer of its own.
            let spent = scope.spawn(|| shop.redeem(&codes[1], "ann"));
            until_loads(&watched, 3);
            let well = scope.spawn(|| shop.redeem(&codes[2], "ann"));
            until_loads(&watched, 4);
            let spent_before = scope.spawn(|| shop.redeem(&codes[0], "ann"));
            until_loads(&watched, 5);
            watched.open();
            under_way.join().unwrap().unwrap();
            waits.join().unwrap().unwrap();
            assert_eq!(denied(spent.join().unwrap()), "limit_reached");
            well.join().unwrap().unwrap();
            assert_eq!(denied(spent_before.join().unwrap()), "limit_reached");
        });
        assert_eq!((watched.commits(), watched.changesets()), (2, 3));
    }
}

#[test]
fn a_layer_that_falls_out_takes_those_above_it_along() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 2, many(5));
        let (one, other) = (shop.claim("b", "ann").unwrap(), shop.claim("b", "bob").unwrap());
        let beside = shop.beside(watched.inner(), keyring());
        let foreign = Redeem { meta: Meta::key("foreign"), ..beside.redeem_request(&one, Some("ann")) };
        watched.forget();
        watched.shut();
        watched.hurt([
            Fault::Meddle(Box::new(|| ())),
            Fault::Meddle(Box::new(move || drop(beside.tenant.redeem(foreign).wait().unwrap()))),
        ]);
        thread::scope(|scope| {
            let under_way = scope.spawn(|| shop.redeem(&other, "bob"));
            watched.until_held();
            let calls: Vec<_> = (0..3)
                .map(|n| {
                    let call = scope.spawn(|| shop.redeem(&one, "ann"));
                    // Each needs a load for its key.
                    until_loads(&watched, 2 + n);
                    call
                })
                .collect();
            watched.open();
            under_way.join().unwrap().unwrap();
            for call in calls {
                call.join().unwrap().unwrap();
            }
        });
        assert_eq!((watched.commits(), watched.changesets()), (3, 1 + 3 + 3), "all three were decided again");
        assert_eq!((uses_left(&shop, &one), uses_left(&shop, &other)), (1, 4));
        assert!(shop.tenant.history(CardPick::code(&one)).unwrap().iter().all(|entry| entry.chained == Some(true)));
    }
}

#[test]
fn a_call_of_a_later_layer_whose_rows_cannot_be_read_leaves_the_group_as_it_was() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 4, bearer());
        let codes = codes_of(&shop, "b");
        let damaged = || StoreError::Damaged("this row is none".to_owned());
        let card = shop.card("b", 2);
        watched.look_at_loads(move |lookups| lookups.iter().any(|lookup| lookup.key == Key::Card(card)).then(damaged));
        watched.forget();
        watched.shut();
        thread::scope(|scope| {
            let under_way = scope.spawn(|| shop.redeem(&codes[0], "ann"));
            watched.until_held();
            let waits = scope.spawn(|| shop.redeem(&codes[1], "ann"));
            until_loads(&watched, 2);
            let fails = scope.spawn(|| shop.redeem(&codes[2], "ann"));
            until_loads(&watched, 3);
            let well = scope.spawn(|| shop.redeem(&codes[3], "ann"));
            until_loads(&watched, 4);
            watched.open();
            under_way.join().unwrap().unwrap();
            waits.join().unwrap().unwrap();
            assert_eq!(fails.join().unwrap(), Err(Error::Store(damaged())));
            well.join().unwrap().unwrap();
        });
        assert_eq!((watched.commits(), watched.changesets()), (2, 3));
    }
}

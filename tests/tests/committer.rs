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
        shop.clock.advance(1_000);
        shop.redeem(&code, "ann").unwrap();
        shop.clock.advance(1);
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

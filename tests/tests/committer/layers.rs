//! Groups that are decided on each other, and those that conflict.

use crate::*;

/// Until so many loads were made: then whoever waits behind the gate has decided.
fn until_loads(watched: &Watched, loads: usize) {
    while watched.loads() < loads {
        thread::sleep(Duration::from_millis(1));
    }
    thread::sleep(Duration::from_millis(20));
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

/// Another process uses the card before every commit of ours that it can come before.
#[test]
fn who_lost_its_ground_once_is_decided_in_a_turn_to_write_and_loses_it_no_second_time() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 1, many(100));
        let code = shop.claim("b", "ann").unwrap();
        let (beside, foreign) = (shop.beside(watched.inner(), keyring()), AtomicUsize::new(0));
        let (card, turns) = (code.clone(), Arc::downgrade(&watched));
        watched.look_at_commits(move |_| {
            let n = foreign.fetch_add(1, Ordering::SeqCst);
            // In a turn it would wait for ever; and after nine times its shop shuts.
            (n < 9 && turns.upgrade().is_some_and(|watched| watched.turns() == 0)).then(|| {
                let meta = Meta::key(format!("foreign{n}"));
                beside.tenant.redeem(Redeem { meta, ..beside.redeem_request(&card, Some("ann")) }).wait().unwrap();
                Fault::Meddle(Box::new(|| ()))
            })
        });
        let eight = |name: &str| {
            let calls: Vec<_> =
                (0..8).map(|n| queued(&shop, &shop.tenant, Meta::key(format!("{name}{n}")), &code)).collect();
            calls.into_iter().for_each(|call| drop(call.wait().unwrap()));
        };
        let figures = || shop.tenant.engine_figures(()).unwrap();
        watched.give_turns();
        watched.forget();
        let before = figures().conflicts;
        eight("k");
        assert_eq!((watched.commits(), watched.turns()), (2, 1), "as they were decided, and then in a turn");
        assert_eq!(figures().conflicts - before, 8);
        assert_eq!(uses_left(&shop, &code), 100 - 8 - 1);
    }
}

/// One turn, in which it is read, decided and committed; its *no* gives the turn back. A group goes the ordinary way.
#[test]
fn a_call_that_is_alone_is_decided_in_one_turn() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 1, many(100));
        let code = shop.claim("b", "ann").unwrap();
        shop.redeem(&code, "ann").unwrap();
        watched.give_free_turns();
        watched.forget();
        shop.redeem(&code, "ann").unwrap();
        assert_eq!((watched.loads(), watched.turns(), watched.commits()), (1, 1, 1));
        assert_eq!(denied(shop.redeem(&code, "bob")), "not_owner");
        assert_eq!((watched.turns(), watched.commits()), (2, 1), "a denial commits nothing");
        // Where the denied one's turn were still held, this would wait for it.
        let beside = shop.beside(watched.inner(), keyring());
        beside.redeem_with(Meta::key("beside"), &code, Some("ann")).unwrap();
        watched.forget();
        let group = [0, 1].map(|n| queued(&shop, &shop.tenant, Meta::key(format!("k{n}")), &code));
        group.into_iter().for_each(|call| drop(call.wait().unwrap()));
        assert_eq!((watched.turns(), watched.commits()), (0, 1));
        assert_eq!(uses_left(&shop, &code), 100 - 5);
    }
}

/// While another group is on its way into the store, a call is decided on what that one changes, and takes no turn that would make it
/// wait before it is decided.
#[test]
fn a_call_behind_a_group_under_way_takes_no_turn() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 1, many(100));
        let code = shop.claim("b", "ann").unwrap();
        watched.give_free_turns();
        watched.forget();
        watched.shut();
        thread::scope(|scope| {
            let group = [0, 1].map(|n| queued(&shop, &shop.tenant, Meta::key(format!("k{n}")), &code));
            let first = scope.spawn(|| group.into_iter().for_each(|call| drop(call.wait().unwrap())));
            watched.until_held();
            let loads = watched.loads();
            let behind = queued(&shop, &shop.tenant, Meta::key("behind"), &code);
            let second = scope.spawn(|| behind.wait().unwrap());
            until_loads(&watched, loads + 1);
            watched.open();
            first.join().unwrap();
            second.join().unwrap();
        });
        assert_eq!((watched.turns(), watched.commits()), (0, 2));
        assert_eq!(uses_left(&shop, &code), 100 - 3);
    }
}

#[test]
fn without_turns_who_lost_its_ground_tries_until_nobody_comes_between() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 1, many(100));
        let code = shop.claim("b", "ann").unwrap();
        let (beside, card, foreign) = (shop.beside(watched.inner(), keyring()), code.clone(), AtomicUsize::new(0));
        watched.look_at_commits(move |_| {
            let n = foreign.fetch_add(1, Ordering::SeqCst);
            (n < 9).then(|| {
                let meta = Meta::key(format!("foreign{n}"));
                beside.tenant.redeem(Redeem { meta, ..beside.redeem_request(&card, Some("ann")) }).wait().unwrap();
                Fault::Meddle(Box::new(|| ()))
            })
        });
        watched.forget();
        shop.redeem(&code, "ann").unwrap();
        assert_eq!((watched.commits(), watched.turns()), (10, 0));
        assert_eq!(uses_left(&shop, &code), 100 - 9 - 1);
    }
}

/// Two engines, each with threads of its own, on one card, whose turns to write are real: nobody is denied while there are uses left.
#[test]
fn engines_that_take_turns_on_one_card_come_out_exactly() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 1, many(60));
        let code = shop.claim("b", "ann").unwrap();
        watched.give_turns();
        let beside = shop.beside(Arc::clone(&watched) as Arc<dyn Store>, keyring());
        let good: usize = thread::scope(|scope| {
            let running: Vec<_> = [&shop, &beside]
                .into_iter()
                .flat_map(|side| [(side, 0), (side, 1)])
                .map(|(side, thread)| {
                    let code = &code;
                    scope.spawn(move || {
                        let key = |n| Meta::key(format!("{:p}-{thread}-{n}", side));
                        let tries = (0..20).map(|n| queued(side, &side.tenant, key(n), code).wait());
                        tries.filter(|outcome| outcome.is_ok()).count()
                    })
                })
                .collect();
            running.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!((good, uses_left(&shop, &code)), (60, 0));
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

//! Deadlines, and control rows that grow old.

use crate::*;

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

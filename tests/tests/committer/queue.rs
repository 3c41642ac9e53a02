//! The queue: full, given up, shut; and what the engine counts.

use crate::*;

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

/// The engine is shut while a group that conflicted waits to be committed again: it ends, and whoever came behind it is told.
#[test]
fn a_group_that_is_tried_again_ends_before_the_engine_is_shut() {
    for (turns, (shop, watched)) in
        [false, true].into_iter().flat_map(|turns| Shop::each_watched().map(|one| (turns, one)))
    {
        shop.batch("b", 1, many(10));
        let code = shop.claim("b", "ann").unwrap();
        let (engine, tenant) = shop.engine_with(Arc::clone(&watched) as Arc<dyn Store>, Settings::default());
        let beside = shop.beside(watched.inner(), keyring());
        let foreign = Redeem { meta: Meta::key("f"), ..shop.redeem_request(&code, Some("ann")) };
        let (gate, mut foreign) = (Arc::downgrade(&watched), Some((beside, foreign)));
        watched.look_at_commits(move |_| {
            let (beside, foreign) = foreign.take()?;
            drop(beside.tenant.redeem(foreign).wait().unwrap());
            // The next commit is held back.
            gate.upgrade().unwrap().shut();
            Some(Fault::Meddle(Box::new(|| ())))
        });
        if turns {
            watched.give_turns();
        }
        thread::scope(|scope| {
            let again = queued(&shop, &tenant, Meta::key("again"), &code);
            let leads = scope.spawn(move || again.wait());
            watched.until_held();
            let mut behind = vec![queued(&shop, &tenant, Meta::key("behind"), &code)];
            let closes = scope.spawn(|| engine.close());
            // Whoever comes from then on is told at once; those before them wait with the group under way.
            while !behind.last().is_some_and(Call::is_done) {
                thread::sleep(Duration::from_millis(1));
                behind.push(queued(&shop, &tenant, Meta::key(format!("behind{}", behind.len())), &code));
            }
            assert!(!leads.is_finished() && !closes.is_finished(), "the group under way is waited for");
            watched.open();
            leads.join().unwrap().unwrap();
            closes.join().unwrap();
            assert!(behind.into_iter().all(|call| call.wait() == Err(Error::Closed)));
        });
        assert_eq!(uses_left(&shop, &code), 8, "the foreign use and the one that was tried again");
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

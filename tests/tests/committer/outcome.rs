//! Unknown outcomes, and requests that are repeated.

use crate::*;

/// A card of a campaign that is paused while the next commit is on its way and loses its connection; the commit itself lands when the
/// test says so.
fn paused_under_a_late_commit(shop: &Shop, watched: &Watched) -> String {
    let code = campaign_shop(shop);
    watched.never_settles();
    let beside = shop.beside(watched.inner(), keyring());
    let pause = paused(&beside, Meta::key("pause"));
    let mut pause = Some(move || drop(beside.tenant.save_campaign(pause).wait().unwrap()));
    watched.look_at_commits(move |_| {
        let pause = pause.take()?;
        pause();
        Some(Fault::Late(unknown()))
    });
    code
}

fn runs_again(shop: &Shop) {
    let run = SaveCampaign { meta: Meta::key("run"), ..shop.campaign("c") };
    shop.tenant.save_campaign(run).wait().unwrap();
}

#[test]
fn a_no_after_an_unknown_outcome_is_told_when_a_fence_keeps_the_change_out() {
    for (shop, watched) in Shop::each_watched() {
        let code = paused_under_a_late_commit(&shop, &watched);
        watched.forget();
        assert_eq!(denied(shop.redeem_with(Meta::key("late"), &code, Some("ann"))), "campaign_not_running");
        assert_eq!(watched.commits(), 2, "the one that was lost, and the fence");
        assert_eq!(watched.land(), 0, "what was denied never comes");
        assert_eq!((uses_left(&shop, &code), shop.tenant.redemption("late").unwrap()), (9, None));
        assert_eq!(denied(shop.refund("late")), "unknown");
        // A denied request may be tried again: it takes the place of the fence, and is one like any other.
        runs_again(&shop);
        let receipt = shop.redeem_with(Meta::key("late"), &code, Some("ann")).unwrap();
        assert_eq!((receipt.redemption.as_str(), uses_left(&shop, &code)), ("late", 8));
        assert_eq!(shop.redeem_with(Meta::key("late"), &code, Some("ann")).unwrap(), receipt);
        assert_eq!(denied(shop.redeem_with(Meta::key("late"), &code, Some("bob"))), "key_reused");
        assert_eq!(shop.tenant.redemption("late").unwrap().map(|redemption| redemption.key), Some("late".to_owned()));
        shop.refund("late").unwrap();
        assert_eq!(uses_left(&shop, &code), 9);
    }
}

/// The same for a request whose key is that of its event, three times over: behind each fence stands the next one's place.
#[test]
fn a_claim_that_was_denied_and_fenced_is_tried_again_under_its_own_key() {
    for (shop, watched) in Shop::each_watched() {
        shop.campaign_batch(shop.campaign("c"), 10, many(10));
        watched.never_settles();
        let beside = shop.beside(watched.inner(), keyring());
        let claim = || Claim { meta: Meta::key("claim"), ..shop.claim_request("c", "ann") };
        for round in 0..3 {
            let pause = paused(&beside, Meta::key(format!("pause{round}")));
            let tenant = beside.tenant.clone();
            let mut pause = Some(move || drop(tenant.save_campaign(pause).wait().unwrap()));
            watched.look_at_commits(move |_| {
                let pause = pause.take()?;
                pause();
                Some(Fault::Late(unknown()))
            });
            assert_eq!(denied(shop.tenant.claim(claim()).wait()), "campaign_not_running");
            assert_eq!(watched.land(), 0, "what was denied never comes");
            let run = SaveCampaign { meta: Meta::key(format!("run{round}")), ..shop.campaign("c") };
            shop.tenant.save_campaign(run).wait().unwrap();
        }
        let claimed = shop.tenant.claim(claim()).wait().unwrap();
        assert_eq!(claimed.card.id.serial, 0, "the first card: none was taken before");
        assert_eq!(shop.tenant.claim(claim()).wait().unwrap().card, claimed.card);
        let other = Claim { meta: Meta::key("claim"), ..shop.claim_request("c", "bob") };
        assert_eq!(denied(shop.tenant.claim(other).wait()), "key_reused");
        let history = shop.tenant.history(CardPick::Id(claimed.card.id)).unwrap();
        let request = history[0].request.as_ref().unwrap();
        assert_eq!((request.key.as_str(), history[0].chained), ("claim", Some(true)), "the key as the host gave it");
    }
}

#[test]
fn a_fence_that_loses_to_the_late_commit_finds_what_was_done() {
    for (shop, watched) in Shop::each_watched() {
        let code = campaign_shop(&shop);
        watched.never_settles();
        let beside = shop.beside(watched.inner(), keyring());
        let pause = paused(&beside, Meta::key("pause"));
        let (lands, mut pause, mut commits) = (Arc::downgrade(&watched), Some(pause), 0);
        watched.look_at_commits(move |_| {
            commits += 1;
            match commits {
                1 => {
                    drop(beside.tenant.save_campaign(pause.take().unwrap()).wait().unwrap());
                    Some(Fault::Late(unknown()))
                }
                // The fence is on its way: what it is to keep out comes just before it.
                2 => {
                    assert_eq!(lands.upgrade().unwrap().land(), 1);
                    None
                }
                _ => None,
            }
        });
        let receipt = shop.redeem_with(Meta::key("late"), &code, Some("ann")).unwrap();
        assert_eq!((receipt.redemption.as_str(), uses_left(&shop, &code)), ("late", 8));
    }
}

#[test]
fn a_fence_whose_own_outcome_stays_unknown_tells_no_denial() {
    for (shop, watched) in Shop::each_watched() {
        let code = campaign_shop(&shop);
        watched.never_settles();
        let beside = shop.beside(watched.inner(), keyring());
        let mut pause = Some(paused(&beside, Meta::key("pause")));
        watched.look_at_commits(move |_| {
            if let Some(pause) = pause.take() {
                drop(beside.tenant.save_campaign(pause).wait().unwrap());
            }
            Some(Fault::Late(unknown()))
        });
        let reply = shop.redeem_with(Meta::key("late"), &code, Some("ann"));
        assert!(matches!(reply, Err(Error::Store(StoreError::OutcomeUnknown(_)))), "{reply:?}");
        // Of the change and the fences only the first to come stands.
        assert_eq!(watched.land(), 1);
        watched.look_at_commits(|_| None);
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

fn retry(key: &str) -> Meta {
    Meta { retry: true, ..Meta::key(key) }
}

/// Redeems under `late`; every commit of it loses its connection, and what was sent waits until the test lets it land.
fn lost_in_the_dark(shop: &Shop, watched: &Watched, code: &str) {
    watched.never_settles();
    watched.look_at_commits(|_| Some(Fault::Late(unknown())));
    let reply = shop.redeem_with(Meta::key("late"), code, Some("ann"));
    assert!(matches!(reply, Err(Error::Store(StoreError::OutcomeUnknown(_)))), "{reply:?}");
    watched.look_at_commits(|_| None);
}

/// The engine that is asked again may be another one, and knows of the first try only by what the request says.
#[test]
fn a_no_to_a_retry_is_told_when_no_try_of_it_can_come_any_more() {
    for (says, lands) in [(true, 0), (false, 1)] {
        for (shop, watched) in Shop::each_watched() {
            let code = campaign_shop(&shop);
            lost_in_the_dark(&shop, &watched, &code);
            let elsewhere = shop.beside(Arc::clone(&watched) as Arc<dyn Store>, keyring());
            elsewhere.tenant.save_campaign(paused(&elsewhere, Meta::key("pause"))).wait().unwrap();
            let meta = if says { retry("late") } else { Meta::key("late") };
            let reply = elsewhere.redeem_with(meta.clone(), &code, Some("ann"));
            assert_eq!(denied(reply), "campaign_not_running");
            assert_eq!(watched.land(), lands, "a request that does not say so is answered as one that is new");
            assert_eq!(uses_left(&shop, &code), 9 - u32::try_from(lands).unwrap());
            // Whatever the answer was, the key tells what was done in the end.
            runs_again(&shop);
            shop.redeem_with(meta, &code, Some("ann")).unwrap();
            assert_eq!((watched.land(), uses_left(&shop, &code)), (0, 8));
        }
    }
}

/// A retry is the same request: it finds what was done, and does it where nothing was.
#[test]
fn a_retry_is_answered_as_the_request_was() {
    for (shop, watched) in Shop::each_watched() {
        let code = campaign_shop(&shop);
        let receipt = shop.redeem_with(Meta::key("k"), &code, Some("ann")).unwrap();
        assert_eq!(shop.redeem_with(retry("k"), &code, Some("ann")).unwrap(), receipt);
        assert_eq!(denied(shop.redeem_with(retry("k"), &code, Some("bob"))), "key_reused");
        let fresh = shop.redeem_with(retry("fresh"), &code, Some("ann")).unwrap();
        assert_eq!(shop.redeem_with(Meta::key("fresh"), &code, Some("ann")).unwrap(), fresh);
        // Nothing was written by this try, and nobody knows of the first.
        let busy = || watched.hurt([Fault::Before(StoreError::Busy("locked".to_owned()))]);
        busy();
        let reply = shop.redeem_with(Meta::key("busy"), &code, Some("ann"));
        assert!(matches!(reply, Err(Error::Store(StoreError::Busy(_)))), "{reply:?}");
        busy();
        let reply = shop.redeem_with(retry("busy"), &code, Some("ann"));
        assert!(matches!(reply, Err(Error::Store(StoreError::OutcomeUnknown(_)))), "{reply:?}");
        assert_eq!(uses_left(&shop, &code), 7);
    }
}

/// What a public code needs is read before the request is handed in; that this cannot be read says nothing of the first try.
#[test]
fn a_retry_with_a_public_code_that_cannot_be_read_is_outcome_unknown() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("b", 2, many(1));
        let word = SavePublicCode::new(shop.meta(), "b", "SUMMER20", Normalisation::Word);
        shop.tenant.save_public_code(word).wait().unwrap();
        let fails = || watched.hurt_scans([StoreError::Unavailable("no such file".to_owned())]);
        let redeem = |meta| shop.redeem_with(meta, "SUMMER20", Some("ann"));
        let hold = |meta| {
            let request = PlaceHold::new(meta, "SUMMER20", order("o", &[("apple", 10_000)]));
            shop.tenant.hold(request.by(Subject::customer("ann"))).wait()
        };
        fails();
        let reply = redeem(Meta::key("k"));
        assert!(matches!(reply, Err(Error::Store(StoreError::Unavailable(_)))), "{reply:?}");
        fails();
        let reply = redeem(retry("k"));
        assert!(matches!(reply, Err(Error::Store(StoreError::OutcomeUnknown(_)))), "{reply:?}");
        fails();
        let reply = hold(retry("k"));
        assert!(matches!(reply, Err(Error::Store(StoreError::OutcomeUnknown(_)))), "{reply:?}");
        redeem(retry("k")).unwrap();
        hold(retry("k")).unwrap();
    }
}

/// Another request on the same card needs no flag: what it changes, the late one expected to be unchanged, and the other way round.
#[test]
fn a_new_request_and_one_in_the_dark_never_both_take_the_last_use() {
    for late_first in [false, true] {
        for (shop, watched) in Shop::each_watched() {
            shop.batch("b", 1, many(1));
            let code = shop.claim("b", "ann").unwrap();
            lost_in_the_dark(&shop, &watched, &code);
            let elsewhere = shop.beside(Arc::clone(&watched) as Arc<dyn Store>, keyring());
            if late_first {
                // It comes when the new one was decided on a card that is not spent.
                let lands = Arc::downgrade(&watched);
                watched.look_at_commits(move |_| {
                    let watched = lands.upgrade()?;
                    Some(Fault::Meddle(Box::new(move || {
                        watched.land();
                    })))
                });
                assert_eq!(denied(elsewhere.redeem_with(Meta::key("new"), &code, Some("ann"))), "limit_reached");
                watched.look_at_commits(|_| None);
                let receipt = elsewhere.redeem_with(retry("late"), &code, Some("ann")).unwrap();
                assert_eq!(receipt.redemption, "late");
            } else {
                elsewhere.redeem_with(Meta::key("new"), &code, Some("ann")).unwrap();
                assert_eq!(denied(elsewhere.redeem_with(retry("late"), &code, Some("ann"))), "limit_reached");
                assert_eq!(watched.land(), 0);
            }
            assert_eq!(uses_left(&shop, &code), 0);
            let redemptions = ["late", "new"].map(|key| shop.tenant.redemption(key).unwrap().is_some());
            assert_eq!(redemptions, [late_first, !late_first]);
        }
    }
}

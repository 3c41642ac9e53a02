//! Unknown outcomes, and requests that are repeated.

use crate::*;

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

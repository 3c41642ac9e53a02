//! A request that hurts the store hurts itself and no other.

use crate::*;

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

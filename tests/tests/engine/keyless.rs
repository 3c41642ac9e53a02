//! An engine without keys reads what needs none and does nothing else, while the shop writes to the same file.

use std::sync::Arc;

use cardmint::code::World;
use cardmint::operation::{Kind, Operation};
use cardmint::{CardPick, Engine, Error, Settings};
use cardmint_sqlite::{Options, SqliteStore};
use cardmint_system::SystemClock;
use cardmint_tests::{Shop, bearer};

#[test]
fn an_engine_without_keys_reads_and_does_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let store = SqliteStore::open(&path, Options::default()).unwrap();
    let shop = Shop::over("sqlite", Arc::new(store), None);
    shop.batch("b", 5, bearer());
    let card = shop.card("b", 0);
    shop.tenant.freeze((shop.because("lost"), CardPick::Id(card))).wait().unwrap();

    let reader = Engine::keyless(SqliteStore::open_read_only(&path).unwrap(), SystemClock, Settings::default());
    let reader = reader.tenant("default", World::Live).unwrap();
    assert_eq!(reader.look_up(CardPick::Id(card)).unwrap().frozen.as_deref(), Some("lost"));
    let history = reader.history(CardPick::Id(card)).unwrap();
    assert_eq!(history.iter().map(|entry| entry.chained).collect::<Vec<_>>(), [None], "without a key nobody can tell");
    let mut count = reader.count_batch("b").unwrap();
    let figures = count.step().unwrap().unwrap();
    assert_eq!(count.step().unwrap().as_ref(), Some(&figures), "a step behind the end says the same again");
    assert_eq!((figures.size, figures.issued, figures.frozen), (5, 5, 1));
    assert!(matches!(reader.look_up(CardPick::code("0000-0000-0000-0000")), Err(Error::NoKeys(_))));
    assert!(matches!(reader.look_up(CardPick::Number("1".to_owned())), Err(Error::NoKeys(_))));
    assert!(matches!(reader.wallet(cardmint::subject::Subject::new("phone", "1")), Err(Error::NoKeys(_))));

    // By the table: no change is ever keyless, and one that is asked all the same is answered before the store is touched.
    let changes = Operation::all().iter().filter(|operation| operation.kind == Kind::Change);
    assert!(changes.clone().all(|operation| !operation.keyless));
    let void = format!(r#"{{"meta":"v","card":{{"id":"{card}"}}}}"#);
    let refused = Operation::named("void").unwrap().call(&reader, void.as_bytes()).unwrap_err();
    assert_eq!((refused.code, refused.status), ("no_keys", 105));
}

//! An engine without keys reads what needs none and does nothing else, while the shop writes to the same file.

use cardmint::code::World;
use cardmint::operation::{Kind, Operation};
use cardmint::{CardPick, Engine, Error, Settings};
use cardmint_sqlite::{Options, SqliteStore};
use cardmint_system::SystemClock;
use cardmint_tests::{bearer, keyring};

#[test]
fn an_engine_without_keys_reads_and_does_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let store = SqliteStore::open(&path, Options::default()).unwrap();
    let entropy = cardmint_system::system_entropy().unwrap();
    let engine = Engine::new(store, keyring(), SystemClock, entropy);
    let shop = engine.tenant("default", World::Live).unwrap();
    let template = cardmint::SaveTemplate {
        meta: "t".into(),
        template: cardmint::card::TemplateDraft { id: "t".to_owned(), ..bearer() },
    };
    shop.save_template(template).wait().unwrap();
    let batch = cardmint::IssueBatch::new("b".into(), "b", "t", 5, cardmint::code::CodeFormat::S16);
    shop.issue_batch(batch).wait().unwrap();
    let first = shop.list_cards(cardmint::ListCards {
        batch: "b".to_owned(),
        state: None,
        channel: None,
        page: cardmint::Paging::default(),
    });
    let card = first.unwrap().items[0].id;
    shop.freeze((cardmint::Meta { reason: Some("lost".to_owned()), .."f".into() }, CardPick::Id(card))).wait().unwrap();

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

//! What holds of the SQLite store alone: how many statements an operation costs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cardmint::card::TemplateDraft;
use cardmint::code::CodeFormat;
use cardmint::store::{CommitOutcome, Group, Lookup, Page, Scan, Store, StoreError, Stored};
use cardmint::{IssueBatch, SaveTemplate};
use cardmint_sqlite::{Options, SqliteStore};
use cardmint_tests::{Shop, bearer};

/// Counts the statements of the last commit.
struct Counted {
    store: SqliteStore,
    last: AtomicU64,
}

impl Store for Counted {
    fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Arc<Stored>>>, StoreError> {
        self.store.load(lookups)
    }

    fn commit(&self, group: Group<'_>) -> Result<Vec<CommitOutcome>, StoreError> {
        let before = self.store.statements();
        let outcomes = self.store.commit(group);
        self.last.store(self.store.statements() - before, Ordering::SeqCst);
        outcomes
    }

    fn scan(&self, scan: &Scan) -> Result<Page, StoreError> {
        self.store.scan(scan)
    }
}

#[test]
fn g20_issuing_a_batch_costs_the_same_few_statements_whatever_its_size() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("shop.db"), Options::default()).unwrap();
    let store = Arc::new(Counted { store, last: AtomicU64::new(0) });
    let shop = Shop::over("sqlite", Arc::clone(&store) as Arc<dyn Store>, None);
    let template = TemplateDraft { id: "t".to_owned(), ..bearer() };
    shop.tenant.save_template(SaveTemplate { meta: shop.meta(), template }).wait().unwrap();
    let statements = |id: &str, size: u32| {
        shop.tenant.issue_batch(IssueBatch::new(shop.meta(), id, "t", size, CodeFormat::S20)).wait().unwrap();
        store.last.load(Ordering::SeqCst)
    };
    let (ten, thousand_million) = (statements("ten", 10), statements("thousand-million", 1_000_000_000));
    println!("statements in the transaction: {ten} for ten cards, {thousand_million} for a thousand million");
    assert_eq!(ten, thousand_million);
    assert!(ten <= 4);
}

//! What the rows of a database add up to.

use cardmint::store::{Account, Key, Lookup, Owner, Record, Scan, ScanOf, Store, StoreError};
use cardmint::subject::SubjectKey;

use super::{Failure, Live, tenant_key};

/// What the shop's own audit finds; nothing where all of it adds up and every chain holds.
///
/// # Errors
/// What the store says.
pub fn audited(live: &Live) -> Result<Option<String>, Failure> {
    let report = live.tenant.audit(())?.wait()?;
    let clean = report.findings_total == 0 && report.chains_checked && report.stood_still;
    Ok((!clean).then(|| format!("the audit says {report:?}")))
}

/// What stands under a key.
pub fn row(store: &dyn Store, key: Key) -> Result<Option<Record>, StoreError> {
    let rows = store.load(&[Lookup::exact(&tenant_key(), key)])?;
    Ok(rows.into_iter().flatten().next().map(|stored| stored.record.clone()))
}

/// All of a range.
pub fn all(store: &dyn Store, of: &ScanOf) -> Result<Vec<Record>, StoreError> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = store.scan(&Scan { tenant: tenant_key(), of: of.clone(), after, limit: 1_000 })?;
        found.extend(page.items.iter().map(|stored| stored.record.clone()));
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(found),
        }
    }
}

/// How much a customer has of a unit.
pub fn account(store: &dyn Store, customer: &str, unit: &str) -> Result<i64, StoreError> {
    let holder = Owner::Holder(SubjectKey::from_stored(format!("customer:{customer}")));
    Ok(match row(store, Key::Account(holder, unit.to_owned()))? {
        Some(Record::Account(Account { balance, .. })) => balance,
        _ => 0,
    })
}

//! The manners of the committer: poison, deadlines, a full queue, withdrawal, stale control rows, unknown outcomes, shutdown.

mod layers;
mod outcome;
mod poison;
mod queue;
mod time;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use cardmint::card::{Life, Limits, TemplateDraft};
use cardmint::code::Normalisation;
use cardmint::store::{Changeset, Key, Lookup, Record, Store, StoreError};
use cardmint::subject::Subject;
use cardmint::{
    Call, CardPick, Claim, Error, ExportCodes, Meta, PlaceHold, Receipt, Redeem, SaveCampaign, SavePublicCode,
    Settings, Tenant,
};
use cardmint_tests::{Fault, Shop, Watched, bearer, denied, eight_tenths, keyring, order};

fn many(uses_per_card: u32) -> TemplateDraft {
    TemplateDraft { limits: Limits { uses_per_card, ..Limits::default() }, ..eight_tenths() }
}

fn unknown() -> StoreError {
    StoreError::OutcomeUnknown("connection lost".to_owned())
}

fn broken() -> StoreError {
    StoreError::Unavailable("this row cannot be written".to_owned())
}

fn codes_of(shop: &Shop, batch: &str) -> Vec<String> {
    let export = ExportCodes { meta: shop.because("test"), batch: batch.to_owned(), first: 0, count: None };
    shop.tenant.export_codes(export).unwrap().map(|code| code.unwrap().code).collect()
}

/// A redemption under a key that is in the queue and that nobody leads yet.
fn queued(shop: &Shop, tenant: &Tenant, meta: Meta, code: &str) -> Call<Receipt> {
    tenant.redeem(Redeem { meta, ..shop.redeem_request(code, Some("ann")) })
}

fn within(key: &str, deadline_ms: u32) -> Meta {
    Meta { deadline_ms: Some(deadline_ms), ..Meta::key(key) }
}

fn uses_left(shop: &Shop, code: &str) -> u32 {
    shop.tenant.look_up(CardPick::code(code)).unwrap().uses_left
}

fn holds(changesets: &[Changeset], keys: &[&str]) -> bool {
    let mut writes = changesets.iter().flat_map(|changeset| &changeset.writes);
    writes.any(|write| match &write.record {
        Record::Redemption(redemption) => keys.contains(&redemption.key.as_str()),
        _ => false,
    })
}

/// Redeems all codes from four threads, all outstanding at once; the outcome of each key.
fn flood(
    shop: &Shop,
    tenant: &Tenant,
    codes: &[String],
    key: impl Fn(usize) -> String + Sync,
) -> BTreeMap<String, Result<Receipt, Error>> {
    let hands: Vec<Vec<(usize, &String)>> =
        (0..4).map(|hand| codes.iter().enumerate().filter(|(n, _)| n % 4 == hand).collect()).collect();
    let key = &key;
    thread::scope(|scope| {
        let running: Vec<_> = hands
            .into_iter()
            .map(|hand| {
                scope.spawn(move || {
                    let calls: Vec<_> = hand
                        .into_iter()
                        .map(|(n, code)| (key(n), queued(shop, tenant, Meta::key(key(n)), code)))
                        .collect();
                    calls.into_iter().map(|(key, call)| (key, call.wait())).collect::<Vec<_>>()
                })
            })
            .collect();
        running.into_iter().flat_map(|hand| hand.join().unwrap()).collect()
    })
}

fn paused(shop: &Shop, meta: Meta) -> SaveCampaign {
    SaveCampaign { life: Life::Paused, meta, ..shop.campaign("c") }
}

/// A shop with a personal card of a running campaign, whose control rows are cached.
fn campaign_shop(shop: &Shop) -> String {
    shop.campaign_batch(shop.campaign("c"), 10, many(10));
    let code = shop.claim("c", "ann").unwrap();
    shop.redeem(&code, "ann").unwrap();
    code
}

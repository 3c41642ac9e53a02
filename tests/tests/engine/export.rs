//! Export of codes: exactly n, whatever breaks off, and never a dead one.

use std::collections::BTreeSet;

use cardmint::card::{Event, EventKind};
use cardmint::code::World;
use cardmint::store::{Key, Lookup, Record, TenantKey};
use cardmint::{CardPick, CloseExport, ExportCodes, ExportedCode, Meta, Progress, resume_after};
use cardmint_tests::{Shop, bearer, denied, refused};

fn export(shop: &Shop, first: u32, count: Option<u32>) -> ExportCodes {
    ExportCodes { meta: shop.because("for the printer"), batch: "b".to_owned(), first, count }
}

/// Lines `serial,code` from a serial on.
fn lines(shop: &Shop, from: u32) -> String {
    let stream = shop.tenant.export_codes(export(shop, from, None)).unwrap();
    stream.map(|next| next.map(|one| format!("{},{}\n", one.serial, one.code)).unwrap()).collect()
}

fn event_of(shop: &Shop, meta: &Meta) -> Event {
    let tenant = TenantKey::new("default", World::Live);
    let lookup = Lookup::exact(&tenant, Key::Request("export_codes".to_owned(), meta.key.clone()));
    match shop.store.load(&[lookup]).unwrap().remove(0).map(|stored| stored.record.clone()) {
        Some(Record::Event(stored)) => stored.event,
        other => panic!("{other:?}"),
    }
}

#[test]
fn g20_a_batch_of_n_gives_exactly_n_distinct_codes() {
    for shop in Shop::each() {
        for n in [1, 999, 1_000, 1_001, 2_500] {
            let id = format!("b{n}");
            shop.batch(&id, n, bearer());
            let request = ExportCodes { batch: id, ..export(&shop, 0, None) };
            let codes: Vec<_> = shop.tenant.export_codes(request).unwrap().map(Result::unwrap).collect();
            assert_eq!(codes.iter().map(|one| one.serial).collect::<Vec<_>>(), (0..n).collect::<Vec<_>>());
            assert_eq!(codes.iter().map(|one| &one.code).collect::<BTreeSet<_>>().len(), codes.len());
            for ExportedCode { serial, code } in &codes {
                assert_eq!(shop.tenant.open(code.as_str()).unwrap().unwrap().serial, *serial);
            }
        }
    }
}

#[test]
fn g20_an_export_that_was_killed_at_any_byte_goes_on() {
    for shop in Shop::each() {
        shop.batch("b", 1_200, bearer());
        let whole = lines(&shop, 0);
        let resume = |cut: usize, tail: usize| {
            let kept = &whole[..cut];
            let (torn, from) = resume_after(&kept.as_bytes()[cut.saturating_sub(tail)..]);
            format!("{}{}", &kept[..cut - torn], lines(&shop, from.unwrap_or(0)))
        };
        let somewhere = (0..40).map(|n: usize| n.wrapping_mul(7_919) % whole.len());
        let near_the_start = 0..60;
        for cut in (whole.len() - 200..=whole.len()).chain(somewhere).chain(near_the_start) {
            assert_eq!(resume(cut, whole.len()), whole, "cut at {cut}");
            assert_eq!(resume(cut, 80), whole, "cut at {cut}, with a short tail");
        }
    }
}

#[test]
fn g20_progress_is_monotone_and_a_stream_goes_on_where_it_was() {
    for shop in Shop::each() {
        shop.batch("b", 2_100, bearer());
        let mut stream = shop.tenant.export_codes(export(&shop, 100, Some(1_500))).unwrap();
        let (mut code, mut last, mut given) = (String::new(), 0, 0);
        while let Some(serial) = stream.next_into(&mut code).unwrap() {
            let Progress { done, total: all } = stream.progress();
            assert_eq!((u64::from(serial), all, stream.position()), (100 + last, 1_500, serial + 1));
            assert!(done > last);
            (last, given) = (done, given + 1);
        }
        assert_eq!((stream.progress(), given), (Progress { done: 1_500, total: 1_500 }, 1_500));
        assert!(stream.next_into(&mut code).unwrap().is_none());
        assert_eq!(shop.tenant.export_codes(export(&shop, 2_100, None)).unwrap().count(), 0);
        assert_eq!(refused(shop.tenant.export_codes(export(&shop, 2_101, None))).field, "first");
    }
}

#[test]
fn g20_dead_codes_are_never_exported() {
    for shop in Shop::each() {
        shop.batch("b", 1_005, bearer());
        let on = |serial| (shop.because("test"), CardPick::Id(shop.card("b", serial)));
        for serial in [0, 7, 1_004] {
            shop.tenant.void(on(serial)).wait().unwrap();
        }
        let old = shop.code_of("b", 5).unwrap();
        let living = shop.tenant.replace(on(5)).wait().unwrap().code.unwrap();
        shop.tenant.freeze(on(6)).wait().unwrap();
        let whole = lines(&shop, 0);
        let serials: Vec<u32> = whole.lines().map(|line| line.split_once(',').unwrap().0.parse().unwrap()).collect();
        assert_eq!(serials, (0..1_005).filter(|serial| ![0, 7, 1_004].contains(serial)).collect::<Vec<_>>());
        assert!(whole.contains(&living) && !whole.contains(&old));
        // Killed right before the void card at the end, nothing is missed and nothing doubled.
        let (torn, from) = resume_after(whole.as_bytes());
        assert_eq!((torn, from), (0, Some(1_004)));
        assert_eq!(lines(&shop, 1_004), "");
    }
}

#[test]
fn every_export_is_an_event_and_ends_when_the_batch_is_closed() {
    for shop in Shop::each() {
        shop.batch("b", 10, bearer());
        let request = export(&shop, 2, Some(3));
        let codes: Vec<_> = shop.tenant.export_codes(request.clone()).unwrap().map(Result::unwrap).collect();
        assert_eq!(codes.len(), 3);
        let event = event_of(&shop, &request.meta);
        assert_eq!((event.kind, event.reason.as_deref()), (EventKind::CodesExported, Some("for the printer")));
        assert_eq!(event.facts, r#"{"from":2,"below":5}"#);
        let silent = ExportCodes { meta: shop.meta(), ..request.clone() };
        assert_eq!(refused(shop.tenant.export_codes(silent)).field, "meta.reason");
        let other = ExportCodes { first: 3, ..request.clone() };
        assert_eq!(denied(shop.tenant.export_codes(other)), "key_reused");
        let unknown = ExportCodes { batch: "nothing".to_owned(), ..export(&shop, 0, None) };
        assert_eq!(denied(shop.tenant.export_codes(unknown)), "unknown");

        shop.tenant.close_export(CloseExport { meta: shop.meta(), batch: "b".to_owned() }).wait().unwrap();
        assert_eq!(denied(shop.tenant.export_codes(export(&shop, 0, None))), "export_closed");
        assert_eq!(denied(shop.tenant.export_codes(request)), "export_closed");
        assert_eq!(shop.code_of("b", 2).unwrap(), codes[0].code);
    }
}

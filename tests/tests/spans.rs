//! Spans of the feature `tracing`: what they are called, what they hold, and that nobody is named in them.
//! `cargo test -p cardmint-tests --features tracing --test spans`

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use cardmint::subject::Subject;
use cardmint::{Meta, Redeem};
use cardmint_tests::{Fault, Shop, Watched, denied, eight_tenths, keyring};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// One span, as it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Span {
    /// Its name, behind those of the spans that it was made in.
    path: String,
    target: String,
    /// Numbers, by name.
    numbers: Vec<(String, u64)>,
}

#[derive(Default)]
struct Seen {
    spans: Vec<Span>,
    open: Vec<usize>,
    /// All that was ever told: names, targets, files, fields of any kind, events.
    texts: String,
}

/// Keeps all that it is told.
#[derive(Clone, Default)]
struct Keeps(Arc<Mutex<Seen>>);

struct Fields<'a> {
    texts: &'a mut String,
    numbers: Vec<(String, u64)>,
}

impl Visit for Fields<'_> {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.numbers.push((field.name().to_owned(), value));
        self.record_debug(field, &value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        writeln!(self.texts, "{}={value:?}", field.name()).unwrap();
    }
}

impl Subscriber for Keeps {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut seen = self.0.lock().unwrap();
        let meta = span.metadata();
        writeln!(seen.texts, "{meta:?}").unwrap();
        let mut fields = Fields { texts: &mut seen.texts, numbers: Vec::new() };
        span.record(&mut fields);
        let numbers = fields.numbers;
        let above = seen.open.last().and_then(|place| seen.spans.get(*place)).map(|span| span.path.clone());
        let path = above.map_or_else(|| meta.name().to_owned(), |above| format!("{above}/{}", meta.name()));
        seen.spans.push(Span { path, target: meta.target().to_owned(), numbers });
        Id::from_u64(seen.spans.len() as u64)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut seen = self.0.lock().unwrap();
        values.record(&mut Fields { texts: &mut seen.texts, numbers: Vec::new() });
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut seen = self.0.lock().unwrap();
        writeln!(seen.texts, "{:?}", event.metadata()).unwrap();
        event.record(&mut Fields { texts: &mut seen.texts, numbers: Vec::new() });
    }

    fn enter(&self, span: &Id) {
        let place = usize::try_from(span.into_u64()).unwrap() - 1;
        self.0.lock().unwrap().open.push(place);
    }

    fn exit(&self, _: &Id) {
        self.0.lock().unwrap().open.pop();
    }
}

impl Keeps {
    /// What a call makes of spans: path, and what it counts.
    fn of<T>(&self, call: impl FnOnce() -> T) -> (T, Vec<(String, u64)>) {
        let before = self.0.lock().unwrap().spans.len();
        let answer = tracing::subscriber::with_default(self.clone(), call);
        let seen = self.0.lock().unwrap();
        assert!(seen.open.is_empty(), "every span was left");
        let spans = seen.spans.iter().skip(before).map(|span| {
            assert_eq!(span.target, "cardmint");
            let counts = [("group", "calls"), ("load", "rows"), ("commit", "changesets")];
            let name = span.path.rsplit('/').next().unwrap();
            let field = counts.iter().find(|(of, _)| *of == name).unwrap_or_else(|| panic!("{span:?}")).1;
            let [(counted, count)] = span.numbers.as_slice() else { panic!("{span:?}") };
            assert_eq!(counted, field, "{span:?}");
            (span.path.clone(), *count)
        });
        (answer, spans.collect())
    }
}

/// The spans of this path, and what they count.
fn counts(spans: &[(String, u64)], path: &str) -> Vec<u64> {
    spans.iter().filter(|(found, _)| found == path).map(|(_, count)| *count).collect()
}

const PHONE: &str = "+8613800138000";

/// Another process uses the card before the next commit of ours.
fn meddle(shop: &Shop, watched: &Watched, code: &str) {
    let beside = shop.beside(watched.inner(), keyring());
    let foreign = Redeem { meta: Meta::key("foreign-key"), ..beside.redeem_request(code, None) };
    let foreign = Redeem { holder: Some(Subject::new("phone", PHONE)), ..foreign };
    watched.hurt([Fault::Meddle(Box::new(move || drop(beside.tenant.redeem(foreign).wait().unwrap())))]);
}

#[test]
fn spans_count_and_name_nobody() {
    for (shop, watched) in Shop::each_watched() {
        let limits = cardmint::card::Limits { uses_per_card: 3, ..Default::default() };
        shop.batch("secret-batch", 5, cardmint::card::TemplateDraft { limits, ..eight_tenths() });
        let keeps = Keeps::default();
        let claim = cardmint::Claim {
            meta: Meta::key("claim-key"),
            holder: Subject::new("phone", PHONE),
            ..shop.claim_request("secret-batch", "ann")
        };
        let (claimed, spans) = keeps.of(|| shop.tenant.claim(claim).wait().unwrap());
        assert_eq!((counts(&spans, "group"), counts(&spans, "group/commit")), (vec![1], vec![1]));
        let code = claimed.code.unwrap();
        let redeem = |key: &str| {
            let request = Redeem { meta: Meta::key(key), ..shop.redeem_request(&code, None) };
            shop.tenant.redeem(Redeem { holder: Some(Subject::new("phone", PHONE)), ..request })
        };
        let (done, spans) = keeps.of(|| redeem("first-key").wait());
        done.unwrap();
        assert_eq!((counts(&spans, "group"), counts(&spans, "group/commit")), (vec![1], vec![1]));
        let rows = counts(&spans, "group/load");
        assert!(!rows.is_empty() && rows.iter().all(|rows| *rows > 0), "{spans:?}");
        // A conflict: one group, committed twice, and read for once more.
        meddle(&shop, &watched, &code);
        let (done, spans) = keeps.of(|| redeem("second-key").wait());
        done.unwrap();
        assert_eq!((counts(&spans, "group"), counts(&spans, "group/commit")), (vec![1], vec![1, 1]));
        assert!(counts(&spans, "group/load").len() >= 2, "{spans:?}");
        // A denial, by a group of two calls: nothing is committed.
        let (done, spans) = keeps.of(|| [redeem("third-key"), redeem("fourth-key")].map(cardmint::Call::wait));
        done.into_iter().for_each(|done| assert_eq!(denied(done), "limit_reached"));
        assert_eq!((counts(&spans, "group"), counts(&spans, "group/commit")), (vec![2], vec![]));
        let (refunded, spans) = keeps.of(|| shop.refund_with(Meta::key("refund-key"), "first-key"));
        refunded.unwrap();
        assert_eq!(counts(&spans, "group/commit"), [1]);

        let texts = keeps.0.lock().unwrap().texts.to_lowercase();
        assert!(texts.contains("cardmint") && texts.contains("calls=2"), "what is searched is what was told: {texts}");
        let order = shop.redeem_request(&code, None).order;
        let personal = [code.as_str(), &code.replace('-', ""), PHONE, &PHONE[1..], "secret-batch", &order.id];
        let keys = ["claim-key", "first-key", "second-key", "third-key", "fourth-key", "refund-key", "foreign-key"];
        for secret in personal.into_iter().chain(keys) {
            assert!(!texts.contains(&secret.to_lowercase()), "{secret} is in {texts}");
        }
    }
}

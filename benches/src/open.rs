//! Opening a genuine code.
//!
//! Reference: the four HMAC-SHA-256 that opening cannot do without, bare: a clone of a state keyed beforehand, one
//! message of 32 bytes (one SHA-256 block, as ours), the full output, and nothing else. No text is read, no tag compared, and
//! the four do not wait for one another, which those of a Feistel network must. So the ratio stays below 1 and says how much
//! of the time of opening is its cryptography.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::figure::{Figure, Sense};
use crate::harness::{Bench, Context, Failure, Side, nanos_each, rounds};
use crate::ours_code;

const MESSAGE_BYTES: usize = 32;
const BAR: f64 = 0.7;

pub struct Open;

impl Bench for Open {
    fn id(&self) -> &'static str {
        "open"
    }

    fn compares(&self) -> &'static str {
        "opening a genuine code of 16 symbols with four bare pre-keyed HMAC-SHA-256"
    }

    fn run(&self, context: &Context) -> Result<Vec<Figure>, Failure> {
        let iterations = context.size(200_000, 1_000_000);
        let keyed = keyed()?;
        let opening = ours_code::opening()?;
        let texts = &opening.texts.genuine;
        if texts.is_empty() || !texts.iter().all(|text| (opening.open)(text)) {
            return Err("a genuine code does not open".into());
        }
        let mut sides: Vec<Side<'_>> = vec![
            Box::new(|| Ok(1e9 / nanos_each(iterations, |i| four_macs(&keyed, i)))),
            Box::new(|| Ok(1e9 / nanos_open(&opening, texts, iterations))),
        ];
        let mut values = rounds(context.rounds(), &mut sides)?.into_iter();
        let theirs = values.next().unwrap_or_default();
        let ours = values.next().unwrap_or_default();
        let figure = Figure::shown("open", "codes opened per second", "/s", iterations, ours)
            .against("four bare pre-keyed HMAC-SHA-256", theirs)
            .bar(Sense::Min, BAR);
        Ok(vec![figure])
    }
}

/// Nanoseconds per opened text, going round and round through `texts`.
pub fn nanos_open(opening: &ours_code::Opening, texts: &[String], iterations: u64) -> f64 {
    let mut next = texts.iter().cycle();
    nanos_each(iterations, |_| next.next().is_some_and(|text| (opening.open)(text)))
}

type Keyed = [Hmac<Sha256>; 4];

fn keyed() -> Result<Keyed, Failure> {
    let key = |byte: u8| Hmac::<Sha256>::new_from_slice(&[byte; 32]).map_err(|error| error.to_string());
    Ok([key(1)?, key(2)?, key(3)?, key(4)?])
}

fn four_macs(keyed: &Keyed, i: u64) -> [u8; 4] {
    let mut message = [0; MESSAGE_BYTES];
    if let Some(counter) = message.first_chunk_mut() {
        *counter = i.to_be_bytes();
    }
    let one = |state: &Hmac<Sha256>| -> u8 {
        let mut mac = state.clone();
        mac.update(&message);
        let output = std::hint::black_box(mac.finalize().into_bytes());
        output.first().copied().unwrap_or_default()
    };
    let [a, b, c, d] = keyed;
    [one(a), one(b), one(c), one(d)]
}

//! The cursor of a reader: one place a committer, as opaque text.
//!
//! Bytes, in hex: version, 4 bytes of a digest over all that follows and the tenant, 8 bytes of a digest over the committers that
//! it names, then pairs of varints: by how much the committer's number is above the one before, and the place behind the last event
//! that the reader has. A journal that was put back to an earlier state has other committers or fewer events, and is noticed.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::Invalid;
use crate::card::hex;
use crate::denial::Denial;
use crate::store::{TenantKey, Writer};

const VERSION: u8 = 1;
const CHECK: usize = 4;
const WRITERS: usize = 8;

/// The place behind the last event that was delivered, by the number of the committer.
pub(super) type Places = BTreeMap<u32, u64>;

fn digest<const N: usize>(parts: &[&[u8]]) -> [u8; N] {
    let mut sha = Sha256::new();
    parts.iter().for_each(|part| sha.update(part));
    let mut front = [0; N];
    front.iter_mut().zip(sha.finalize()).for_each(|(to, from)| *to = from);
    front
}

fn writers_digest(places: &Places, bits_of: impl Fn(u32) -> Option<u64>) -> Option<[u8; WRITERS]> {
    let mut bytes = Vec::new();
    for no in places.keys() {
        bytes.extend(no.to_be_bytes());
        bytes.extend(bits_of(*no)?.to_be_bytes());
    }
    Some(digest(&[&bytes]))
}

fn put_varint(mut value: u64, into: &mut Vec<u8>) {
    while value >= 0x80 {
        into.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    into.push(value.to_le_bytes()[0]);
}

fn take_varint(from: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (first, rest) = from.split_first()?;
        *from = rest;
        value |= u64::from(first & 0x7f).checked_shl(shift)?;
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

pub(super) fn write(tenant: &TenantKey, places: &Places, writers: &[Writer]) -> String {
    let bits: BTreeMap<u32, u64> = writers.iter().map(|writer| (writer.no, writer.bits)).collect();
    let mut body = writers_digest(places, |no| bits.get(&no).copied()).unwrap_or_default().to_vec();
    let mut before = 0;
    for (no, place) in places {
        put_varint(u64::from(no - before), &mut body);
        put_varint(*place, &mut body);
        before = *no;
    }
    let check: [u8; CHECK] = digest(&[tenant.as_str().as_bytes(), &[0, VERSION], &body]);
    hex(&[&[VERSION], check.as_slice(), &body].concat())
}

/// Reads a cursor, and looks whether the journal is still the one that it was made for.
pub(super) fn read(tenant: &TenantKey, text: &str, writers: &[Writer]) -> Result<Result<Places, Denial>, Invalid> {
    let invented = || Invalid::new("after", format!("{} bytes", text.len()), "the `cursor` of an earlier page");
    let bytes = unhex(text).ok_or_else(invented)?;
    let (version, rest) = bytes.split_first().ok_or_else(invented)?;
    let (check, body) = rest.split_at_checked(CHECK).ok_or_else(invented)?;
    let right: [u8; CHECK] = digest(&[tenant.as_str().as_bytes(), &[0, VERSION], body]);
    if *version != VERSION || check != right {
        return Err(invented());
    }
    let (known, mut pairs) = body.split_at_checked(WRITERS).ok_or_else(invented)?;
    let (mut places, mut no) = (Places::new(), 0_u32);
    while !pairs.is_empty() {
        let step = take_varint(&mut pairs).and_then(|step| u32::try_from(step).ok()).ok_or_else(invented)?;
        no = no.checked_add(step).ok_or_else(invented)?;
        places.insert(no, take_varint(&mut pairs).ok_or_else(invented)?);
    }
    let by_no: BTreeMap<u32, &Writer> = writers.iter().map(|writer| (writer.no, writer)).collect();
    let same = writers_digest(&places, |no| by_no.get(&no).map(|writer| writer.bits));
    let behind = places.iter().any(|(no, place)| by_no.get(no).is_none_or(|writer| writer.events < *place));
    if same.is_none_or(|same| same != known) || behind {
        return Ok(Err(Denial::CursorAhead));
    }
    Ok(Ok(places))
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pair = |pair: &[u8]| Some(digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?);
    text.as_bytes().chunks(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::World;

    fn tenant() -> TenantKey {
        TenantKey::new("shop", World::Live)
    }

    fn writer(no: u32, bits: u64, events: u64) -> Writer {
        Writer { no, bits, events }
    }

    #[test]
    fn a_cursor_reads_back_and_knows_its_journal() {
        let writers = [writer(1, 11, 300), writer(2, 22, 0), writer(9, u64::MAX, 1 << 39)];
        let places = Places::from([(1, 300), (9, (1 << 39) - 1)]);
        let text = write(&tenant(), &places, &writers);
        assert_eq!(read(&tenant(), &text, &writers), Ok(Ok(places)));
        let gone = |writers: &[Writer]| read(&tenant(), &text, writers);
        assert_eq!(gone(&writers[..2]), Ok(Err(Denial::CursorAhead)), "a committer that is not there any more");
        assert_eq!(gone(&[writer(1, 11, 299), writers[1], writers[2]]), Ok(Err(Denial::CursorAhead)), "an event less");
        assert_eq!(gone(&[writers[0], writers[1], writer(9, 7, 1 << 39)]), Ok(Err(Denial::CursorAhead)), "another one");
    }

    #[test]
    fn an_invented_cursor_is_refused() {
        let writers = [writer(1, 11, 300)];
        let text = write(&tenant(), &Places::from([(1, 3)]), &writers);
        assert!(read(&TenantKey::new("shop", World::Test), &text, &writers).is_err(), "of another world");
        for place in 0..text.len() {
            let mut other = text.clone().into_bytes();
            other[place] = if other[place] == b'0' { b'1' } else { b'0' };
            assert!(read(&tenant(), std::str::from_utf8(&other).unwrap(), &writers).is_err(), "digit {place}");
        }
        for other in ["", "x", "0", "01", "0100000000", "\u{e9}", &text[..text.len() - 2], &format!("{text}00")] {
            assert!(read(&tenant(), other, &writers).is_err(), "{other}");
        }
    }
}

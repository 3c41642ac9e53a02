//! Four Feistel rounds, each an HMAC: the wide-block cipher over a payload and zeros that makes a code.
//!
//! Why four: a tag beside a masked payload is malleable. Whoever owns one code keeps its tag, flips low bits of its body and
//! reaches a neighbouring card with chance `2^-tag_bits`, however long the code is.

use subtle::{Choice, ConstantTimeEq};

use super::round_mac::RoundMac;

/// The permutation of one tenant, world, key slot and format.
pub(super) struct Permutation {
    pub(super) body_bits: u32,
    pub(super) tag_bits: u32,
    /// Binds the payload.
    pub(super) mac: RoundMac,
    /// Masks the payload by the tag.
    pub(super) enc: RoundMac,
    /// Masks the tag by the body.
    pub(super) wrap: RoundMac,
    /// Masks the body by the masked tag.
    pub(super) hide: RoundMac,
}

impl Permutation {
    /// The bodies and tags of `payloads`, each below `2^body_bits`.
    #[inline]
    pub(super) fn seal<const N: usize>(&self, payloads: [u64; N]) -> ([u64; N], [u64; N]) {
        let t0 = self.mac.bits(payloads, self.tag_bits);
        let body0 = xor(payloads, self.enc.bits(t0, self.body_bits));
        let tag = xor(t0, self.wrap.bits(body0, self.tag_bits));
        let body = xor(body0, self.hide.bits(tag, self.body_bits));
        (body, tag)
    }

    /// The payload behind `body` and `tag`, and whether this permutation sealed it. Four HMACs either way, compared in
    /// constant time.
    #[inline]
    pub(super) fn open(&self, body: u64, tag: u64) -> (u64, Choice) {
        let body0 = xor([body], self.hide.bits([tag], self.body_bits));
        let t0 = xor([tag], self.wrap.bits(body0, self.tag_bits));
        let payload = xor(body0, self.enc.bits(t0, self.body_bits));
        let expected = self.mac.bits(payload, self.tag_bits);
        let ([payload], [t0], [expected]) = (payload, t0, expected);
        (payload, t0.ct_eq(&expected))
    }
}

#[inline]
fn xor<const N: usize>(mut left: [u64; N], right: [u64; N]) -> [u64; N] {
    left.iter_mut().zip(right).for_each(|(left, right)| *left ^= right);
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::ChaCha8Rng;
    use rand_core::{Rng, SeedableRng};

    fn small(body_bits: u32, tag_bits: u32) -> Permutation {
        let [mac, enc, wrap, hide] = [1, 2, 3, 4].map(|byte| RoundMac::new(&[byte; 32]));
        Permutation { body_bits, tag_bits, mac, enc, wrap, hide }
    }

    proptest! {
        #[test]
        fn opens_what_it_sealed(payload in 0_u64..1 << 54, body_bits in 54_u32..=60, tag_bits in 8_u32..=55) {
            let permutation = small(body_bits, tag_bits);
            let ([body], [tag]) = permutation.seal([payload]);
            prop_assert!(body >> body_bits == 0 && tag >> tag_bits == 0);
            let (opened, genuine) = permutation.open(body, tag);
            prop_assert_eq!((opened, bool::from(genuine)), (payload, true));
        }
    }

    const BODY_BITS: u32 = 16;
    const TAG_BITS: u32 = 6;
    /// Live cards are the payloads below this: neighbours, as the cards of a batch are.
    const LIVE: u64 = 1 << 11;
    const TRIES: u64 = 1 << 17;
    /// Tries times live cards over all texts.
    const EXPECTED_HITS: f64 = TRIES as f64 * LIVE as f64 / (1 << (BODY_BITS + TAG_BITS)) as f64;

    /// How often `forge`, given two codes of live cards, makes a text that opens as some other live card.
    fn hits(
        seal: impl Fn(u64) -> (u64, u64),
        open: impl Fn(u64, u64) -> Option<u64>,
        forge: impl Fn(&mut ChaCha8Rng, (u64, u64), (u64, u64)) -> (u64, u64),
    ) -> u64 {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let codes: Vec<_> = (0..LIVE).map(seal).collect();
        let mut hits = 0;
        for _ in 0..TRIES {
            let mut own = || codes[(rng.next_u64() % LIVE) as usize];
            let (one, other) = (own(), own());
            let (body, tag) = forge(&mut rng, one, other);
            let is_new = (body, tag) != one && (body, tag) != other;
            hits += u64::from(is_new && open(body, tag).is_some_and(|payload| payload < LIVE));
        }
        hits
    }

    fn low_bits(rng: &mut ChaCha8Rng, bits: u32) -> u64 {
        rng.next_u64() % ((1 << bits) - 1) + 1
    }

    #[test]
    fn a_holder_forges_no_better_than_a_stranger() {
        let permutation = small(BODY_BITS, TAG_BITS);
        let seal = |payload| {
            let ([body], [tag]) = permutation.seal([payload]);
            (body, tag)
        };
        let open = |body, tag| {
            let (payload, genuine) = permutation.open(body, tag);
            bool::from(genuine).then_some(payload)
        };
        let stranger =
            hits(seal, open, |rng, _, _| (rng.next_u64() >> (64 - BODY_BITS), rng.next_u64() >> (64 - TAG_BITS)));
        let flips_body = hits(seal, open, |rng, (body, tag), _| (body ^ low_bits(rng, 11), tag));
        let flips_tag = hits(seal, open, |rng, (body, tag), _| (body, tag ^ low_bits(rng, TAG_BITS)));
        let flips_both = hits(seal, open, |rng, (body, tag), _| (body ^ low_bits(rng, 4), tag ^ low_bits(rng, 4)));
        let mixes_two = hits(seal, open, |rng, (body, _), (_, tag)| (body ^ (low_bits(rng, 2) - 1), tag));
        // Texts repeat among the tries and each counts again, so hits scatter a little wider than a Poisson count.
        let allowed = 5.0 * EXPECTED_HITS.sqrt();
        for (who, hits) in
            [("stranger", stranger), ("body", flips_body), ("tag", flips_tag), ("both", flips_both), ("mix", mixes_two)]
        {
            let off = (hits as f64 - EXPECTED_HITS).abs();
            assert!(off <= allowed, "{who}: {hits} hits, {EXPECTED_HITS} expected");
        }
    }

    /// The design that was turned down, so that the test above is known to see the difference.
    #[test]
    fn a_short_tag_beside_a_masked_body_would_be_forged() {
        let parts = small(BODY_BITS, TAG_BITS);
        let mask = |tag| parts.enc.bits([tag], BODY_BITS)[0];
        let tag_of = |payload| parts.mac.bits([payload], TAG_BITS)[0];
        let seal = |payload| (payload ^ mask(tag_of(payload)), tag_of(payload));
        let open = |body, tag| {
            let payload = body ^ mask(tag);
            (tag_of(payload) == tag).then_some(payload)
        };
        let forged = hits(seal, open, |rng, (body, tag), _| (body ^ low_bits(rng, 11), tag));
        assert!(forged as f64 > 10.0 * EXPECTED_HITS, "{forged} hits, {EXPECTED_HITS} for a stranger");
    }
}

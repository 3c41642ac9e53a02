//! Packs (权益卡包) and choices (权益任选卡): cards that open into others; and the cards that any redemption may give.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{CountedIn, KindTerms, refuse_benefit};
use crate::Invalid;
use crate::card::{Benefit, TemplateDraft};
use crate::code::FLOOR_BITS_STORED_VALUE;
use crate::id::check_name;
use crate::rule::Condition;

/// A pack is worth many cards, and mostly paid for: its codes are as hard to guess as those of value.
pub(super) const PACK: KindTerms =
    KindTerms { name: "pack", floor_bits: FLOOR_BITS_STORED_VALUE, counted_in: CountedIn::Use, check: check_pack };

pub(super) const CHOICE: KindTerms =
    KindTerms { name: "choice", floor_bits: FLOOR_BITS_STORED_VALUE, counted_in: CountedIn::Use, check: check_choice };

/// Most cards that one redemption gives.
const CARDS_MAX: u32 = 100;

/// So many cards of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CardsOf {
    /// A batch to claim from; it is there before a batch of this template is issued.
    pub batch: String,
    /// How many, 1 by default.
    #[serde(default = "crate::json::one", skip_serializing_if = "crate::json::is_one")]
    pub quantity: u32,
}

/// A card that redeeming gives to its holder (下单返券).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gift {
    /// A batch to claim from; it is there before a batch of this template is issued.
    pub batch: String,
    /// How many, 1 by default.
    #[serde(default = "crate::json::one", skip_serializing_if = "crate::json::is_one")]
    pub quantity: u32,
    /// What must be true of the order for it; all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
}

fn check_pack(draft: &TemplateDraft) -> Result<(), Invalid> {
    match &draft.benefit {
        Benefit::Cards { choose: Some(choose), .. } => {
            Err(Invalid::new("benefit.cards.choose", choose, "nothing, for a pack: all of its cards are given"))
        }
        Benefit::Cards { cards, choose: None } => check_cards(cards),
        other => refuse(other, "cards, for a pack"),
    }
}

fn check_choice(draft: &TemplateDraft) -> Result<(), Invalid> {
    match &draft.benefit {
        Benefit::Cards { cards, choose } => {
            check_cards(cards)?;
            let most = u32::try_from(cards.len()).unwrap_or(u32::MAX);
            match choose {
                Some(choose) if (1..=most).contains(choose) => Ok(()),
                Some(choose) => {
                    Err(Invalid::new("benefit.cards.choose", choose, format!("1 to {most}, what it lists")))
                }
                None => Err(Invalid::new("benefit.cards.choose", "nothing", "how many may be chosen, for a choice")),
            }
        }
        other => refuse(other, "cards, for a choice"),
    }
}

fn refuse(benefit: &Benefit, allowed: &str) -> Result<(), Invalid> {
    refuse_benefit(benefit, allowed)
}

fn check_cards(cards: &[CardsOf]) -> Result<(), Invalid> {
    let field = "benefit.cards.cards";
    if cards.is_empty() {
        return Err(Invalid::new(field, "nothing", "1 or more batches"));
    }
    check_listed(field, cards.iter().map(|cards| (cards.batch.as_str(), cards.quantity)))
}

/// Refuses gifts that cannot be meant.
pub(super) fn check_gifts(draft: &TemplateDraft) -> Result<(), Invalid> {
    let gives = &draft.gives;
    check_listed("gives", gives.iter().map(|gift| (gift.batch.as_str(), gift.quantity)))?;
    if let Benefit::Cards { cards, .. } = &draft.benefit
        && let Some(both) = gives.iter().find(|gift| cards.iter().any(|cards| cards.batch == gift.batch))
    {
        return Err(Invalid::new("gives", &both.batch, "batches that the card does not open into"));
    }
    Ok(())
}

/// Names and quantities of batches, none of them twice.
fn check_listed<'a>(field: &str, listed: impl Iterator<Item = (&'a str, u32)>) -> Result<(), Invalid> {
    let mut names = BTreeSet::new();
    let mut all = 0_u32;
    for (place, (batch, quantity)) in listed.enumerate() {
        let field = format!("{field}[{place}]");
        check_name(&format!("{field}.batch"), batch)?;
        if !names.insert(batch) {
            return Err(Invalid::new(format!("{field}.batch"), batch, "a batch that is not listed before"));
        }
        if !(1..=CARDS_MAX).contains(&quantity) {
            return Err(Invalid::new(format!("{field}.quantity"), quantity, format!("1 to {CARDS_MAX}")));
        }
        all = all.saturating_add(quantity);
    }
    if all > CARDS_MAX {
        return Err(Invalid::new(field, all, format!("at most {CARDS_MAX} cards together")));
    }
    Ok(())
}

/// What a redemption that chose these batches opens the card into; nothing of a card that does not open.
///
/// # Errors
/// `choose` that names too few or too many batches, one twice, or one that is not listed.
pub(crate) fn chosen<'a>(draft: &'a TemplateDraft, choose: &[String]) -> Result<Vec<&'a CardsOf>, Invalid> {
    let (cards, count) = match &draft.benefit {
        Benefit::Cards { cards, choose: Some(count) } => (cards, *count),
        Benefit::Cards { .. }
        | Benefit::AmountOff { .. }
        | Benefit::PercentOff { .. }
        | Benefit::Value { .. }
        | Benefit::Entitlement { .. }
        | Benefit::Goods { .. }
        | Benefit::Deal(_)
            if !choose.is_empty() =>
        {
            return Err(Invalid::new(
                "choose",
                "batches",
                format!("nothing, for a card of kind {}", draft.kind.name()),
            ));
        }
        Benefit::Cards { cards, choose: None } => return Ok(cards.iter().collect()),
        Benefit::AmountOff { .. }
        | Benefit::PercentOff { .. }
        | Benefit::Value { .. }
        | Benefit::Entitlement { .. }
        | Benefit::Goods { .. }
        | Benefit::Deal(_) => return Ok(Vec::new()),
    };
    let names: BTreeSet<&str> = choose.iter().map(String::as_str).collect();
    if names.len() != choose.len() || u32::try_from(choose.len()).ok() != Some(count) {
        let given = format!("{} batches, {} of them different", choose.len(), names.len());
        return Err(Invalid::new("choose", given, format!("{count} different batches of those that the card lists")));
    }
    let found: Vec<&CardsOf> = cards.iter().filter(|cards| names.contains(cards.batch.as_str())).collect();
    match choose.iter().find(|name| !cards.iter().any(|cards| cards.batch == **name)) {
        Some(name) => Err(Invalid::new("choose", name, "batches that the card lists")),
        None => Ok(found),
    }
}

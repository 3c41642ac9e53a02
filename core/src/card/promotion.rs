//! Promotions (自动优惠): templates whose benefits come off an order by themselves, without a card that anybody holds. Each use is a card of
//! the promotion's own batch all the same, claimed and redeemed at once, so that it is counted, limited, refunded and audited as any other.

use serde::{Deserialize, Serialize};

use super::{CardKind, RedeemFrom, TemplateDraft};
use crate::Invalid;
use crate::defect::{self, Defect};
use crate::denial::Denial;
use crate::id::BatchNo;
use crate::time::Instant;

/// Where a promotion stands. Whether it is its time is another question, of its template's window and its campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PromotionLife {
    /// It comes off orders.
    Running,
    /// Not for now.
    Paused,
    /// Over for good.
    Archived,
}

impl PromotionLife {
    /// Its name in records, JSON and docs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Archived => "archived",
        }
    }
}

/// What can be asked of a promotion that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PromotionCommand {
    Save,
    Pause,
    Resume,
    Archive,
}

impl PromotionCommand {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Save => "save",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Archive => "archive",
        }
    }
}

/// A promotion. Its uses are cards of its batch; a new revision has a new batch, and what was redeemed under an earlier one stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Promotion {
    /// The host's id.
    pub id: String,
    /// Counted from 1 with each time that it was saved.
    pub revision: u32,
    /// The template that says what it gives, and when.
    pub template: String,
    /// The version of that template.
    pub template_version: u32,
    /// The campaign whose window, life and limits hold for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// The id of the batch whose cards are its uses.
    pub batch: String,
    /// The number of that batch.
    pub no: BatchNo,
    /// Where it stands.
    pub life: PromotionLife,
    /// When it was saved.
    pub saved_at: Instant,
}

impl Promotion {
    /// Where it stands after a command.
    ///
    /// # Errors
    /// `wrong_life`.
    pub(crate) fn after(&self, command: PromotionCommand) -> Result<PromotionLife, Denial> {
        match (self.life, command) {
            (PromotionLife::Running | PromotionLife::Paused, PromotionCommand::Save) => Ok(self.life),
            (PromotionLife::Running, PromotionCommand::Pause) => Ok(PromotionLife::Paused),
            (PromotionLife::Paused, PromotionCommand::Resume) => Ok(PromotionLife::Running),
            (PromotionLife::Running | PromotionLife::Paused, PromotionCommand::Archive) => Ok(PromotionLife::Archived),
            (PromotionLife::Archived, _)
            | (PromotionLife::Running, PromotionCommand::Resume)
            | (PromotionLife::Paused, PromotionCommand::Pause) => Err(Denial::WrongLife {
                kind: "promotion",
                id: self.id.clone(),
                life: self.life.name(),
                command: command.name(),
            }),
        }
    }
}

/// A tenant's promotions, by id.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Promotions(pub Vec<Promotion>);

impl Promotions {
    /// Most promotions of a tenant, those that are over among them: the list is one row, which every order looks at.
    pub const MAX: usize = 1_000;

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The promotion of that id.
    pub fn get(&self, id: &str) -> Option<&Promotion> {
        self.0.binary_search_by(|one| one.id.as_str().cmp(id)).ok().and_then(|at| self.0.get(at))
    }

    /// Those that come off orders.
    pub fn running(&self) -> impl Iterator<Item = &Promotion> {
        let still = |one: &Promotion| one.life == PromotionLife::Paused && defect::is(Defect::PausedPromotionRuns);
        self.0.iter().filter(move |one| one.life == PromotionLife::Running || still(one))
    }

    /// Whether a batch's cards are uses of one of them, of this revision or an earlier one.
    pub fn are_counted_by(&self, batch: &str) -> bool {
        let Some((id, revision)) = batch.rsplit_once(".r") else { return false };
        let last = self.get(id).map_or(0, |one| one.revision);
        // Other spellings of a number are no revision.
        revision.parse::<u32>().is_ok_and(|of| (1..=last).contains(&of) && of.to_string() == revision)
    }

    /// The same with one more, or over the one of the same id.
    pub(crate) fn with(&self, promotion: Promotion) -> Result<Self, Invalid> {
        let mut all = self.0.clone();
        match all.binary_search_by(|one| one.id.cmp(&promotion.id)) {
            Ok(at) => {
                if let Some(one) = all.get_mut(at) {
                    *one = promotion;
                }
            }
            Err(_) if all.len() >= Self::MAX => {
                return Err(Invalid::new("id", "one more", format!("at most {} promotions", Self::MAX)));
            }
            Err(at) => all.insert(at, promotion),
        }
        Ok(Self(all))
    }
}

impl TemplateDraft {
    /// Whether uses without a card can be counted by its cards: coupons that are claimed and used once.
    pub(crate) fn check_promotion(&self) -> Result<(), Invalid> {
        let refuse = |given: &str, allowed: &str| Err(Invalid::new("template", given, allowed));
        match (self.kind, self.redeem_from) {
            (CardKind::Coupon, RedeemFrom::Claimed) => {}
            (CardKind::Coupon, RedeemFrom::Issued | RedeemFrom::Bound) => {
                return refuse("one of bearer or tied cards", "a template with redeem_from claimed");
            }
            (kind, _) => return refuse(kind.name(), "a template of coupons"),
        }
        if self.limits.uses_per_card != 1 {
            return refuse("one of cards with several uses", "a template with uses_per_card 1: each use is a card");
        }
        if self.limits.claims_per_holder.is_some() {
            return refuse(
                "one that limits claims per holder",
                "a template that limits uses_per_holder: nobody claims",
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_of_earlier_revisions_are_a_promotions_too() {
        let promotion = Promotion {
            id: "a.r1".to_owned(),
            revision: 2,
            template: "t".to_owned(),
            template_version: 1,
            campaign: None,
            batch: "a.r1.r2".to_owned(),
            no: BatchNo { symbols: 20, number: 1 },
            life: PromotionLife::Archived,
            saved_at: Instant::from_millis("at", 0).unwrap(),
        };
        let all = Promotions(vec![promotion]);
        let counted = |batch| all.are_counted_by(batch);
        assert!(counted("a.r1.r1") && counted("a.r1.r2"));
        for other in ["a.r1.r3", "a.r1.r0", "a.r1.r01", "a.r1.r+1", "a.r1", "b.r1", "a", ".r1"] {
            assert!(!counted(other), "{other}");
        }
    }

    #[test]
    fn a_promotions_life_is_a_table() {
        let commands =
            [PromotionCommand::Save, PromotionCommand::Pause, PromotionCommand::Resume, PromotionCommand::Archive];
        let of = |life| {
            let no = BatchNo { symbols: 20, number: 1 };
            let promotion = Promotion {
                id: "p".to_owned(),
                revision: 1,
                template: "t".to_owned(),
                template_version: 1,
                campaign: None,
                batch: "p.r1".to_owned(),
                no,
                life,
                saved_at: Instant::from_millis("at", 0).unwrap(),
            };
            commands.map(|command| promotion.after(command).map_or("wrong_life", PromotionLife::name))
        };
        assert_eq!(of(PromotionLife::Running), ["running", "paused", "wrong_life", "archived"]);
        assert_eq!(of(PromotionLife::Paused), ["paused", "wrong_life", "running", "archived"]);
        assert_eq!(of(PromotionLife::Archived), ["wrong_life"; 4]);
    }
}

//! Promotions: saved, paused, resumed, archived. Each revision is a batch whose cards are its uses.

use cardmint::Denial;
use cardmint::card::{Batch, CardKind, CardState, EventKind, Life, Promotion, PromotionLife, RedeemFrom, Refill};
use cardmint::code::{CodeFormat, FLOOR_BITS_COUPON};
use cardmint::id::BatchNo;
use cardmint::limit::Limit;

use super::shop::{add, unknown};
use super::{Effect, Moment, No, Put, Template};
use crate::request::{PromotionMove, Reply};

/// How many cards a revision begins with, and how many come when half of them are gone.
const CARDS: u32 = 1_000_000;

fn wrong_life(promotion: &Promotion, command: &'static str) -> No {
    let (id, life) = (promotion.id.clone(), promotion.life.name());
    Denial::WrongLife { kind: "promotion", id, life, command }.into()
}

/// Whether each use can be a card of its own.
fn must_be_coupons(template: &Template) -> Result<(), No> {
    let terms = &template.terms;
    let fits = terms.kind == CardKind::Coupon
        && terms.redeem_from == RedeemFrom::Claimed
        && terms.uses_per_card == 1
        && terms.claims_per_holder.is_none();
    if fits { Ok(()) } else { Err(No::Invalid) }
}

impl Moment<'_> {
    fn promotion(&self, id: &str) -> Option<Promotion> {
        self.settings().promotions.into_iter().find(|one| one.id == id)
    }

    /// The settings with one more promotion, or over the one of the same id.
    fn with(&self, promotion: &Promotion) -> Put {
        let mut settings = self.settings();
        settings.promotions.retain(|one| one.id != promotion.id);
        settings.promotions.push(promotion.clone());
        settings.promotions.sort_by(|one, other| one.id.cmp(&other.id));
        Put::Settings(settings)
    }

    pub(super) fn save_promotion(
        &self,
        id: &str,
        template: &str,
        campaign: Option<&str>,
        limits: &[Limit],
    ) -> Result<Effect, No> {
        let before = self.promotion(id);
        if let Some(archived) = before.as_ref().filter(|before| before.life == PromotionLife::Archived) {
            return Err(wrong_life(archived, "save"));
        }
        let newest = self.newest(template).and_then(|version| self.template(template, version));
        newest.as_ref().map_or(Ok(()), must_be_coupons)?;
        let revision = before.as_ref().map_or(1, |before| before.revision + 1);
        let batch = format!("{id}.r{revision}");
        if self.batch(&batch).is_some() {
            return Err(Denial::Exists { kind: "batch", id: batch }.into());
        }
        let version = newest.ok_or_else(|| unknown("template", template))?.version;
        if let Some(name) = campaign {
            let row = self.campaign(name).ok_or_else(|| unknown("campaign", name))?;
            if row.life == Life::Archived {
                let (campaign, life) = (name.to_owned(), "archived".to_owned());
                return Err(Denial::CampaignNotRunning { campaign, life }.into());
            }
        }
        let format = CodeFormat::S20;
        let mut used = self.format_use(format);
        let no = BatchNo { symbols: format.symbols(), number: used.next_number };
        used.next_number += 1;
        add(&mut used, format, self.ring.minting, u64::from(CARDS), FLOOR_BITS_COUPON)?;
        let batch = Batch {
            campaign: campaign.map(str::to_owned),
            slot: self.ring.minting,
            limits: limits.to_vec(),
            export_closed: true,
            refill: Some(Refill { below: CARDS / 2, by: CARDS, up_to: 1 << 30 }),
            ..Batch::new(no, batch, template, version, CARDS, format, CardState::Minted, self.now)
        };
        let promotion = Promotion {
            id: id.to_owned(),
            revision,
            template: template.to_owned(),
            template_version: version,
            campaign: campaign.map(str::to_owned),
            batch: batch.id.clone(),
            no,
            life: before.map_or(PromotionLife::Running, |before| before.life),
            saved_at: self.now,
        };
        let puts = vec![Put::Format(used), Put::Batch(batch), self.with(&promotion)];
        let events = vec![EventKind::BatchIssued, EventKind::SettingsSaved];
        Ok(Effect::of(Reply::Promotion(promotion), puts, events))
    }

    pub(super) fn move_promotion(&self, id: &str, step: PromotionMove) -> Result<Effect, No> {
        let before = self.promotion(id).ok_or_else(|| unknown("promotion", id))?;
        let life = match (step, before.life) {
            (PromotionMove::Pause, PromotionLife::Running) => PromotionLife::Paused,
            (PromotionMove::Resume, PromotionLife::Paused) => PromotionLife::Running,
            (PromotionMove::Archive, PromotionLife::Running | PromotionLife::Paused) => PromotionLife::Archived,
            (PromotionMove::Pause, _) => return Err(wrong_life(&before, "pause")),
            (PromotionMove::Resume, _) => return Err(wrong_life(&before, "resume")),
            (PromotionMove::Archive, _) => return Err(wrong_life(&before, "archive")),
        };
        let promotion = Promotion { life, ..before };
        let puts = vec![self.with(&promotion)];
        Ok(Effect::of(Reply::Promotion(promotion), puts, vec![EventKind::SettingsSaved]))
    }
}

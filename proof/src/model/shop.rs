//! What a merchant sets up: settings, campaigns, audiences, templates, batches, words.

use cardmint::card::{
    Batch, BatchLife, Campaign, CardKind, CardState, EventKind, FormatUse, Life, RedeemFrom, SlotUse,
};
use cardmint::code::{CodeFormat, FLOOR_BITS_COUPON, FLOOR_BITS_STORED_VALUE, Normalisation};
use cardmint::id::BatchNo;
use cardmint::limit::Limit;
use cardmint::time::Window;
use cardmint::{Denial, Invalid};

use super::{Effect, Moment, No, Put, Settings, Template};
use crate::request::{Reply, What};

fn effect(reply: Reply, puts: Vec<Put>, event: EventKind) -> Result<Effect, No> {
    Ok(Effect::of(reply, puts, vec![event]))
}

pub(super) fn unknown(kind: &'static str, id: &str) -> No {
    Denial::Unknown { kind, id: id.to_owned() }.into()
}

impl Moment<'_> {
    pub(super) fn shop(&self, what: &What) -> Result<Effect, No> {
        match what {
            What::SaveSettings { rounding } => {
                let settings = Settings { rounding: *rounding, ..self.model.settings.clone() };
                effect(Reply::Done, vec![Put::Settings(settings)], EventKind::SettingsSaved)
            }
            What::SaveCampaign { id, life, start, end, audience, limits } => {
                let campaign = Campaign {
                    id: id.clone(),
                    title: id.clone(),
                    life: *life,
                    window: Window { start: *start, end: *end },
                    goal: None,
                    audience: *audience,
                    limits: limits.clone(),
                };
                effect(Reply::Campaign(campaign.clone()), vec![Put::Campaign(campaign)], EventKind::CampaignSaved)
            }
            What::AddAudience { campaign, customers } => self.add_audience(campaign, customers),
            What::SaveTemplate { terms } => {
                let version = self.newest(&terms.id).unwrap_or(0) + 1;
                let template = Template { version, terms: terms.clone() };
                effect(Reply::Saved(version), vec![Put::Template(template)], EventKind::TemplateSaved)
            }
            What::IssueBatch { id, template, campaign, size, format, limits } => {
                self.issue_batch(id, template, campaign.as_deref(), (*size, *format), limits)
            }
            What::GrowBatch { batch, size } => self.grow(batch, *size),
            What::RekeyBatch { batch } => self.rekey(batch),
            What::CloseExport { batch } => {
                let have = self.batch(batch).ok_or_else(|| unknown("batch", batch))?;
                changed(Batch { export_closed: true, ..have }, Vec::new(), EventKind::ExportClosed)
            }
            What::SaveWord { batch, word } => self.save_word(batch, word),
            What::Claim { .. }
            | What::Issue { .. }
            | What::Redeem { .. }
            | What::Refund { .. }
            | What::Load { .. }
            | What::Adjust { .. }
            | What::Act { .. }
            | What::Force { .. }
            | What::Tie { .. }
            | What::Extend { .. }
            | What::Succeed { .. }
            | What::MoveBatch { .. }
            | What::MoveCampaign { .. }
            | What::SaveUnit { .. }
            | What::MoveValue { .. }
            | What::Hold { .. }
            | What::Capture { .. }
            | What::Release { .. }
            | What::RedeemOrder { .. }
            | What::HoldOrder { .. }
            | What::CaptureOrder { .. }
            | What::ReleaseOrder { .. }
            | What::SavePromotion { .. }
            | What::MovePromotion { .. }
            | What::Link { .. }
            | What::Unlink { .. } => {
                unreachable!("asked elsewhere")
            }
        }
    }

    fn add_audience(&self, campaign: &str, customers: &[String]) -> Result<Effect, No> {
        if self.campaign(campaign).is_none() {
            return Err(unknown("campaign", campaign));
        }
        let mut new: Vec<_> = customers.iter().map(|customer| (campaign.to_owned(), customer.clone())).collect();
        new.sort();
        new.dedup();
        new.retain(|member| !self.model.listed.contains(member));
        let added = u32::try_from(new.len()).unwrap_or(u32::MAX);
        let puts = new.into_iter().map(|(campaign, customer)| Put::Listed(campaign, customer)).collect();
        effect(Reply::Added(added), puts, EventKind::AudienceAdded)
    }

    fn issue_batch(
        &self,
        id: &str,
        template: &str,
        campaign: Option<&str>,
        (size, format): (u32, CodeFormat),
        limits: &[Limit],
    ) -> Result<Effect, No> {
        if self.batch(id).is_some() {
            return Err(Denial::Exists { kind: "batch", id: id.to_owned() }.into());
        }
        let version = self.newest(template).ok_or_else(|| unknown("template", template))?;
        let terms = self.template(template, version).ok_or_else(|| unknown("template", template))?.terms;
        if let Some(name) = campaign {
            let row = self.campaign(name).ok_or_else(|| unknown("campaign", name))?;
            if row.life == Life::Archived {
                let (campaign, life) = (name.to_owned(), "archived".to_owned());
                return Err(Denial::CampaignNotRunning { campaign, life }.into());
            }
        }
        let mut used = self.format_use(format);
        let number = used.next_number;
        used.next_number += 1;
        add(&mut used, format, self.ring.minting, u64::from(size), floor_bits(terms.kind))?;
        let untouched = match terms.redeem_from {
            RedeemFrom::Issued => CardState::Issued,
            RedeemFrom::Claimed | RedeemFrom::Bound => CardState::Minted,
        };
        let no = BatchNo { symbols: format.symbols(), number };
        let batch = Batch {
            campaign: campaign.map(str::to_owned),
            slot: self.ring.minting,
            limits: limits.to_vec(),
            ..Batch::new(no, id, template, version, size, format, untouched, self.now)
        };
        changed(batch, vec![Put::Format(used)], EventKind::BatchIssued)
    }

    pub(super) fn must_grow(&self, have: &Batch) -> Result<(), No> {
        if have.life == BatchLife::Active {
            return Ok(());
        }
        let (id, life) = (have.id.clone(), have.life.name());
        Err(Denial::WrongLife { kind: "batch", id, life, command: "grow" }.into())
    }

    fn grow(&self, id: &str, size: u32) -> Result<Effect, No> {
        let have = self.batch(id).ok_or_else(|| unknown("batch", id))?;
        if size <= have.size {
            return Err(No::Invalid);
        }
        self.must_grow(&have)?;
        let mut used = self.format_use(have.format);
        let floor = used.slots.get(&have.slot).map_or(0, |slot| slot.floor_bits);
        add(&mut used, have.format, have.slot, u64::from(size - have.size), floor)?;
        changed(Batch { size, ..have }, vec![Put::Format(used)], EventKind::BatchGrown)
    }

    fn rekey(&self, id: &str) -> Result<Effect, No> {
        let have = self.batch(id).ok_or_else(|| unknown("batch", id))?;
        let slot = self.ring.minting;
        if slot == have.slot {
            return Err(No::Invalid);
        }
        let mut used = self.format_use(have.format);
        let mut floor = 0;
        if let Some(old) = used.slots.get_mut(&have.slot) {
            old.live = old.live.saturating_sub(u64::from(have.size));
            floor = old.floor_bits;
        }
        add(&mut used, have.format, slot, u64::from(have.size), floor)?;
        changed(Batch { slot, ..have }, vec![Put::Format(used)], EventKind::BatchRekeyed)
    }

    fn save_word(&self, id: &str, word: &str) -> Result<Effect, No> {
        let have = self.batch(id).ok_or_else(|| unknown("batch", id))?;
        if have.untouched != CardState::Minted {
            return Err(No::Invalid);
        }
        if self.word(word).is_some() {
            // The denial does not repeat the word: it may be a secret of another campaign.
            return Err(Denial::Exists { kind: "public_code", id: "…".to_owned() }.into());
        }
        let batch = Batch { normalisation: Some(Normalisation::Word), ..have };
        changed(batch, vec![Put::Word(word.to_owned(), id.to_owned())], EventKind::PublicCodeSaved)
    }

    pub(super) fn format_use(&self, format: CodeFormat) -> FormatUse {
        let symbols = format.symbols();
        self.model.formats.get(&symbols).cloned().unwrap_or_else(|| FormatUse::empty(symbols))
    }

    pub(super) fn template(&self, id: &str, version: u32) -> Option<Template> {
        self.model.templates.get(id)?.iter().find(|template| template.version == version).cloned()
    }
}

pub(super) fn changed(batch: Batch, mut puts: Vec<Put>, event: EventKind) -> Result<Effect, No> {
    puts.push(Put::Batch(batch.clone()));
    effect(Reply::Batch(batch), puts, event)
}

/// The fewest guess bits of a kind's codes.
fn floor_bits(kind: CardKind) -> u32 {
    match kind {
        CardKind::GiftCard | CardKind::Times | CardKind::Pack | CardKind::Choice => FLOOR_BITS_STORED_VALUE,
        _ => FLOOR_BITS_COUPON,
    }
}

pub(super) fn add(used: &mut FormatUse, format: CodeFormat, slot: u8, cards: u64, floor_bits: u32) -> Result<(), No> {
    let have = used.slots.get(&slot).copied().unwrap_or_default();
    let next = SlotUse { live: have.live + cards, floor_bits: have.floor_bits.max(floor_bits) };
    format.require(next.live, next.floor_bits).map_err(Denial::OddsTooLow)?;
    used.slots.insert(slot, next);
    Ok(())
}

impl From<Invalid> for No {
    fn from(_: Invalid) -> Self {
        Self::Invalid
    }
}

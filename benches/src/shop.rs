//! The shop of the redemption benches: one template, one batch of bearer cards with a ceiling per holder, and the errands of its
//! buyers. Every side of every comparison runs the same errands.

use std::path::Path;

use cardmint::card::{Benefit, Limits, Setting, TemplateDraft};
use cardmint::checkout::{Line, Order};
use cardmint::code::CodeFormat;
use cardmint::money::Currency;
use cardmint::rule::Over;
use cardmint::subject::Subject;
use cardmint::{CodeStream, ExportCodes, IssueBatch, Meta, PlaceHold, Redeem, SaveCampaign, SaveTemplate, Tenant};

use crate::harness::Failure;
use crate::redeem_reference::HOLDERS;

pub const BATCH: &str = "b";
const TEMPLATE: &str = "eight-tenths";

/// What the cards are: a fifth off, bearer cards, a ceiling per holder that nobody reaches.
pub fn template() -> TemplateDraft {
    let benefit = Benefit::PercentOff { off_bp: Setting::Fixed(2_000), cap_minor: None, over: Over::Order };
    let limits = Limits { uses_per_holder: Some(1_000_000), ..Limits::default() };
    TemplateDraft { limits, ..TemplateDraft::new(TEMPLATE, benefit) }
}

/// Saves the template and issues a batch of so many cards.
pub fn furnish(tenant: &Tenant, count: u64) -> Result<(), Failure> {
    furnish_with(tenant, count, template(), None)
}

/// The same with another template, and in a campaign where one is given.
pub fn furnish_with(
    tenant: &Tenant,
    count: u64,
    template: TemplateDraft,
    campaign: Option<SaveCampaign>,
) -> Result<(), Failure> {
    tenant.save_template(SaveTemplate { meta: Meta::key("t"), template }).wait()?;
    let campaign = match campaign {
        Some(campaign) => Some(tenant.save_campaign(campaign).wait()?.id.clone()),
        None => None,
    };
    let batch = IssueBatch::new(Meta::key("b"), BATCH, TEMPLATE, u32::try_from(count)?, CodeFormat::S16);
    tenant.issue_batch(IssueBatch { campaign, ..batch }).wait()?;
    Ok(())
}

/// The codes of the batch.
pub fn export(tenant: &Tenant) -> Result<CodeStream, Failure> {
    let meta = Meta { reason: Some("bench".to_owned()), ..Meta::key("e") };
    Ok(tenant.export_codes(ExportCodes { meta, batch: BATCH.to_owned(), first: 0, count: None })?)
}

/// An errand for each card of the batch.
pub fn errands(tenant: &Tenant) -> Result<Vec<Errand>, Failure> {
    export(tenant)?.zip(0..).map(|(code, number)| Ok(Errand::nth(number, code?.code))).collect()
}

/// What a till knows of one redemption before it writes the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errand {
    key: String,
    code: String,
    order: String,
    holder: String,
}

impl Errand {
    /// The n-th order, with this code.
    pub fn nth(number: u64, code: String) -> Self {
        Self {
            // Keys in no order, as those of a busy shop are.
            key: format!("{:016x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            code,
            order: format!("o{number:015x}"),
            holder: format!("{:04}", number % HOLDERS),
        }
    }

    /// The request: an order of two lines.
    pub fn request(self) -> Result<Redeem, Failure> {
        let holder = Some(Subject::customer(self.holder));
        Ok(Redeem { holder, ..Redeem::new(Meta::key(self.key), self.code.as_str(), order(self.order)?) })
    }

    /// The same order, which holds the card first. What captures it has the errand's key.
    pub fn hold(self) -> Result<(PlaceHold, String), Failure> {
        let holder = Subject::customer(self.holder);
        let meta = Meta::key(format!("h{}", self.key));
        Ok((PlaceHold::new(meta, self.code.as_str(), order(self.order)?).by(holder), self.key))
    }

    fn line(&self) -> String {
        format!("{} {} {} {}\n", self.key, self.code, self.order, self.holder)
    }

    fn of_line(line: &str) -> Option<Self> {
        let mut words = line.split(' ').map(str::to_owned);
        let errand = Self { key: words.next()?, code: words.next()?, order: words.next()?, holder: words.next()? };
        words.next().is_none().then_some(errand)
    }
}

fn order(id: String) -> Result<Order, Failure> {
    let line = |id: &str, amount_minor| Line::new(id, "tea", 2, amount_minor);
    let currency = Currency::parse("currency", "CNY")?;
    Ok(Order::new(id, currency, [line("1", 12_000), line("2", 11_400)]))
}

/// Writes errands as every language reads them: one a line, its words between single spaces.
pub fn write(path: &Path, errands: &[Errand]) -> Result<(), Failure> {
    let text: String = errands.iter().map(Errand::line).collect();
    Ok(std::fs::write(path, text)?)
}

/// Reads what [`write`] wrote.
pub fn read(path: &Path) -> Result<Vec<Errand>, Failure> {
    let text = std::fs::read_to_string(path)?;
    text.lines().map(|line| Errand::of_line(line).ok_or_else(|| "a line is no errand".into())).collect()
}

#[cfg(test)]
mod tests {
    use super::Errand;

    #[test]
    fn an_errand_is_written_and_read() {
        let errand = Errand::nth(7, "0000-1111-2222-3333".to_owned());
        assert_eq!(Errand::of_line(errand.line().trim_end()), Some(errand));
        assert_eq!(Errand::of_line("a b c"), None);
        assert_eq!(Errand::of_line("a b c d e"), None);
    }
}

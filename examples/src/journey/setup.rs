//! What a merchant does before the year begins: settings, campaigns, audiences, product sets, templates, batches.

use cardmint::card::{Audience, Benefit, Display, Displays, RedeemFrom, Setting, TemplateDraft};
use cardmint::code::CodeFormat;
use cardmint::money::Currency;
use cardmint::rule::{Condition, LineFilter, Over};
use cardmint::subject::Subject;
use cardmint::{AddAudience, Call, IssueBatch, Meta, SaveCampaign, SaveProductSet, SaveSettings, SaveTemplate, Tenant};

use super::{Campaign, Coupon, Error, Journey, Progress, ZONE};

/// What a coupon takes off: 1.00 USD.
const FACE_MINOR: i64 = 100;

/// Most subjects of one call.
const AUDIENCE_CHUNK: usize = 1_000;

/// Sets everything up. Every request has a key of its own, so a second run changes nothing.
///
/// Requests of one kind are handed in together: the engine makes whole groups of them durable at once.
///
/// # Errors
/// Whatever the engine answers, with what was asked.
pub fn set_up(tenant: &Tenant, journey: &Journey, format: CodeFormat, progress: &mut Progress) -> Result<(), Error> {
    let currency = Currency::parse("currency", "USD").map_err(Error::engine("currency"))?;
    let meta = Meta::key("settings");
    let settings = SaveSettings { meta, zone: ZONE.to_owned(), rounding: Default::default(), profile: None };
    tenant.save_settings(settings).wait().map_err(Error::engine("saving the settings"))?;

    let calls = journey.campaigns.iter().map(|campaign| tenant.save_campaign(save_campaign(campaign))).collect();
    wait_all("campaigns", calls, progress)?;

    let mut calls = Vec::new();
    for campaign in &journey.campaigns {
        let mailed: Vec<_> = campaign.mailed.iter().map(|household| customer(*household)).collect();
        for (place, subjects) in mailed.chunks(AUDIENCE_CHUNK).enumerate() {
            let meta = Meta::key(format!("audience-{}-{place}", campaign.id));
            let subjects = subjects.to_vec();
            calls.push(tenant.add_audience(AddAudience { meta, campaign: campaign.id.to_string(), subjects }));
        }
    }
    wait_all("audiences", calls, progress)?;

    let calls = journey.coupons.iter().map(|coupon| tenant.save_product_set(save_product_set(coupon))).collect();
    wait_all("product sets", calls, progress)?;

    let templates = journey.coupons.iter().map(|coupon| SaveTemplate {
        meta: Meta::key(format!("template-{}", coupon.name())),
        template: template(coupon, currency),
    });
    let calls = templates.map(|template| tenant.save_template(template)).collect();
    wait_all("templates", calls, progress)?;

    let sizes = journey.recorded_of_coupons();
    let batches = journey.coupons.iter().zip(sizes).map(|(coupon, recorded)| {
        let of = journey.campaigns.iter().find(|campaign| campaign.id == coupon.campaign);
        let mailed = of.map_or(0, |campaign| u32::try_from(campaign.mailed.len()).unwrap_or(u32::MAX));
        let (name, meta) = (coupon.name(), Meta::key(format!("batch-{}", coupon.name())));
        let size = mailed.max(recorded).max(1);
        let mut batch = IssueBatch::new(meta, name.clone(), name, size, format);
        batch.campaign = Some(coupon.campaign.to_string());
        batch
    });
    let calls = batches.map(|batch| tenant.issue_batch(batch)).collect();
    wait_all("batches", calls, progress)
}

/// A household as the engine knows it.
pub(crate) fn customer(household: u32) -> Subject {
    Subject::customer(household.to_string())
}

fn save_campaign(campaign: &Campaign) -> SaveCampaign {
    SaveCampaign {
        meta: Meta::key(format!("campaign-{}", campaign.id)),
        id: campaign.id.to_string(),
        title: format!("Campaign {} ({})", campaign.id, campaign.kind),
        life: Default::default(),
        start: Some(campaign.start.to_string()),
        end: Some(campaign.end.to_string()),
        goal: None,
        audience: Audience::Listed,
        limits: Vec::new(),
    }
}

fn save_product_set(coupon: &Coupon) -> SaveProductSet {
    SaveProductSet {
        meta: Meta::key(format!("products-{}", coupon.name())),
        name: coupon.name(),
        products: coupon.products.iter().map(u32::to_string).collect(),
    }
}

/// 1.00 USD off the coupon's products, on an order that holds one of them.
fn template(coupon: &Coupon, currency: Currency) -> TemplateDraft {
    let products = LineFilter { product_set: Some(coupon.name()), ..LineFilter::default() };
    let benefit = Benefit::AmountOff { minor: Setting::Fixed(FACE_MINOR), over: Over::Lines(products.clone()) };
    TemplateDraft {
        currency: Some(currency),
        conditions: vec![Condition::HasLine { lines: products }],
        redeem_from: RedeemFrom::Claimed,
        display: displays(coupon.products.len()),
        ..TemplateDraft::new(coupon.name(), benefit)
    }
}

fn displays(products: usize) -> Displays {
    let english =
        Display { title: "$1.00 off".to_owned(), scope: format!("any of {products} products"), ..Display::default() };
    let chinese =
        Display {
            title: "立减1美元".to_owned(), scope: format!("{products} 种商品任选"), ..Display::default()
        };
    Displays::from([("en".to_owned(), english), ("zh-CN".to_owned(), chinese)])
}

fn wait_all<R>(what: &'static str, calls: Vec<Call<R>>, progress: &mut Progress) -> Result<(), Error> {
    let total = calls.len() as u64;
    for (done, call) in calls.into_iter().enumerate() {
        progress.step(what, done as u64, total);
        call.wait().map_err(Error::engine(format!("setting up {what}, number {} of {total}", done + 1)))?;
    }
    progress.step(what, total, total);
    Ok(())
}

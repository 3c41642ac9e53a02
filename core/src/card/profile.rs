//! What the law of a place asks of stored value, as far as a library can check it. docs/policies.md names the sources and says what a
//! host has to see to itself: a help, no legal advice.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::template::{AfterClaim, Setting};
use super::{Parameter, RedeemFrom, Template, TemplateDraft};
use crate::Invalid;
use crate::denial::{Denial, Fact};
use crate::id::check_name;
use crate::time::Instant;

/// Rules for stored value. A broken one is `policy_violation`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Profile {
    /// Nothing beyond the template's own terms, whatever the tenant's profile is.
    None,
    /// Single-purpose commercial prepaid cards of China (单用途商业预付卡).
    CnSinglePurpose {
        /// Whether the card is registered to a person (记名卡) or good for its bearer (不记名卡).
        registered: bool,
    },
    /// Vouchers of the European Union.
    EuVoucher {
        /// When VAT is due: with every transfer of the voucher, or when it is redeemed.
        purpose: VoucherPurpose,
        /// How many years a voucher is good at least, where national law says so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        valid_years_min: Option<u8>,
        /// What is known of the supply when the voucher is issued; needed of single-purpose vouchers, and of those only.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        vat: Option<VoucherVat>,
    },
}

/// What a voucher can be used for, as VAT sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VoucherPurpose {
    /// Place and VAT of the supply are known when it is issued: VAT is due with every transfer, and not when it is redeemed.
    Single,
    /// They are not: VAT is due when it is redeemed, and not before.
    Multi,
}

/// VAT of what a single-purpose voucher is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VoucherVat {
    /// The country of the supply, two letters.
    pub country: String,
    /// The rate in basis points, 0 to 10,000.
    pub rate_bp: u32,
}

/// Who buys, for profiles that ask for it: facts by name, or the host's own record of them. The facts are kept as HMACs under the
/// subject key and never in clear, and are not shown.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Buyer {
    /// The host's id of its own record of the buyer; nothing personal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Identity facts by name: `name`, `id_number`, `contact`, or the host's own. At most 16, of 1 to 200 characters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "crate::json::no_doubles")]
    pub facts: BTreeMap<String, String>,
}

impl fmt::Debug for Buyer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buyer").field("reference", &self.reference).finish_non_exhaustive()
    }
}

impl Buyer {
    pub(crate) fn check(&self, field: &str) -> Result<(), Invalid> {
        if let Some(reference) = &self.reference {
            check_name(&format!("{field}.reference"), reference)?;
        }
        if self.facts.len() > 16 {
            return Err(Invalid::new(format!("{field}.facts"), self.facts.len(), "at most 16 facts"));
        }
        self.facts.iter().try_for_each(|(name, value)| {
            check_name(&format!("{field}.facts"), name)?;
            let chars = value.chars().take(201).count();
            if (1..=200).contains(&chars) && !value.chars().any(char::is_control) {
                return Ok(());
            }
            // The value is personal: an error names its length alone.
            let (given, allowed) = (format!("{} bytes", value.len()), "1 to 200 characters without control characters");
            Err(Invalid::new(format!("{field}.facts.{name}"), given, allowed))
        })
    }
}

const CN_VALUE: &str = "单用途商业预付卡管理办法（试行）第十八条";
const CN_VALIDITY: &str = "单用途商业预付卡管理办法（试行）第十九条";
const CN_BUYER: &str = "单用途商业预付卡管理办法（试行）第十五条";
const CN_SCOPE: &str = "单用途商业预付卡管理办法（试行）第二条";
const EU_VAT: &str = "Directive 2006/112/EC, Article 30a (Directive (EU) 2016/1065)";
const EU_NATIONAL: &str = "national law, as the host declares it";

/// The facts that must be known of whoever buys a registered card.
const CN_BUYER_FACTS: [&str; 3] = ["name", "id_number", "contact"];

/// Three years have at most so many days.
fn days_of(years: u8) -> i64 {
    i64::from(years) * 365 + i64::from(years) / 4 + 1
}

impl Profile {
    /// The profile's name in JSON and docs.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::CnSinglePurpose { .. } => "cn_single_purpose",
            Self::EuVoucher { .. } => "eu_voucher",
        }
    }

    pub(crate) fn check(&self, field: &str) -> Result<(), Invalid> {
        match self {
            Self::None | Self::CnSinglePurpose { .. } => Ok(()),
            Self::EuVoucher { valid_years_min: Some(years), .. } if !(1..=50).contains(years) => {
                Err(Invalid::new(format!("{field}.eu_voucher.valid_years_min"), years, "1 to 50"))
            }
            Self::EuVoucher { vat: Some(vat), .. } => {
                if vat.country.len() != 2 || !vat.country.bytes().all(|byte| byte.is_ascii_uppercase()) {
                    let allowed = "a country of two capital letters, such as DE";
                    return Err(Invalid::new(format!("{field}.eu_voucher.vat.country"), &vat.country, allowed));
                }
                if vat.rate_bp > 10_000 {
                    return Err(Invalid::new(format!("{field}.eu_voucher.vat.rate_bp"), vat.rate_bp, "0 to 10000"));
                }
                Ok(())
            }
            Self::EuVoucher { .. } => Ok(()),
        }
    }

    /// The most that a card may hold, in minor units.
    fn value_max_minor(&self) -> Option<i64> {
        match self {
            Self::CnSinglePurpose { registered: true } => Some(500_000),
            Self::CnSinglePurpose { registered: false } => Some(100_000),
            Self::None | Self::EuVoucher { .. } => None,
        }
    }

    /// How many years a card is good at least, and who says so.
    fn valid_years_min(&self) -> Option<(u8, &'static str)> {
        match self {
            Self::CnSinglePurpose { registered: false } => Some((3, CN_VALIDITY)),
            Self::EuVoucher { valid_years_min, .. } => valid_years_min.map(|years| (years, EU_NATIONAL)),
            Self::None | Self::CnSinglePurpose { registered: true } => None,
        }
    }

    fn never_ends(&self) -> bool {
        matches!(self, Self::CnSinglePurpose { registered: true })
    }

    /// How long a successor of an expired card is good where its template's own terms have passed.
    pub(crate) fn renews_for_years(&self) -> Option<u8> {
        self.valid_years_min().map(|(years, _)| years)
    }

    fn broken(&self, rule: &'static str, limit: Fact, given: Fact, source: &'static str) -> Denial {
        Denial::PolicyViolation { profile: self.name(), rule, limit, given, law: source }
    }

    fn must_hold_at_most(&self, draft: &TemplateDraft, minor: i64) -> Result<(), Denial> {
        match (self.value_max_minor(), draft.currency) {
            (Some(most), Some(currency)) if minor > most => {
                Err(self.broken("value_max", Fact::money(currency, most), Fact::money(currency, minor), CN_VALUE))
            }
            _ => Ok(()),
        }
    }

    fn must_end_late_enough(&self, ends: Option<Instant>, from: Instant, template: &Template) -> Result<(), Denial> {
        let Some(ends) = ends else { return Ok(()) };
        let given = Fact::text(ends.to_string());
        if self.never_ends() {
            return Err(self.broken("no_expiry", Fact::text("no end"), given, CN_VALIDITY));
        }
        match self.valid_years_min() {
            Some((years, source)) => {
                let least = template.zone.years_after(from, years);
                if ends < least {
                    return Err(self.broken("valid_years_min", Fact::text(least.to_string()), given, source));
                }
                Ok(())
            }
            None => Ok(()),
        }
    }
}

/// Whether a template keeps to its profile.
pub(crate) fn check_profiled(template: &Template, now: Instant) -> Result<(), Denial> {
    let draft = &template.draft;
    let Some(profile) = &draft.profile else { return Ok(()) };
    check_scope(profile, draft)?;
    let highest = match draft.face() {
        Some(Setting::Fixed(minor)) => *minor,
        Some(Setting::Named(named)) => match draft.parameters.get(&named.parameter) {
            Some(Parameter::Integer { max, .. }) => *max,
            Some(Parameter::Text { .. }) | None => 0,
        },
        None => 0,
    };
    profile.must_hold_at_most(draft, highest.max(draft.limits.balance_max_minor.unwrap_or(0)))?;
    profile.must_end_late_enough(template.window.end, now, template)?;
    check_after_claim(profile, draft)
}

/// Whom and what the profile is for.
fn check_scope(profile: &Profile, draft: &TemplateDraft) -> Result<(), Denial> {
    match profile {
        Profile::CnSinglePurpose { registered } => {
            let currency = draft.currency.map(|currency| currency.code()).unwrap_or_default();
            if currency != "CNY" {
                return Err(profile.broken("currency", Fact::text("CNY"), Fact::text(currency), CN_SCOPE));
            }
            match (registered, draft.redeem_from) {
                (true, RedeemFrom::Issued) => {
                    let (limit, given) = (Fact::text("redeem_from claimed"), Fact::text("redeem_from issued"));
                    Err(profile.broken("registered_holder", limit, given, CN_BUYER))
                }
                (true, RedeemFrom::Claimed | RedeemFrom::Bound)
                | (false, RedeemFrom::Issued | RedeemFrom::Claimed | RedeemFrom::Bound) => Ok(()),
            }
        }
        Profile::EuVoucher { purpose: VoucherPurpose::Single, vat: None, .. } => {
            Err(profile.broken("vat_known", Fact::text("country and rate"), Fact::text("nothing"), EU_VAT))
        }
        Profile::EuVoucher { purpose: VoucherPurpose::Multi, vat: Some(_), .. } => {
            let (limit, given) = (Fact::text("nothing before it is redeemed"), Fact::text("country and rate"));
            Err(profile.broken("vat_known", limit, given, EU_VAT))
        }
        Profile::None | Profile::EuVoucher { .. } => Ok(()),
    }
}

/// Ends that are counted from the claim, or come with a campaign, whose end may be moved at any time.
fn check_after_claim(profile: &Profile, draft: &TemplateDraft) -> Result<(), Denial> {
    let Some((rule, limit, days, source)) = (match profile.valid_years_min() {
        _ if profile.never_ends() => Some(("no_expiry", "no end".to_owned(), i64::MAX, CN_VALIDITY)),
        Some((years, source)) => Some(("valid_years_min", format!("{} days", days_of(years)), days_of(years), source)),
        None => None,
    }) else {
        return Ok(());
    };
    let broken = |given: String| Err(profile.broken(rule, Fact::text(limit.as_str()), Fact::text(given), source));
    if draft.validity.cap_at_campaign_end {
        return broken("ends with its campaign (cap_at_campaign_end)".to_owned());
    }
    match &draft.validity.after_claim {
        None => Ok(()),
        Some(AfterClaim::Seconds(seconds)) if seconds / 86_400 < days => broken(format!("{seconds} seconds")),
        Some(AfterClaim::Seconds(_)) => Ok(()),
        Some(AfterClaim::Days(setting)) => {
            let least = match setting {
                Setting::Fixed(days) => *days,
                Setting::Named(named) => match draft.parameters.get(&named.parameter) {
                    Some(Parameter::Integer { min, .. }) => *min,
                    Some(Parameter::Text { .. }) | None => 0,
                },
            };
            if least < days { broken(format!("{least} days")) } else { Ok(()) }
        }
    }
}

/// Whether cards of the template that are given out now end late enough: a whole batch, or one card with its own end.
pub(crate) fn check_given(template: &Template, ends: Option<Instant>, now: Instant) -> Result<(), Denial> {
    let profile = template.draft.profile.as_ref();
    profile.map_or(Ok(()), |profile| profile.must_end_late_enough(ends, now, template))
}

/// Whether a card of the template may hold so much.
pub(crate) fn check_value(template: &Template, minor: i64) -> Result<(), Denial> {
    let profile = template.draft.profile.as_ref();
    profile.map_or(Ok(()), |profile| profile.must_hold_at_most(&template.draft, minor))
}

/// Whether a request that brings value onto a registered card says who buys: all facts that the profile names, or the host's record.
pub(crate) fn check_buyer(template: &Template, buyer: Option<&Buyer>) -> Result<(), Denial> {
    let Some(profile) = &template.draft.profile else { return Ok(()) };
    match profile {
        Profile::CnSinglePurpose { registered: true } => {
            let missing: Vec<&str> = match buyer {
                Some(buyer) if buyer.reference.is_some() => Vec::new(),
                Some(buyer) => CN_BUYER_FACTS.into_iter().filter(|name| !buyer.facts.contains_key(*name)).collect(),
                None => CN_BUYER_FACTS.to_vec(),
            };
            if missing.is_empty() {
                return Ok(());
            }
            let limit = Fact::text(format!("{}, or a reference", CN_BUYER_FACTS.join(", ")));
            Err(profile.broken("buyer", limit, Fact::text(format!("without {}", missing.join(", "))), CN_BUYER))
        }
        Profile::None | Profile::CnSinglePurpose { registered: false } | Profile::EuVoucher { .. } => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Zone;

    #[test]
    fn years_are_never_longer_than_their_days() {
        let zone = Zone::utc();
        for year in ["2024-02-29T00:00:00Z", "2024-03-01T12:00:00Z", "2023-01-01T00:00:00Z", "2096-02-29T00:00:00Z"] {
            let at = Instant::parse("at", year).unwrap();
            for years in 1..=50 {
                let days = zone.years_after(at, years).millis() - at.millis();
                assert!(days <= days_of(years) * 86_400_000, "{years} years from {year}");
            }
        }
    }
}

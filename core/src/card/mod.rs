//! Cards and what they rest on: campaigns, product sets, templates, batches, states, transitions, events.

mod batch;
mod batch_life;
mod campaign;
mod campaign_life;
#[allow(clippy::module_inception, reason = "the card is what the room is named after")]
mod card;
mod deal;
mod diff;
mod event;
mod hold;
mod holding;
mod host;
mod kinds;
#[cfg(test)]
mod life_tests;
mod owner;
mod policy;
mod profile;
mod promotion;
mod redemption;
mod replay;
mod stacking;
#[cfg(test)]
mod state_machine_tests;
mod template;
mod transition;

pub use batch::{Batch, BatchLabels, FormatUse, PublicCode, SlotUse, Stock};
pub use batch_life::{BatchCommand, BatchExtension, BatchLife, Refill};
pub(crate) use campaign::check_title;
pub use campaign::{Audience, AudienceMember, Campaign, Goal, Life};
pub use campaign_life::CampaignCommand;
pub use card::{Card, CardState};
pub use deal::{
    Among, Apply, Base, Counted, Deal, Every, GiftItem, Gifts, HostBenefit, Least, Off, On, Pick, SetPart, Step,
};
pub(crate) use diff::changes;
pub use diff::{Labels, TemplateChange};
pub use event::{Event, EventKind, Origin, RequestMark, Target};
pub(crate) use event::{Thing, chain_link, proof_of, redaction_seal};
pub use hold::{HeldFor, HeldOn, Hold, HoldId, HoldOf, HoldState, HoldTerms, LateCapture, TTL_S_MAX};
pub(crate) use holding::{aged, capture, free, frees_at, hold, release, taken, unhold, used_up};
pub(crate) use host::CannotGive;
pub use host::{DeclaredBenefit, DeclaredBenefits};
pub use kinds::{CardKind, CardsOf, CheckIns, Gift, Membership, PartialPolicy, Usage};
pub(crate) use kinds::{
    CountedIn, NoUnits, Taken, check_in_unit, check_ins, chosen, give_back, nothing_back, take, units_of, whole_of,
};
pub(crate) use owner::{bind, extend, must_present, rebind, transfer};
pub use policy::{BindPolicy, ExtendPolicy, Policies, RefundLines, RefundPolicy, RefundTo, TransferPolicy, UseBack};
pub use profile::{Buyer, Profile, VoucherPurpose, VoucherVat};
pub(crate) use profile::{check_buyer, check_given, check_profiled, check_value};
pub(crate) use promotion::PromotionCommand;
pub use promotion::{Promotion, PromotionLife, Promotions};
pub use redemption::{CountedOn, Given, NotGiven, Redemption, Refund};
pub(crate) use replay::{Difference, FundedFacts, RedeemedFacts, Replay, Standing, TakenFacts, Told, hex};
pub use stacking::{Combine, Funding, Lane, Stacking};
pub use template::{
    AfterClaim, Benefit, Display, Displays, Limits, Parameter, ParameterValue, Parameters, RedeemFrom, Setting,
    Template, TemplateDraft, ValidityDraft,
};
pub(crate) use template::{check_displays, check_parameters};
pub use transition::Command;
pub(crate) use transition::{
    Claimed, adjust, claim, freeze, held, issue, load, redeemable, replace, succeed, unfreeze, void,
};

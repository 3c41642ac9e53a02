# Written by `cargo xtask gen` from the table of operations; do not edit.
"""What requests and replies are made of: plain data, described by `TypedDict`s."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, List, Literal, Optional, TypedDict, Union

__all__ = [
    "AccountOf",
    "AccountOfChannel",
    "AccountOfHolder",
    "AccountOfSystem",
    "AccountPick",
    "AccountPickChannel",
    "AccountPickHolder",
    "AccountPickSystem",
    "Action",
    "ActionGifts",
    "ActionGiftsGifts",
    "ActionHost",
    "ActionHostHost",
    "AddAudience",
    "Adjust",
    "AfterClaim",
    "AfterClaimDays",
    "AfterClaimSeconds",
    "Allocation",
    "Among",
    "Apply",
    "ArchiveBatch",
    "ArchiveCampaign",
    "ArchivePromotion",
    "AttrValue",
    "Attribute",
    "AttributeOf",
    "Audience",
    "AudienceAdded",
    "Audit",
    "AuditReport",
    "BackUp",
    "Backtest",
    "BacktestOffer",
    "BacktestOrders",
    "BacktestReport",
    "BacktestedOrder",
    "BackupFile",
    "Balance",
    "BalanceNow",
    "BalancePage",
    "Base",
    "Batch",
    "BatchExtension",
    "BatchFigures",
    "BatchLabels",
    "BatchLife",
    "BatchNo",
    "BatchPage",
    "Benefit",
    "BenefitAmountOff",
    "BenefitAmountOffAmountOff",
    "BenefitCards",
    "BenefitCardsCards",
    "BenefitDeal",
    "BenefitEntitlement",
    "BenefitEntitlementEntitlement",
    "BenefitGoods",
    "BenefitGoodsGoods",
    "BenefitPercentOff",
    "BenefitPercentOffPercentOff",
    "BenefitValue",
    "BenefitValueValue",
    "BestCard",
    "BestDrafts",
    "BestLeftOut",
    "BestOfDrafts",
    "BestOfOrder",
    "BestOrder",
    "Bind",
    "BindPolicy",
    "BooleanAttributeTest",
    "BooleanOptionalTest",
    "Buyer",
    "Campaign",
    "CampaignPage",
    "CampaignProgress",
    "CaptureHold",
    "CaptureOrder",
    "CaptureOutcome",
    "CapturePart",
    "Captured",
    "CardAsOf",
    "CardGotBack",
    "CardId",
    "CardKind",
    "CardNumber",
    "CardPick",
    "CardPickCode",
    "CardPickId",
    "CardPickNumber",
    "CardState",
    "CardView",
    "CardViewPage",
    "CardWas",
    "CardWithCode",
    "CardsOf",
    "ChainHead",
    "CheckIns",
    "Circle",
    "Claim",
    "ClaimFrom",
    "ClaimFromBatch",
    "ClaimFromCode",
    "CloseBatch",
    "CloseExport",
    "CodeFormat",
    "CodeText",
    "Combine",
    "CompareDrafts",
    "ComparedOrder",
    "Comparison",
    "Comparison2",
    "Condition",
    "ConditionAll",
    "ConditionAny",
    "ConditionFact",
    "ConditionHasLine",
    "ConditionHasLineHasLine",
    "ConditionLines",
    "ConditionMinSpend",
    "ConditionMinSpendMinSpend",
    "ConditionNot",
    "CountBatch",
    "CountFunding",
    "Counted",
    "Currency",
    "DateAttributeTest",
    "DateOptionalTest",
    "DateTest",
    "Deal",
    "DeclaredBenefit",
    "Detail",
    "DiffTemplates",
    "DiscountBack",
    "Display",
    "Done",
    "DraftOffer",
    "DraftsBack",
    "DraftsQuoted",
    "DraftsRefunded",
    "DropSample",
    "EndCampaign",
    "EngineFigures",
    "Entry",
    "Erase",
    "Erased",
    "EvaluateMany",
    "EvaluatedMany",
    "EventKind",
    "Events",
    "EventsPage",
    "Every",
    "EveryMinor",
    "EveryPieces",
    "EverySet",
    "Explain",
    "ExplainOf",
    "ExplainOfCard",
    "ExplainOfTemplate",
    "Explained",
    "ExplainedTexts",
    "Explanation",
    "ExportCodes",
    "ExportedCode",
    "Extend",
    "ExtendBatch",
    "ExtendPolicy",
    "Fact",
    "FactCurrency",
    "FactTest",
    "FactType",
    "Failure",
    "Finding",
    "Freeze",
    "FreezeBatch",
    "Funded",
    "Funding",
    "FundingFigures",
    "FundingLine",
    "GetBatch",
    "GetCampaign",
    "GetEngineFigures",
    "GetHold",
    "GetRedemption",
    "GetTemplate",
    "Gift",
    "GiftItem",
    "Gifts",
    "Given",
    "GivenCard",
    "Goal",
    "GrowBatch",
    "HeldBack",
    "HeldBy",
    "History",
    "HistoryEntry",
    "HoldId",
    "HoldOrder",
    "HoldState",
    "HoldTerms",
    "HoldView",
    "HoldViewPage",
    "HoldsOfOrder",
    "HostBenefit",
    "Instant",
    "InstantAttributeTest",
    "InstantOptionalTest",
    "InstantTest",
    "IntegerAttributeTest",
    "IntegerTest",
    "Issue",
    "IssueBatch",
    "JournalEvent",
    "Labels",
    "Lane",
    "LateCapture",
    "Least",
    "LeastMinor",
    "LeastPieces",
    "LeftOut",
    "LeftOut2",
    "Liability",
    "LiabilityAt",
    "LiabilityLine",
    "LiabilityNow",
    "Life",
    "Limit",
    "LimitWindow",
    "LimitWindowCalendar",
    "LimitWindowRollingS",
    "Limits",
    "Line",
    "LineBack",
    "LineBooleanAttributeTest",
    "LineCondition",
    "LineConditionAll",
    "LineConditionAny",
    "LineConditionFact",
    "LineConditionNot",
    "LineConditionProductSet",
    "LineDateAttributeTest",
    "LineFactTest",
    "LineFilter",
    "LineInstantAttributeTest",
    "LineIntegerAttributeTest",
    "LineIntegerTest",
    "LineMoneyAttributeTest",
    "LineMoneyTest",
    "LineReturn",
    "LineTextAttributeTest",
    "LineTextTest",
    "LineTextsAttributeTest",
    "LineTextsOptionalTest",
    "LinesTest",
    "Link",
    "ListAccounts",
    "ListAttributes",
    "ListBatches",
    "ListCampaigns",
    "ListCards",
    "ListHostBenefits",
    "ListMovements",
    "ListPromotions",
    "ListSamples",
    "ListTemplates",
    "ListUnits",
    "Load",
    "LocaleTexts",
    "LookUp",
    "Matching",
    "Measure",
    "MeasureCampaign",
    "MeasureMoney",
    "MeasureMoneyMoney",
    "MeasureUses",
    "MeasureUsesUses",
    "Membership",
    "Meta",
    "MetaObject",
    "Moment",
    "MoneyAttributeTest",
    "MoneyTest",
    "MoveValue",
    "Movement",
    "MovementPage",
    "NamedSetting",
    "NextBest",
    "NextStep",
    "Normalisation",
    "NotGiven",
    "Objective",
    "Observe",
    "Off",
    "OffGifts",
    "OffHost",
    "OffMinor",
    "OffOffBp",
    "OffPriceMinor",
    "OfferOf",
    "OfferPlan",
    "On",
    "OnLines",
    "Open",
    "OpenMany",
    "Order",
    "OrderCaptured",
    "OrderCard",
    "OrderFigures",
    "OrderHeld",
    "OrderQuoted",
    "OrderReceipt",
    "OrderReleased",
    "Orders",
    "OrdersQuoted",
    "Origin",
    "Over",
    "OverLines",
    "Paging",
    "Parameter",
    "ParameterInteger",
    "ParameterIntegerInteger",
    "ParameterText",
    "ParameterTextText",
    "ParameterValue",
    "PartialPolicy",
    "PauseCampaign",
    "PausePromotion",
    "Period",
    "PersonOf",
    "PersonView",
    "Pick",
    "Place",
    "PlaceHold",
    "PlaceOptionalTest",
    "Plan",
    "PlanLine",
    "PlanShare",
    "PlanShipping",
    "Point",
    "Policies",
    "Pricing",
    "Profile",
    "ProfileCnSinglePurpose",
    "ProfileCnSinglePurposeCnSinglePurpose",
    "ProfileEuVoucher",
    "ProfileEuVoucherEuVoucher",
    "Progress",
    "Promotion",
    "PromotionLife",
    "PromotionUse",
    "Quote",
    "QuoteDrafts",
    "QuoteOrder",
    "QuoteOrders",
    "QuoteOutcome",
    "QuoteOutcomeApplies",
    "QuoteOutcomeDenied",
    "QuoteWallet",
    "Quoted",
    "QuotedCard",
    "QuotedLimit",
    "QuotedPromotion",
    "RateShare",
    "Rebind",
    "Receipt",
    "Redeem",
    "RedeemFrom",
    "RedeemOrder",
    "Redemption",
    "RedemptionPage",
    "RedemptionsOfOrder",
    "Refill",
    "RefillBatch",
    "RefundDrafts",
    "RefundFigures",
    "RefundLines",
    "RefundOrder",
    "RefundPolicy",
    "RefundReceipt",
    "RefundRedemption",
    "RefundSimulated",
    "RefundTo",
    "RefundedOrder",
    "Refusal",
    "RekeyBatch",
    "ReleaseHold",
    "ReleaseOrder",
    "Replace",
    "RequestKey",
    "ResumeCampaign",
    "ResumePromotion",
    "Returned",
    "Reveal",
    "Rounding",
    "RunnerUp",
    "Sample",
    "SampleOrders",
    "SaveAttribute",
    "SaveCampaign",
    "SaveHostBenefit",
    "SaveProductSet",
    "SavePromotion",
    "SavePublicCode",
    "SaveSettings",
    "SaveTemplate",
    "SaveUnit",
    "Saved",
    "SavingSpread",
    "Scope",
    "ScopeSubject",
    "SegmentBy",
    "SegmentFigures",
    "Segments",
    "SetPart",
    "SetRef",
    "Setting",
    "Side",
    "SimulateRefund",
    "Spread",
    "SpreadStep",
    "Stacking",
    "StartCampaign",
    "Step",
    "StepFigures",
    "Stranded",
    "Subject",
    "SubjectKey",
    "Succeed",
    "Template",
    "TemplateChange",
    "TemplateDraft",
    "TemplatePage",
    "TemplateSchema",
    "TenderBack",
    "TenderOrder",
    "TenderOrderListed",
    "TenderShare",
    "TextAttributeTest",
    "TextOptionalTest",
    "TextTest",
    "Texts",
    "TextsAttributeTest",
    "TextsOptionalTest",
    "TimeOfDayOptionalTest",
    "TimeOfDayTest",
    "Transfer",
    "Transfer2",
    "TransferPolicy",
    "Unfreeze",
    "UnfreezeBatch",
    "Unit",
    "UnitDisplay",
    "UnitPage",
    "Unlink",
    "Usage",
    "UsageUnit",
    "UseBack",
    "UsesBack",
    "ValidityDraft",
    "ValueMoved",
    "ValueTransfer",
    "Verdict",
    "Void",
    "VoidBatch",
    "VoucherPurpose",
    "VoucherVat",
    "Wallet",
    "WalletCard",
    "WalletCardPage",
    "WeekdayOptionalTest",
    "WeekdayTest",
    "Window",
    "Zone",
]

# An instant of a request: an aware datetime in whole milliseconds, or RFC 3339 as the replies have it.
Moment = Union[str, datetime]


class AccountOfHolder(TypedDict):
    holder: SubjectKey


class AccountOfChannel(TypedDict):
    channel: str


class AccountOfSystem(TypedDict):
    system: str

# An account, as records hold it.
AccountOf = Union["AccountOfHolder", "AccountOfChannel", "AccountOfSystem"]


class AccountPickHolder(TypedDict):
    holder: Subject


class AccountPickChannel(TypedDict):
    channel: str


class AccountPickSystem(TypedDict):
    system: str

# An account, as a request names it. What cards hold is moved by redeeming, loading and adjusting them.
AccountPick = Union["AccountPickHolder", "AccountPickChannel", "AccountPickSystem"]


class ActionGiftsGifts(TypedDict):
    # How many entries may be chosen each time.
    choose: int
    # What there is.
    of: List[GiftItem]
    # How many times.
    times: int


class ActionGifts(TypedDict):
    gifts: ActionGiftsGifts


class _ActionHostHostRequired(TypedDict):
    # The host's name for it.
    name: str
    # How many times.
    times: int


class ActionHostHost(_ActionHostHostRequired, total=False):
    # What it is to know.
    data: Any


class ActionHost(TypedDict):
    host: ActionHostHost

# Something that the host is to do: nothing comes off for it.
Action = Union["ActionGifts", "ActionHost"]


class AddAudience(TypedDict):
    """Lists subjects as a campaign's audience. Those that are listed already stay so."""

    # The campaign.
    campaign: str
    # Key, reason, origin.
    meta: Meta
    # 1 to 1,000 subjects.
    subjects: List[Subject]


class Adjust(TypedDict):
    """Sets right what a gift card holds; needs a reason."""

    # The card: by code, id or card number.
    card: CardPick
    # By how much, in minor units of the card's currency; below 0 to take away.
    delta_minor: int
    # Key, reason, origin.
    meta: Meta


class AfterClaimDays(TypedDict):
    days: Setting


class AfterClaimSeconds(TypedDict):
    seconds: int

# How long a card is good once it was claimed or given to a holder.
AfterClaim = Union["AfterClaimDays", "AfterClaimSeconds"]


class _AllocationRequired(TypedDict):
    # What it cost before, in minor units.
    before_minor: int
    # The line's id within the order.
    line: str
    # What comes off, from 0 to `before_minor`.
    off_minor: int


class Allocation(_AllocationRequired, total=False):
    """A line's share of a discount: it lowers what the invoice (发票) says of the line."""

    # Who bears what of it, where the template says so.
    funded: List[Funded]

# Among which pieces a deal picks.
Among = Union[Literal["each"], Literal["all"]]

# For what the figure of a deal stands.
Apply = Union[Literal["across"], Literal["each"], Literal["once"]]


class ArchiveBatch(TypedDict):
    """Puts a batch out of the way."""

    # The batch.
    batch: str
    # Key, reason, origin.
    meta: Meta


class ArchiveCampaign(TypedDict):
    """Puts a campaign out of the way, for good."""

    # The campaign.
    campaign: str
    # Key, reason, origin.
    meta: Meta


class ArchivePromotion(TypedDict):
    """Takes a promotion off orders for good."""

    # The promotion.
    id: str
    # Key, reason, origin.
    meta: Meta

# The value of an attribute, as its declared type asks. Debug does not show it: it may be personal.
AttrValue = Union[bool, int, str, List[str]]


class _AttributeRequired(TypedDict):
    # Its name: `order.attr.NAME` in conditions.
    name: str
    # Whose it is.
    of: AttributeOf
    # The type of its values; once declared it stays. Times of day, weekdays and places are none.
    type: FactType


class Attribute(_AttributeRequired, total=False):
    """A fact of the host's own that conditions may speak of."""

    # What people call it; 1 to 200 characters.
    title: Optional[str]
    # Of texts and sets of texts: the values that there are. Any, where none is listed.
    values: List[str]

# Whose attribute it is.
AttributeOf = Union[Literal["order"], Literal["line"], Literal["holder"]]

# Who may claim a campaign's cards.
Audience = Union[Literal["open"], Literal["listed"]]


class AudienceAdded(TypedDict):
    """How many subjects were new on the list."""

    # Subjects that were not listed before.
    added: int


class Audit(TypedDict, total=False):
    """Works everything out again from the journal."""

    # Chain heads that the host kept from the feed, at most 100,000: an end of a card's history that was cut off shows only by them.
    heads: List[ChainHead]


class AuditReport(TypedDict):
    """What an audit came to."""

    # Accounts.
    accounts: int
    # Cards with rows.
    cards: int
    # Whether the chains of HMACs were checked: not without keys.
    chains_checked: bool
    # Events of cards.
    events: int
    # What differs, at most 1,000.
    findings: List[Finding]
    # How much differs in all, as far as it was gone into.
    findings_total: int
    # Redemptions.
    redemptions: int
    # Refunds.
    refunds: int
    # Whether nobody wrote meanwhile. If somebody did, sums that are written all the time may have been passed over.
    stood_still: bool


class BackUp(TypedDict):
    """Makes a backup of the store while it is in use."""

    # The path of a file that is not there yet.
    to: str


class _BacktestRequired(TypedDict):
    # What is offered on each order, as in `quote_drafts`: at most 1,000, in any order.
    offers: List[DraftOffer]
    # The sample's name.
    sample: str


class Backtest(_BacktestRequired, total=False):
    """What templates that need not be saved would have come to on the orders of a sample, all together: what they cost, whom they reach, by segment."""

    # The moment of which it is told; by default when each order was placed, and now for one that does not say.
    at: Optional[Moment]
    # Of which currency orders are looked at; needed where the sample holds several.
    currency: Optional[Currency]
    # How a share that is not whole becomes whole; as the tenant's settings say by default.
    rounding: Optional[Rounding]
    # By what orders are told apart, at most 10.
    segments: List[SegmentBy]


class _BacktestOfferRequired(TypedDict):
    # What it takes off in all.
    discount_minor: int
    # Its id.
    id: str
    # Orders that it applies to.
    orders: int
    # What it pays in all.
    tender_minor: int


class BacktestOffer(_BacktestOfferRequired, total=False):
    """What one offer comes to beside the others."""

    # Who bears what it takes off, where its template says so.
    funding: List[Funded]


class _BacktestOrdersRequired(TypedDict):
    # What is offered on each order, as in `quote_drafts`: at most 1,000, in any order.
    offers: List[DraftOffer]
    # The sample's name.
    sample: str


class BacktestOrders(_BacktestOrdersRequired, total=False):
    """What templates that need not be saved would have come to on each order of a sample: the rows that `backtest` sums up."""

    # The moment of which it is told; by default when each order was placed, and now for one that does not say.
    at: Optional[Moment]
    # Of which currency orders are looked at; needed where the sample holds several.
    currency: Optional[Currency]
    # How a share that is not whole becomes whole; as the tenant's settings say by default.
    rounding: Optional[Rounding]


class _BacktestReportRequired(TypedDict):
    # Lines and shipping of all orders, before anything comes off.
    before_minor: int
    # The currency of every amount.
    currency: Currency
    # What comes off.
    discount_minor: int
    # Each offer, in the order in which they were given.
    offers: List[BacktestOffer]
    # Orders that were looked at.
    orders: int
    # Orders of the sample in another currency, which were not.
    other_orders: int
    # What is left to pay.
    payable_minor: int
    # The sample.
    sample: str
    # What stored value pays.
    tender_minor: int
    # Orders that at least one offer applies to.
    touched: int


class BacktestReport(_BacktestReportRequired, total=False):
    """What drafts would have come to. Amounts in minor units."""

    # What comes off the orders touched; nothing where none is.
    saving: Optional[SavingSpread]
    # Each segmentation that was asked for.
    segments: List[Segments]


class _BacktestedOrderRequired(TypedDict):
    # Lines and shipping, before anything comes off.
    before_minor: int
    # What comes off.
    discount_minor: int
    # For each offer, in the order in which they were given: what it takes off or pays; nothing for one that does not apply.
    offers_minor: List[Optional[int]]
    # The order's id.
    order: str
    # What is left to pay.
    payable_minor: int
    # What stored value pays.
    tender_minor: int


class BacktestedOrder(_BacktestedOrderRequired, total=False):
    """What an order would have come to. Amounts in minor units."""

    # Through which channel it was sold.
    channel: Optional[str]
    # When it was placed, where it says so.
    placed_at: Optional[Instant]
    # Where it was sold.
    store: Optional[str]


class BackupFile(TypedDict):
    """A backup that was made."""

    # How long it is.
    bytes: int
    # Where it lies; its checksum lies beside it.
    path: str
    # Its SHA-256, in hex digits.
    sha256: str


class Balance(TypedDict):
    """What an account holds in a unit."""

    # In its smallest part; never below 0.
    balance_minor: int
    # The unit.
    unit: str


class BalanceNow(TypedDict):
    """Asks what an account holds in a unit."""

    # A holder's or channel's account.
    account: AccountPick
    # The unit.
    unit: str


class _BalancePageRequired(TypedDict):
    # The items. A page may be short, even empty, and still not be the last.
    items: List[Balance]


class BalancePage(_BalancePageRequired, total=False):
    """A page of a list. Pages go by key, so they neither skip nor repeat what stays, whatever is written meanwhile."""

    # Where to go on; `None` at the end. Opaque.
    next: Optional[str]

# Of which price a deal is reckoned. Nothing comes off below nothing or a floor in any case.
Base = Union[Literal["running"], Literal["initial"], Literal["list"]]


class _BatchRequired(TypedDict):
    # When it was issued.
    created_at: Instant
    # How its cards show themselves, over the template's own.
    display: Dict[str, Display]
    # Whether its codes may no longer be exported.
    export_closed: bool
    # The format of its codes.
    format: CodeFormat
    # The host's id.
    id: str
    # What the host says of it.
    labels: BatchLabels
    # Its number, which stands in its codes.
    no: BatchNo
    # Values of parameters for all of its cards.
    parameters: Dict[str, ParameterValue]
    # How many cards: serials run from 0 to `size − 1`.
    size: int
    # The key slot of its codes; another one after it was re-keyed.
    slot: int
    # The template and the version that its cards follow for ever.
    template: str
    # See `template`.
    template_version: int
    # The state of its cards before anybody touched them.
    untouched: CardState


class Batch(_BatchRequired, total=False):
    """A batch. Its cards have no rows until they are touched."""

    # The campaign that it belongs to.
    campaign: Optional[str]
    # The channel that it was made for.
    channel: Optional[str]
    # How often all of its cards were prolonged, oldest first.
    extensions: List[BatchExtension]
    # Why all of its cards are frozen, while they are.
    frozen: Optional[str]
    # Where it stands.
    life: BatchLife
    # Ceilings on what its cards together are used for.
    limits: List[Limit]
    # How its public code is folded, where it has one.
    normalisation: Optional[Normalisation]
    # When it grows by itself.
    refill: Optional[Refill]


class BatchExtension(TypedDict):
    """All cards of a batch were prolonged."""

    # When that was said.
    at: Instant
    # To this end, as far as the template allows for each card.
    until: Instant


class _BatchFiguresRequired(TypedDict):
    # The batch.
    batch: str
    # Cards that their holders took.
    claimed: int
    # Cards that are frozen, whatever their state.
    frozen: int
    # Cards that were given out.
    issued: int
    # Cards that nobody was given.
    minted: int
    # Its cards.
    size: int
    # Cards without a use left.
    spent: int
    # Uses captured and not given back; of gift cards those on which nothing is left.
    uses: int
    # Dead cards.
    void: int


class BatchFigures(_BatchFiguresRequired, total=False):
    """What became of the cards of a batch. Cards by state sum to `size`."""

    # What living gift cards hold together, in minor units; at most 9007199254740991 is told.
    balance_minor: int
    # Cards that their holders tied to something.
    bound: int


class BatchLabels(TypedDict, total=False):
    """What a host says of a batch, beside its campaign and channel."""

    # The activity it is for.
    activity: str
    # Whom it is meant for.
    audience: str
    # The date of that activity, as the host writes it.
    date: str
    # Where it is given out.
    source: str

# Where a batch stands. Frozen lies across.
BatchLife = Union[Literal["active"], Literal["closed"], Literal["void"], Literal["archived"]]


class BatchNo(TypedDict):
    """The number of a batch within a tenant: the width of its codes (12, 16, 20 or 24) and its number among those."""

    # Its number among the batches of that width.
    number: int
    # How many symbols the batch's codes have.
    symbols: int


class _BatchPageRequired(TypedDict):
    # The items. A page may be short, even empty, and still not be the last.
    items: List[Batch]


class BatchPage(_BatchPageRequired, total=False):
    """A page of a list. Pages go by key, so they neither skip nor repeat what stays, whatever is written meanwhile."""

    # Where to go on; `None` at the end. Opaque.
    next: Optional[str]


class _BenefitAmountOffAmountOffRequired(TypedDict):
    # Minor units, 1 or more.
    minor: Setting


class BenefitAmountOffAmountOff(_BenefitAmountOffAmountOffRequired, total=False):
    # What it is taken over.
    over: Over


class BenefitAmountOff(TypedDict):
    amount_off: BenefitAmountOffAmountOff


class _BenefitPercentOffPercentOffRequired(TypedDict):
    # 1 to 10,000.
    off_bp: Setting


class BenefitPercentOffPercentOff(_BenefitPercentOffPercentOffRequired, total=False):
    # The most that comes off, in minor units of the template's currency.
    cap_minor: Optional[int]
    # What it is taken over.
    over: Over


class BenefitPercentOff(TypedDict):
    percent_off: BenefitPercentOffPercentOff


class BenefitValueValue(TypedDict):
    # Minor units, 0 or more: a card of 0 waits to be loaded.
    minor: Setting


class BenefitValue(TypedDict):
    value: BenefitValueValue


class BenefitEntitlementEntitlement(TypedDict, total=False):
    # What of an order the card is good for.
    over: Over


class BenefitEntitlement(TypedDict):
    entitlement: BenefitEntitlementEntitlement


class _BenefitGoodsGoodsRequired(TypedDict):
    # Which.
    lines: LineFilter


class BenefitGoodsGoods(_BenefitGoodsGoodsRequired, total=False):
    # How many pieces at most, 1 or more.
    quantity: int


class BenefitGoods(TypedDict):
    goods: BenefitGoodsGoods


class _BenefitCardsCardsRequired(TypedDict):
    # What they are taken from: 1 to 100 cards together.
    cards: List[CardsOf]


class BenefitCardsCards(_BenefitCardsCardsRequired, total=False):
    # Of choices: how many of those batches a holder may choose.
    choose: Optional[int]


class BenefitCards(TypedDict):
    cards: BenefitCardsCards


class BenefitDeal(TypedDict):
    deal: Deal

# What a card gives.
Benefit = Union["BenefitAmountOff", "BenefitPercentOff", "BenefitValue", "BenefitEntitlement", "BenefitGoods", "BenefitCards", "BenefitDeal"]


class _BestCardRequired(TypedDict):
    # The ceilings that a use meets, in the order in which they are looked at, where the code is good: as the cards before it leave them.
    limits: List[QuotedLimit]
    # What becomes of it, in one word.
    verdict: Verdict


class BestCard(_BestCardRequired, total=False):
    """A card to use."""

    # The card, where the code is good; none for a public code, which takes any card of its batch.
    card: Optional[CardId]
    # Why it does not apply.
    denial: Optional[Refusal]
    # What would bring more (凑单).
    next: Optional[NextStep]
    # Its place among the cards of the request, from 0; none for one of the wallet, to be named by its id.
    place: Optional[int]
    # What it gives of what the ones before it left.
    pricing: Optional[Pricing]


class _BestDraftsRequired(TypedDict):
    # What is offered, as in `quote_drafts`: at most 200, in any order. An offer ends when its template's validity does.
    offers: List[DraftOffer]
    # The order.
    order: Order


class BestDrafts(_BestDraftsRequired, total=False):
    """Which of several templates, none of which need be saved, are best on an order."""

    # The moment of which it is told; now by default.
    at: Optional[Moment]
    # What is better; for the customer by default.
    objective: Objective
    # How a share that is not whole becomes whole; as the tenant's settings say by default.
    rounding: Optional[Rounding]
    # Whose cost counts as the shop's, where the shop's cost decides: a party of the offers' funding; `shop` by default. What an offer without funding takes off, the shop bears.
    shop: Optional[str]
    # Steps after which the search ends, 0 to 10,000,000: an offer tried, or a rest looked at; 200,000 by default, which wallets of 20 cards come nowhere near.
    steps_max: Optional[int]


class _BestLeftOutRequired(TypedDict):
    # What it would come to beside those that are used: `applied` where less would come off in all, or no more.
    verdict: Verdict


class BestLeftOut(_BestLeftOutRequired, total=False):
    """A card or a promotion that is not used."""

    # The card, where there is one; none for a public code.
    card: Optional[CardId]
    # Why it does not apply beside them.
    denial: Optional[Refusal]
    # What would come off in all with it, in minor units; nothing is told where it is not good at all.
    discount_minor: Optional[int]
    # Of a card of the request: its place, from 0.
    place: Optional[int]
    # The promotion.
    promotion: Optional[str]


class _BestOfDraftsRequired(TypedDict):
    # Stands for all that the plan says, as in `quote_drafts`.
    digest: str
    # Whether nothing is better. If not, the search ended early: no single offer, and none of the combinations that a step by step choice finds, takes more off, yet another one may.
    exact: bool
    # The offers that are not used, and why.
    left_out: List[LeftOut2]
    # The offers to use, in the order in which they were given.
    offers: List[str]
    # What they come to: those alone.
    plan: Plan
    # How often an offer was tried or a rest looked at.
    steps: int


class BestOfDrafts(_BestOfDraftsRequired, total=False):
    """The best of several templates on an order."""

    # The second best, if there is any.
    runner_up: Optional[RunnerUp]


class _BestOfOrderRequired(TypedDict):
    # The order's total before, shipping included, in minor units.
    before_minor: int
    # The cards to use, in the order in which to hand them in: of those that pay, what ends first pays first.
    cards: List[BestCard]
    # The currency of every amount.
    currency: Currency
    # What comes off in all: it lowers the invoice (发票).
    discount_minor: int
    # Whether nothing is better. If not, the search ended early, or a money budget that several cards share had no room for a better combination, and another one may be.
    exact: bool
    # The cards and promotions that are not used, and why.
    left_out: List[BestLeftOut]
    # Every line, in the order's own order.
    lines: List[PlanLine]
    # Whether the holder has cards that were not looked at.
    more: bool
    # Whether nothing is left to pay: most ways to pay refuse an amount of 0.
    nothing_to_pay: bool
    # What is left to pay, 0 or more.
    payable_minor: int
    # The promotions that come off beside them, by id.
    promotions: List[QuotedPromotion]
    # The promotions that have to stay off, where one that runs is in the way; to be handed in with the cards.
    promotions_off: List[str]
    # How a share that was not whole became whole.
    rounding: Rounding
    # How often a card or promotion was tried, or a rest looked at.
    steps: int
    # What stored value pays: it does not.
    tender_minor: int


class BestOfOrder(_BestOfOrderRequired, total=False):
    """What is best on an order."""

    # The lines by their tax rates, where they name any; shipping has none.
    by_tax_rate: List[RateShare]
    # What it came to, for a hold or a redemption of these `cards` with these `promotions_off`; nothing where nothing applies.
    digest: Optional[str]
    # The second best, if there is any that the limits of all have room for.
    runner_up: Optional[NextBest]
    # Shipping, where the order has any.
    shipping: Optional[PlanShipping]


class _BestOrderRequired(TypedDict):
    # The order.
    order: Order


class BestOrder(_BestOrderRequired, total=False):
    """Which cards and promotions are best on an order."""

    # Cards that may be used, at most 50, each once.
    cards: List[OrderCard]
    # Who would redeem. Needed for the wallet.
    holder: Optional[Subject]
    # Whether promotions stay off the order. Without it they are offers as cards are; which of those that run stand in the way of something better, the reply says.
    no_promotions: bool
    # What is better; for the customer by default.
    objective: Objective
    # Promotions that stay off the order in any case, by id; at most 1,000.
    promotions_off: List[str]
    # Whose cost counts as the shop's, where the shop's cost decides: a party of the cards' funding; `shop` by default. What a card without funding takes off, the shop bears.
    shop: Optional[str]
    # Steps after which the search ends, 0 to 10,000,000: a card tried, or a rest looked at; 200,000 by default.
    steps_max: Optional[int]
    # Who else it is, and on what: subjects that limits may count or cards are bound to, such as a `device`. At most 16.
    subjects: List[Subject]
    # Whether the holder's own cards may be used, too: the 200 that end first, of the first 5,000 that stand under this holder. Cards that only give cards or an entitlement are not looked at.
    wallet: bool


class Bind(TypedDict):
    """Ties a claimed card to a subject (绑定)."""

    # The card: by code, id or card number.
    card: CardPick
    # Whose it is: who asks.
    holder: Subject
    # Key, reason, origin.
    meta: Meta
    # What it is tied to, of a kind that the template allows.
    to: Subject


class _BindPolicyRequired(TypedDict):
    # Kinds of subjects that a card may be bound to: `device`, `customer`, the host's own. 1 to 16.
    kinds: List[str]


class BindPolicy(_BindPolicyRequired, total=False):
    """How cards may be bound (绑定)."""

    # How often a bound card may be bound to another subject; never by default.
    rebinds_max: int


class _BooleanAttributeTestRequired(TypedDict):
    # an attribute that the tenant declares
    fact: str


class BooleanAttributeTest(_BooleanAttributeTestRequired, total=False):
    """a fact of type boolean, and one operator"""

    eq: bool
    exists: bool
    type: Literal["boolean"]


class _BooleanOptionalTestRequired(TypedDict):
    fact: Literal["holder.new_customer"]


class BooleanOptionalTest(_BooleanOptionalTestRequired, total=False):
    """a fact of type boolean, and one operator"""

    eq: bool
    exists: bool


class Buyer(TypedDict, total=False):
    """Who buys, for profiles that ask for it: facts by name, or the host's own record of them. The facts are kept as HMACs under the
    subject key and never in clear, and are not shown.
    """

    # Identity facts by name: `name`, `id_number`, `contact`, or the host's own. At most 16, of 1 to 200 characters.
    facts: Dict[str, str]
    # The host's id of its own record of the buyer; nothing personal.
    reference: Optional[str]


class _CampaignRequired(TypedDict):
    # Who may claim.
    audience: Audience
    # The host's id.
    id: str
    # The stored part of its life.
    life: Life
    # What people call it.
    title: str
    # When its cards may move.
    window: Window


class Campaign(_CampaignRequired, total=False):
    """Groups batches under a goal and a time."""

    # What it is meant to reach.
    goal: Optional[Goal]
    # Ceilings on what all of its cards together are used for: uses, and money budgets.
    limits: List[Limit]


class _CampaignPageRequired(TypedDict):
    # The items. A page may be short, even empty, and still not be the last.
    items: List[Campaign]


class CampaignPage(_CampaignPageRequired, total=False):
    """A page of a list. Pages go by key, so they neither skip nor repeat what stays, whatever is written meanwhile."""

    # Where to go on; `None` at the end. Opaque.
    next: Optional[str]


class _CampaignProgressRequired(TypedDict):
    # Its batches.
    batches: int
    # The campaign.
    campaign: str
    # Their cards.
    cards: int
    # Cards that holders took.
    claims: int
    # Its life at the moment the count began, as one word.
    life: str
    # Uses captured and not given back.
    redemptions: int


class CampaignProgress(_CampaignProgressRequired, total=False):
    """How far a campaign has come."""

    # What it is meant to reach.
    goal: Optional[Goal]
    # How far it has come, in the goal's measure: `claims` or `redemptions`. Other measures are the host's own to count.
    reached: Optional[int]


class _CaptureHoldRequired(TypedDict):
    # The hold.
    hold: HoldId
    # Key, reason, origin.
    meta: Meta


class CaptureHold(_CaptureHoldRequired, total=False):
    """Makes what a hold keeps final: the order was paid. The key becomes the redemption's id."""

    # How much of a gift card's hold is captured, in minor units of the order's currency, 1 or more; the rest comes back at once. All by default. Nothing for other cards.
    amount_minor: Optional[int]


class CaptureOrder(TypedDict):
    """Makes what several holds of an order keep final, all of them or none."""

    # The holds, 1 to 50 of one order, each once.
    holds: List[CapturePart]
    # Key, reason, origin. The key is at most 124 bytes: that of each hold's redemption is the same with `#` and its place from 1.
    meta: Meta

# What capturing a hold came to.
CaptureOutcome = Union[Literal["captured"], Literal["reacquired"], Literal["backordered"], Literal["refund_required"]]


class _CapturePartRequired(TypedDict):
    # The hold.
    hold: HoldId


class CapturePart(_CapturePartRequired, total=False):
    """A hold that is captured."""

    # How much of a gift card's hold is captured, in minor units of the order's currency, 1 or more; the rest comes back at once. All by default. Nothing for other cards.
    amount_minor: Optional[int]


class _CapturedRequired(TypedDict):
    # The hold.
    hold: HoldId
    # What it came to.
    outcome: CaptureOutcome


class Captured(_CapturedRequired, total=False):
    """The reply to a capture. The same for every repetition of the request."""

    # The redemption, where something was taken.
    receipt: Optional[Receipt]


class CardAsOf(TypedDict):
    """Looks a card up as it was."""

    # A moment that has passed. What happened at this very moment had happened.
    at: Moment
    # By id, by card number, or by the code that it has now.
    card: CardPick


class _CardGotBackRequired(TypedDict):
    # The card.
    card: CardId
    # Its redemption.
    redemption: str
    # How many uses came back.
    uses: int


class CardGotBack(_CardGotBackRequired, total=False):
    """What a card that took something off gets back."""

    # How much of its discount limits count no more, in minor units.
    counted_back_minor: int
    # Cards that it had given beside, and that stay: they have been used or moved since.
    kept: List[CardId]
    # Why nothing came back to it though it was due: the code of a denial. The money is paid out all the same.
    refused: Optional[str]
    # Cards that the redemption had given, and that died with it.
    taken_back: List[CardId]
    # How many it has now.
    uses_left: Optional[int]

# symbols, batch number and serial, such as 16-3-41
CardId = str

# The kind of a card.
CardKind = Union[Literal["coupon"], Literal["gift_card"], Literal["times"], Literal["exchange"], Literal["membership"], Literal["pack"], Literal["choice"]]


class CardNumber(TypedDict):
    """Asks for the public number of a card."""

    # The card.
    card: CardId


class CardPickCode(TypedDict):
    code: CodeText


class CardPickId(TypedDict):
    id: CardId


class CardPickNumber(TypedDict):
    number: str

# How a request names a card.
CardPick = Union["CardPickCode", "CardPickId", "CardPickNumber"]

# Where a card stands. Frozen lies across, expired is derived from the clock; neither is a state.
CardState = Union[Literal["minted"], Literal["issued"], Literal["claimed"], Literal["spent"], Literal["void"], Literal["bound"]]


class _CardViewRequired(TypedDict):
    # The id of its batch.
    batch: str
    # Which card.
    id: CardId
    # The issue number of its living code.
    issue_no: int
    # Where it came from.
    origin: Origin
    # Every declared parameter with the value that holds for this card.
    parameters: Dict[str, ParameterValue]
    # Where it stands.
    state: CardState
    # The template that it follows.
    template: str
    # The version of that template.
    template_version: int
    # Uses left; of a gift card 1, and 0 once nothing is left on it; of a membership card 1.
    uses_left: int


class CardView(_CardViewRequired, total=False):
    """A card as people look at it."""

    # What a gift card holds, in minor units of `currency`.
    balance_minor: Optional[int]
    # What it is tied to.
    bound: Optional[SubjectKey]
    # The campaign of its batch.
    campaign: Optional[str]
    # The channel that it was given out through.
    channel: Optional[str]
    # When it was issued to or claimed by its holder.
    claimed_at: Optional[Instant]
    # The currency of a gift card.
    currency: Optional[Currency]
    # First moment at which it is no longer good.
    expires_at: Optional[Instant]
    # Why it is frozen, while it is.
    frozen: Optional[str]
    # Whose it is.
    holder: Optional[SubjectKey]
    # The level of a membership card.
    level: Optional[str]


class _CardViewPageRequired(TypedDict):
    # The items. A page may be short, even empty, and still not be the last.
    items: List[CardView]


class CardViewPage(_CardViewPageRequired, total=False):
    """A page of a list. Pages go by key, so they neither skip nor repeat what stays, whatever is written meanwhile."""

    # Where to go on; `None` at the end. Opaque.
    next: Optional[str]


class CardWas(TypedDict):
    """A card as it was."""

    # The card.
    card: CardView
    # How many of its events had happened; of an untouched card none.
    events: int
    # Whether something happened to the card after that moment: then the answer is the same for ever. Without, it is as long as no process with a slow clock still has an earlier moment to write.
    settled: bool


class _CardWithCodeRequired(TypedDict):
    # The card as it was when the request was done.
    card: CardView


class CardWithCode(_CardWithCodeRequired, total=False):
    """A card together with its living code. Debug does not show the code."""

    # Its code; `None` when a request is repeated after that code died.
    code: Optional[str]


class _CardsOfRequired(TypedDict):
    # A batch to claim from; it is there before a batch of this template is issued.
    batch: str


class CardsOf(_CardsOfRequired, total=False):
    """So many cards of a batch."""

    # How many, 1 by default.
    quantity: int


class ChainHead(TypedDict):
    """The head of a card's chain at one of its events, as the feed gave it."""

    # The card.
    card: CardId
    # 32 hex digits.
    chain: str
    # The event's place among the card's own.
    place: int


class CheckIns(TypedDict):
    """How often a membership card may be presented."""

    # So many times, 1 to 1,000,000,
    limit: int
    # in each day, week (from Monday), month or year of the template's zone.
    per: Period


class Circle(TypedDict):
    """All points that are no farther away than so many metres."""

    # Latitude of the middle, in millionths of a degree.
    lat_e6: int
    # Longitude of the middle, in millionths of a degree.
    lon_e6: int
    # 1 to 20,000,000 metres.
    metres: int


class _ClaimRequired(TypedDict):
    # Whose it becomes.
    holder: Subject
    # Key, reason, origin.
    meta: Meta
    # Where from: `{"batch": …}` or `{"code": …}`.
    take: ClaimFrom


class Claim(_ClaimRequired, total=False):
    """Takes a card as its holder."""

    # The channel that it is given out through; the batch's by default.
    channel: Optional[str]


class ClaimFromBatch(TypedDict):
    batch: str


class ClaimFromCode(TypedDict):
    code: CodeText

# Where to claim from.
ClaimFrom = Union["ClaimFromBatch", "ClaimFromCode"]


class CloseBatch(TypedDict):
    """Gives no more cards of a batch out."""

    # The batch.
    batch: str
    # Key, reason, origin.
    meta: Meta


class CloseExport(TypedDict):
    """Closes a batch for export."""

    # The batch.
    batch: str
    # Key, reason, origin.
    meta: Meta


class _CodeFormatRequired(TypedDict):
    # 12, 16, 20 or 24
    symbols: int


class CodeFormat(_CodeFormatRequired, total=False):
    """How long codes are, and what stands before them."""

    # up to 8 letters and digits; none by default
    prefix: str

# A code as it was typed. Debug never shows it.
CodeText = str

# What of a group applies. A group is what has one lane and one rank.
Combine = Union[Literal["all"], Literal["first"], Literal["best_for_customer"], Literal["best_for_shop"], Literal["exclusive"]]


class _CompareDraftsRequired(TypedDict):
    # What is offered on one side, as in `quote_drafts`: at most 1,000, in any order.
    left: List[DraftOffer]
    # What is offered on the other.
    right: List[DraftOffer]
    # The sample's name.
    sample: str


class CompareDrafts(_CompareDraftsRequired, total=False):
    """What two sets of templates, none of which need be saved, would have come to on the orders of a sample, and on which they differ."""

    # The moment of which it is told; by default when each order was placed, and now for one that does not say.
    at: Optional[Moment]
    # Of which currency orders are looked at; needed where the sample holds several.
    currency: Optional[Currency]
    # How many of the orders that differ are told, 0 to 10,000, those that differ most first; 100 by default.
    differing: Optional[int]
    # How a share that is not whole becomes whole; as the tenant's settings say by default.
    rounding: Optional[Rounding]


class ComparedOrder(TypedDict):
    """An order that comes to different amounts."""

    # Its lines and shipping.
    before_minor: int
    # What is left to pay on the left.
    left_payable_minor: int
    # The order's id.
    order: str
    # What is left to pay on the right.
    right_payable_minor: int

Comparison = TypedDict("Comparison", {"at_least": "int", "at_most": "int", "between": "List[int]", "eq": "int", "gt": "int", "in": "List[int]", "lt": "int", "ne": "int", "not_in": "List[int]"}, total=False)


class _Comparison2Required(TypedDict):
    # Lines and shipping of all orders, before anything comes off.
    before_minor: int
    # The currency of every amount.
    currency: Currency
    # The orders that differ most.
    differing: List[ComparedOrder]
    # One side.
    left: Side
    # Orders of which less is left to pay on the left.
    left_lower: int
    # Orders that were looked at.
    orders: int
    # Orders of the sample in another currency, which were not.
    other_orders: int
    # The other.
    right: Side
    # Orders of which less is left to pay on the right.
    right_lower: int
    # Orders that come to the same on both.
    same: int
    # The sample.
    sample: str


class Comparison2(_Comparison2Required, total=False):
    """Two sets of drafts side by side. Amounts in minor units."""

    # What is left to pay on the right less what is on the left, of the orders that differ; nothing where none does.
    difference: Optional[SavingSpread]


class _ConditionMinSpendMinSpendRequired(TypedDict):
    # Minor units, 1 or more.
    minor: int


class ConditionMinSpendMinSpend(_ConditionMinSpendMinSpendRequired, total=False):
    # Whose sum; the whole order by default.
    over: Over


class ConditionMinSpend(TypedDict):
    min_spend: ConditionMinSpendMinSpend


class ConditionHasLineHasLine(TypedDict):
    # The filter.
    lines: LineFilter


class ConditionHasLine(TypedDict):
    has_line: ConditionHasLineHasLine


class ConditionAll(TypedDict):
    all: List[Condition]


class ConditionAny(TypedDict):
    any: List[Condition]

ConditionNot = TypedDict("ConditionNot", {"not": "Condition"})


class ConditionFact(TypedDict):
    fact: FactTest


class ConditionLines(TypedDict):
    lines: LinesTest

# One thing that must be true of the order. A template's conditions must all hold.
Condition = Union["ConditionMinSpend", "ConditionHasLine", "ConditionAll", "ConditionAny", "ConditionNot", "ConditionFact", "ConditionLines"]


class CountBatch(TypedDict):
    """Counts what became of the cards of a batch."""

    # The batch.
    batch: str


class CountFunding(TypedDict, total=False):
    """Counts what parties bear of the discounts (结算)."""

    # Only this batch; of a promotion it is that of one revision.
    batch: Optional[str]
    # Only the batches of this campaign.
    campaign: Optional[str]
    # From this moment on; from the first by default.
    since: Optional[Moment]
    # Up to this moment, which is no part of it; up to the last by default. What is told of a time that is over does not change later.
    until: Optional[Moment]

# What a deal's steps and `every` count.
Counted = Union[Literal["before"], Literal["after"]]

# an ISO 4217 code in capitals, such as CNY
Currency = str

_DateAttributeTestRequired = TypedDict("_DateAttributeTestRequired", {"fact": "str"})

_DateAttributeTestOptional = TypedDict("_DateAttributeTestOptional", {"at_least": "str", "at_most": "str", "between": "List[str]", "eq": "str", "exists": "bool", "gt": "str", "in": "List[str]", "lt": "str", "ne": "str", "not_in": "List[str]", "type": 'Literal["date"]'}, total=False)


class DateAttributeTest(_DateAttributeTestRequired, _DateAttributeTestOptional):
    pass

_DateOptionalTestRequired = TypedDict("_DateOptionalTestRequired", {"fact": 'Literal["order.placed_at.date"]'})

_DateOptionalTestOptional = TypedDict("_DateOptionalTestOptional", {"at_least": "str", "at_most": "str", "between": "List[str]", "eq": "str", "exists": "bool", "gt": "str", "in": "List[str]", "lt": "str", "ne": "str", "not_in": "List[str]"}, total=False)


class DateOptionalTest(_DateOptionalTestRequired, _DateOptionalTestOptional):
    pass

_DateTestRequired = TypedDict("_DateTestRequired", {"fact": 'Literal["now.date"]'})

_DateTestOptional = TypedDict("_DateTestOptional", {"at_least": "str", "at_most": "str", "between": "List[str]", "eq": "str", "gt": "str", "in": "List[str]", "lt": "str", "ne": "str", "not_in": "List[str]"}, total=False)


class DateTest(_DateTestRequired, _DateTestOptional):
    pass


class _DealRequired(TypedDict):
    # What comes off, from which amount or pieces on: 1 to 50 steps, each from more than the one before. The last one that is reached counts.
    steps: List[Step]


class Deal(_DealRequired, total=False):
    """What comes off, or is given, once so much is reached."""

    # Where `every` counts pieces: whether they are picked in each set of so many, or in all of them together.
    among: Among
    # For what the figure stands.
    apply: Apply
    # Of which price it is reckoned.
    base: Base
    # The most that comes off one line, in minor units.
    cap_line_minor: Optional[int]
    # The most that comes off the order, in minor units.
    cap_minor: Optional[int]
    # What counts: the order as it came, or what earlier discounts left of it.
    counted: Counted
    # Once for each so much that counts; once in all by default.
    every: Optional[Every]
    # What gets it.
    on: On
    # What counts, and gets it unless `on` says otherwise.
    over: Over
    # Which pieces of what gets it.
    pick: Pick
    # How many pieces for each time, where `pick` is `cheapest` or `dearest`; 1 by default.
    pieces: Optional[int]
    # The most pieces that get it.
    pieces_max: Optional[int]
    # The most times that `every` gives.
    times_max: Optional[int]


class _DeclaredBenefitRequired(TypedDict):
    # Its name, as templates have it in `host.name`.
    name: str
    # What `host.data` has to be: a JSON Schema of the keywords in docs/benefits.md, at most 16 KiB of JSON, nested at most 16 deep.
    schema: Any


class DeclaredBenefit(_DeclaredBenefitRequired, total=False):
    """A benefit of the host's own that templates may give."""

    # What people call it; 1 to 200 characters.
    title: Optional[str]

# How much is told of each order.
Detail = Union[Literal["by_line"], Literal["by_offer"], Literal["by_order"]]


class _DiffTemplatesRequired(TypedDict):
    # The version before.
    before: int
    # The template.
    id: str


class DiffTemplates(_DiffTemplatesRequired, total=False):
    """Compares two versions of a template."""

    # The version after; the newest by default.
    after: Optional[int]


class _DiscountBackRequired(TypedDict):
    # What is left of its discount.
    left_minor: int
    # What its terms say of refunds of lines.
    lines: RefundLines
    # Its shares of the pieces that come back.
    of_pieces_minor: int
    # The card's redemption.
    redemption: str


class DiscountBack(_DiscountBackRequired, total=False):
    """What becomes of a card's discount, in minor units."""

    # What comes back to whoever bears the discount, where its terms say so: at the rates of the purchase.
    funded: List[Funded]
    # What the pieces that stay do not earn any more and is taken off the pay-out; below 0 where they earn more than their shares.
    taken_back_minor: int


class _DisplayRequired(TypedDict):
    # The headline.
    title: str


class Display(_DisplayRequired, total=False):
    """How a card shows itself to people, in one language."""

    # A short badge.
    badge: str
    # A colour such as `#d81e06`.
    colour: str
    # How to use it.
    how_to_use: str
    # Address of a picture.
    image: str
    # What it covers, in words.
    scope: str


class Done(TypedDict):
    """The reply of a change that has nothing to say but that it was made."""



class _DraftOfferRequired(TypedDict):
    # What it is called in the plan; each once.
    id: str
    # Its terms. Product sets are the newest, unless a version is named.
    template: TemplateDraft


class DraftOffer(_DraftOfferRequired, total=False):
    """A template that is tried on an order, as one card of it or as a promotion that needs no card."""

    # What the card holds, of a gift card, in minor units; what a new one holds by default.
    balance_minor: Optional[int]
    # Values of its parameters; their defaults where none is given.
    parameters: Dict[str, ParameterValue]
    # How many uses are taken, of a times card; all that the order has by default.
    units: Optional[int]


class DraftsBack(TypedDict, total=False):
    """One return."""

    # Whether all comes back that is not back yet; lines and shipping are not named then.
    everything: bool
    # The lines that come back, each once.
    lines: List[LineReturn]
    # Whether shipping comes back.
    shipping: bool


class _DraftsQuotedRequired(TypedDict):
    # The order's total before, shipping included, in minor units.
    before_minor: int
    # The lines by their tax rates, where they name any; shipping has none.
    by_tax_rate: List[RateShare]
    # The currency of every amount.
    currency: Currency
    # Stands for all that the plan says: two plans with one digest are the same.
    digest: str
    # What comes off in all: it lowers the invoice (发票).
    discount_minor: int
    # Every line, in the order's own order.
    lines: List[PlanLine]
    # Whether nothing is left to pay: most ways to pay refuse an amount of 0.
    nothing_to_pay: bool
    # Every offer, in the order in which they were given.
    offers: List[OfferPlan]
    # What is left to pay, 0 or more.
    payable_minor: int
    # How a share that was not whole became whole.
    rounding: Rounding
    # What stored value pays: it does not.
    tender_minor: int


class DraftsQuoted(_DraftsQuotedRequired, total=False):
    """What templates come to on an order, together."""

    # Shipping, where the order has any.
    shipping: Optional[PlanShipping]


class _DraftsRefundedRequired(TypedDict):
    # The order's total before, shipping included, in minor units.
    before_minor: int
    # The currency of every amount.
    currency: Currency
    # What comes off in all: it lowers the invoice (发票).
    discount_minor: int
    # Every line, in the order's own order.
    lines: List[PlanLine]
    # Whether nothing is left to pay: most ways to pay refuse an amount of 0.
    nothing_to_pay: bool
    # What is left to pay, 0 or more.
    payable_minor: int
    # What each return comes to. Under each way of treating discounts all returns before it were treated so, too.
    returns: List[StepFigures]
    # How a share that was not whole became whole.
    rounding: Rounding
    # What stored value pays: it does not.
    tender_minor: int


class DraftsRefunded(_DraftsRefundedRequired, total=False):
    """What returns would come to."""

    # The lines by their tax rates, where they name any; shipping has none.
    by_tax_rate: List[RateShare]
    # Shipping, where the order has any.
    shipping: Optional[PlanShipping]


class DropSample(TypedDict):
    """Forgets a sample."""

    # The sample's name.
    sample: str


class EndCampaign(TypedDict):
    """Ends a campaign now."""

    # The campaign.
    campaign: str
    # Key, reason, origin.
    meta: Meta


class EngineFigures(TypedDict):
    """What an engine counted of itself since it was opened, over all tenants. Counts only grow until the engine is opened again."""

    # Changes that were handed in.
    calls: int
    # Commits of the store, in microseconds.
    commit_us: Spread
    # Commits that the store answered with an error, unknown outcomes among them.
    commits_failed: int
    # Changesets that fell out of their group because another process had changed what they rest on, or with one that did.
    conflicts: int
    # Changes that were decided once more, for whatever reason.
    decided_again: int
    # How many changes ended in each status, by code: `ok`, denials, faults.
    ended: Dict[str, int]
    # Changesets in each commit.
    group_size: Spread
    # Reads that groups needed.
    loads: int
    # Commits whose outcome was unknown at first.
    outcomes_unknown: int
    # Decisions and groups that panicked: bugs.
    panics: int
    # Changes that wait to be decided at this moment.
    queued: int
    # From being handed in to the reply, in microseconds.
    reply_us: Spread
    # From being handed in to being decided first, in microseconds.
    wait_us: Spread
    # Changes whose callers went away before they were decided.
    withdrawn: int


class _EntryRequired(TypedDict):
    # What the own account holds afterwards.
    holds_minor: int
    # What moved; nothing where the event changed no value.
    transfers: List[Transfer2]
    # In which unit.
    unit: str


class Entry(_EntryRequired, total=False):
    """What an event moved, and what its card, holder or channel has since."""

    # The end of the card, from which on what it holds is breakage.
    ends: Optional[Instant]


class Erase(TypedDict):
    """Erases a subject: its key goes from every row, and something that tells of nobody takes its place."""

    # Key, reason, origin; the reason is needed.
    meta: Meta
    # Whom. Of a person with several subjects each is erased by itself.
    subject: Subject


class Erased(TypedDict):
    """What became of a subject."""

    # What stands in its place: `erased:` and a number that has to do with nothing.
    pseudonym: SubjectKey


class _EvaluateManyRequired(TypedDict):
    # Whose conditions.
    of: ExplainOf
    # The orders.
    orders: Orders


class EvaluateMany(_EvaluateManyRequired, total=False):
    """Says for many orders at once whether the conditions of a card, or of a template that is not saved yet, hold."""

    # At which moment; now by default.
    at: Optional[Moment]


class EvaluatedMany(TypedDict):
    """For which orders conditions hold."""

    # One for each order, in order.
    hold: List[bool]

# What happened.
EventKind = Union[Literal["settings_saved"], Literal["campaign_saved"], Literal["audience_added"], Literal["product_set_saved"], Literal["template_saved"], Literal["batch_issued"], Literal["batch_grown"], Literal["batch_rekeyed"], Literal["export_closed"], Literal["codes_exported"], Literal["code_revealed"], Literal["public_code_saved"], Literal["issued"], Literal["claimed"], Literal["redeemed"], Literal["refunded"], Literal["frozen"], Literal["unfrozen"], Literal["replaced"], Literal["voided"], Literal["observed"], Literal["loaded"], Literal["adjusted"], Literal["fenced"], Literal["held"], Literal["held_again"], Literal["captured"], Literal["captured_late"], Literal["released"], Literal["bound"], Literal["rebound"], Literal["transferred"], Literal["extended"], Literal["batch_frozen"], Literal["batch_unfrozen"], Literal["batch_voided"], Literal["batch_extended"], Literal["batch_closed"], Literal["batch_archived"], Literal["batch_refill_set"], Literal["campaign_moved"], Literal["unit_saved"], Literal["buyer_recorded"], Literal["succeeded"], Literal["account_moved"], Literal["person_linked"], Literal["person_unlinked"], Literal["person_erased"]]


class Events(TypedDict, total=False):
    """Asks for what was written into the journal behind a cursor."""

    # The `cursor` of the page before; from the beginning without. Keep it once the page is worked through: that acknowledges it.
    after: Optional[str]
    # Only events of this batch and its cards.
    batch: Optional[str]
    # Only events of this campaign, its batches and their cards.
    campaign: Optional[str]
    # Only events of these kinds; of all where it is empty. What a filter leaves out counts as read.
    kinds: List[EventKind]
    # Most events, 1 to 1,000; 100 where it is 0.
    limit: int


class EventsPage(TypedDict):
    """Some events behind a cursor."""

    # Where to go on. Opaque.
    cursor: str
    # The events: those of a card in order of place. May be empty though more is true.
    items: List[JournalEvent]
    # Whether there was more when this page was read.
    more: bool


class EveryMinor(TypedDict):
    minor: int


class EveryPieces(TypedDict):
    pieces: int


class EverySet(TypedDict):
    set: List[SetPart]

# For how much a deal gives once.
Every = Union["EveryMinor", "EveryPieces", "EverySet"]


class _ExplainRequired(TypedDict):
    # Whose conditions.
    of: ExplainOf
    # The order.
    order: Order


class Explain(_ExplainRequired, total=False):
    """Says node by node how the conditions of a card, or of a template that is not saved yet, come out on an order."""

    # At which moment; now by default.
    at: Optional[Moment]


class ExplainOfCard(TypedDict):
    card: CardPick


class ExplainOfTemplate(TypedDict):
    template: TemplateDraft

# Whose conditions are explained.
ExplainOf = Union["ExplainOfCard", "ExplainOfTemplate"]


class _ExplainedRequired(TypedDict):
    # What the order has: an amount, a number or words. Values of a person are not repeated.
    have: Any
    # Whether it holds.
    holds: bool
    # Whether the whole asks for the opposite: it stands within a `not`.
    inverted: bool
    # What it asks for.
    need: Any
    # Where it stands in the template, such as `conditions[0].any[2].fact`.
    path: str
    # A sentence in each language.
    texts: ExplainedTexts


class Explained(_ExplainedRequired, total=False):
    """How one node of a condition came out."""

    # How much more would do, where that is an amount or a number.
    short: Any

ExplainedTexts = TypedDict("ExplainedTexts", {"en": "str", "zh-CN": "str"})


class _ExplanationRequired(TypedDict):
    # Whether all of them hold. Nothing else of the card was looked at; a quote looks at everything.
    holds: bool
    # Each node, those within another behind it.
    nodes: List[Explained]


class Explanation(_ExplanationRequired, total=False):
    """How conditions came out."""

    # `condition_failed`, as a redemption would hear it, where they do not.
    denial: Optional[Refusal]


class _ExportCodesRequired(TypedDict):
    # The batch.
    batch: str
    # Key, reason, origin: who takes the codes, and why; the reason is needed.
    meta: Meta


class ExportCodes(_ExportCodesRequired, total=False):
    """Exports codes of a batch."""

    # Most serials; to the end of the batch by default.
    count: Optional[int]
    # First serial; where a stream broke off, the one behind the last that arrived.
    first: int


class ExportedCode(TypedDict):
    """A code of an export. Debug does not show it."""

    # Its living code.
    code: str
    # The card's serial in its batch.
    serial: int


class Extend(TypedDict):
    """Puts off the end of a card (延期), as far as its template allows."""

    # The card: by code, id or card number.
    card: CardPick
    # Key, reason, origin.
    meta: Meta
    # The new end, later than the old one: a date of the template's zone (that day still counts) or an RFC 3339 instant (which does not).
    until: str


class ExtendBatch(TypedDict):
    """Puts off the end of all cards of a batch, as far as its template allows for each."""

    # The batch.
    batch: str
    # Key, reason, origin.
    meta: Meta
    # The new end: a date of the template's zone (that day still counts) or an RFC 3339 instant (which does not).
    until: str


class _ExtendPolicyRequired(TypedDict):
    # At most so many days behind the end that the terms give, 1 to 36,500; all extensions together.
    days_max: int


class ExtendPolicy(_ExtendPolicyRequired, total=False):
    """How far cards may be extended (延期)."""

    # Whether cards that have expired may be extended, too.
    expired: bool


class FactCurrency(TypedDict):
    # Of this currency.
    currency: Currency
    # Minor units.
    minor: int

# A fact of a denial: an amount with its currency, or words.
Fact = Union["FactCurrency", int, str, str]

# A test of one fact.
FactTest = Union["MoneyTest", "IntegerTest", "TextTest", "TextOptionalTest", "TextsOptionalTest", "BooleanOptionalTest", "InstantTest", "InstantOptionalTest", "DateTest", "DateOptionalTest", "TimeOfDayTest", "TimeOfDayOptionalTest", "WeekdayTest", "WeekdayOptionalTest", "PlaceOptionalTest", "MoneyAttributeTest", "IntegerAttributeTest", "TextAttributeTest", "TextsAttributeTest", "BooleanAttributeTest", "InstantAttributeTest", "DateAttributeTest"]

# What kind of value a fact has. It says which tests can be made of it.
FactType = Union[Literal["money"], Literal["integer"], Literal["text"], Literal["texts"], Literal["boolean"], Literal["instant"], Literal["date"], Literal["time_of_day"], Literal["weekday"], Literal["place"]]


class _FailureRequired(TypedDict):
    # The stable code.
    code: str
    # The facts by name. Of an invalid request: `field`, `given`, `allowed`.
    facts: Dict[str, Any]
    # `denied`, `invalid` or `fault`.
    kind: str
    # Whether the same request under the same key may go better later, with nobody changing anything.
    may_retry: bool
    # One sentence for developers.
    message: str
    # Its number.
    status: int


class Failure(_FailureRequired, total=False):
    """A denial, a request that cannot be meant, or a fault. Its JSON is the same in every language."""

    # Sentences for people, where it is a denial.
    texts: Optional[LocaleTexts]


class Finding(TypedDict):
    """One thing that is not what the journal says."""

    # Which field of it.
    field: str
    # What the journal says.
    journal: str
    # The row, by its key: `card 16-3-41`, `redemption A-1 of card 16-3-41`, `account holder:customer:4711 uses:ten-off`.
    row: str
    # What stands there.
    stands: str


class _FreezeRequired(TypedDict):
    # The card: by code, id or card number.
    card: CardPick
    # Key, reason, origin.
    meta: Meta


class Freeze(_FreezeRequired, total=False):
    """Stops a card; needs a reason."""

    # Kills the card's open holds first: capturing one of them answers `refund_required`. Without it a card that an order holds stays as it is.
    force: bool


class FreezeBatch(TypedDict):
    """Stops all cards of a batch; needs a reason."""

    # The batch.
    batch: str
    # Key, reason, origin.
    meta: Meta


class Funded(TypedDict):
    """What a party bears of a share."""

    # How much, in minor units.
    off_minor: int
    # Who.
    party: str


class Funding(TypedDict):
    """Who bears a part of what a benefit takes off."""

    # Their part, in basis points of what comes off, 1 to 10,000.
    off_bp: int
    # The host's name for them: `platform`, `merchant`, a supplier.
    party: str


class FundingFigures(TypedDict):
    """What parties bear of the discounts of a time."""

    # By batch, party and currency; none of those of which nothing was used or given back in that time.
    lines: List[FundingLine]


class _FundingLineRequired(TypedDict):
    # The batch.
    batch: str
    # What it bears of them, in minor units; at most 9007199254740991 is told.
    borne_minor: int
    # The currency of the amounts.
    currency: Currency
    # The party, as the template names it.
    party: str
    # Redemptions of which it bears something.
    redemptions: int
    # What it gets back with the refunds of that time, of whenever the redemptions were; what it owes is the difference.
    returned_minor: int


class FundingLine(_FundingLineRequired, total=False):
    """What a party bears of the discounts of a batch."""

    # Its campaign.
    campaign: Optional[str]


class GetBatch(TypedDict):
    """Asks for a batch."""

    # Its id.
    id: str


class GetCampaign(TypedDict):
    """Asks for a campaign."""

    # Its id.
    id: str


class GetEngineFigures(TypedDict):
    """Asks an engine what it counted of itself."""



class GetHold(TypedDict):
    """Asks for a hold."""

    # Its id.
    hold: HoldId


class GetRedemption(TypedDict):
    """Asks for a redemption."""

    # Its id: the idempotency key that it was made under.
    id: str


class _GetTemplateRequired(TypedDict):
    # Its id.
    id: str


class GetTemplate(_GetTemplateRequired, total=False):
    """Asks for a template."""

    # Its version; the newest by default.
    version: Optional[int]


class _GiftRequired(TypedDict):
    # A batch to claim from; it is there before a batch of this template is issued.
    batch: str


class Gift(_GiftRequired, total=False):
    """A card that redeeming gives to its holder (下单返券)."""

    # What must be true of the order for it; all of them.
    conditions: List[Condition]
    # How many, 1 by default.
    quantity: int


class _GiftItemRequired(TypedDict):
    # The product's id.
    product: str


class GiftItem(_GiftItemRequired, total=False):
    """A present."""

    # Pieces, 1 to 10,000.
    quantity: int


class _GiftsRequired(TypedDict):
    # What there is: 1 to 100 entries.
    of: List[GiftItem]


class Gifts(_GiftsRequired, total=False):
    """Presents, of which a shopper may choose some."""

    # How many entries may be chosen each time; all of them by default.
    choose: Optional[int]


class Given(TypedDict):
    """A card that a redemption gave, as it was then."""

    # The card.
    card: CardId
    # How many events it had: with more it was touched since.
    events: int
    # The issue number of its code.
    issue_no: int


class _GivenCardRequired(TypedDict):
    # The id of its batch.
    batch: str
    # The card.
    card: CardId


class GivenCard(_GivenCardRequired, total=False):
    """A card that a redemption gave. Debug does not show its code."""

    # Its code; nothing when a request is repeated after that code died.
    code: Optional[CodeText]


class Goal(TypedDict):
    """What a campaign is meant to reach."""

    # The host's name for the measure, such as `redemptions` or `new_customers`.
    measure: str
    # The figure to reach, 1 or more.
    target: int


class GrowBatch(TypedDict):
    """Makes a batch larger."""

    # The batch.
    batch: str
    # Key, reason, origin.
    meta: Meta
    # How many cards it has then, more than now.
    size: int


class _HeldBackRequired(TypedDict):
    # Why.
    by: HeldBy
    # The line's id within the order.
    line: str


class HeldBack(_HeldBackRequired, total=False):
    """A line of which less came off than would have."""

    # How much less, in minor units, where a floor held it back.
    minor: Optional[int]

# What held something back.
HeldBy = Union[Literal["floor"], Literal["not_discountable"]]


class History(TypedDict):
    """A card's events."""

    # By code, id or card number.
    card: CardPick


class _HistoryEntryRequired(TypedDict):
    # When, never before the entry in front of it.
    at: Instant
    # What happened.
    kind: EventKind
    # Where it came from.
    origin: Origin
    # Its place among the card's events, from 1.
    place: int


class HistoryEntry(_HistoryEntryRequired, total=False):
    """One entry of a card's history."""

    # Whether the chain of HMACs holds up to and with this event; `None` without keys to tell.
    chained: Optional[bool]
    # What it moved on the ledger, of a card that holds value.
    entry: Optional[Entry]
    # What else there is to say; for a request, the reply to it.
    facts: Any
    # Why, in the words of whoever asked.
    reason: Optional[str]
    # Whether it names somebody who was erased since, and therefore no longer says what it said. Its chain holds all the same.
    redacted: bool
    # The operation and idempotency key that it is the effect of; a redemption's stand in its own row.
    request: Optional[RequestKey]

# Names a hold: `16-3-41/A-1001`.
HoldId = str


class _HoldOrderRequired(TypedDict):
    # The cards, at most 50, each once; none where promotions alone are meant. Discounts come off in the order that their templates say; what pays, pays in this order.
    cards: List[OrderCard]
    # Key, reason, origin.
    meta: Meta
    # The order, as it will be captured.
    order: Order


class HoldOrder(_HoldOrderRequired, total=False):
    """Keeps several cards for an order, all of them or none, until they are captured, released, or their time is over."""

    # Who holds. Needed for cards that have a holder, for limits per holder and for public codes.
    holder: Optional[Subject]
    # Whether a card that is denied is left out, and told; without it the first one refuses the whole.
    leave_out: bool
    # Whether promotions stay off the order; they come off it by themselves.
    no_promotions: bool
    # Promotions that stay off the order, by id, as `best_order` says; at most 1,000.
    promotions_off: List[str]
    # The digest of a quote: the holds are made only if the order comes to the same.
    quote: Optional[str]
    # Who else it is, and on what: subjects that limits may count or cards are bound to, such as a `device`. At most 16.
    subjects: List[Subject]
    # How long, in seconds: 1 to what each template allows; each template's own by default. Rounded up by less than a 64th of it, and at least to a whole second.
    ttl_s: Optional[int]

# Where a hold stands.
HoldState = Union[Literal["open"], Literal["expired"], Literal["captured"], Literal["released"], Literal["refunded"], Literal["backordered"], Literal["refund_required"]]


class HoldTerms(TypedDict, total=False):
    """What a template says about holds of its cards."""

    # What capturing a hold comes to that was not captured in time.
    late: LateCapture
    # Most open holds on cards of one batch.
    open_per_batch: Optional[int]
    # Most open holds on cards of this template in one campaign.
    open_per_campaign: Optional[int]
    # Most open holds of one holder on cards of this template, 1 or more; 20 by default.
    open_per_holder: int
    # The longest that a request may ask for, in seconds, up to 30 days; 86,400 by default.
    ttl_max_s: int
    # How long a hold lasts where the request does not say, in seconds; 900 by default.
    ttl_s: int


class _HoldViewRequired(TypedDict):
    # When it was made.
    at: Instant
    # The card.
    card: CardId
    # First moment at which what it keeps is free again.
    expires_at: Instant
    # The hold's id, for capture and release.
    hold: HoldId
    # The host's order id.
    order: str
    # What the card gives on the order, frozen.
    pricing: Pricing
    # Where it stands.
    state: HoldState


class HoldView(_HoldViewRequired, total=False):
    """A hold as people look at it."""

    # Who holds, where the request said so.
    holder: Optional[SubjectKey]
    # The redemption that it was captured by.
    redemption: Optional[str]


class _HoldViewPageRequired(TypedDict):
    # The items. A page may be short, even empty, and still not be the last.
    items: List[HoldView]


class HoldViewPage(_HoldViewPageRequired, total=False):
    """A page of a list. Pages go by key, so they neither skip nor repeat what stays, whatever is written meanwhile."""

    # Where to go on; `None` at the end. Opaque.
    next: Optional[str]


class _HoldsOfOrderRequired(TypedDict):
    # The host's order id.
    order: str


class HoldsOfOrder(_HoldsOfOrderRequired, total=False):
    """The holds of an order."""

    # Which page.
    page: Paging


class _HostBenefitRequired(TypedDict):
    # The host's name for it.
    name: str


class HostBenefit(_HostBenefitRequired, total=False):
    """A benefit of the host's own."""

    # What it is to know: at most 4,096 bytes of JSON. Nothing personal.
    data: Any

# RFC 3339 in whole milliseconds, such as 2026-11-11T00:00:00.000Z
Instant = str


class _InstantAttributeTestRequired(TypedDict):
    # an attribute that the tenant declares
    fact: str


class InstantAttributeTest(_InstantAttributeTestRequired, total=False):
    """a fact of type instant, and one operator"""

    at_least: str
    at_most: str
    between: List[str]
    exists: bool
    gt: str
    lt: str
    type: Literal["instant"]


class _InstantOptionalTestRequired(TypedDict):
    fact: Literal["order.placed_at"]


class InstantOptionalTest(_InstantOptionalTestRequired, total=False):
    """a fact of type instant, and one operator"""

    at_least: str
    at_most: str
    between: List[str]
    exists: bool
    gt: str
    lt: str


class _InstantTestRequired(TypedDict):
    fact: Literal["now"]


class InstantTest(_InstantTestRequired, total=False):
    """a fact of type instant, and one operator"""

    at_least: str
    at_most: str
    between: List[str]
    gt: str
    lt: str

_IntegerAttributeTestRequired = TypedDict("_IntegerAttributeTestRequired", {"fact": "str"})

_IntegerAttributeTestOptional = TypedDict("_IntegerAttributeTestOptional", {"at_least": "int", "at_most": "int", "between": "List[int]", "eq": "int", "exists": "bool", "gt": "int", "in": "List[int]", "lt": "int", "ne": "int", "not_in": "List[int]", "type": 'Literal["integer"]'}, total=False)


class IntegerAttributeTest(_IntegerAttributeTestRequired, _IntegerAttributeTestOptional):
    pass

_IntegerTestRequired = TypedDict("_IntegerTestRequired", {"fact": 'Union[Literal["order.lines"], Literal["order.quantity"]]'})

_IntegerTestOptional = TypedDict("_IntegerTestOptional", {"at_least": "int", "at_most": "int", "between": "List[int]", "eq": "int", "gt": "int", "in": "List[int]", "lt": "int", "ne": "int", "not_in": "List[int]"}, total=False)


class IntegerTest(_IntegerTestRequired, _IntegerTestOptional):
    pass


class _IssueRequired(TypedDict):
    # The batch that the next card is taken from.
    batch: str
    # Whose it becomes.
    holder: Subject
    # Key, reason, origin.
    meta: Meta


class Issue(_IssueRequired, total=False):
    """Gives a card to a holder."""

    # The channel that it is given out through; the batch's by default.
    channel: Optional[str]
    # Values of the template's parameters for this card, frozen in it.
    parameters: Dict[str, ParameterValue]


class _IssueBatchRequired(TypedDict):
    # The format of its codes.
    format: CodeFormat
    # The host's id.
    id: str
    # Key, reason, origin.
    meta: Meta
    # How many cards, 1 to 2^30 (2^18 in codes of 12 symbols).
    size: int
    # The template.
    template: str


class IssueBatch(_IssueBatchRequired, total=False):
    """Issues a batch of cards."""

    # The campaign that it belongs to.
    campaign: Optional[str]
    # The channel that it is made for.
    channel: Optional[str]
    # How its cards show themselves, over the template's own.
    display: Dict[str, Display]
    # What the host says of it.
    labels: BatchLabels
    # Ceilings on what its cards together are used for: uses, and money budgets. At most 20; they stay as they are.
    limits: List[Limit]
    # Values of the template's parameters for all of its cards.
    parameters: Dict[str, ParameterValue]
    # Its version; the newest by default. The cards follow it for ever.
    template_version: Optional[int]


class _JournalEventRequired(TypedDict):
    # When, never before the event that the same card had last.
    at: Instant
    # Unique in the store: an event that comes twice has the same.
    id: str
    # What happened.
    kind: EventKind
    # Where it came from.
    origin: Origin


class JournalEvent(_JournalEventRequired, total=False):
    """An event as the feed gives it."""

    # The card.
    card: Optional[CardId]
    # The head of the card's chain with this event, 32 hex digits. Whoever keeps the last of each card can have `audit` look whether its end was cut off.
    chain: Optional[str]
    # What it moved on the ledger.
    entry: Optional[Entry]
    # What else there is to say; for a request, the reply to it.
    facts: Any
    # The name of the thing, where it is no card; the kind says of which sort.
    name: Optional[str]
    # The event's place among the card's own, from 1.
    place: Optional[int]
    # Why, in the words of whoever asked.
    reason: Optional[str]
    # Whether it is of a card and names somebody who was erased since it was written: it no longer says what it said.
    redacted: bool
    # The operation and idempotency key that it is the effect of.
    request: Optional[RequestKey]

Labels = TypedDict("Labels", {"en": "str", "zh-CN": "str"})

# In which order benefits come off: each lane sees what the lanes before it left.
Lane = Union[Literal["item"], Literal["order"], Literal["shipping"], Literal["tender"]]

# What capturing a hold comes to that was not captured in time (G-08).
LateCapture = Union[Literal["reacquire"], Literal["backorder"], Literal["refund"]]


class LeastMinor(TypedDict):
    minor: int


class LeastPieces(TypedDict):
    pieces: int

# So much money, or so many pieces.
Least = Union["LeastMinor", "LeastPieces"]


class _LeftOutRequired(TypedDict):
    # The code of the denial.
    code: str
    # Its place among the cards of the request, from 0.
    place: int
    # What became of it, in one word.
    verdict: Verdict


class LeftOut(_LeftOutRequired, total=False):
    """A card of an order that does not apply, and why."""

    # The card, where the request found one; none for a public code.
    card: Optional[CardId]
    # Its facts.
    facts: Dict[str, Any]


class _LeftOut2Required(TypedDict):
    # What would come off in all with it, in minor units.
    discount_minor: int
    # The offer.
    id: str
    # What it would come to beside those that are used: `applied` where less would come off in all, or no more.
    verdict: Verdict


class LeftOut2(_LeftOut2Required, total=False):
    """An offer that is not used."""

    # Why it does not apply beside them.
    denial: Optional[Refusal]


class Liability(TypedDict):
    """What is owed, by unit and cohort. A campaign is the sum of its batches."""

    # The moment.
    at: Instant
    # Whether all of it is told exactly. Not before the moment at which a file of an earlier build was first opened by one with a ledger, where cards had moved by then.
    exact: bool
    # By unit, and within it by batch; first what holders and channels have.
    lines: List[LiabilityLine]


class LiabilityAt(TypedDict, total=False):
    """Asks what was owed at a moment."""

    # A moment that is not ahead; what happened at this very moment had happened. Now by default.
    at: Optional[Moment]
    # Only of this batch.
    batch: Optional[str]


class _LiabilityLineRequired(TypedDict):
    # What was set right; below 0 where more was taken away.
    adjusted_minor: int
    # What is booked as breakage: of cards that were touched since their end.
    booked_breakage_minor: int
    # Face value that came onto touched cards.
    issued_minor: int
    # What was loaded.
    loaded_minor: int
    # What the touched cards of the batch hold that are not void, expired ones included; or what the accounts hold.
    outstanding_minor: int
    # What was paid, less what was given back.
    redeemed_minor: int
    # Cards that were touched.
    touched_cards: int
    # What the untouched cards would hold of a batch that is claimed from: nobody has them yet.
    ungiven_minor: int
    # The unit.
    unit: str
    # Cards that were not.
    untouched_cards: int
    # What the untouched cards hold of a batch whose codes were issued as a whole.
    untouched_minor: int
    # What cards held that were killed before their end.
    voided_minor: int


class LiabilityLine(_LiabilityLineRequired, total=False):
    """What is owed in a unit on the cards of a batch, or on the accounts of holders and channels. Amounts in the smallest part of the
    unit; none is told beyond 9007199254740991.
    """

    # The batch; nothing where the line is about holders and channels.
    batch: Optional[str]
    # What had become breakage by that moment, booked or not, untouched cards included. Told of a moment only.
    breakage_minor: Optional[int]
    # What the touched cards hold of a batch that was voided as a whole: owed to nobody.
    dead_minor: int


class LiabilityNow(TypedDict, total=False):
    """Asks what is owed now."""

    # Only of this batch.
    batch: Optional[str]

# The stored part of a campaign's life. Scheduled and ended are derived from its window by the clock, never stored.
Life = Union[Literal["draft"], Literal["running"], Literal["paused"], Literal["archived"]]


class _LimitRequired(TypedDict):
    # What is counted.
    measure: Measure
    # The most: uses, or minor units.
    most: int
    # The limit's name, once in its template, batch or campaign. All versions of a template count under the same name together.
    name: str


class Limit(_LimitRequired, total=False):
    """A ceiling on what cards of a template, a batch or a campaign are used for.

    What is held counts as used until it is captured or comes back. What a refund gives back goes back to the window that it was taken
    from.
    """

    # What happens where less is left than a use asks for (G-12): `deny` by default. `cap`, for lines, pieces and money: a coupon takes off, or a gift card pays, as much as is left, the first lines and pieces of the order first. Cards of other kinds, and an amount that was asked for, are denied all the same.
    partial_policy: PartialPolicy
    # Whether what a refund gives back may be used again; true unless said otherwise.
    refill: bool
    # For whom it is counted apart: `["holder"]` for each holder, `["holder", "store"]` for each holder in each store; for all together where it is empty.
    scope: List[Scope]
    # Over which time; for ever by default.
    window: LimitWindow


class LimitWindowCalendar(TypedDict):
    calendar: Period


class LimitWindowRollingS(TypedDict):
    rolling_s: int

# Over which time a limit counts.
LimitWindow = Union[Literal["total"], "LimitWindowCalendar", "LimitWindowRollingS"]


class Limits(TypedDict, total=False):
    """Ceilings of a template. Each counts captured uses; a refund gives back."""

    # The most that a gift card may hold, in minor units of the template's currency.
    balance_max_minor: Optional[int]
    # How many cards of this template one holder may claim.
    claims_per_holder: Optional[int]
    # Ceilings on what its cards are used for, by whom, where, and over which time.
    list: List[Limit]
    # How often one card may be redeemed, one use per order; of a times card how many uses it has. A gift card is good until nothing is left on it, a membership card as long as it is good: they have no such ceiling.
    uses_per_card: int
    # How often one holder may redeem cards of this template, whichever version.
    uses_per_holder: Optional[int]


class _LineRequired(TypedDict):
    # What the whole line costs before cards, in minor units, 0 or more.
    amount_minor: int
    # The line's id within the order.
    id: str
    # The product's id.
    product: str
    # Pieces, 1 to 2^31 − 1.
    quantity: int


class Line(_LineRequired, total=False):
    """One line of an order."""

    # Attributes of the line that the tenant declares, for conditions.
    attrs: Dict[str, AttrValue]
    # Categories of the product.
    categories: List[str]
    # Whether anything may come off it; true unless said otherwise. It can always be paid for by a gift card.
    discountable: bool
    # The lowest that the whole line may come to through discounts (控价), in minor units; 0 by default.
    floor_minor: int
    # What the whole line costs at its list price (划线价), in minor units, `amount_minor` or more; the same by default.
    list_minor: Optional[int]
    # The host's tags of the line, for conditions; at most 100.
    tags: List[str]
    # Its tax rate in basis points, 0 to 10,000: carried, so that shares can be told by rate. Taxes are the host's.
    tax_rate_bp: Optional[int]


class _LineBackRequired(TypedDict):
    # What they cost before cards.
    before_minor: int
    # What of that came off.
    discount_minor: int
    # What was paid for them, by cards of value and otherwise: the rest.
    paid_minor: int
    # Their share of what is paid out.
    payout_minor: int
    # How many pieces come back.
    pieces: int


class LineBack(_LineBackRequired, total=False):
    """What comes back of a line, and what is paid out for it, in minor units."""

    # The line's id within the order; of shipping nothing.
    line: Optional[str]


class _LineBooleanAttributeTestRequired(TypedDict):
    # an attribute that the tenant declares
    fact: str


class LineBooleanAttributeTest(_LineBooleanAttributeTestRequired, total=False):
    """a fact of type boolean, and one operator"""

    eq: bool
    exists: bool
    type: Literal["boolean"]


class LineConditionAll(TypedDict):
    all: List[LineCondition]


class LineConditionAny(TypedDict):
    any: List[LineCondition]

LineConditionNot = TypedDict("LineConditionNot", {"not": "LineCondition"})


class LineConditionFact(TypedDict):
    fact: LineFactTest


class LineConditionProductSet(TypedDict):
    product_set: SetRef

# What must be true of a line.
LineCondition = Union["LineConditionAll", "LineConditionAny", "LineConditionNot", "LineConditionFact", "LineConditionProductSet"]

_LineDateAttributeTestRequired = TypedDict("_LineDateAttributeTestRequired", {"fact": "str"})

_LineDateAttributeTestOptional = TypedDict("_LineDateAttributeTestOptional", {"at_least": "str", "at_most": "str", "between": "List[str]", "eq": "str", "exists": "bool", "gt": "str", "in": "List[str]", "lt": "str", "ne": "str", "not_in": "List[str]", "type": 'Literal["date"]'}, total=False)


class LineDateAttributeTest(_LineDateAttributeTestRequired, _LineDateAttributeTestOptional):
    pass

# A test of one fact.
LineFactTest = Union["LineMoneyTest", "LineIntegerTest", "LineTextTest", "LineTextsOptionalTest", "LineMoneyAttributeTest", "LineIntegerAttributeTest", "LineTextAttributeTest", "LineTextsAttributeTest", "LineBooleanAttributeTest", "LineInstantAttributeTest", "LineDateAttributeTest"]


class LineFilter(TypedDict, total=False):
    """Which lines of an order are meant: those of the products (when any is listed), in the product set (when one is named) and in one of
    the categories (when any is).
    """

    # Categories of which a line must have one.
    categories: List[str]
    # Name of a saved product set.
    product_set: Optional[str]
    # The version of that set; the newest when the template is saved, and pinned from then on.
    product_set_version: Optional[int]
    # Product ids of which a line must have one; a long list is better saved as a product set.
    products: List[str]


class _LineInstantAttributeTestRequired(TypedDict):
    # an attribute that the tenant declares
    fact: str


class LineInstantAttributeTest(_LineInstantAttributeTestRequired, total=False):
    """a fact of type instant, and one operator"""

    at_least: str
    at_most: str
    between: List[str]
    exists: bool
    gt: str
    lt: str
    type: Literal["instant"]

_LineIntegerAttributeTestRequired = TypedDict("_LineIntegerAttributeTestRequired", {"fact": "str"})

_LineIntegerAttributeTestOptional = TypedDict("_LineIntegerAttributeTestOptional", {"at_least": "int", "at_most": "int", "between": "List[int]", "eq": "int", "exists": "bool", "gt": "int", "in": "List[int]", "lt": "int", "ne": "int", "not_in": "List[int]", "type": 'Literal["integer"]'}, total=False)


class LineIntegerAttributeTest(_LineIntegerAttributeTestRequired, _LineIntegerAttributeTestOptional):
    pass

_LineIntegerTestRequired = TypedDict("_LineIntegerTestRequired", {"fact": 'Literal["line.quantity"]'})

_LineIntegerTestOptional = TypedDict("_LineIntegerTestOptional", {"at_least": "int", "at_most": "int", "between": "List[int]", "eq": "int", "gt": "int", "in": "List[int]", "lt": "int", "ne": "int", "not_in": "List[int]"}, total=False)


class LineIntegerTest(_LineIntegerTestRequired, _LineIntegerTestOptional):
    pass

_LineMoneyAttributeTestRequired = TypedDict("_LineMoneyAttributeTestRequired", {"fact": "str"})

_LineMoneyAttributeTestOptional = TypedDict("_LineMoneyAttributeTestOptional", {"at_least": "int", "at_most": "int", "between": "List[int]", "eq": "int", "exists": "bool", "gt": "int", "in": "List[int]", "lt": "int", "ne": "int", "not_in": "List[int]", "type": 'Literal["money"]'}, total=False)


class LineMoneyAttributeTest(_LineMoneyAttributeTestRequired, _LineMoneyAttributeTestOptional):
    pass

_LineMoneyTestRequired = TypedDict("_LineMoneyTestRequired", {"fact": 'Union[Literal["line.amount"], Literal["line.unit_price"]]'})

_LineMoneyTestOptional = TypedDict("_LineMoneyTestOptional", {"at_least": "int", "at_most": "int", "between": "List[int]", "eq": "int", "gt": "int", "in": "List[int]", "lt": "int", "ne": "int", "not_in": "List[int]"}, total=False)


class LineMoneyTest(_LineMoneyTestRequired, _LineMoneyTestOptional):
    pass


class _LineReturnRequired(TypedDict):
    # The line's id within the order.
    line: str


class LineReturn(_LineReturnRequired, total=False):
    """Pieces of a line that come back."""

    # How many pieces, 1 or more; all that are not back yet by default.
    pieces: Optional[int]

_LineTextAttributeTestRequired = TypedDict("_LineTextAttributeTestRequired", {"fact": "str"})

_LineTextAttributeTestOptional = TypedDict("_LineTextAttributeTestOptional", {"eq": "str", "exists": "bool", "in": "List[str]", "ne": "str", "not_in": "List[str]", "prefix": "str", "type": 'Literal["text"]'}, total=False)


class LineTextAttributeTest(_LineTextAttributeTestRequired, _LineTextAttributeTestOptional):
    pass

_LineTextTestRequired = TypedDict("_LineTextTestRequired", {"fact": 'Literal["line.product"]'})

_LineTextTestOptional = TypedDict("_LineTextTestOptional", {"eq": "str", "in": "List[str]", "ne": "str", "not_in": "List[str]", "prefix": "str"}, total=False)


class LineTextTest(_LineTextTestRequired, _LineTextTestOptional):
    pass


class _LineTextsAttributeTestRequired(TypedDict):
    # an attribute that the tenant declares
    fact: str


class LineTextsAttributeTest(_LineTextsAttributeTestRequired, total=False):
    """a fact of type texts, and one operator"""

    contains_all: List[str]
    contains_any: List[str]
    contains_none: List[str]
    exists: bool
    type: Literal["texts"]


class _LineTextsOptionalTestRequired(TypedDict):
    fact: Union[Literal["line.categories"], Literal["line.tags"]]


class LineTextsOptionalTest(_LineTextsOptionalTestRequired, total=False):
    """a fact of type texts, and one operator"""

    contains_all: List[str]
    contains_any: List[str]
    contains_none: List[str]
    exists: bool


class LinesTest(TypedDict, total=False):
    """What is asked of the lines together: one of `match`, `count`, `quantity` and `sum`."""

    # How many such lines there are.
    count: Optional[Comparison]
    # How many of the order's lines must be as `where` says.
    match: Optional[Matching]
    # How many pieces they have.
    quantity: Optional[Comparison]
    # What they come to, in minor units.
    sum: Optional[Comparison]
    # Which lines are meant; all of them by default.
    where: Optional[LineCondition]


class Link(TypedDict):
    """Says that several subjects are one natural person (自然人): an openid, a phone number, a customer. From then on what any of them
    uses and takes counts for all, what each did before included, and each may use what another holds.
    """

    # Key, reason, origin.
    meta: Meta
    # 2 to 16 subjects. Those that are linked already bring all whom they are linked with.
    subjects: List[Subject]


class _ListAccountsRequired(TypedDict):
    # A holder's or channel's account.
    account: AccountPick


class ListAccounts(_ListAccountsRequired, total=False):
    """Asks for the accounts of a holder or channel."""

    # Which page.
    page: Paging


class ListAttributes(TypedDict):
    """Asks for the declared attributes."""



class ListBatches(TypedDict, total=False):
    """Batches."""

    # Which page.
    page: Paging


class ListCampaigns(TypedDict, total=False):
    """Campaigns."""

    # Which page.
    page: Paging


class _ListCardsRequired(TypedDict):
    # The batch.
    batch: str


class ListCards(_ListCardsRequired, total=False):
    """Which cards of a batch."""

    # Only those given out through this channel.
    channel: Optional[str]
    # Which page.
    page: Paging
    # Only those in this state. Untouched cards count as what their batch made them.
    state: Optional[CardState]


class ListHostBenefits(TypedDict):
    """Asks for the declared benefits of the host's own."""



class _ListMovementsRequired(TypedDict):
    # A holder's or channel's account.
    account: AccountPick


class ListMovements(_ListMovementsRequired, total=False):
    """Asks what moved on the accounts of a holder or channel."""

    # Which page.
    page: Paging


class ListPromotions(TypedDict):
    """Asks for the promotions."""



class ListSamples(TypedDict):
    """Lists the samples of a tenant."""



class ListTemplates(TypedDict, total=False):
    """Templates."""

    # Which page.
    page: Paging


class ListUnits(TypedDict, total=False):
    """Asks for the declared units."""

    # Which page.
    page: Paging


class Load(TypedDict):
    """Puts value on a gift card (充值)."""

    # How much, in minor units of the card's currency; 1 or more.
    amount_minor: int
    # The card: by code, id or card number.
    card: CardPick
    # Key, reason, origin.
    meta: Meta

LocaleTexts = TypedDict("LocaleTexts", {"en": "Texts", "zh-CN": "Texts"})


class LookUp(TypedDict):
    """Looks a card up."""

    # By code, id or card number.
    card: CardPick

# How many lines of an order.
Matching = Union[Literal["any"], Literal["all"], Literal["none"]]


class MeasureUsesUses(TypedDict):
    # What counts as one.
    usage_unit: UsageUnit


class MeasureUses(TypedDict):
    uses: MeasureUsesUses


class MeasureMoneyMoney(TypedDict):
    # Of this currency.
    currency: Currency


class MeasureMoney(TypedDict):
    money: MeasureMoneyMoney

# What a limit counts.
Measure = Union["MeasureUses", "MeasureMoney"]


class MeasureCampaign(TypedDict):
    """Counts how far a campaign has come."""

    # The campaign.
    campaign: str


class Membership(TypedDict, total=False):
    """What a membership is."""

    # How often a card may be presented; as often as its holder likes by default.
    check_ins: Optional[CheckIns]
    # What the host wants to know of a member beside: at most 32 texts of 1 to 200 characters.
    facts: Dict[str, str]
    # The host's name for the level.
    level: Optional[str]

# The idempotency key of a change, alone or with who asks why.
Meta = Union[str, "MetaObject"]


class _MetaObjectRequired(TypedDict):
    # Unique within the tenant and the operation; 1 to 128 bytes without spaces.
    key: str


class MetaObject(_MetaObjectRequired, total=False):
    """[`Meta`] in full."""

    # Who buys, where a policy profile asks for it. Its facts are kept as HMACs, apart from the request.
    buyer: Optional[Buyer]
    # How long the request may wait to be decided, in milliseconds, instead of the engine's own bound; 0 for as long as it takes. It is no part of the request: a repetition may name another one.
    deadline_ms: Optional[int]
    # Where the request came from.
    origin: Origin
    # Why, in words for the journal; at most 500 bytes.
    reason: Optional[str]
    # Whether it was sent before and nobody knows what became of it: after `outcome_unknown`, or where whoever sent it ended before the answer. Its answer then holds for all tries: a *no* is told once none of them can be done any more, and what cannot be said of all of them is `outcome_unknown`. It is no part of the request.
    retry: bool

_MoneyAttributeTestRequired = TypedDict("_MoneyAttributeTestRequired", {"fact": "str"})

_MoneyAttributeTestOptional = TypedDict("_MoneyAttributeTestOptional", {"at_least": "int", "at_most": "int", "between": "List[int]", "eq": "int", "exists": "bool", "gt": "int", "in": "List[int]", "lt": "int", "ne": "int", "not_in": "List[int]", "type": 'Literal["money"]'}, total=False)


class MoneyAttributeTest(_MoneyAttributeTestRequired, _MoneyAttributeTestOptional):
    pass

_MoneyTestRequired = TypedDict("_MoneyTestRequired", {"fact": 'Literal["order.subtotal"]'})

_MoneyTestOptional = TypedDict("_MoneyTestOptional", {"at_least": "int", "at_most": "int", "between": "List[int]", "eq": "int", "gt": "int", "in": "List[int]", "lt": "int", "ne": "int", "not_in": "List[int]"}, total=False)


class MoneyTest(_MoneyTestRequired, _MoneyTestOptional):
    pass


class MoveValue(TypedDict):
    """Moves value from one account to another; needs a reason."""

    # How much, in the smallest part of the unit; 1 or more.
    amount_minor: int
    # From which account.
    from_account: AccountPick
    # Key, reason, origin.
    meta: Meta
    # To which; not both are the tenant's own.
    to_account: AccountPick
    # In which unit: a declared one, or the code of a currency.
    unit: str


class _MovementRequired(TypedDict):
    # The account of the tenant's that stands against it; `between` where it was another holder's or channel's.
    against: str
    # When.
    at: Instant
    # What the account held afterwards.
    balance_minor: int
    # By how much, in its smallest part; below 0 where it was taken away.
    delta_minor: int
    # Where the request came from.
    origin: Origin
    # In which unit.
    unit: str


class Movement(_MovementRequired, total=False):
    """What moved on an account at once."""

    # Why.
    reason: Optional[str]
    # The operation and key that it is the effect of; of two sides the one that it was taken from has it.
    request: Optional[RequestKey]


class _MovementPageRequired(TypedDict):
    # The items. A page may be short, even empty, and still not be the last.
    items: List[Movement]


class MovementPage(_MovementPageRequired, total=False):
    """A page of a list. Pages go by key, so they neither skip nor repeat what stays, whatever is written meanwhile."""

    # Where to go on; `None` at the end. Opaque.
    next: Optional[str]


class NamedSetting(TypedDict):
    """Points at a declared parameter."""

    # The parameter's name.
    parameter: str


class NextBest(TypedDict):
    """The second best combination of what takes something off."""

    # What they take off, in minor units.
    discount_minor: int
    # Its cards and promotions.
    offers: List[OfferOf]


class NextStep(TypedDict):
    """What would bring more."""

    # What the order has: money, or pieces.
    have: Fact
    # What it would need.
    need: Fact
    # Which part of the template asks for it.
    path: str
    # The difference.
    short: Fact

# How a batch compares words. Fixed per batch: a later change would make words that are already out unfindable.
Normalisation = Union[Literal["word"], Literal["case_sensitive"]]


class NotGiven(TypedDict):
    """Cards that a redemption would have given but could not."""

    # The batch that they would have been of.
    batch: str
    # The code of the denial.
    code: str

# What makes one combination better than another.
Objective = Union[Literal["customer"], Literal["shop"]]


class _ObserveRequired(TypedDict):
    # When, as the host says.
    at: Moment
    # The host's name for it.
    kind: str
    # Key, reason, origin.
    meta: Meta
    # Whom it is about.
    subject: Subject


class Observe(_ObserveRequired, total=False):
    """Something that happened at the host, for the journal: a visit, a sign-up, a level reached."""

    # What else there is to say; at most 32 texts of 1 to 200 characters, nothing personal.
    facts: Dict[str, str]


class OffMinor(TypedDict):
    minor: Setting


class OffOffBp(TypedDict):
    off_bp: Setting


class OffPriceMinor(TypedDict):
    price_minor: Setting


class OffGifts(TypedDict):
    gifts: Gifts


class OffHost(TypedDict):
    host: HostBenefit

# What comes off, or is given.
Off = Union["OffMinor", "OffOffBp", "OffPriceMinor", "OffGifts", "OffHost"]


class OfferOf(TypedDict, total=False):
    """A card or a promotion that may be used."""

    # The card, where there is one; none for a public code.
    card: Optional[CardId]
    # Of a card of the request: its place, from 0.
    place: Optional[int]
    # The promotion.
    promotion: Optional[str]


class _OfferPlanRequired(TypedDict):
    # What the host is to do.
    actions: List[Action]
    # What it takes off.
    discount_minor: int
    # Lines of which less came off than would have, and why.
    held_back: List[HeldBack]
    # The offer.
    id: str
    # The lane in which it comes off.
    lane: Lane
    # Its share of each line that has one, in the order's own order.
    shares: List[PlanShare]
    # Who bears what of that, where the template says so.
    shipping_funded: List[Funded]
    # What of it falls on shipping.
    shipping_minor: int
    # The template's id.
    template: str
    # What it pays.
    tender_minor: int
    # What became of it.
    verdict: Verdict


class OfferPlan(_OfferPlanRequired, total=False):
    """What an offer comes to."""

    # Why it does not apply.
    denial: Optional[Refusal]
    # What would bring more (凑单).
    next: Optional[NextStep]


class OnLines(TypedDict):
    lines: LineFilter

# What gets a deal.
On = Union[Literal["counted"], "OnLines", Literal["shipping"]]


class Open(TypedDict):
    """Tells a genuine code from any other text."""

    # The code, as a person typed or scanned it.
    code: CodeText


class OpenMany(TypedDict):
    """Tells genuine codes from any other texts."""

    # At most 100,000 codes.
    codes: List[CodeText]


class _OrderRequired(TypedDict):
    # The currency of every amount.
    currency: Currency
    # The host's order id.
    id: str
    # 1 to 10,000 lines.
    lines: List[Line]


class Order(_OrderRequired, total=False):
    """An order: its lines, and the facts that a redemption keeps."""

    # Attributes of the order that the tenant declares, for conditions.
    attrs: Dict[str, AttrValue]
    # Through which channel.
    channel: Optional[str]
    # On what it is bought, in the host's word, such as `app`.
    device_kind: Optional[str]
    # Attributes of the buyer that the tenant declares, for conditions.
    holder_attrs: Dict[str, AttrValue]
    # Whether the host counts the buyer as new.
    new_customer: Optional[bool]
    # How it is paid, in the host's word.
    payment_method: Optional[str]
    # Where it is bought.
    place: Optional[Place]
    # When it was placed, as the host says.
    placed_at: Optional[Moment]
    # Whether its amounts hold the tax already: carried, as tax rates are.
    prices_include_tax: Optional[bool]
    # The host's segments of the buyer.
    segments: List[str]
    # Whether anything may come off shipping; true unless said otherwise.
    shipping_discountable: bool
    # What shipping costs before cards, in minor units; 0 by default. It is no part of the lines.
    shipping_minor: int
    # The host's word for where the buyer came from.
    source: Optional[str]
    # Where it is sold.
    store: Optional[str]


class _OrderCapturedRequired(TypedDict):
    # The holds that were captured, all of them or none, and those for which nothing was free, in the order of the request.
    holds: List[Captured]
    # The host's order id.
    order: str
    # What it came to as a whole: `reacquired` where one of them was; `refund_required` or `backordered` where one of them came to that, and then nothing was taken.
    outcome: CaptureOutcome


class OrderCaptured(_OrderCapturedRequired, total=False):
    """What capturing the holds of an order came to. The same for every repetition of the request."""

    # The holds that stood and were given back, since another came to `refund_required`.
    released: List[HoldView]


class _OrderCardRequired(TypedDict):
    # By its code, as the shopper typed or scanned it, a public one too; by id or number where the shopper picked it from a list of theirs.
    card: CardPick


class OrderCard(_OrderCardRequired, total=False):
    """A card that an order uses."""

    # The most that a gift card pays, in minor units of the order's currency, at most the order's total; all that it can by default. Nothing for other cards.
    amount_minor: Optional[int]
    # Which batches of those that a choice lists its holder chooses. Nothing for other cards.
    choose: List[str]
    # How many uses of a times card are taken; all that the order has by default. Nothing for other cards.
    units: Optional[int]


class _OrderFiguresRequired(TypedDict):
    # What comes off in all.
    discount_minor: int
    # What is left to pay, 0 or more.
    payable_minor: int
    # What stored value pays.
    tender_minor: int


class OrderFigures(_OrderFiguresRequired, total=False):
    """What an order comes to with several offers, as bare figures in minor units."""

    # For each offer, in the order in which they were given: what it takes off or pays; nothing for one that does not apply.
    offers_minor: Optional[List[Optional[int]]]
    # For each offer, in the order in which they were given: what it takes off or pays of each line, in the order's own order, and last of shipping; nothing for one that does not apply.
    shares: Optional[List[Optional[List[int]]]]


class _OrderHeldRequired(TypedDict):
    # The order's total before, shipping included, in minor units.
    before_minor: int
    # The currency of every amount.
    currency: Currency
    # What comes off in all: it lowers the invoice (发票).
    discount_minor: int
    # The first moment at which one of them is free again.
    expires_at: Instant
    # A hold for each card that applies, in the order of the request, and behind them for each promotion, by its id.
    holds: List[HoldView]
    # Every line, in the order's own order.
    lines: List[PlanLine]
    # Whether nothing is left to pay: most ways to pay refuse an amount of 0.
    nothing_to_pay: bool
    # The host's order id.
    order: str
    # What is left to pay, 0 or more.
    payable_minor: int
    # How a share that was not whole became whole.
    rounding: Rounding
    # What stored value pays: it does not.
    tender_minor: int


class OrderHeld(_OrderHeldRequired, total=False):
    """What an order keeps. The same for every repetition of the request."""

    # The lines by their tax rates, where they name any; shipping has none.
    by_tax_rate: List[RateShare]
    # The cards that do not apply, where they may be left out.
    left_out: List[LeftOut]
    # Which holds are of promotions.
    promotions: List[PromotionUse]
    # Shipping, where the order has any.
    shipping: Optional[PlanShipping]


class _OrderQuotedRequired(TypedDict):
    # The order's total before, shipping included, in minor units.
    before_minor: int
    # Every card, in the order of the request.
    cards: List[QuotedCard]
    # The currency of every amount.
    currency: Currency
    # What comes off in all: it lowers the invoice (发票).
    discount_minor: int
    # Every line, in the order's own order.
    lines: List[PlanLine]
    # Whether nothing is left to pay: most ways to pay refuse an amount of 0.
    nothing_to_pay: bool
    # What is left to pay, 0 or more.
    payable_minor: int
    # Every promotion that runs, by its id.
    promotions: List[QuotedPromotion]
    # How a share that was not whole became whole.
    rounding: Rounding
    # What stored value pays: it does not.
    tender_minor: int


class OrderQuoted(_OrderQuotedRequired, total=False):
    """What several cards come to on an order."""

    # The lines by their tax rates, where they name any; shipping has none.
    by_tax_rate: List[RateShare]
    # What it came to, for a hold or a redemption that is to come to the same; nothing where no card applies. Cards that do not apply have to be left out, or be allowed to be.
    digest: Optional[str]
    # Shipping, where the order has any.
    shipping: Optional[PlanShipping]


class _OrderReceiptRequired(TypedDict):
    # The order's total before, shipping included, in minor units.
    before_minor: int
    # The currency of every amount.
    currency: Currency
    # What comes off in all: it lowers the invoice (发票).
    discount_minor: int
    # Every line, in the order's own order.
    lines: List[PlanLine]
    # Whether nothing is left to pay: most ways to pay refuse an amount of 0.
    nothing_to_pay: bool
    # The host's order id.
    order: str
    # What is left to pay, 0 or more.
    payable_minor: int
    # A receipt for each card that applies, in the order of the request, and behind them for each promotion, by its id. Of one that came off behind another its pricing begins with what that left to pay.
    receipts: List[Receipt]
    # How a share that was not whole became whole.
    rounding: Rounding
    # What stored value pays: it does not.
    tender_minor: int


class OrderReceipt(_OrderReceiptRequired, total=False):
    """What a redemption of several cards came to. The same for every repetition of the request."""

    # The lines by their tax rates, where they name any; shipping has none.
    by_tax_rate: List[RateShare]
    # The cards that do not apply, where they may be left out.
    left_out: List[LeftOut]
    # Which receipts are of promotions.
    promotions: List[PromotionUse]
    # Shipping, where the order has any.
    shipping: Optional[PlanShipping]


class OrderReleased(TypedDict):
    """What an order gave back. The same for every repetition of the request."""

    # The holds, in the order of the request.
    holds: List[HoldView]
    # The host's order id.
    order: str

# Many orders: a list of 1 to 10,000, or the name of a sample that the engine holds.
Orders = Union[List["Order"], str]


class OrdersQuoted(TypedDict):
    """What templates come to on each of many orders."""

    # One for each order, in order. `quote_drafts` says of one of them why.
    orders: List[OrderFigures]


class Origin(TypedDict, total=False):
    """Where a card or an event came from. All parts are the host's names, none is needed."""

    # The automation that did it.
    automation: Optional[str]
    # The campaign.
    campaign: Optional[str]
    # The channel.
    channel: Optional[str]
    # Who of the staff did it.
    operator: Optional[str]
    # The card that it came out of.
    parent_card: Optional[CardId]
    # The redemption that gave it.
    redemption: Optional[str]
    # Who brought the holder.
    referrer: Optional[str]
    # Poster, partner, message: the host's word for the source.
    source: Optional[str]


class OverLines(TypedDict):
    lines: LineFilter

# What a benefit or a sum is taken over.
Over = Union[Literal["order"], "OverLines"]


class Paging(TypedDict, total=False):
    """Which page of a list."""

    # The `next` of the page before.
    after: Optional[str]
    # Most items, 1 to 1,000; 100 where it is 0.
    limit: int


class ParameterIntegerInteger(TypedDict):
    # The value where nothing is set.
    default: int
    # Largest value.
    max: int
    # Smallest value.
    min: int


class ParameterInteger(TypedDict):
    integer: ParameterIntegerInteger


class ParameterTextText(TypedDict):
    # Most characters.
    chars_max: int
    # The text where nothing is set.
    default: str


class ParameterText(TypedDict):
    text: ParameterTextText

# A parameter that a template declares, with its bounds and its default.
Parameter = Union["ParameterInteger", "ParameterText"]

# The value of a parameter.
ParameterValue = Union[int, str]

# What happens where a card has fewer uses left, or a limit less, than is asked of it.
PartialPolicy = Union[Literal["deny"], Literal["cap"]]


class PauseCampaign(TypedDict):
    """Lets the cards of a campaign stand still."""

    # The campaign.
    campaign: str
    # Key, reason, origin.
    meta: Meta


class PausePromotion(TypedDict):
    """Takes a promotion off orders for now."""

    # The promotion.
    id: str
    # Key, reason, origin.
    meta: Meta

# A stretch of the calendar.
Period = Union[Literal["day"], Literal["week"], Literal["month"], Literal["year"]]


class PersonOf(TypedDict):
    """Asks who is one person with a subject."""

    # The subject.
    subject: Subject


class _PersonViewRequired(TypedDict):
    # The subjects as records hold them, in order: phone numbers and mail addresses as HMACs.
    subjects: List[SubjectKey]


class PersonView(_PersonViewRequired, total=False):
    """A person."""

    # `person:` and a number of its own; nothing for a subject that is linked with nobody.
    person: Optional[SubjectKey]

# Which pieces get a deal.
Pick = Union[Literal["all"], Literal["cheapest"], Literal["dearest"]]


class Place(TypedDict, total=False):
    """Where an order is bought. Debug does not show it: it is personal."""

    # The point, where it is known.
    point: Optional[Point]
    # The host's word for the region.
    region: Optional[str]


class _PlaceHoldRequired(TypedDict):
    # The code, as the shopper typed or scanned it; a public code counts, too, for a holder.
    code: CodeText
    # Key, reason, origin.
    meta: Meta
    # The order, as it will be captured.
    order: Order


class PlaceHold(_PlaceHoldRequired, total=False):
    """Keeps a card for an order until it is captured, released, or the time is over. The same order asking again gets the same hold."""

    # The most that a gift card is held for, in minor units of the order's currency, at most the order's total; all that it can by default. Nothing for other cards.
    amount_minor: Optional[int]
    # Who holds. Needed for cards that have a holder, for limits per holder and for public codes.
    holder: Optional[Subject]
    # The digest of a quote: the hold is made only if it comes to the same.
    quote: Optional[str]
    # Who else it is, and on what: subjects that limits may count or the card is bound to, such as a `device`. At most 16.
    subjects: List[Subject]
    # How long, in seconds: 1 to what the template allows; the template's own by default. Rounded up by less than a 64th of it, and at least to a whole second.
    ttl_s: Optional[int]


class _PlaceOptionalTestRequired(TypedDict):
    fact: Literal["place"]


class PlaceOptionalTest(_PlaceOptionalTestRequired, total=False):
    """a fact of type place, and one operator"""

    exists: bool
    inside: List[Point]
    within: Circle


class _PlanRequired(TypedDict):
    # The order's total before, shipping included, in minor units.
    before_minor: int
    # The lines by their tax rates, where they name any; shipping has none.
    by_tax_rate: List[RateShare]
    # The currency of every amount.
    currency: Currency
    # What comes off in all: it lowers the invoice (发票).
    discount_minor: int
    # Every line, in the order's own order.
    lines: List[PlanLine]
    # Whether nothing is left to pay: most ways to pay refuse an amount of 0.
    nothing_to_pay: bool
    # Every offer, in the order in which they were given.
    offers: List[OfferPlan]
    # What is left to pay, 0 or more.
    payable_minor: int
    # How a share that was not whole became whole.
    rounding: Rounding
    # What stored value pays: it does not.
    tender_minor: int


class Plan(_PlanRequired, total=False):
    """What an order comes to with several offers. What lines and shipping say sums to the totals exactly."""

    # Shipping, where the order has any.
    shipping: Optional[PlanShipping]


class PlanLine(TypedDict):
    """What becomes of a line."""

    # What it cost before, in minor units.
    before_minor: int
    # What comes off: it lowers the invoice.
    discount_minor: int
    # The line's id within the order.
    line: str
    # What is left to pay.
    payable_minor: int
    # What stored value pays of it: it does not.
    tender_minor: int


class PlanShare(TypedDict):
    """A line's share of an offer: what comes off it, or what is paid of it."""

    # Who bears what of it, where the template says so.
    funded: List[Funded]
    # The line's id within the order.
    line: str
    # How much, in minor units.
    minor: int


class PlanShipping(TypedDict):
    """What becomes of shipping, in minor units."""

    # What it cost before.
    before_minor: int
    # What comes off.
    discount_minor: int
    # What is left to pay.
    payable_minor: int
    # What stored value pays of it.
    tender_minor: int


class Point(TypedDict):
    """A point in degrees of WGS 84, in whole millionths: a tenth of a metre."""

    # Latitude in millionths of a degree, −90,000,000 to 90,000,000.
    lat_e6: int
    # Longitude in millionths of a degree, −180,000,000 to 180,000,000.
    lon_e6: int


class Policies(TypedDict, total=False):
    """What may be done with a template's cards. What is not declared is denied."""

    # Cards may be bound; `not_bindable` otherwise.
    bind: Optional[BindPolicy]
    # Cards may be extended; `not_extendable` otherwise.
    extend: Optional[ExtendPolicy]
    # What comes back when an order comes back line by line; by default the discount stays, and the use comes back with the last of it.
    refund: Optional[RefundPolicy]
    # Cards may be transferred; `not_transferable` otherwise.
    transfer: Optional[TransferPolicy]


class _PricingRequired(TypedDict):
    # The shares of the lines that get one above 0, in order of the lines.
    allocations: List[Allocation]
    # The order's total before, shipping included, in minor units.
    before_minor: int
    # What comes off in all.
    discount_minor: int
    # What is left to pay, 0 or more.
    payable_minor: int
    # How a share that was not whole became whole.
    rounding: Rounding


class Pricing(_PricingRequired, total=False):
    """What a card gives on an order. Allocations and what comes off shipping sum to `discount_minor` exactly."""

    # What the host is to do beside.
    actions: List[Action]
    # Lines of which less came off than would have, and why.
    held_back: List[HeldBack]
    # Who bears what of that, where the template says so.
    shipping_funded: List[Funded]
    # What of `discount_minor` comes off shipping.
    shipping_off_minor: int
    # What the card itself pays, in minor units: of gift cards only. Value pays and is no discount, so no line has a share of it.
    tender_minor: int


class ProfileCnSinglePurposeCnSinglePurpose(TypedDict):
    # Whether the card is registered to a person (记名卡) or good for its bearer (不记名卡).
    registered: bool


class ProfileCnSinglePurpose(TypedDict):
    cn_single_purpose: ProfileCnSinglePurposeCnSinglePurpose


class _ProfileEuVoucherEuVoucherRequired(TypedDict):
    # When VAT is due: with every transfer of the voucher, or when it is redeemed.
    purpose: VoucherPurpose


class ProfileEuVoucherEuVoucher(_ProfileEuVoucherEuVoucherRequired, total=False):
    # How many years a voucher is good at least, where national law says so.
    valid_years_min: Optional[int]
    # What is known of the supply when the voucher is issued; needed of single-purpose vouchers, and of those only.
    vat: Optional[VoucherVat]


class ProfileEuVoucher(TypedDict):
    eu_voucher: ProfileEuVoucherEuVoucher

# Rules for stored value. A broken one is `policy_violation`.
Profile = Union[Literal["none"], "ProfileCnSinglePurpose", "ProfileEuVoucher"]


class Progress(TypedDict):
    """How far a stream or a job has come."""

    # What is done, in the unit of the stream or job: serials, cards.
    done: int
    # What there is to do in all.
    total: int


class _PromotionRequired(TypedDict):
    # The id of the batch whose cards are its uses.
    batch: str
    # The host's id.
    id: str
    # Where it stands.
    life: PromotionLife
    # The number of that batch.
    no: BatchNo
    # Counted from 1 with each time that it was saved.
    revision: int
    # When it was saved.
    saved_at: Instant
    # The template that says what it gives, and when.
    template: str
    # The version of that template.
    template_version: int


class Promotion(_PromotionRequired, total=False):
    """A promotion. Its uses are cards of its batch; a new revision has a new batch, and what was redeemed under an earlier one stays."""

    # The campaign whose window, life and limits hold for it.
    campaign: Optional[str]

# Where a promotion stands. Whether it is its time is another question, of its template's window and its campaign.
PromotionLife = Union[Literal["running"], Literal["paused"], Literal["archived"]]


class PromotionUse(TypedDict):
    """A promotion that came off an order."""

    # Where its receipt or its hold stands among those of the reply, from 0.
    place: int
    # The promotion.
    promotion: str


class _QuoteRequired(TypedDict):
    # The card.
    card: CardPick
    # The order.
    order: Order


class Quote(_QuoteRequired, total=False):
    """What a card would give on an order, without changing anything."""

    # The most that a gift card would pay, in minor units; all that it can by default.
    amount_minor: Optional[int]
    # Who would redeem.
    holder: Optional[Subject]
    # Who else it is, and on what: subjects that limits may count or the card is bound to, such as a `device`. At most 16.
    subjects: List[Subject]
    # How many uses of a times card would be taken; all that the order has by default.
    units: Optional[int]


class _QuoteDraftsRequired(TypedDict):
    # What is offered: at most 1,000, in any order.
    offers: List[DraftOffer]
    # The order.
    order: Order


class QuoteDrafts(_QuoteDraftsRequired, total=False):
    """What templates would come to on an order, together, without being saved."""

    # The moment of which it is told; now by default.
    at: Optional[Moment]
    # How a share that is not whole becomes whole; as the tenant's settings say by default.
    rounding: Optional[Rounding]


class _QuoteOrderRequired(TypedDict):
    # The cards, at most 50, each once.
    cards: List[OrderCard]
    # The order.
    order: Order


class QuoteOrder(_QuoteOrderRequired, total=False):
    """What several cards would come to on an order, without changing anything."""

    # Who would redeem.
    holder: Optional[Subject]
    # Whether promotions stay off the order; they come off it by themselves.
    no_promotions: bool
    # Promotions that stay off the order, by id, as `best_order` says; at most 1,000.
    promotions_off: List[str]
    # Who else it is, and on what: subjects that limits may count or cards are bound to, such as a `device`. At most 16.
    subjects: List[Subject]


class _QuoteOrdersRequired(TypedDict):
    # What is offered on each of them, as in `quote_drafts`: at most 1,000, in any order.
    offers: List[DraftOffer]
    # The orders; at most 200,000 pairs of an order and an offer, 5,000,000 where shares are not told by line.
    orders: Orders


class QuoteOrders(_QuoteOrdersRequired, total=False):
    """What templates would come to on each of many orders, each by itself, without being saved."""

    # The moment of which it is told; by default when each order was placed, and now for one that does not say.
    at: Optional[Moment]
    # How much is told; by line unless said otherwise.
    detail: Detail
    # How a share that is not whole becomes whole; as the tenant's settings say by default.
    rounding: Optional[Rounding]


class QuoteOutcomeApplies(TypedDict):
    applies: Pricing


class QuoteOutcomeDenied(TypedDict):
    denied: Refusal

# The outcome of a quote on the wire.
QuoteOutcome = Union["QuoteOutcomeApplies", "QuoteOutcomeDenied"]


class _QuoteWalletRequired(TypedDict):
    # Whose cards. Of a person of several subjects, those that stand under this one.
    holder: Subject
    # The order.
    order: Order


class QuoteWallet(_QuoteWalletRequired, total=False):
    """What each of a holder's cards would come to on an order, alone."""

    # Whether cards that are void, used up or expired are told, too.
    ended: bool
    # Which page. Cards come page by page in the order of batch and serial, and are sorted within their page: whoever wants all of them in one order asks for a page that holds them.
    page: Paging
    # Who else it is, and on what: subjects that limits may count or cards are bound to, such as a `device`. At most 16.
    subjects: List[Subject]


class _QuotedRequired(TypedDict):
    # The ceilings that a use meets, in the order in which they are looked at, where the code is good.
    limits: List[QuotedLimit]
    # The pricing, or the denial that a redemption at this moment would meet.
    outcome: QuoteOutcome
    # What became of it, in one word.
    verdict: Verdict


class Quoted(_QuotedRequired, total=False):
    """What a quote came to: the price with the card, or why there is none."""

    # The card, where the code is good; `None` for a public code, which takes any card of its batch.
    card: Optional[CardId]
    # What it came to, for a hold that is to come to the same; nothing where the card would not apply.
    digest: Optional[str]
    # What would bring more (凑单), where it applies.
    next: Optional[NextStep]


class _QuotedCardRequired(TypedDict):
    # The ceilings that a use meets, in the order in which they are looked at, where the code is good: as the cards before it leave them.
    limits: List[QuotedLimit]
    # What becomes of it, in one word.
    verdict: Verdict


class QuotedCard(_QuotedCardRequired, total=False):
    """What becomes of a card of an order."""

    # The card, where the code is good; none for a public code, which takes any card of its batch.
    card: Optional[CardId]
    # Why it does not apply.
    denial: Optional[Refusal]
    # What would bring more (凑单).
    next: Optional[NextStep]
    # What it gives of what the ones before it left.
    pricing: Optional[Pricing]


class _QuotedLimitRequired(TypedDict):
    # Whether the quote looked at it.
    checked: bool
    # The ceiling.
    limit: int
    # The limit's name; `uses_per_card`, `uses_per_holder`, `claims_per_holder`, `check_ins`, `open_holds_per_holder`, `open_holds_per_batch` or `open_holds_per_campaign` of those that are fields of the template.
    name: str
    # For whom it counts apart; for all together where it is empty.
    per: List[str]
    # Whose it is: `template`, `batch` or `campaign`.
    scope: str
    # Over which time: `total`, `day`, `week`, `month`, `year`, `rolling 3600 s`.
    window: str


class QuotedLimit(_QuotedLimitRequired, total=False):
    """A ceiling that a use of the card meets, in the words of its denial.

    Where it was `checked`, a redemption or a hold at the same moment hears the same of it as the quote. It was not where the quote ended
    in an earlier *no*, where the request does not say what it counts apart, and where it counts what is no use: open holds.
    """

    # What the use takes of it, or asks for in vain.
    asked: Optional[int]
    # Of a budget; its figures are minor units.
    currency: Optional[Currency]
    # What other orders hold, where it was looked at.
    held: Optional[int]
    # What is left for this order, where it was looked at.
    left: Optional[int]
    # What is used, where it was looked at.
    used: Optional[int]


class _QuotedPromotionRequired(TypedDict):
    # The ceilings that a use meets, in the order in which they are looked at, where the code is good: as the cards before it leave them.
    limits: List[QuotedLimit]
    # The promotion.
    promotion: str
    # What becomes of it, in one word.
    verdict: Verdict


class QuotedPromotion(_QuotedPromotionRequired, total=False):
    """What becomes of a promotion on an order."""

    # The card, where the code is good; none for a public code, which takes any card of its batch.
    card: Optional[CardId]
    # Why it does not apply.
    denial: Optional[Refusal]
    # What would bring more (凑单).
    next: Optional[NextStep]
    # What it gives of what the ones before it left.
    pricing: Optional[Pricing]


class _RateShareRequired(TypedDict):
    # What they cost before.
    before_minor: int
    # What comes off.
    discount_minor: int
    # What is left to pay.
    payable_minor: int
    # What stored value pays of them.
    tender_minor: int


class RateShare(_RateShareRequired, total=False):
    """What becomes of the lines of one tax rate, in minor units."""

    # The rate in basis points; nothing for lines that name none.
    tax_rate_bp: Optional[int]


class Rebind(TypedDict):
    """Ties a bound card to another subject (换绑)."""

    # The card: by code, id or card number.
    card: CardPick
    # Whose it is: who asks.
    holder: Subject
    # Key, reason, origin.
    meta: Meta
    # What it is tied to from now on.
    to: Subject


class _ReceiptRequired(TypedDict):
    # When.
    at: Instant
    # The card.
    card: CardId
    # The host's order id.
    order: str
    # Totals, the discount and its share per line.
    pricing: Pricing
    # The redemption's id: the idempotency key it was made under.
    redemption: str


class Receipt(_ReceiptRequired, total=False):
    """What a redemption came to. The same for every repetition of the request."""

    # What a gift card holds now, in minor units of the order's currency.
    balance_minor: Optional[int]
    # The cards that the holder was given.
    given: List[GivenCard]
    # What the template gives but could not.
    not_given: List[NotGiven]
    # How many uses were taken of a times card: fewer than were asked for where its template caps them.
    units: Optional[int]


class _RedeemRequired(TypedDict):
    # The code, as the shopper typed or scanned it; a public code counts, too.
    code: CodeText
    # Key, reason, origin. The key becomes the redemption's id.
    meta: Meta
    # The order.
    order: Order


class Redeem(_RedeemRequired, total=False):
    """Uses a card on an order. The order is charged what the reply says, or nothing happened."""

    # The most that a gift card pays, in minor units of the order's currency, at most the order's total; all that it can by default. Nothing for other cards.
    amount_minor: Optional[int]
    # Which batches of those that a choice lists its holder chooses. Nothing for other cards.
    choose: List[str]
    # Who redeems. Needed for cards that have a holder and for limits per holder.
    holder: Optional[Subject]
    # Who else it is, and on what: subjects that limits may count or the card is bound to, such as a `device`. At most 16.
    subjects: List[Subject]
    # How many uses of a times card are taken; all that the order has by default. Nothing for other cards.
    units: Optional[int]

# From which state a template's cards may be redeemed.
RedeemFrom = Union[Literal["issued"], Literal["claimed"], Literal["bound"]]


class _RedeemOrderRequired(TypedDict):
    # The cards, at most 50, each once; none where promotions alone are meant. Discounts come off in the order that their templates say; what pays, pays in this order.
    cards: List[OrderCard]
    # Key, reason, origin. The key is at most 124 bytes: that of each card's redemption is the same with `#` and its place from 1.
    meta: Meta
    # The order.
    order: Order


class RedeemOrder(_RedeemOrderRequired, total=False):
    """Uses several cards on an order, all of them or none. The order is charged what the reply says, or nothing happened."""

    # Who redeems. Needed for cards that have a holder and for limits per holder.
    holder: Optional[Subject]
    # Whether a card that is denied is left out, and told; without it the first one refuses the whole.
    leave_out: bool
    # Whether promotions stay off the order; they come off it by themselves.
    no_promotions: bool
    # Promotions that stay off the order, by id, as `best_order` says; at most 1,000.
    promotions_off: List[str]
    # The digest of a quote: the order is charged only if it comes to the same.
    quote: Optional[str]
    # Who else it is, and on what: subjects that limits may count or cards are bound to, such as a `device`. At most 16.
    subjects: List[Subject]


class _RedemptionRequired(TypedDict):
    # When.
    at: Instant
    # The card.
    card: CardId
    # The currency of every amount.
    currency: Currency
    # The idempotency key, unique within the tenant.
    key: str
    # The host's order id.
    order: str
    # Totals before and after, the discount and its share per line, frozen.
    pricing: Pricing
    # The host's segments of the buyer.
    segments: List[str]


class Redemption(_RedemptionRequired, total=False):
    """A captured use of a card on an order. Its id is the idempotency key that it was made under."""

    # What a gift card held afterwards, in minor units.
    balance_minor: Optional[int]
    # The campaign of the card's batch.
    campaign: Optional[str]
    # Through which channel it was sold.
    channel: Optional[str]
    # The cards that it gave to the holder.
    given: List[Given]
    # The hold that it was captured from.
    hold: Optional[HoldId]
    # Who redeemed, where the request said so.
    holder: Optional[SubjectKey]
    # Whether the host counted the buyer as new.
    new_customer: Optional[bool]
    # What it would have given but could not.
    not_given: List[NotGiven]
    # Who of the staff did it.
    operator: Optional[str]
    # When the order was placed, as the host says.
    ordered_at: Optional[Instant]
    # The host's word for where the buyer came from.
    source: Optional[str]
    # Where it was sold.
    store: Optional[str]
    # How many uses were taken of a times card.
    units: Optional[int]


class _RedemptionPageRequired(TypedDict):
    # The items. A page may be short, even empty, and still not be the last.
    items: List[Redemption]


class RedemptionPage(_RedemptionPageRequired, total=False):
    """A page of a list. Pages go by key, so they neither skip nor repeat what stays, whatever is written meanwhile."""

    # Where to go on; `None` at the end. Opaque.
    next: Optional[str]


class _RedemptionsOfOrderRequired(TypedDict):
    # The host's order id.
    order: str


class RedemptionsOfOrder(_RedemptionsOfOrderRequired, total=False):
    """The redemptions of an order."""

    # Which page.
    page: Paging


class Refill(TypedDict):
    """When a batch grows by itself."""

    # When fewer than so many cards are left to give out, 1 or more,
    below: int
    # it grows by so many, 1 or more,
    by: int
    # and never beyond so many in all.
    up_to: int


class _RefillBatchRequired(TypedDict):
    # The batch; its cards are claimed.
    batch: str
    # Key, reason, origin.
    meta: Meta


class RefillBatch(_RefillBatchRequired, total=False):
    """Lets a batch grow by itself as it runs low, or no longer."""

    # When and by how much; nothing to stop it.
    refill: Optional[Refill]


class _RefundDraftsRequired(TypedDict):
    # What it was bought with: at most 1,000. What does not apply is not in the way.
    offers: List[DraftOffer]
    # The order.
    order: Order
    # What comes back, one return after another: 1 to 100.
    returns: List[DraftsBack]


class RefundDrafts(_RefundDraftsRequired, total=False):
    """What returns of an order would come to, one after another, that was bought with templates which need not be saved."""

    # The moment of which it is told; now by default.
    at: Optional[Moment]
    # How a share that is not whole becomes whole; as the tenant's settings say by default.
    rounding: Optional[Rounding]
    # In which order pay-outs go back to what the order was paid with; what pays is called by its offer's id.
    tenders: TenderOrder


class RefundFigures(TypedDict):
    """What a refund would pay out, in minor units."""

    # What becomes of each discount.
    discounts: List[DiscountBack]
    # What of the paid total would not be paid out yet.
    left_minor: int
    # What comes back, and last shipping.
    lines: List[LineBack]
    # What is paid out.
    payout_minor: int
    # What could not be taken off it, since it is never below 0.
    short_minor: int
    # What goes back to each way of paying, where anything does.
    tenders: List[TenderShare]
    # Cards of which uses are given back by then, this refund counted.
    uses: List[UsesBack]

# What becomes of a discount when lines of its order come back.
RefundLines = Union[Literal["keep"], Literal["clawback"], Literal["reprice"]]


class _RefundOrderRequired(TypedDict):
    # Key, reason, origin.
    meta: Meta
    # The order as it was bought: the same in every word as when its cards were used or held.
    order: Order


class RefundOrder(_RefundOrderRequired, total=False):
    """Gives lines of an order back, or pieces of them: works out what is paid out and to whom, and gives each card what is its own, in one write."""

    # Whether all comes back that is not back yet; lines and shipping are not named then.
    everything: bool
    # The lines that come back, each once.
    lines: List[LineReturn]
    # The redemptions of the order, promotions among them; all that it has by default.
    redemptions: List[str]
    # Whether shipping comes back.
    shipping: bool
    # What becomes of value whose card cannot get it.
    stranded: Stranded
    # In which order the pay-out goes back to what the order was paid with.
    tenders: TenderOrder


class RefundPolicy(TypedDict, total=False):
    """What comes back when lines of an order do (退货退款)."""

    # What becomes of the discount.
    lines: RefundLines
    # When the use comes back to the card.
    use_back: UseBack


class _RefundReceiptRequired(TypedDict):
    # In minor units of the order's currency.
    amount_minor: int
    # When.
    at: Instant
    # The card, which has its use again.
    card: CardId
    # The redemption that was given back.
    redemption: str
    # Uses that the card has now.
    uses_left: int


class RefundReceipt(_RefundReceiptRequired, total=False):
    """What a refund gave back."""

    # What a gift card holds now, in minor units of the order's currency.
    balance_minor: Optional[int]
    # What parties get back of what they bear, in proportion, where the template names any.
    funded: List[Funded]
    # Cards that it had given beside, and that stay: they have been used or moved since.
    kept: List[CardId]
    # What may still be given back of a payment by gift card, in minor units of the order's currency.
    left_minor: Optional[int]
    # Cards that the redemption had given, and that died with it.
    taken_back: List[CardId]
    # How many uses of a times card went back.
    units: Optional[int]
    # How many more may go back.
    units_left: Optional[int]
    # Whether only a share of what it took off came back with lines of its order, and the use stays taken.
    use_stays: bool


class _RefundRedemptionRequired(TypedDict):
    # Key, reason, origin.
    meta: Meta
    # The redemption's id.
    redemption: str


class RefundRedemption(_RefundRedemptionRequired, total=False):
    """Gives a redemption back: a use in full; of a payment by gift card all that is left of it, or an amount."""

    # How much goes back to a gift card, in minor units of the order's currency; all that is left by default. Nothing for other cards.
    amount_minor: Optional[int]
    # How many uses go back to a times card; all that are left by default. Nothing for other cards.
    units: Optional[int]


class RefundSimulated(TypedDict):
    """What a refund would come to."""

    # As the terms of each card say: what `refund_order` does.
    by_terms: RefundFigures
    # As if all of them said `clawback`.
    clawback: RefundFigures
    # The currency of every amount.
    currency: Currency
    # As if all of them said `keep`.
    keep: RefundFigures
    # The host's order id.
    order: str
    # What was paid for the order in all, in minor units.
    paid_minor: int
    # What was paid out so far.
    paid_out_minor: int
    # As if all of them said `reprice`.
    reprice: RefundFigures
    # All that would be back.
    returned: Returned

# Who gets back what was taken before a card was transferred.
RefundTo = Union[Literal["present_holder"], Literal["original_only"]]


class _RefundedOrderRequired(TypedDict):
    # When.
    at: Instant
    # The currency of every amount.
    currency: Currency
    # Whether that is everything.
    is_whole: bool
    # What of the paid total is not paid out yet.
    left_minor: int
    # What comes back, and last shipping.
    lines: List[LineBack]
    # The host's order id.
    order: str
    # What is paid out, in minor units: what goes back to cards and otherwise, together.
    payout_minor: int
    # Its place among the refunds of the order, from 0.
    place: int
    # All that is back by now.
    returned: Returned
    # What goes back to each way of paying.
    tenders: List[TenderBack]


class RefundedOrder(_RefundedOrderRequired, total=False):
    """What a refund of lines came to. The same for every repetition of the request."""

    # Cards that get something back beside value, and those that should have.
    cards: List[CardGotBack]
    # What becomes of each discount.
    discounts: List[DiscountBack]
    # What could not be taken off it, since it is never below 0; it is made up for as more comes back.
    short_minor: int


class Refusal(TypedDict):
    """A denial with all that there is to say, as it goes over the wire."""

    # The stable code.
    code: str
    # The facts by name: amounts as `{"minor", "currency"}`, instants as RFC 3339.
    facts: Dict[str, Any]
    # Its number.
    status: int
    # Sentences for people.
    texts: LocaleTexts


class RekeyBatch(TypedDict):
    """Seals a batch anew."""

    # The batch.
    batch: str
    # Key, reason, origin.
    meta: Meta


class ReleaseHold(TypedDict):
    """Gives back what a hold keeps: the order came to nothing."""

    # The hold.
    hold: HoldId
    # Key, reason, origin.
    meta: Meta


class ReleaseOrder(TypedDict):
    """Gives back what several holds of an order keep, all of them or none."""

    # The holds, 1 to 50 of one order, each once.
    holds: List[HoldId]
    # Key, reason, origin.
    meta: Meta


class _ReplaceRequired(TypedDict):
    # The card: by code, id or card number.
    card: CardPick
    # Key, reason, origin.
    meta: Meta


class Replace(_ReplaceRequired, total=False):
    """Gives a card a new code."""

    # Kills the card's open holds first: capturing one of them answers `refund_required`. Without it a card that an order holds stays as it is.
    force: bool


class RequestKey(TypedDict):
    """An operation and the key that it was asked under."""

    # The caller's key.
    key: str
    # The operation.
    op: str


class ResumeCampaign(TypedDict):
    """Lets the cards of a paused campaign move again."""

    # The campaign.
    campaign: str
    # Key, reason, origin.
    meta: Meta


class ResumePromotion(TypedDict):
    """Lets a paused promotion come off orders again."""

    # The promotion.
    id: str
    # Key, reason, origin.
    meta: Meta


class Returned(TypedDict, total=False):
    """What is back of an order."""

    # Lines of which something is back, with how many pieces.
    lines: Dict[str, int]
    # Whether shipping is back.
    shipping: bool


class Reveal(TypedDict):
    """Shows the code of a card; needs a reason."""

    # The card: by code, id or card number.
    card: CardPick
    # Key, reason, origin.
    meta: Meta

# How a share that is not whole becomes whole. Recorded with each redemption.
Rounding = Union[Literal["half_up"], Literal["half_even"]]


class RunnerUp(TypedDict):
    """The second best combination of discounts."""

    # What they take off, in minor units.
    discount_minor: int
    # Its offers, in the order in which they were given.
    offers: List[str]


class _SampleRequired(TypedDict):
    # Its name.
    id: str
    # Their lines.
    lines: int
    # Its orders.
    orders: int


class Sample(_SampleRequired, total=False):
    """A sample: orders that an engine holds in memory."""

    # When the first was placed, of those that say so.
    first_placed_at: Optional[Instant]
    # When the last was.
    last_placed_at: Optional[Instant]


class SampleOrders(TypedDict):
    """Puts orders into a sample, which is made by its first. The engine holds it in its memory: nothing is stored, and it ends with the engine."""

    # 1 to 10,000 orders, of ids that the sample does not hold yet; at most 4,000,000 lines in all samples of an engine.
    orders: List[Order]
    # The sample's name.
    sample: str


class _SaveAttributeRequired(TypedDict):
    # Key, reason, origin.
    meta: Meta
    # Its name: `order.attr.NAME`, `line.attr.NAME` or `holder.attr.NAME` in conditions.
    name: str
    # Whose it is.
    of: AttributeOf
    # The type of its values; once declared it stays.
    type: FactType


class SaveAttribute(_SaveAttributeRequired, total=False):
    """Declares an attribute of orders, lines or holders."""

    # What people call it; 1 to 200 characters.
    title: Optional[str]
    # Of texts and sets of texts: the values that there are, at most 1,000. Any, where none is listed.
    values: List[str]


class _SaveCampaignRequired(TypedDict):
    # The host's id.
    id: str
    # Key, reason, origin.
    meta: Meta
    # What people call it; 1 to 200 characters.
    title: str


class SaveCampaign(_SaveCampaignRequired, total=False):
    """Saves a campaign, new or over the one of the same id."""

    # Who may claim.
    audience: Audience
    # A date (that day still counts) or an RFC 3339 instant (which does not).
    end: Optional[str]
    # What it is meant to reach.
    goal: Optional[Goal]
    # Draft, running, paused or archived.
    life: Life
    # Ceilings on what all of its cards together are used for: uses, and money budgets. At most 20.
    limits: List[Limit]
    # A date (the start of that local day) or an RFC 3339 instant.
    start: Optional[str]


class _SaveHostBenefitRequired(TypedDict):
    # Key, reason, origin.
    meta: Meta
    # Its name, as templates have it in `host.name`.
    name: str
    # What `host.data` has to be: a JSON Schema of the keywords in docs/benefits.md, at most 16 KiB of JSON, nested at most 16 deep.
    schema: Any


class SaveHostBenefit(_SaveHostBenefitRequired, total=False):
    """Declares a benefit of the host's own, new or over the one of the same name. Templates that were saved before stay as they are."""

    # What people call it; 1 to 200 characters.
    title: Optional[str]


class SaveProductSet(TypedDict):
    """Saves a version of a product set."""

    # Key, reason, origin.
    meta: Meta
    # The host's name for it.
    name: str
    # 1 to 100,000 product ids.
    products: List[str]


class _SavePromotionRequired(TypedDict):
    # The host's id, at most 48 bytes.
    id: str
    # Key, reason, origin.
    meta: Meta
    # The template: of coupons that are claimed (`redeem_from: claimed`) and used once.
    template: str


class SavePromotion(_SavePromotionRequired, total=False):
    """Saves a promotion: what a template gives comes off every order by itself. Of one that is there a new revision is made, which counts on
    its own what is limited per batch; limits of the template and of the campaign go on counting.
    """

    # The campaign whose window, life and limits hold for it.
    campaign: Optional[str]
    # Ceilings on what this revision is used for: uses, and money budgets. At most 20.
    limits: List[Limit]
    # Values of the template's parameters.
    parameters: Dict[str, ParameterValue]
    # Its version; the newest by default.
    template_version: Optional[int]


class SavePublicCode(TypedDict):
    """Gives a batch a public code."""

    # The batch; its template has `redeem_from` claimed.
    batch: str
    # Key, reason, origin.
    meta: Meta
    # How words are compared; the same for all words of a batch.
    normalisation: Normalisation
    # The word, 3 to 40 characters.
    word: CodeText


class _SaveSettingsRequired(TypedDict):
    # Key, reason, origin.
    meta: Meta
    # IANA zone in which dates become instants; what was saved before keeps its own.
    zone: str


class SaveSettings(_SaveSettingsRequired, total=False):
    """Sets what holds for the whole tenant. Until then it is UTC and half-up."""

    # The policy profile of templates of value that name none; templates that are saved already keep their own.
    profile: Optional[Profile]
    # How shares that are not whole become whole.
    rounding: Rounding


class SaveTemplate(TypedDict):
    """Saves a version of a template. Batches keep the version that they were issued from."""

    # Key, reason, origin.
    meta: Meta
    # The template.
    template: TemplateDraft


class _SaveUnitRequired(TypedDict):
    # Key, reason, origin.
    meta: Meta
    # Its name, without colon: `points`, `growth`, `quota`; or the code of a currency, to say whether holders may give it away.
    name: str


class SaveUnit(_SaveUnitRequired, total=False):
    """Declares a unit of value."""

    # Whether holders may give it to each other.
    between_holders: bool
    # How many decimals a whole one has, 0 to 6; amounts are whole numbers of the smallest part. Once declared it stays.
    decimals: int
    # How it shows itself, by locale.
    display: Dict[str, UnitDisplay]


class Saved(TypedDict):
    """The version that a save made, from 1."""

    # The number of the version.
    version: int


class SavingSpread(TypedDict):
    """How much comes off orders, from the least to the most."""

    # The average, in minor units, rounded half up.
    average_minor: int
    # 21 amounts in minor units: the least, then what 5, 10 … 95 of a hundred orders come to at most, then the most.
    quantiles_minor: List[int]


class ScopeSubject(TypedDict):
    subject: str

# For whom a limit counts apart.
Scope = Union[Literal["card"], Literal["batch"], Literal["template"], Literal["campaign"], Literal["holder"], Literal["store"], Literal["channel"], "ScopeSubject"]


class _SegmentByRequired(TypedDict):
    # A fact of the order as conditions name it, such as `store.id`, `holder.segments`, `now.weekday` or `order.subtotal`. Moments, times of day and places are none.
    fact: str


class SegmentBy(_SegmentByRequired, total=False):
    """By which fact orders are told apart."""

    # Of amounts and whole numbers, which need them: where one band ends and the next begins; 1 to 50, rising.
    bands: List[int]

_SegmentFiguresRequired = TypedDict("_SegmentFiguresRequired", {"average_minor": "int", "before_minor": "int", "discount_minor": "int", "orders": "int", "payable_minor": "int", "tender_minor": "int", "touched": "int"})

_SegmentFiguresOptional = TypedDict("_SegmentFiguresOptional", {"below": "Optional[int]", "from": "Optional[int]", "value": "Optional[str]"}, total=False)


class SegmentFigures(_SegmentFiguresRequired, _SegmentFiguresOptional):
    pass


class _SegmentsRequired(TypedDict):
    # One for each value that occurs, at most 1,000; bands and days in order, orders without the fact last. An order lies in one for each text of a set.
    each: List[SegmentFigures]
    # The fact.
    fact: str


class Segments(_SegmentsRequired, total=False):
    """Orders by one fact."""

    # Orders, one for each text of a set, whose values found no room among the 1,000.
    left_out: int


class _SetPartRequired(TypedDict):
    # Of which lines.
    lines: LineFilter


class SetPart(_SetPartRequired, total=False):
    """A part of a set."""

    # How many pieces, 1 to 10,000.
    pieces: int


class _SetRefRequired(TypedDict):
    # Its name.
    name: str


class SetRef(_SetRefRequired, total=False):
    """Points at a saved product set."""

    # Its version; the newest when the template is saved, and pinned from then on.
    version: Optional[int]

# A figure of a template: fixed, or named so that each batch or issue may set it within declared bounds.
Setting = Union[int, "NamedSetting"]


class _SideRequired(TypedDict):
    # What comes off.
    discount_minor: int
    # What is left to pay.
    payable_minor: int
    # What stored value pays.
    tender_minor: int
    # Orders that at least one of its offers applies to.
    touched: int


class Side(_SideRequired, total=False):
    """What one side comes to."""

    # What comes off the orders touched; nothing where none is.
    saving: Optional[SavingSpread]


class _SimulateRefundRequired(TypedDict):
    # The order as it was bought: the same in every word as when its cards were used or held.
    order: Order


class SimulateRefund(_SimulateRefundRequired, total=False):
    """What giving lines of an order back would come to."""

    # Whether all would come back that is not back yet; lines and shipping are not named then.
    everything: bool
    # The lines that would come back, each once.
    lines: List[LineReturn]
    # The redemptions of the order, promotions among them; all that it has by default.
    redemptions: List[str]
    # Whether shipping would come back.
    shipping: bool
    # In which order the pay-out would go back to what the order was paid with.
    tenders: TenderOrder


class Spread(TypedDict):
    """How values are spread, in steps of powers of two."""

    # How many values.
    count: int
    # The largest.
    max: int
    # How many lie above the step before and up to this one; steps without any are left out.
    steps: List[SpreadStep]
    # Their sum.
    sum: int


class SpreadStep(TypedDict):
    """One step of a [`Spread`]."""

    # How many values.
    count: int
    # The upper end of the step, included.
    up_to: int


class Stacking(TypedDict, total=False):
    """How what a template gives goes together with others."""

    # What of its group applies. Where members of a group say different things, the narrowest counts: the last in the list of these words.
    combine: Combine
    # Tags that it does not go together with; `*` is every other discount. Whichever of two says so, it holds for both.
    excludes: List[str]
    # The lane; by default that of its benefit: value pays, what is on shipping comes off shipping, what is on some lines comes off items, all else off the order.
    lane: Optional[Lane]
    # The most that comes off an order on which it applies, whatever takes it off, in minor units.
    order_cap_minor: Optional[int]
    # How many offers of this template one order takes; any number by default.
    per_order_max: Optional[int]
    # The group within the lane: lower ranks come first.
    rank: int
    # What others call it that do not go together with it: at most 20 names.
    tags: List[str]


class StartCampaign(TypedDict):
    """Lets a draft run, from its start on."""

    # The campaign.
    campaign: str
    # Key, reason, origin.
    meta: Meta

_StepRequired = TypedDict("_StepRequired", {"off": "Off"})

_StepOptional = TypedDict("_StepOptional", {"from": "Optional[Least]"}, total=False)


class Step(_StepRequired, _StepOptional):
    pass


class StepFigures(TypedDict):
    """The same return under each way of treating discounts."""

    # As the terms of each card say: what `refund_order` does.
    by_terms: RefundFigures
    # As if all of them said `clawback`.
    clawback: RefundFigures
    # As if all of them said `keep`.
    keep: RefundFigures
    # As if all of them said `reprice`.
    reprice: RefundFigures

# What becomes of value whose card cannot get it: it was killed, or handed on where its template gives back only to whoever redeemed.
Stranded = Union[Literal["deny"], Literal["other"]]


class Subject(TypedDict):
    """A kind and an opaque value: `customer` 4711, `phone` +86…, `order` A-1, or a kind of the host's own."""

    # `customer`, `wechat_openid`, `wechat_unionid`, `phone`, `email`, `device`, `ip`, `order`, or the host's own.
    kind: str
    # The value, as the host knows it; 1 to 128 characters.
    value: str

# A subject as records hold it: `kind:value`, the value of a personal kind replaced by an HMAC under the subject key.
SubjectKey = str


class _SucceedRequired(TypedDict):
    # The card that has ended: by code, id or card number.
    card: CardPick
    # Key, reason, origin.
    meta: Meta


class Succeed(_SucceedRequired, total=False):
    """Moves what an expired card of value holds onto a successor."""

    # When the successor ends: a date (that day still counts) or an RFC 3339 instant. By default what its template gives a card of today; where that has passed, the least that its policy profile asks.
    until: Optional[str]


class Template(TypedDict):
    """A saved version of a template. Its terms never change."""

    # What the host wrote, with the versions of its product sets pinned.
    draft: TemplateDraft
    # Counted from 1 with every save.
    version: int
    # The fixed part of its validity, resolved in the tenant's zone of that day.
    window: Window
    # The zone in which days are counted.
    zone: Zone


class _TemplateChangeRequired(TypedDict):
    # What the part of the template is called.
    label: Labels
    # Where it stands, such as `limits.uses_per_card` or `conditions[0].min_spend.minor`.
    path: str


class TemplateChange(_TemplateChangeRequired, total=False):
    """One thing that differs between two versions of a template."""

    # What stands there now; nothing where the newer version took it out.
    after: Any
    # What stood there; nothing where the newer version added it.
    before: Any


class _TemplateDraftRequired(TypedDict):
    # What a card gives.
    benefit: Benefit
    # The host's id; saving again under the same id adds a version.
    id: str


class TemplateDraft(_TemplateDraftRequired, total=False):
    """A template as the host writes it."""

    # What must be true of the order; all of them.
    conditions: List[Condition]
    # The currency of every amount in it; needed as soon as there is one.
    currency: Optional[Currency]
    # How its cards show themselves.
    display: Dict[str, Display]
    # Who bears what comes off: parts that sum to 10,000. By default it is nobody's business.
    funding: List[Funding]
    # Cards that redeeming gives to the holder: at most 100 together. One that cannot be given is left out, and the receipt says why.
    gives: List[Gift]
    # How long its cards may be held for an order, how many at once, and what comes of a late capture.
    holds: HoldTerms
    # The kind of its cards.
    kind: CardKind
    # Ceilings.
    limits: Limits
    # What a membership card says of its holder, and how often it may be presented.
    membership: Optional[Membership]
    # What a batch or an issue may set.
    parameters: Dict[str, Parameter]
    # What may be done with its cards.
    policies: Policies
    # What the law of a place asks of it, of cards that hold value; the tenant's by default.
    profile: Optional[Profile]
    # From which state its cards may be redeemed.
    redeem_from: RedeemFrom
    # How what it gives goes together with others on one order.
    stacking: Optional[Stacking]
    # How the uses of a times card are counted; needed there.
    usage: Optional[Usage]
    # When its cards are good.
    validity: ValidityDraft


class _TemplatePageRequired(TypedDict):
    # The items. A page may be short, even empty, and still not be the last.
    items: List[Template]


class TemplatePage(_TemplatePageRequired, total=False):
    """A page of a list. Pages go by key, so they neither skip nor repeat what stays, whatever is written meanwhile."""

    # Where to go on; `None` at the end. Opaque.
    next: Optional[str]


class TemplateSchema(TypedDict):
    """Asks what a template may say."""



class _TenderBackRequired(TypedDict):
    # How much, in minor units of the order's currency.
    minor: int
    # `other`, or the redemption of a card of value.
    to: str


class TenderBack(_TenderBackRequired, total=False):
    """What goes back to a way of paying."""

    # What the card holds now.
    balance_minor: Optional[int]
    # That card.
    card: Optional[CardId]
    # Whether the card has ended: what it got is kept for its holder, and `succeed` or `extend` lets it be used again.
    expired: bool
    # Of what is paid out the other way since a card could not get it: that card's redemption.
    instead_of: Optional[str]
    # And why it could not.
    refused: Optional[str]


class TenderOrderListed(TypedDict):
    listed: List[str]

# In which order a pay-out goes back to what the order was paid with. Nothing gets more than it paid.
TenderOrder = Union[Literal["cards_first"], Literal["cards_last"], Literal["in_proportion"], "TenderOrderListed"]


class TenderShare(TypedDict):
    """What would go back to a way of paying."""

    # How much, in minor units.
    minor: int
    # `other`, or the redemption of a card of value.
    to: str

_TextAttributeTestRequired = TypedDict("_TextAttributeTestRequired", {"fact": "str"})

_TextAttributeTestOptional = TypedDict("_TextAttributeTestOptional", {"eq": "str", "exists": "bool", "in": "List[str]", "ne": "str", "not_in": "List[str]", "prefix": "str", "type": 'Literal["text"]'}, total=False)


class TextAttributeTest(_TextAttributeTestRequired, _TextAttributeTestOptional):
    pass

_TextOptionalTestRequired = TypedDict("_TextOptionalTestRequired", {"fact": 'Union[Literal["order.source"], Literal["store.id"], Literal["channel"], Literal["payment.method"], Literal["device.kind"], Literal["place.region"]]'})

_TextOptionalTestOptional = TypedDict("_TextOptionalTestOptional", {"eq": "str", "exists": "bool", "in": "List[str]", "ne": "str", "not_in": "List[str]", "prefix": "str"}, total=False)


class TextOptionalTest(_TextOptionalTestRequired, _TextOptionalTestOptional):
    pass

_TextTestRequired = TypedDict("_TextTestRequired", {"fact": 'Literal["order.currency"]'})

_TextTestOptional = TypedDict("_TextTestOptional", {"eq": "str", "in": "List[str]", "ne": "str", "not_in": "List[str]", "prefix": "str"}, total=False)


class TextTest(_TextTestRequired, _TextTestOptional):
    pass


class Texts(TypedDict):
    """The sentences of a denial in one language."""

    # For the person at the till or in the app.
    shopper: str
    # For the merchant's own people.
    staff: str


class _TextsAttributeTestRequired(TypedDict):
    # an attribute that the tenant declares
    fact: str


class TextsAttributeTest(_TextsAttributeTestRequired, total=False):
    """a fact of type texts, and one operator"""

    contains_all: List[str]
    contains_any: List[str]
    contains_none: List[str]
    exists: bool
    type: Literal["texts"]


class _TextsOptionalTestRequired(TypedDict):
    fact: Literal["holder.segments"]


class TextsOptionalTest(_TextsOptionalTestRequired, total=False):
    """a fact of type texts, and one operator"""

    contains_all: List[str]
    contains_any: List[str]
    contains_none: List[str]
    exists: bool


class _TimeOfDayOptionalTestRequired(TypedDict):
    fact: Literal["order.placed_at.time"]


class TimeOfDayOptionalTest(_TimeOfDayOptionalTestRequired, total=False):
    """a fact of type time_of_day, and one operator"""

    between: List[str]
    exists: bool


class _TimeOfDayTestRequired(TypedDict):
    fact: Literal["now.time"]


class TimeOfDayTest(_TimeOfDayTestRequired, total=False):
    """a fact of type time_of_day, and one operator"""

    between: List[str]


class Transfer(TypedDict):
    """Hands a card to another holder (转赠)."""

    # The card: by code, id or card number.
    card: CardPick
    # Whose it is: who asks.
    holder: Subject
    # Key, reason, origin.
    meta: Meta
    # Whose it becomes.
    to: Subject

_Transfer2Required = TypedDict("_Transfer2Required", {"amount_minor": "int", "from": "str", "to": "str"})

_Transfer2Optional = TypedDict("_Transfer2Optional", {"at": "Optional[Instant]"}, total=False)


class Transfer2(_Transfer2Required, _Transfer2Optional):
    pass


class TransferPolicy(TypedDict, total=False):
    """How cards may be handed on (转赠)."""

    # Whether the code stays; by default it dies and the new holder gets another.
    keep_code: bool
    # Who gets what is refunded of a use before the transfer.
    refund_to: RefundTo
    # How often one card may be transferred, 1 or more; once by default.
    transfers_max: int


class Unfreeze(TypedDict):
    """Lets a frozen card move again."""

    # The card: by code, id or card number.
    card: CardPick
    # Key, reason, origin.
    meta: Meta


class UnfreezeBatch(TypedDict):
    """Lets the cards of a frozen batch move again."""

    # The batch.
    batch: str
    # Key, reason, origin.
    meta: Meta


class Unit(TypedDict):
    """A unit of value."""

    # Whether holders may give it to each other.
    between_holders: bool
    # How many decimals a whole one has, 0 to 6: with 2 an amount of 150 is 1.50.
    decimals: int
    # How it shows itself, by locale.
    display: Dict[str, UnitDisplay]
    # Its name: the host's, or the code of a currency.
    name: str


class _UnitDisplayRequired(TypedDict):
    # What it is called: `Points`, `积分`; 1 to 200 characters.
    title: str


class UnitDisplay(_UnitDisplayRequired, total=False):
    """How a unit shows itself to people, in one language."""

    # What stands behind an amount: `pts`, `分`; at most 16 bytes.
    sign: str


class _UnitPageRequired(TypedDict):
    # The items. A page may be short, even empty, and still not be the last.
    items: List[Unit]


class UnitPage(_UnitPageRequired, total=False):
    """A page of a list. Pages go by key, so they neither skip nor repeat what stays, whatever is written meanwhile."""

    # Where to go on; `None` at the end. Opaque.
    next: Optional[str]


class Unlink(TypedDict):
    """Says that a subject is a person of its own again. What was counted while they were one stays with the others."""

    # Key, reason, origin.
    meta: Meta
    # The subject.
    subject: Subject


class _UsageRequired(TypedDict):
    # What one use is.
    unit: UsageUnit


class Usage(_UsageRequired, total=False):
    """How the uses of a times card are counted."""

    # What happens where too few are left.
    partial_policy: PartialPolicy

# What counts as one use.
UsageUnit = Union[Literal["order"], Literal["line"], Literal["unit"]]

# When the use of a card comes back as lines of its order do.
UseBack = Union[Literal["when_undone"], Literal["never"]]


class UsesBack(TypedDict):
    """How many uses of a card would be given back by then."""

    # Its redemption.
    redemption: str
    # How many.
    uses: int


class ValidityDraft(TypedDict, total=False):
    """When a template's cards are good, as the host writes it."""

    # Counted from the claim, within `start` and `end`.
    after_claim: Optional[AfterClaim]
    # Whether a card also ends with its campaign; true unless said otherwise.
    cap_at_campaign_end: bool
    # A date (that day still counts) or an RFC 3339 instant (which does not).
    end: Optional[str]
    # A date (the start of that local day) or an RFC 3339 instant.
    start: Optional[str]


class ValueMoved(TypedDict):
    """What was moved onto a card or off it."""

    # When.
    at: Instant
    # What the card holds now, in minor units.
    balance_minor: int
    # The card.
    card: CardId
    # Of this currency.
    currency: Currency
    # By how much, in minor units; below 0 where it was taken away.
    delta_minor: int

_ValueTransferRequired = TypedDict("_ValueTransferRequired", {"amount_minor": "int", "at": "Instant", "from": "AccountOf", "to": "AccountOf", "unit": "str"})

_ValueTransferOptional = TypedDict("_ValueTransferOptional", {"from_balance_minor": "Optional[int]", "to_balance_minor": "Optional[int]"}, total=False)


class ValueTransfer(_ValueTransferRequired, _ValueTransferOptional):
    pass

# What became of an offer.
Verdict = Union[Literal["applied"], Literal["near_miss"], Literal["no_effect"], Literal["refused"]]


class _VoidRequired(TypedDict):
    # The card: by code, id or card number.
    card: CardPick
    # Key, reason, origin.
    meta: Meta


class Void(_VoidRequired, total=False):
    """Kills a card."""

    # Kills the card's open holds first: capturing one of them answers `refund_required`. Without it a card that an order holds stays as it is.
    force: bool


class VoidBatch(TypedDict):
    """Kills all cards of a batch; needs a reason."""

    # The batch.
    batch: str
    # Key, reason, origin.
    meta: Meta

# What a voucher can be used for, as VAT sees it.
VoucherPurpose = Union[Literal["single"], Literal["multi"]]


class VoucherVat(TypedDict):
    """VAT of what a single-purpose voucher is for."""

    # The country of the supply, two letters.
    country: str
    # The rate in basis points, 0 to 10,000.
    rate_bp: int


class _WalletRequired(TypedDict):
    # Whose.
    holder: Subject


class Wallet(_WalletRequired, total=False):
    """A holder's cards."""

    # Which page.
    page: Paging


class _WalletCardRequired(TypedDict):
    # What the host would have to do.
    actions: List[Action]
    # The card.
    card: CardView
    # What it would take off, in minor units of the order's currency.
    discount_minor: int
    # What it would pay.
    tender_minor: int
    # What becomes of it, in one word: it can be used where it is `applied`.
    verdict: Verdict


class WalletCard(_WalletCardRequired, total=False):
    """One of a holder's cards on an order, alone: no other card and no promotion beside it."""

    # Why it cannot be used.
    denial: Optional[Refusal]
    # What would bring more (凑单).
    next: Optional[NextStep]


class _WalletCardPageRequired(TypedDict):
    # The items. A page may be short, even empty, and still not be the last.
    items: List[WalletCard]


class WalletCardPage(_WalletCardPageRequired, total=False):
    """A page of a list. Pages go by key, so they neither skip nor repeat what stays, whatever is written meanwhile."""

    # Where to go on; `None` at the end. Opaque.
    next: Optional[str]

_WeekdayOptionalTestRequired = TypedDict("_WeekdayOptionalTestRequired", {"fact": 'Literal["order.placed_at.weekday"]'})

_WeekdayOptionalTestOptional = TypedDict("_WeekdayOptionalTestOptional", {"exists": "bool", "in": 'List[Union[Literal["monday"], Literal["tuesday"], Literal["wednesday"], Literal["thursday"], Literal["friday"], Literal["saturday"], Literal["sunday"]]]', "not_in": 'List[Union[Literal["monday"], Literal["tuesday"], Literal["wednesday"], Literal["thursday"], Literal["friday"], Literal["saturday"], Literal["sunday"]]]'}, total=False)


class WeekdayOptionalTest(_WeekdayOptionalTestRequired, _WeekdayOptionalTestOptional):
    pass

_WeekdayTestRequired = TypedDict("_WeekdayTestRequired", {"fact": 'Literal["now.weekday"]'})

_WeekdayTestOptional = TypedDict("_WeekdayTestOptional", {"in": 'List[Union[Literal["monday"], Literal["tuesday"], Literal["wednesday"], Literal["thursday"], Literal["friday"], Literal["saturday"], Literal["sunday"]]]', "not_in": 'List[Union[Literal["monday"], Literal["tuesday"], Literal["wednesday"], Literal["thursday"], Literal["friday"], Literal["saturday"], Literal["sunday"]]]'}, total=False)


class WeekdayTest(_WeekdayTestRequired, _WeekdayTestOptional):
    pass


class Window(TypedDict, total=False):
    """A half-open span of time: `start` belongs to it, `end` does not. An absent side is open."""

    # First moment outside.
    end: Optional[Instant]
    # First moment inside.
    start: Optional[Instant]

# an IANA time zone, such as Asia/Shanghai
Zone = str

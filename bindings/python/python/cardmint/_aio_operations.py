# Written by `cargo xtask gen` from the table of operations; do not edit.
"""The operations as methods; _read and _change, _stream and _job are their tenant's."""
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .aio import Job, Stream
    from .types import (
        AccountPick,
        Attribute,
        AttributeOf,
        Audience,
        AudienceAdded,
        AuditReport,
        BacktestReport,
        BacktestedOrder,
        BackupFile,
        Balance,
        BalancePage,
        Batch,
        BatchFigures,
        BatchLabels,
        BatchPage,
        BestOfDrafts,
        BestOfOrder,
        Campaign,
        CampaignPage,
        CampaignProgress,
        CapturePart,
        Captured,
        CardId,
        CardPick,
        CardState,
        CardView,
        CardViewPage,
        CardWas,
        CardWithCode,
        ChainHead,
        ClaimFrom,
        CodeFormat,
        CodeText,
        Comparison2,
        Currency,
        DeclaredBenefit,
        Detail,
        Display,
        Done,
        DraftOffer,
        DraftsBack,
        DraftsQuoted,
        DraftsRefunded,
        EngineFigures,
        Erased,
        EvaluatedMany,
        EventKind,
        EventsPage,
        ExplainOf,
        Explanation,
        ExportedCode,
        FactType,
        FundingFigures,
        Goal,
        HistoryEntry,
        HoldId,
        HoldView,
        HoldViewPage,
        Liability,
        Life,
        Limit,
        LineReturn,
        Meta,
        Moment,
        MovementPage,
        Normalisation,
        Objective,
        Order,
        OrderCaptured,
        OrderCard,
        OrderHeld,
        OrderQuoted,
        OrderReceipt,
        OrderReleased,
        Orders,
        OrdersQuoted,
        Paging,
        ParameterValue,
        PersonView,
        Profile,
        Promotion,
        Quoted,
        Receipt,
        Redemption,
        RedemptionPage,
        Refill,
        RefundReceipt,
        RefundSimulated,
        RefundedOrder,
        Rounding,
        Sample,
        Saved,
        SegmentBy,
        Stranded,
        Subject,
        Template,
        TemplateChange,
        TemplateDraft,
        TemplatePage,
        TenderOrder,
        Unit,
        UnitDisplay,
        UnitPage,
        ValueMoved,
        ValueTransfer,
        WalletCardPage,
    )


class Operations(ABC):
    """One method for each operation."""

    @abstractmethod
    async def _read(self, operation: str, request: dict[str, Any]) -> Any: ...

    @abstractmethod
    async def _change(self, operation: str, request: dict[str, Any]) -> Any: ...

    @abstractmethod
    def _stream(self, operation: str, request: dict[str, Any]) -> Stream[Any]: ...

    @abstractmethod
    def _job(self, operation: str, request: dict[str, Any]) -> Job[Any]: ...

    async def save_settings(
        self,
        *,
        meta: Meta,
        zone: str,
        profile: Profile | None = None,
        rounding: Rounding | None = None,
    ) -> Done:
        """Sets zone and rounding of the tenant. Until then it is UTC and half-up.

        meta: Key, reason, origin.
        zone: IANA zone in which dates become instants; what was saved before keeps its own.
        profile: The policy profile of templates of value that name none; templates that are saved already keep their own.
        rounding: How shares that are not whole become whole.
        """
        request: dict[str, Any] = {"meta": meta, "zone": zone}
        if profile is not None:
            request["profile"] = profile
        if rounding is not None:
            request["rounding"] = rounding
        return await self._change("save_settings", request)

    async def save_campaign(
        self,
        *,
        meta: Meta,
        id: str,
        title: str,
        audience: Audience | None = None,
        end: str | None = None,
        goal: Goal | None = None,
        life: Life | None = None,
        limits: list[Limit] | None = None,
        start: str | None = None,
    ) -> Campaign:
        """Saves a campaign, new or over the one of the same id, and returns it with its window resolved in the tenant's zone.

        meta: Key, reason, origin.
        id: The host's id.
        title: What people call it; 1 to 200 characters.
        audience: Who may claim.
        end: A date (that day still counts) or an RFC 3339 instant (which does not).
        goal: What it is meant to reach.
        life: Draft, running, paused or archived.
        limits: Ceilings on what all of its cards together are used for: uses, and money budgets. At most 20.
        start: A date (the start of that local day) or an RFC 3339 instant.
        """
        request: dict[str, Any] = {"meta": meta, "id": id, "title": title}
        if audience is not None:
            request["audience"] = audience
        if end is not None:
            request["end"] = end
        if goal is not None:
            request["goal"] = goal
        if life is not None:
            request["life"] = life
        if limits is not None:
            request["limits"] = limits
        if start is not None:
            request["start"] = start
        return await self._change("save_campaign", request)

    async def add_audience(
        self,
        *,
        meta: Meta,
        campaign: str,
        subjects: list[Subject],
    ) -> AudienceAdded:
        """Lists subjects as a campaign's audience and returns how many were new. Those that are listed already stay so.

        meta: Key, reason, origin.
        campaign: The campaign.
        subjects: 1 to 1,000 subjects.

        Denials, in this order: unknown (campaign).
        """
        return await self._change("add_audience", {"meta": meta, "campaign": campaign, "subjects": subjects})

    async def save_product_set(
        self,
        *,
        meta: Meta,
        name: str,
        products: list[str],
    ) -> Saved:
        """Saves a version of a product set and returns its number, from 1.

        meta: Key, reason, origin.
        name: The host's name for it.
        products: 1 to 100,000 product ids.
        """
        return await self._change("save_product_set", {"meta": meta, "name": name, "products": products})

    async def save_template(
        self,
        *,
        meta: Meta,
        template: TemplateDraft,
    ) -> Saved:
        """Saves a version of a template and returns its number, from 1. Batches keep the version that they were issued from.

        meta: Key, reason, origin.
        template: The template.

        Denials, in this order: unknown (product_set, host_benefit), policy_violation.
        """
        return await self._change("save_template", {"meta": meta, "template": template})

    async def save_promotion(
        self,
        *,
        meta: Meta,
        id: str,
        template: str,
        campaign: str | None = None,
        limits: list[Limit] | None = None,
        parameters: dict[str, ParameterValue] | None = None,
        template_version: int | None = None,
    ) -> Promotion:
        """Saves a promotion (自动优惠): what a template gives comes off every order of `quote_order`, `hold_order` and `redeem_order` by itself.
        Over the one of the same id it makes a new revision; `diff_templates` tells what its template's versions differ in.

        meta: Key, reason, origin.
        id: The host's id, at most 48 bytes.
        template: The template: of coupons that are claimed (`redeem_from: claimed`) and used once.
        campaign: The campaign whose window, life and limits hold for it.
        limits: Ceilings on what this revision is used for: uses, and money budgets. At most 20.
        parameters: Values of the template's parameters.
        template_version: Its version; the newest by default.

        Denials, in this order: wrong_life (archived), exists (batch), unknown (template, campaign), campaign_not_running (archived), batch_numbers_used_up, odds_too_low.
        """
        request: dict[str, Any] = {"meta": meta, "id": id, "template": template}
        if campaign is not None:
            request["campaign"] = campaign
        if limits is not None:
            request["limits"] = limits
        if parameters is not None:
            request["parameters"] = parameters
        if template_version is not None:
            request["template_version"] = template_version
        return await self._change("save_promotion", request)

    async def pause_promotion(
        self,
        *,
        meta: Meta,
        id: str,
    ) -> Promotion:
        """Takes a promotion off orders for now.

        meta: Key, reason, origin.
        id: The promotion.

        Denials, in this order: unknown (promotion), wrong_life.
        """
        return await self._change("pause_promotion", {"meta": meta, "id": id})

    async def resume_promotion(
        self,
        *,
        meta: Meta,
        id: str,
    ) -> Promotion:
        """Lets a paused promotion come off orders again.

        meta: Key, reason, origin.
        id: The promotion.

        Denials, in this order: unknown (promotion), wrong_life.
        """
        return await self._change("resume_promotion", {"meta": meta, "id": id})

    async def archive_promotion(
        self,
        *,
        meta: Meta,
        id: str,
    ) -> Promotion:
        """Takes a promotion off orders for good. What was redeemed can still be refunded.

        meta: Key, reason, origin.
        id: The promotion.

        Denials, in this order: unknown (promotion), wrong_life.
        """
        return await self._change("archive_promotion", {"meta": meta, "id": id})

    async def list_promotions(
        self,
    ) -> list[Promotion]:
        """The promotions by id, those that are over among them."""
        return await self._read("list_promotions", {})

    async def save_attribute(
        self,
        *,
        meta: Meta,
        name: str,
        of: AttributeOf,
        type: FactType,
        title: str | None = None,
        values: list[str] | None = None,
    ) -> Attribute:
        """Declares an attribute of orders, lines or holders, new or over the one of the same name, so that conditions may speak of it.

        meta: Key, reason, origin.
        name: Its name: `order.attr.NAME`, `line.attr.NAME` or `holder.attr.NAME` in conditions.
        of: Whose it is.
        type: The type of its values; once declared it stays.
        title: What people call it; 1 to 200 characters.
        values: Of texts and sets of texts: the values that there are, at most 1,000. Any, where none is listed.
        """
        request: dict[str, Any] = {"meta": meta, "name": name, "of": of, "type": type}
        if title is not None:
            request["title"] = title
        if values is not None:
            request["values"] = values
        return await self._change("save_attribute", request)

    async def list_attributes(
        self,
    ) -> list[Attribute]:
        """The attributes that were declared, by whose they are and name."""
        return await self._read("list_attributes", {})

    async def save_host_benefit(
        self,
        *,
        meta: Meta,
        name: str,
        schema: Any,
        title: str | None = None,
    ) -> DeclaredBenefit:
        """Declares a benefit of the host's own (a name and a JSON Schema of its data), new or over the one of the same name. From the first one on
        templates give declared ones only, with data that fits.

        meta: Key, reason, origin.
        name: Its name, as templates have it in `host.name`.
        schema: What `host.data` has to be: a JSON Schema of the keywords in docs/benefits.md, at most 16 KiB of JSON, nested at most 16 deep.
        title: What people call it; 1 to 200 characters.
        """
        request: dict[str, Any] = {"meta": meta, "name": name, "schema": schema}
        if title is not None:
            request["title"] = title
        return await self._change("save_host_benefit", request)

    async def list_host_benefits(
        self,
    ) -> list[DeclaredBenefit]:
        """The benefits of the host's own that were declared, by name."""
        return await self._read("list_host_benefits", {})

    async def explain(
        self,
        *,
        of: ExplainOf,
        order: Order,
        at: Moment | None = None,
    ) -> Explanation:
        """Says node by node how the conditions of a card, or of a template that is not saved yet, come out on an order: what it has, what it needs
        and what is short. Nothing else of the card is looked at.

        of: Whose conditions.
        order: The order.
        at: At which moment; now by default.

        Denials, in this order: not_found_or_invalid, unknown (card, product_set, host_benefit).
        """
        request: dict[str, Any] = {"of": of, "order": order}
        if at is not None:
            request["at"] = at
        return await self._read("explain", request)

    async def evaluate_many(
        self,
        *,
        of: ExplainOf,
        orders: Orders,
        at: Moment | None = None,
    ) -> EvaluatedMany:
        """Says for many orders at once whether the conditions of a card, or of a template that is not saved yet, hold. Nothing else is looked at.

        of: Whose conditions.
        orders: The orders.
        at: At which moment; now by default.

        Denials, in this order: unknown (sample), not_found_or_invalid, unknown (card, product_set, host_benefit).
        """
        request: dict[str, Any] = {"of": of, "orders": orders}
        if at is not None:
            request["at"] = at
        return await self._read("evaluate_many", request)

    async def template_schema(
        self,
    ) -> Any:
        """The JSON Schema of templates, with the attributes that the tenant declares: what a form for templates is built from."""
        return await self._read("template_schema", {})

    async def observe(
        self,
        *,
        meta: Meta,
        at: Moment,
        kind: str,
        subject: Subject,
        facts: dict[str, str] | None = None,
    ) -> Done:
        """Writes a host's event into the journal: a visit, a sign-up, a level reached.

        meta: Key, reason, origin.
        at: When, as the host says.
        kind: The host's name for it.
        subject: Whom it is about.
        facts: What else there is to say; at most 32 texts of 1 to 200 characters, nothing personal.
        """
        request: dict[str, Any] = {"meta": meta, "at": at, "kind": kind, "subject": subject}
        if facts is not None:
            request["facts"] = facts
        return await self._change("observe", request)

    async def issue_batch(
        self,
        *,
        meta: Meta,
        format: CodeFormat,
        id: str,
        size: int,
        template: str,
        campaign: str | None = None,
        channel: str | None = None,
        display: dict[str, Display] | None = None,
        labels: BatchLabels | None = None,
        limits: list[Limit] | None = None,
        parameters: dict[str, ParameterValue] | None = None,
        template_version: int | None = None,
    ) -> Batch:
        """Issues a batch: the same few rows for ten cards and for a thousand million.

        meta: Key, reason, origin.
        format: The format of its codes.
        id: The host's id.
        size: How many cards, 1 to 2^30 (2^18 in codes of 12 symbols).
        template: The template.
        campaign: The campaign that it belongs to.
        channel: The channel that it is made for.
        display: How its cards show themselves, over the template's own.
        labels: What the host says of it.
        limits: Ceilings on what its cards together are used for: uses, and money budgets. At most 20; they stay as they are.
        parameters: Values of the template's parameters for all of its cards.
        template_version: Its version; the newest by default. The cards follow it for ever.

        Denials, in this order: exists, unknown (template, campaign, batch that it gives), policy_violation, campaign_not_running (archived), batch_numbers_used_up, batch_too_large, odds_too_low.
        """
        request: dict[str, Any] = {"meta": meta, "format": format, "id": id, "size": size, "template": template}
        if campaign is not None:
            request["campaign"] = campaign
        if channel is not None:
            request["channel"] = channel
        if display is not None:
            request["display"] = display
        if labels is not None:
            request["labels"] = labels
        if limits is not None:
            request["limits"] = limits
        if parameters is not None:
            request["parameters"] = parameters
        if template_version is not None:
            request["template_version"] = template_version
        return await self._change("issue_batch", request)

    async def grow_batch(
        self,
        *,
        meta: Meta,
        batch: str,
        size: int,
    ) -> Batch:
        """Makes a batch larger. The odds of all cards in its format are checked again.

        meta: Key, reason, origin.
        batch: The batch.
        size: How many cards it has then, more than now.

        Denials, in this order: unknown (batch), batch_too_large, wrong_life, odds_too_low.
        """
        return await self._change("grow_batch", {"meta": meta, "batch": batch, "size": size})

    async def rekey_batch(
        self,
        *,
        meta: Meta,
        batch: str,
    ) -> Batch:
        """Seals a batch anew under the minting key: all of its codes die, and others take their place. For after a leak.

        meta: Key, reason, origin.
        batch: The batch.

        Denials, in this order: unknown (batch), odds_too_low.
        """
        return await self._change("rekey_batch", {"meta": meta, "batch": batch})

    async def close_export(
        self,
        *,
        meta: Meta,
        batch: str,
    ) -> Batch:
        """Closes a batch for export: from now on a code is given out only by replacing it or by a single reveal.

        meta: Key, reason, origin.
        batch: The batch.

        Denials, in this order: unknown (batch).
        """
        return await self._change("close_export", {"meta": meta, "batch": batch})

    async def save_public_code(
        self,
        *,
        meta: Meta,
        batch: str,
        normalisation: Normalisation,
        word: CodeText,
    ) -> Batch:
        """Gives a batch a public code: one word, as many uses as the batch has cards. All words of a batch are read alike.

        meta: Key, reason, origin.
        batch: The batch; its template has `redeem_from` claimed.
        normalisation: How words are compared; the same for all words of a batch.
        word: The word, 3 to 40 characters.

        Denials, in this order: unknown (batch), exists (public_code).
        """
        return await self._change("save_public_code", {"meta": meta, "batch": batch, "normalisation": normalisation, "word": word})

    async def freeze_batch(
        self,
        *,
        meta: Meta,
        batch: str,
    ) -> Batch:
        """Stops all cards of a batch until it is unfrozen, at the cost of one row; needs a reason.

        meta: Key, reason, origin.
        batch: The batch.

        Denials, in this order: unknown (batch), wrong_life.
        """
        return await self._change("freeze_batch", {"meta": meta, "batch": batch})

    async def unfreeze_batch(
        self,
        *,
        meta: Meta,
        batch: str,
    ) -> Batch:
        """Lets the cards of a frozen batch move again.

        meta: Key, reason, origin.
        batch: The batch.

        Denials, in this order: unknown (batch), wrong_life.
        """
        return await self._change("unfreeze_batch", {"meta": meta, "batch": batch})

    async def void_batch(
        self,
        *,
        meta: Meta,
        batch: str,
    ) -> Batch:
        """Kills all cards of a batch for good, but for what was used up; needs a reason.

        meta: Key, reason, origin.
        batch: The batch.

        Denials, in this order: unknown (batch), wrong_life.
        """
        return await self._change("void_batch", {"meta": meta, "batch": batch})

    async def extend_batch(
        self,
        *,
        meta: Meta,
        batch: str,
        until: str,
    ) -> Batch:
        """Puts off the end of all cards of a batch, as far as its template allows for each.

        meta: Key, reason, origin.
        batch: The batch.
        until: The new end: a date of the template's zone (that day still counts) or an RFC 3339 instant (which does not).

        Denials, in this order: unknown (batch), not_extendable, wrong_life.
        """
        return await self._change("extend_batch", {"meta": meta, "batch": batch, "until": until})

    async def close_batch(
        self,
        *,
        meta: Meta,
        batch: str,
    ) -> Batch:
        """Gives no more cards of a batch out. Those that are out are good.

        meta: Key, reason, origin.
        batch: The batch.

        Denials, in this order: unknown (batch), wrong_life.
        """
        return await self._change("close_batch", {"meta": meta, "batch": batch})

    async def archive_batch(
        self,
        *,
        meta: Meta,
        batch: str,
    ) -> Batch:
        """Puts a batch out of the way instead of deleting it: its cards stand still, and its history stays.

        meta: Key, reason, origin.
        batch: The batch.

        Denials, in this order: unknown (batch), wrong_life.
        """
        return await self._change("archive_batch", {"meta": meta, "batch": batch})

    async def refill_batch(
        self,
        *,
        meta: Meta,
        batch: str,
        refill: Refill | None = None,
    ) -> Batch:
        """Lets a batch grow by itself as it runs low, in the commit that takes a card of it; or no longer.

        meta: Key, reason, origin.
        batch: The batch; its cards are claimed.
        refill: When and by how much; nothing to stop it.

        Denials, in this order: unknown (batch), wrong_life, batch_too_large.
        """
        request: dict[str, Any] = {"meta": meta, "batch": batch}
        if refill is not None:
            request["refill"] = refill
        return await self._change("refill_batch", request)

    async def start_campaign(
        self,
        *,
        meta: Meta,
        campaign: str,
    ) -> Campaign:
        """Lets a draft campaign run, from its start on.

        meta: Key, reason, origin.
        campaign: The campaign.

        Denials, in this order: unknown (campaign), wrong_life.
        """
        return await self._change("start_campaign", {"meta": meta, "campaign": campaign})

    async def pause_campaign(
        self,
        *,
        meta: Meta,
        campaign: str,
    ) -> Campaign:
        """Lets the cards of a campaign stand still.

        meta: Key, reason, origin.
        campaign: The campaign.

        Denials, in this order: unknown (campaign), wrong_life.
        """
        return await self._change("pause_campaign", {"meta": meta, "campaign": campaign})

    async def resume_campaign(
        self,
        *,
        meta: Meta,
        campaign: str,
    ) -> Campaign:
        """Lets the cards of a paused campaign move again.

        meta: Key, reason, origin.
        campaign: The campaign.

        Denials, in this order: unknown (campaign), wrong_life.
        """
        return await self._change("resume_campaign", {"meta": meta, "campaign": campaign})

    async def end_campaign(
        self,
        *,
        meta: Meta,
        campaign: str,
    ) -> Campaign:
        """Ends a campaign now.

        meta: Key, reason, origin.
        campaign: The campaign.

        Denials, in this order: unknown (campaign), wrong_life.
        """
        return await self._change("end_campaign", {"meta": meta, "campaign": campaign})

    async def archive_campaign(
        self,
        *,
        meta: Meta,
        campaign: str,
    ) -> Campaign:
        """Puts a campaign that does not run out of the way, for good, instead of deleting it.

        meta: Key, reason, origin.
        campaign: The campaign.

        Denials, in this order: unknown (campaign), wrong_life.
        """
        return await self._change("archive_campaign", {"meta": meta, "campaign": campaign})

    async def claim(
        self,
        *,
        meta: Meta,
        holder: Subject,
        take: ClaimFrom,
        channel: str | None = None,
    ) -> CardWithCode:
        """Takes a card as its holder: the next of a batch, or the one of a code.

        meta: Key, reason, origin.
        holder: Whose it becomes.
        take: Where from: `{"batch": …}` or `{"code": …}`.
        channel: The channel that it is given out through; the batch's by default.

        Denials, in this order: unknown (batch), not_found_or_invalid (code), batch_not_active, sold_out, campaign_not_running, not_started, expired (campaign), not_in_audience, limit_reached (holder_claims), void, frozen, wrong_state, not_owner, expired, policy_violation.
        """
        request: dict[str, Any] = {"meta": meta, "holder": holder, "take": take}
        if channel is not None:
            request["channel"] = channel
        return await self._change("claim", request)

    async def issue(
        self,
        *,
        meta: Meta,
        batch: str,
        holder: Subject,
        channel: str | None = None,
        parameters: dict[str, ParameterValue] | None = None,
    ) -> CardWithCode:
        """Gives the next card of a batch to a holder, who finds it in the wallet.

        meta: Key, reason, origin.
        batch: The batch that the next card is taken from.
        holder: Whose it becomes.
        channel: The channel that it is given out through; the batch's by default.
        parameters: Values of the template's parameters for this card, frozen in it.

        Denials, in this order: unknown (batch), void (batch), batch_not_active, frozen (batch), wrong_state (a bearer batch), sold_out, campaign_not_running, not_started, expired, policy_violation.
        """
        request: dict[str, Any] = {"meta": meta, "batch": batch, "holder": holder}
        if channel is not None:
            request["channel"] = channel
        if parameters is not None:
            request["parameters"] = parameters
        return await self._change("issue", request)

    async def freeze(
        self,
        *,
        meta: Meta,
        card: CardPick,
        force: bool | None = None,
    ) -> CardWithCode:
        """Stops a card until it is unfrozen; needs a reason.

        meta: Key, reason, origin.
        card: The card: by code, id or card number.
        force: Kills the card's open holds first: capturing one of them answers `refund_required`. Without it a card that an order holds stays as it is.

        Denials, in this order: not_found_or_invalid, unknown (card), void, frozen, has_open_hold.
        """
        request: dict[str, Any] = {"meta": meta, "card": card}
        if force is not None:
            request["force"] = force
        return await self._change("freeze", request)

    async def unfreeze(
        self,
        *,
        meta: Meta,
        card: CardPick,
    ) -> CardWithCode:
        """Lets a frozen card move again.

        meta: Key, reason, origin.
        card: The card: by code, id or card number.

        Denials, in this order: not_found_or_invalid, unknown (card), void, wrong_state (not frozen).
        """
        return await self._change("unfreeze", {"meta": meta, "card": card})

    async def void(
        self,
        *,
        meta: Meta,
        card: CardPick,
        force: bool | None = None,
    ) -> CardWithCode:
        """Kills a card for good.

        meta: Key, reason, origin.
        card: The card: by code, id or card number.
        force: Kills the card's open holds first: capturing one of them answers `refund_required`. Without it a card that an order holds stays as it is.

        Denials, in this order: not_found_or_invalid, unknown (card), void, wrong_state (spent), has_open_hold.
        """
        request: dict[str, Any] = {"meta": meta, "card": card}
        if force is not None:
            request["force"] = force
        return await self._change("void", request)

    async def replace(
        self,
        *,
        meta: Meta,
        card: CardPick,
        force: bool | None = None,
    ) -> CardWithCode:
        """Gives a card a new code and returns it; the old one is dead at once.

        meta: Key, reason, origin.
        card: The card: by code, id or card number.
        force: Kills the card's open holds first: capturing one of them answers `refund_required`. Without it a card that an order holds stays as it is.

        Denials, in this order: not_found_or_invalid, unknown (card), void, frozen, issue_numbers_used_up, has_open_hold.
        """
        request: dict[str, Any] = {"meta": meta, "card": card}
        if force is not None:
            request["force"] = force
        return await self._change("replace", request)

    async def reveal(
        self,
        *,
        meta: Meta,
        card: CardPick,
    ) -> CardWithCode:
        """Shows the code of one card, also after its batch was closed for export; needs a reason.

        meta: Key, reason, origin.
        card: The card: by code, id or card number.

        Denials, in this order: not_found_or_invalid, unknown (card), void.
        """
        return await self._change("reveal", {"meta": meta, "card": card})

    async def bind(
        self,
        *,
        meta: Meta,
        card: CardPick,
        holder: Subject,
        to: Subject,
    ) -> CardWithCode:
        """Ties a claimed card to a subject (绑定): from then on it is redeemed only where that is presented.

        meta: Key, reason, origin.
        card: The card: by code, id or card number.
        holder: Whose it is: who asks.
        to: What it is tied to, of a kind that the template allows.

        Denials, in this order: not_found_or_invalid, unknown (card), not_bindable, void, frozen, wrong_state, not_owner, expired.
        """
        return await self._change("bind", {"meta": meta, "card": card, "holder": holder, "to": to})

    async def rebind(
        self,
        *,
        meta: Meta,
        card: CardPick,
        holder: Subject,
        to: Subject,
    ) -> CardWithCode:
        """Ties a bound card to another subject (换绑), as often as its template allows.

        meta: Key, reason, origin.
        card: The card: by code, id or card number.
        holder: Whose it is: who asks.
        to: What it is tied to from now on.

        Denials, in this order: not_found_or_invalid, unknown (card), not_bindable, void, frozen, wrong_state, not_owner, expired, limit_reached (rebinds).
        """
        return await self._change("rebind", {"meta": meta, "card": card, "holder": holder, "to": to})

    async def transfer(
        self,
        *,
        meta: Meta,
        card: CardPick,
        holder: Subject,
        to: Subject,
    ) -> CardWithCode:
        """Hands a card to another holder (转赠) and returns its new code; the old one is dead, unless the template keeps it. Its time goes
        on, and what it was bound to is undone.

        meta: Key, reason, origin.
        card: The card: by code, id or card number.
        holder: Whose it is: who asks.
        to: Whose it becomes.

        Denials, in this order: not_found_or_invalid, unknown (card), not_transferable, void, frozen, wrong_state, not_owner, expired, limit_reached (transfers), issue_numbers_used_up.
        """
        return await self._change("transfer", {"meta": meta, "card": card, "holder": holder, "to": to})

    async def extend(
        self,
        *,
        meta: Meta,
        card: CardPick,
        until: str,
    ) -> CardWithCode:
        """Puts off the end of a card (延期), as far as its template allows.

        meta: Key, reason, origin.
        card: The card: by code, id or card number.
        until: The new end, later than the old one: a date of the template's zone (that day still counts) or an RFC 3339 instant (which does not).

        Denials, in this order: not_found_or_invalid, unknown (card), not_extendable, void, frozen, expired, extension_too_long.
        """
        return await self._change("extend", {"meta": meta, "card": card, "until": until})

    async def redeem(
        self,
        *,
        meta: Meta,
        code: CodeText,
        order: Order,
        amount_minor: int | None = None,
        choose: list[str] | None = None,
        holder: Subject | None = None,
        subjects: list[Subject] | None = None,
        units: int | None = None,
    ) -> Receipt:
        """Redeems a card on an order: a coupon takes something off, a gift card pays what it holds or a part of it, of a times card uses
        are taken, an exchange voucher makes goods free, a membership card checks in, a pack or choice opens. The order is charged
        what the receipt says, or nothing happened. A visit without a sale is an order of one line that costs nothing.

        meta: Key, reason, origin. The key becomes the redemption's id.
        code: The code, as the shopper typed or scanned it; a public code counts, too.
        order: The order.
        amount_minor: The most that a gift card pays, in minor units of the order's currency, at most the order's total; all that it can by default. Nothing for other cards.
        choose: Which batches of those that a choice lists its holder chooses. Nothing for other cards.
        holder: Who redeems. Needed for cards that have a holder and for limits per holder.
        subjects: Who else it is, and on what: subjects that limits may count or the card is bound to, such as a `device`. At most 16.
        units: How many uses of a times card are taken; all that the order has by default. Nothing for other cards.

        Denials, in this order: key_reused, not_found_or_invalid, batch_not_active, sold_out (public code), not_in_audience (public code), limit_reached (holder_claims, public code), void, frozen, limit_reached (card), insufficient_balance (spent), wrong_state, not_owner, not_started, expired, held, not_bound, campaign_not_running, insufficient_uses, currency_mismatch, condition_failed, insufficient_balance, held, price_held, no_effect, holder_required, limit_reached (holder_uses), held (holder_uses), scope_required (limits), currency_mismatch (budgets), limit_reached (limits), held (limits), limit_reached (check_ins), holder_required (pack), unknown (batch, pack), sold_out (pack).
        """
        request: dict[str, Any] = {"meta": meta, "code": code, "order": order}
        if amount_minor is not None:
            request["amount_minor"] = amount_minor
        if choose is not None:
            request["choose"] = choose
        if holder is not None:
            request["holder"] = holder
        if subjects is not None:
            request["subjects"] = subjects
        if units is not None:
            request["units"] = units
        return await self._change("redeem", request)

    async def refund(
        self,
        *,
        meta: Meta,
        redemption: str,
        amount_minor: int | None = None,
        units: int | None = None,
    ) -> RefundReceipt:
        """Gives a redemption back: a use, and what counted it, in full; of what a gift card paid all that is left, or an amount; of a
        times card's uses all that are left, or some. Parts never add up to more than was taken. Cards that it gave die with its
        last part; those of a pack must be untouched, others stay out where they are not.

        meta: Key, reason, origin.
        redemption: The redemption's id.
        amount_minor: How much goes back to a gift card, in minor units of the order's currency; all that is left by default. Nothing for other cards.
        units: How many uses go back to a times card; all that are left by default. Nothing for other cards.

        Denials, in this order: key_reused, unknown (redemption), refund_to_original_only, already_refunded, refund_too_large, void, given_card_touched (pack).
        """
        request: dict[str, Any] = {"meta": meta, "redemption": redemption}
        if amount_minor is not None:
            request["amount_minor"] = amount_minor
        if units is not None:
            request["units"] = units
        return await self._change("refund", request)

    async def refund_order(
        self,
        *,
        meta: Meta,
        order: Order,
        everything: bool | None = None,
        lines: list[LineReturn] | None = None,
        redemptions: list[str] | None = None,
        shipping: bool | None = None,
        stranded: Stranded | None = None,
        tenders: TenderOrder | None = None,
    ) -> RefundedOrder:
        """Gives lines of an order back, or pieces of them (退货退款): what is paid out by frozen shares and the refund terms of each card, to what the order was
        paid with in the declared order; value goes back to its cards, uses once their discount is undone. All in one write. Repeated refunds never pay out more
        than was paid, and all of them together exactly that.

        meta: Key, reason, origin.
        order: The order as it was bought: the same in every word as when its cards were used or held.
        everything: Whether all comes back that is not back yet; lines and shipping are not named then.
        lines: The lines that come back, each once.
        redemptions: The redemptions of the order, promotions among them; all that it has by default.
        shipping: Whether shipping comes back.
        stranded: What becomes of value whose card cannot get it.
        tenders: In which order the pay-out goes back to what the order was paid with.

        Denials, in this order: key_reused, unknown (redemption), order_not_kept, order_changed, all_back, unknown (line), too_many_back, card_denied (void or refund_to_original_only of a card that paid).
        """
        request: dict[str, Any] = {"meta": meta, "order": order}
        if everything is not None:
            request["everything"] = everything
        if lines is not None:
            request["lines"] = lines
        if redemptions is not None:
            request["redemptions"] = redemptions
        if shipping is not None:
            request["shipping"] = shipping
        if stranded is not None:
            request["stranded"] = stranded
        if tenders is not None:
            request["tenders"] = tenders
        return await self._change("refund_order", request)

    async def hold(
        self,
        *,
        meta: Meta,
        code: CodeText,
        order: Order,
        amount_minor: int | None = None,
        holder: Subject | None = None,
        quote: str | None = None,
        subjects: list[Subject] | None = None,
        ttl_s: int | None = None,
    ) -> HoldView:
        """Keeps a card for an order until it is captured, released, or its time is over (预占). The same order asking again gets the
        same hold.

        meta: Key, reason, origin.
        code: The code, as the shopper typed or scanned it; a public code counts, too, for a holder.
        order: The order, as it will be captured.
        amount_minor: The most that a gift card is held for, in minor units of the order's currency, at most the order's total; all that it can by default. Nothing for other cards.
        holder: Who holds. Needed for cards that have a holder, for limits per holder and for public codes.
        quote: The digest of a quote: the hold is made only if it comes to the same.
        subjects: Who else it is, and on what: subjects that limits may count or the card is bound to, such as a `device`. At most 16.
        ttl_s: How long, in seconds: 1 to what the template allows; the template's own by default. Rounded up by less than a 64th of it, and at least to a whole second.

        Denials, in this order: key_reused, not_found_or_invalid, not_owner (of the order's hold), quote_changed (the order's hold), already_captured, holder_required (public code), sold_out (public code), not_in_audience (public code), limit_reached (holder_claims, public code), void, frozen, limit_reached (card), insufficient_balance (spent), wrong_state, not_owner, not_started, expired, held, campaign_not_running, currency_mismatch, condition_failed, insufficient_balance, held, price_held, no_effect, stale, quote_changed, holder_required, scope_required (limits), currency_mismatch (budgets), limit_reached (holder_uses), held (holder_uses), too_many_holds, limit_reached (limits), held (limits).
        """
        request: dict[str, Any] = {"meta": meta, "code": code, "order": order}
        if amount_minor is not None:
            request["amount_minor"] = amount_minor
        if holder is not None:
            request["holder"] = holder
        if quote is not None:
            request["quote"] = quote
        if subjects is not None:
            request["subjects"] = subjects
        if ttl_s is not None:
            request["ttl_s"] = ttl_s
        return await self._change("hold", request)

    async def capture(
        self,
        *,
        meta: Meta,
        hold: HoldId,
        amount_minor: int | None = None,
    ) -> Captured:
        """Makes final what a hold keeps, or a part of what a gift card's hold keeps. After its time it is taken again where the template
        says so and it is still free; the reply says what came of it.

        meta: Key, reason, origin.
        hold: The hold.
        amount_minor: How much of a gift card's hold is captured, in minor units of the order's currency, 1 or more; the rest comes back at once. All by default. Nothing for other cards.

        Denials, in this order: key_reused, unknown (hold), already_captured, stale, capture_too_large.
        """
        request: dict[str, Any] = {"meta": meta, "hold": hold}
        if amount_minor is not None:
            request["amount_minor"] = amount_minor
        return await self._change("capture", request)

    async def release(
        self,
        *,
        meta: Meta,
        hold: HoldId,
    ) -> HoldView:
        """Gives back what a hold keeps, at once and everywhere that it counts.

        meta: Key, reason, origin.
        hold: The hold.

        Denials, in this order: key_reused, unknown (hold), already_captured, stale.
        """
        return await self._change("release", {"meta": meta, "hold": hold})

    async def redeem_order(
        self,
        *,
        meta: Meta,
        cards: list[OrderCard],
        order: Order,
        holder: Subject | None = None,
        leave_out: bool | None = None,
        no_promotions: bool | None = None,
        promotions_off: list[str] | None = None,
        quote: str | None = None,
        subjects: list[Subject] | None = None,
    ) -> OrderReceipt:
        """Uses several cards on one order, all of them or none, in one write: discounts in the order that their templates say, what pays
        behind them in the order of the request. Each card that applies has a redemption of its own, and is refunded by it. A card that is
        denied refuses the whole and is named, unless it may be left out.

        meta: Key, reason, origin. The key is at most 124 bytes: that of each card's redemption is the same with `#` and its place from 1.
        cards: The cards, at most 50, each once; none where promotions alone are meant. Discounts come off in the order that their templates say; what pays, pays in this order.
        order: The order.
        holder: Who redeems. Needed for cards that have a holder and for limits per holder.
        leave_out: Whether a card that is denied is left out, and told; without it the first one refuses the whole.
        no_promotions: Whether promotions stay off the order; they come off it by themselves.
        promotions_off: Promotions that stay off the order, by id, as `best_order` says; at most 1,000.
        quote: The digest of a quote: the order is charged only if it comes to the same.
        subjects: Who else it is, and on what: subjects that limits may count or cards are bound to, such as a `device`. At most 16.

        Denials, in this order: key_reused, card_denied (as redeem, and not_combinable), stale, quote_changed.
        """
        request: dict[str, Any] = {"meta": meta, "cards": cards, "order": order}
        if holder is not None:
            request["holder"] = holder
        if leave_out is not None:
            request["leave_out"] = leave_out
        if no_promotions is not None:
            request["no_promotions"] = no_promotions
        if promotions_off is not None:
            request["promotions_off"] = promotions_off
        if quote is not None:
            request["quote"] = quote
        if subjects is not None:
            request["subjects"] = subjects
        return await self._change("redeem_order", request)

    async def hold_order(
        self,
        *,
        meta: Meta,
        cards: list[OrderCard],
        order: Order,
        holder: Subject | None = None,
        leave_out: bool | None = None,
        no_promotions: bool | None = None,
        promotions_off: list[str] | None = None,
        quote: str | None = None,
        subjects: list[Subject] | None = None,
        ttl_s: int | None = None,
    ) -> OrderHeld:
        """Keeps several cards for one order, all of them or none, in one write. Each card that applies has a hold of its own. The same
        order asking for the same again gets the holds that it has; for anything else it is told that it keeps one of them.

        meta: Key, reason, origin.
        cards: The cards, at most 50, each once; none where promotions alone are meant. Discounts come off in the order that their templates say; what pays, pays in this order.
        order: The order, as it will be captured.
        holder: Who holds. Needed for cards that have a holder, for limits per holder and for public codes.
        leave_out: Whether a card that is denied is left out, and told; without it the first one refuses the whole.
        no_promotions: Whether promotions stay off the order; they come off it by themselves.
        promotions_off: Promotions that stay off the order, by id, as `best_order` says; at most 1,000.
        quote: The digest of a quote: the holds are made only if the order comes to the same.
        subjects: Who else it is, and on what: subjects that limits may count or cards are bound to, such as a `device`. At most 16.
        ttl_s: How long, in seconds: 1 to what each template allows; each template's own by default. Rounded up by less than a 64th of it, and at least to a whole second.

        Denials, in this order: key_reused, card_denied (not_owner, has_open_hold or already_captured of the order's hold, then as hold, and not_combinable), stale, quote_changed.
        """
        request: dict[str, Any] = {"meta": meta, "cards": cards, "order": order}
        if holder is not None:
            request["holder"] = holder
        if leave_out is not None:
            request["leave_out"] = leave_out
        if no_promotions is not None:
            request["no_promotions"] = no_promotions
        if promotions_off is not None:
            request["promotions_off"] = promotions_off
        if quote is not None:
            request["quote"] = quote
        if subjects is not None:
            request["subjects"] = subjects
        if ttl_s is not None:
            request["ttl_s"] = ttl_s
        return await self._change("hold_order", request)

    async def capture_order(
        self,
        *,
        meta: Meta,
        holds: list[CapturePart],
    ) -> OrderCaptured:
        """Makes final what several holds of one order keep, all of them or none. Where one of them is over and nothing is free, nothing is
        taken, and the reply says what came of the others.

        meta: Key, reason, origin. The key is at most 124 bytes: that of each hold's redemption is the same with `#` and its place from 1.
        holds: The holds, 1 to 50 of one order, each once.

        Denials, in this order: key_reused, card_denied (unknown, already_captured, stale or capture_too_large of a hold).
        """
        return await self._change("capture_order", {"meta": meta, "holds": holds})

    async def release_order(
        self,
        *,
        meta: Meta,
        holds: list[HoldId],
    ) -> OrderReleased:
        """Gives back what several holds of one order keep, all of them or none.

        meta: Key, reason, origin.
        holds: The holds, 1 to 50 of one order, each once.

        Denials, in this order: key_reused, card_denied (unknown, already_captured or stale of a hold).
        """
        return await self._change("release_order", {"meta": meta, "holds": holds})

    async def load(
        self,
        *,
        meta: Meta,
        amount_minor: int,
        card: CardPick,
    ) -> ValueMoved:
        """Puts value on a gift card (充值).

        meta: Key, reason, origin.
        amount_minor: How much, in minor units of the card's currency; 1 or more.
        card: The card: by code, id or card number.

        Denials, in this order: not_found_or_invalid, unknown (card), wrong_kind, void, frozen, wrong_state (minted), expired, limit_reached (balance), policy_violation.
        """
        return await self._change("load", {"meta": meta, "amount_minor": amount_minor, "card": card})

    async def adjust(
        self,
        *,
        meta: Meta,
        card: CardPick,
        delta_minor: int,
    ) -> ValueMoved:
        """Sets right what a gift card holds, up or down; needs a reason.

        meta: Key, reason, origin.
        card: The card: by code, id or card number.
        delta_minor: By how much, in minor units of the card's currency; below 0 to take away.

        Denials, in this order: not_found_or_invalid, unknown (card), wrong_kind, void, insufficient_balance, held, limit_reached (balance).
        """
        return await self._change("adjust", {"meta": meta, "card": card, "delta_minor": delta_minor})

    async def succeed(
        self,
        *,
        meta: Meta,
        card: CardPick,
        until: str | None = None,
    ) -> CardWithCode:
        """Moves what an expired card of value holds onto a successor of the same batch and returns that with its code. The card keeps
        its history; what a late refund brings may go on again.

        meta: Key, reason, origin.
        card: The card that has ended: by code, id or card number.
        until: When the successor ends: a date (that day still counts) or an RFC 3339 instant. By default what its template gives a card of today; where that has passed, the least that its policy profile asks.

        Denials, in this order: not_found_or_invalid, unknown (card), wrong_kind, void, frozen, wrong_state (minted), not_expired, has_open_hold, insufficient_balance, policy_violation, batch_too_large, odds_too_low.
        """
        request: dict[str, Any] = {"meta": meta, "card": card}
        if until is not None:
            request["until"] = until
        return await self._change("succeed", request)

    async def save_unit(
        self,
        *,
        meta: Meta,
        name: str,
        between_holders: bool | None = None,
        decimals: int | None = None,
        display: dict[str, UnitDisplay] | None = None,
    ) -> Unit:
        """Declares a unit of value (points, growth, quota), new or over the one of the same name. Currencies need no declaration.

        meta: Key, reason, origin.
        name: Its name, without colon: `points`, `growth`, `quota`; or the code of a currency, to say whether holders may give it away.
        between_holders: Whether holders may give it to each other.
        decimals: How many decimals a whole one has, 0 to 6; amounts are whole numbers of the smallest part. Once declared it stays.
        display: How it shows itself, by locale.
        """
        request: dict[str, Any] = {"meta": meta, "name": name}
        if between_holders is not None:
            request["between_holders"] = between_holders
        if decimals is not None:
            request["decimals"] = decimals
        if display is not None:
            request["display"] = display
        return await self._change("save_unit", request)

    async def move_value(
        self,
        *,
        meta: Meta,
        amount_minor: int,
        from_account: AccountPick,
        to_account: AccountPick,
        unit: str,
    ) -> ValueTransfer:
        """Moves value between accounts of holders, channels and the tenant itself: grants, spends, takes back, hands on; needs a
        reason.

        meta: Key, reason, origin.
        amount_minor: How much, in the smallest part of the unit; 1 or more.
        from_account: From which account.
        to_account: To which; not both are the tenant's own.
        unit: In which unit: a declared one, or the code of a currency.

        Denials, in this order: unknown (unit), not_between_holders, insufficient_balance, limit_reached (balance).
        """
        return await self._change("move_value", {"meta": meta, "amount_minor": amount_minor, "from_account": from_account, "to_account": to_account, "unit": unit})

    async def balance(
        self,
        *,
        account: AccountPick,
        unit: str,
    ) -> Balance:
        """What the account of a holder or channel holds in a unit; 0 where nothing ever moved.

        account: A holder's or channel's account.
        unit: The unit.
        """
        return await self._read("balance", {"account": account, "unit": unit})

    async def list_accounts(
        self,
        *,
        account: AccountPick,
        page: Paging | None = None,
    ) -> BalancePage:
        """The accounts of a holder or channel, by unit.

        account: A holder's or channel's account.
        page: Which page.
        """
        request: dict[str, Any] = {"account": account}
        if page is not None:
            request["page"] = page
        return await self._read("list_accounts", request)

    async def list_movements(
        self,
        *,
        account: AccountPick,
        page: Paging | None = None,
    ) -> MovementPage:
        """What moved on the accounts of a holder or channel. Movements that one engine wrote come in order; those of several
        engines one engine after another.

        account: A holder's or channel's account.
        page: Which page.
        """
        request: dict[str, Any] = {"account": account}
        if page is not None:
            request["page"] = page
        return await self._read("list_movements", request)

    async def link(
        self,
        *,
        meta: Meta,
        subjects: list[Subject],
    ) -> PersonView:
        """Says that several subjects are one natural person (自然人): they count together, and each may use what another holds.

        meta: Key, reason, origin.
        subjects: 2 to 16 subjects. Those that are linked already bring all whom they are linked with.
        """
        return await self._change("link", {"meta": meta, "subjects": subjects})

    async def unlink(
        self,
        *,
        meta: Meta,
        subject: Subject,
    ) -> PersonView:
        """Says that a subject is a person of its own again. What was counted while they were one stays with the others.

        meta: Key, reason, origin.
        subject: The subject.

        Denials, in this order: unknown (person).
        """
        return await self._change("unlink", {"meta": meta, "subject": subject})

    async def person(
        self,
        *,
        subject: Subject,
    ) -> PersonView:
        """Who is one person with a subject.

        subject: The subject.
        """
        return await self._read("person", {"subject": subject})

    async def list_units(
        self,
        *,
        page: Paging | None = None,
    ) -> UnitPage:
        """The units that were declared, by name.

        page: Which page.
        """
        request: dict[str, Any] = {}
        if page is not None:
            request["page"] = page
        return await self._read("list_units", request)

    async def liability(
        self,
        *,
        batch: str | None = None,
    ) -> Liability:
        """What is owed on cards and accounts now, by unit and batch, from sums that every commit keeps up: no card is read.

        batch: Only of this batch.

        Denials, in this order: unknown (batch).
        """
        request: dict[str, Any] = {}
        if batch is not None:
            request["batch"] = batch
        return await self._read("liability", request)

    def liability_at(
        self,
        *,
        at: Moment | None = None,
        batch: str | None = None,
    ) -> Job[Liability]:
        """What was owed at a moment, and what had become breakage by then: told by the journal alone, a page of events each step.

        at: A moment that is not ahead; what happened at this very moment had happened. Now by default.
        batch: Only of this batch.

        Denials, in this order: unknown (batch).
        """
        request: dict[str, Any] = {}
        if at is not None:
            request["at"] = at
        if batch is not None:
            request["batch"] = batch
        return self._job("liability_at", request)

    async def quote(
        self,
        *,
        card: CardPick,
        order: Order,
        amount_minor: int | None = None,
        holder: Subject | None = None,
        subjects: list[Subject] | None = None,
        units: int | None = None,
    ) -> Quoted:
        """Says what a card would give on an order. Changes nothing; a denial is part of the reply. Whether the cards that it opens into
        or gives are there is not looked at.

        card: The card.
        order: The order.
        amount_minor: The most that a gift card would pay, in minor units; all that it can by default.
        holder: Who would redeem.
        subjects: Who else it is, and on what: subjects that limits may count or the card is bound to, such as a `device`. At most 16.
        units: How many uses of a times card would be taken; all that the order has by default.
        """
        request: dict[str, Any] = {"card": card, "order": order}
        if amount_minor is not None:
            request["amount_minor"] = amount_minor
        if holder is not None:
            request["holder"] = holder
        if subjects is not None:
            request["subjects"] = subjects
        if units is not None:
            request["units"] = units
        return await self._read("quote", request)

    async def quote_order(
        self,
        *,
        cards: list[OrderCard],
        order: Order,
        holder: Subject | None = None,
        no_promotions: bool | None = None,
        promotions_off: list[str] | None = None,
        subjects: list[Subject] | None = None,
    ) -> OrderQuoted:
        """Says what several cards would come to on one order, all together, and of each whether it applies, why not, what would bring more and
        which ceilings it meets. Changes nothing; denials are part of the reply.

        cards: The cards, at most 50, each once.
        order: The order.
        holder: Who would redeem.
        no_promotions: Whether promotions stay off the order; they come off it by themselves.
        promotions_off: Promotions that stay off the order, by id, as `best_order` says; at most 1,000.
        subjects: Who else it is, and on what: subjects that limits may count or cards are bound to, such as a `device`. At most 16.
        """
        request: dict[str, Any] = {"cards": cards, "order": order}
        if holder is not None:
            request["holder"] = holder
        if no_promotions is not None:
            request["no_promotions"] = no_promotions
        if promotions_off is not None:
            request["promotions_off"] = promotions_off
        if subjects is not None:
            request["subjects"] = subjects
        return await self._read("quote_order", request)

    async def quote_wallet(
        self,
        *,
        holder: Subject,
        order: Order,
        ended: bool | None = None,
        page: Paging | None = None,
        subjects: list[Subject] | None = None,
    ) -> WalletCardPage:
        """A holder's cards on an order, each as if it were alone: those that can be used and what they would take off, what ends soonest in
        front; behind them those that cannot be, and why. Cards that count promotions are left out. Changes nothing.

        holder: Whose cards. Of a person of several subjects, those that stand under this one.
        order: The order.
        ended: Whether cards that are void, used up or expired are told, too.
        page: Which page. Cards come page by page in the order of batch and serial, and are sorted within their page: whoever wants all of them in one order asks for a page that holds them.
        subjects: Who else it is, and on what: subjects that limits may count or cards are bound to, such as a `device`. At most 16.
        """
        request: dict[str, Any] = {"holder": holder, "order": order}
        if ended is not None:
            request["ended"] = ended
        if page is not None:
            request["page"] = page
        if subjects is not None:
            request["subjects"] = subjects
        return await self._read("quote_wallet", request)

    async def quote_drafts(
        self,
        *,
        offers: list[DraftOffer],
        order: Order,
        at: Moment | None = None,
        rounding: Rounding | None = None,
    ) -> DraftsQuoted:
        """Says what templates that need not be saved would come to on an order, all together: what comes off each line and shipping, what
        is paid, who bears it, and of each offer whether it applies, why not, and what would bring more. Changes nothing. Cards of them and
        promotions without a card are asked for alike.

        offers: What is offered: at most 1,000, in any order.
        order: The order.
        at: The moment of which it is told; now by default.
        rounding: How a share that is not whole becomes whole; as the tenant's settings say by default.

        Denials, in this order: unknown (product_set, host_benefit).
        """
        request: dict[str, Any] = {"offers": offers, "order": order}
        if at is not None:
            request["at"] = at
        if rounding is not None:
            request["rounding"] = rounding
        return await self._read("quote_drafts", request)

    async def best_drafts(
        self,
        *,
        offers: list[DraftOffer],
        order: Order,
        at: Moment | None = None,
        objective: Objective | None = None,
        rounding: Rounding | None = None,
        shop: str | None = None,
        steps_max: int | None = None,
    ) -> BestOfDrafts:
        """Finds the combination of templates that need not be saved that is best on an order: what to use, what it comes to, the second
        best, and why the others are left out. Exact within a number of steps, and says so. Changes nothing.

        offers: What is offered, as in `quote_drafts`: at most 200, in any order. An offer ends when its template's validity does.
        order: The order.
        at: The moment of which it is told; now by default.
        objective: What is better; for the customer by default.
        rounding: How a share that is not whole becomes whole; as the tenant's settings say by default.
        shop: Whose cost counts as the shop's, where the shop's cost decides: a party of the offers' funding; `shop` by default. What an offer without funding takes off, the shop bears.
        steps_max: Steps after which the search ends, 0 to 10,000,000: an offer tried, or a rest looked at; 200,000 by default, which wallets of 20 cards come nowhere near.

        Denials, in this order: unknown (product_set, host_benefit).
        """
        request: dict[str, Any] = {"offers": offers, "order": order}
        if at is not None:
            request["at"] = at
        if objective is not None:
            request["objective"] = objective
        if rounding is not None:
            request["rounding"] = rounding
        if shop is not None:
            request["shop"] = shop
        if steps_max is not None:
            request["steps_max"] = steps_max
        return await self._read("best_drafts", request)

    async def best_order(
        self,
        *,
        order: Order,
        cards: list[OrderCard] | None = None,
        holder: Subject | None = None,
        no_promotions: bool | None = None,
        objective: Objective | None = None,
        promotions_off: list[str] | None = None,
        shop: str | None = None,
        steps_max: int | None = None,
        subjects: list[Subject] | None = None,
        wallet: bool | None = None,
    ) -> BestOfOrder:
        """Finds the combination of cards and promotions that is best on an order: which to use, what they come to, the second best, and why the
        others are left out. The cards are named, or the holder's own, or both. States and limits are looked at as by `quote_order`; with its
        digest, the order is charged exactly that. Exact within a number of steps, and says so. Changes nothing.

        order: The order.
        cards: Cards that may be used, at most 50, each once.
        holder: Who would redeem. Needed for the wallet.
        no_promotions: Whether promotions stay off the order. Without it they are offers as cards are; which of those that run stand in the way of something better, the reply says.
        objective: What is better; for the customer by default.
        promotions_off: Promotions that stay off the order in any case, by id; at most 1,000.
        shop: Whose cost counts as the shop's, where the shop's cost decides: a party of the cards' funding; `shop` by default. What a card without funding takes off, the shop bears.
        steps_max: Steps after which the search ends, 0 to 10,000,000: a card tried, or a rest looked at; 200,000 by default.
        subjects: Who else it is, and on what: subjects that limits may count or cards are bound to, such as a `device`. At most 16.
        wallet: Whether the holder's own cards may be used, too: the 200 that end first, of the first 5,000 that stand under this holder. Cards that only give cards or an entitlement are not looked at.
        """
        request: dict[str, Any] = {"order": order}
        if cards is not None:
            request["cards"] = cards
        if holder is not None:
            request["holder"] = holder
        if no_promotions is not None:
            request["no_promotions"] = no_promotions
        if objective is not None:
            request["objective"] = objective
        if promotions_off is not None:
            request["promotions_off"] = promotions_off
        if shop is not None:
            request["shop"] = shop
        if steps_max is not None:
            request["steps_max"] = steps_max
        if subjects is not None:
            request["subjects"] = subjects
        if wallet is not None:
            request["wallet"] = wallet
        return await self._read("best_order", request)

    async def simulate_refund(
        self,
        *,
        order: Order,
        everything: bool | None = None,
        lines: list[LineReturn] | None = None,
        redemptions: list[str] | None = None,
        shipping: bool | None = None,
        tenders: TenderOrder | None = None,
    ) -> RefundSimulated:
        """Says what giving lines of an order back would come to, by the terms of its cards and beside that as if all discounts were kept, clawed back, or
        the rest priced anew. Changes nothing.

        order: The order as it was bought: the same in every word as when its cards were used or held.
        everything: Whether all would come back that is not back yet; lines and shipping are not named then.
        lines: The lines that would come back, each once.
        redemptions: The redemptions of the order, promotions among them; all that it has by default.
        shipping: Whether shipping would come back.
        tenders: In which order the pay-out would go back to what the order was paid with.

        Denials, in this order: unknown (redemption), order_not_kept, order_changed, all_back, unknown (line), too_many_back.
        """
        request: dict[str, Any] = {"order": order}
        if everything is not None:
            request["everything"] = everything
        if lines is not None:
            request["lines"] = lines
        if redemptions is not None:
            request["redemptions"] = redemptions
        if shipping is not None:
            request["shipping"] = shipping
        if tenders is not None:
            request["tenders"] = tenders
        return await self._read("simulate_refund", request)

    async def refund_drafts(
        self,
        *,
        offers: list[DraftOffer],
        order: Order,
        returns: list[DraftsBack],
        at: Moment | None = None,
        rounding: Rounding | None = None,
        tenders: TenderOrder | None = None,
    ) -> DraftsRefunded:
        """Says what returns of an order would come to, one after another, that was bought with templates which need not be saved: by their own terms, and
        under each way of treating discounts. Changes nothing.

        offers: What it was bought with: at most 1,000. What does not apply is not in the way.
        order: The order.
        returns: What comes back, one return after another: 1 to 100.
        at: The moment of which it is told; now by default.
        rounding: How a share that is not whole becomes whole; as the tenant's settings say by default.
        tenders: In which order pay-outs go back to what the order was paid with; what pays is called by its offer's id.

        Denials, in this order: unknown (product_set, host_benefit), all_back, unknown (line), too_many_back.
        """
        request: dict[str, Any] = {"offers": offers, "order": order, "returns": returns}
        if at is not None:
            request["at"] = at
        if rounding is not None:
            request["rounding"] = rounding
        if tenders is not None:
            request["tenders"] = tenders
        return await self._read("refund_drafts", request)

    async def quote_orders(
        self,
        *,
        offers: list[DraftOffer],
        orders: Orders,
        at: Moment | None = None,
        detail: Detail | None = None,
        rounding: Rounding | None = None,
    ) -> OrdersQuoted:
        """Says what templates that need not be saved would come to on each of many orders, each by itself. The templates are made
        ready once. Figures alone; `quote_drafts` explains one order, and `backtest` sums up. Changes nothing.

        offers: What is offered on each of them, as in `quote_drafts`: at most 1,000, in any order.
        orders: The orders; at most 200,000 pairs of an order and an offer, 5,000,000 where shares are not told by line.
        at: The moment of which it is told; by default when each order was placed, and now for one that does not say.
        detail: How much is told; by line unless said otherwise.
        rounding: How a share that is not whole becomes whole; as the tenant's settings say by default.

        Denials, in this order: unknown (sample), unknown (product_set, host_benefit).
        """
        request: dict[str, Any] = {"offers": offers, "orders": orders}
        if at is not None:
            request["at"] = at
        if detail is not None:
            request["detail"] = detail
        if rounding is not None:
            request["rounding"] = rounding
        return await self._read("quote_orders", request)

    async def sample_orders(
        self,
        *,
        orders: list[Order],
        sample: str,
    ) -> Sample:
        """Puts orders into a sample, which the engine holds in its memory, so that they are sent and read once and asked as often as you like by
        `evaluate_many`, `quote_orders`, `backtest` and `compare_drafts`. Nothing is stored: a sample ends with its engine.

        orders: 1 to 10,000 orders, of ids that the sample does not hold yet; at most 4,000,000 lines in all samples of an engine.
        sample: The sample's name.
        """
        return await self._read("sample_orders", {"orders": orders, "sample": sample})

    async def drop_sample(
        self,
        *,
        sample: str,
    ) -> Done:
        """Forgets a sample. A job that walks over it goes on.

        sample: The sample's name.

        Denials, in this order: unknown (sample).
        """
        return await self._read("drop_sample", {"sample": sample})

    async def list_samples(
        self,
    ) -> list[Sample]:
        """The samples that the engine holds of the tenant, by name."""
        return await self._read("list_samples", {})

    def backtest(
        self,
        *,
        offers: list[DraftOffer],
        sample: str,
        at: Moment | None = None,
        currency: Currency | None = None,
        rounding: Rounding | None = None,
        segments: list[SegmentBy] | None = None,
    ) -> Job[BacktestReport]:
        """Says what templates that need not be saved would have come to on the orders of a sample, all together, each at the moment at which the
        order was placed: cost, orders touched, the spread of savings, who bears them, and all of it by segment. Conditions and windows are
        asked; ceilings count nothing.

        offers: What is offered on each order, as in `quote_drafts`: at most 1,000, in any order.
        sample: The sample's name.
        at: The moment of which it is told; by default when each order was placed, and now for one that does not say.
        currency: Of which currency orders are looked at; needed where the sample holds several.
        rounding: How a share that is not whole becomes whole; as the tenant's settings say by default.
        segments: By what orders are told apart, at most 10.

        Denials, in this order: unknown (sample), unknown (product_set, host_benefit).
        """
        request: dict[str, Any] = {"offers": offers, "sample": sample}
        if at is not None:
            request["at"] = at
        if currency is not None:
            request["currency"] = currency
        if rounding is not None:
            request["rounding"] = rounding
        if segments is not None:
            request["segments"] = segments
        return self._job("backtest", request)

    def backtest_orders(
        self,
        *,
        offers: list[DraftOffer],
        sample: str,
        at: Moment | None = None,
        currency: Currency | None = None,
        rounding: Rounding | None = None,
    ) -> Stream[BacktestedOrder]:
        """Streams what templates that need not be saved would have come to on each order of a sample: the rows that `backtest` sums up, for tables
        of your own. Conditions and windows are asked; ceilings count nothing.

        offers: What is offered on each order, as in `quote_drafts`: at most 1,000, in any order.
        sample: The sample's name.
        at: The moment of which it is told; by default when each order was placed, and now for one that does not say.
        currency: Of which currency orders are looked at; needed where the sample holds several.
        rounding: How a share that is not whole becomes whole; as the tenant's settings say by default.

        Denials, in this order: unknown (sample), unknown (product_set, host_benefit).
        """
        request: dict[str, Any] = {"offers": offers, "sample": sample}
        if at is not None:
            request["at"] = at
        if currency is not None:
            request["currency"] = currency
        if rounding is not None:
            request["rounding"] = rounding
        return self._stream("backtest_orders", request)

    def compare_drafts(
        self,
        *,
        left: list[DraftOffer],
        right: list[DraftOffer],
        sample: str,
        at: Moment | None = None,
        currency: Currency | None = None,
        differing: int | None = None,
        rounding: Rounding | None = None,
    ) -> Job[Comparison2]:
        """Puts two sets of templates side by side over the orders of a sample: what each comes to, and which orders differ most.

        left: What is offered on one side, as in `quote_drafts`: at most 1,000, in any order.
        right: What is offered on the other.
        sample: The sample's name.
        at: The moment of which it is told; by default when each order was placed, and now for one that does not say.
        currency: Of which currency orders are looked at; needed where the sample holds several.
        differing: How many of the orders that differ are told, 0 to 10,000, those that differ most first; 100 by default.
        rounding: How a share that is not whole becomes whole; as the tenant's settings say by default.

        Denials, in this order: unknown (sample), unknown (product_set, host_benefit).
        """
        request: dict[str, Any] = {"left": left, "right": right, "sample": sample}
        if at is not None:
            request["at"] = at
        if currency is not None:
            request["currency"] = currency
        if differing is not None:
            request["differing"] = differing
        if rounding is not None:
            request["rounding"] = rounding
        return self._job("compare_drafts", request)

    async def open(
        self,
        *,
        code: CodeText,
    ) -> CardId | None:
        """Tells whether a code is genuine under some key of the ring, without a look at the store: the card that it names, or
        nothing. Whether it is that card's code now, `look_up` tells.

        code: The code, as a person typed or scanned it.
        """
        return await self._read("open", {"code": code})

    async def open_many(
        self,
        *,
        codes: list[CodeText],
    ) -> list[CardId | None]:
        """Opens many codes at once, without a look at the store: for each the card that it names, or nothing.

        codes: At most 100,000 codes.
        """
        return await self._read("open_many", {"codes": codes})

    async def look_up(
        self,
        *,
        card: CardPick,
    ) -> CardView:
        """The card that a code, an id or a card number means now.

        card: By code, id or card number.

        Denials, in this order: not_found_or_invalid (code, number), unknown (card).
        """
        return await self._read("look_up", {"card": card})

    async def card_number(
        self,
        *,
        card: CardId,
    ) -> str:
        """The public card number (卡号) of a card: 16 digits and a Luhn digit, good for talking about it, never for spending it.

        card: The card.
        """
        return await self._read("card_number", {"card": card})

    async def list_cards(
        self,
        *,
        batch: str,
        channel: str | None = None,
        page: Paging | None = None,
        state: CardState | None = None,
    ) -> CardViewPage:
        """The cards of a batch, by serial. Untouched cards are listed as well, though they have no rows.

        batch: The batch.
        channel: Only those given out through this channel.
        page: Which page.
        state: Only those in this state. Untouched cards count as what their batch made them.

        Denials, in this order: unknown (batch).
        """
        request: dict[str, Any] = {"batch": batch}
        if channel is not None:
            request["channel"] = channel
        if page is not None:
            request["page"] = page
        if state is not None:
            request["state"] = state
        return await self._read("list_cards", request)

    async def wallet(
        self,
        *,
        holder: Subject,
        page: Paging | None = None,
    ) -> CardViewPage:
        """A holder's cards, by batch and serial.

        holder: Whose.
        page: Which page.
        """
        request: dict[str, Any] = {"holder": holder}
        if page is not None:
            request["page"] = page
        return await self._read("wallet", request)

    async def history(
        self,
        *,
        card: CardPick,
    ) -> list[HistoryEntry]:
        """A card's events, oldest first, each checked against the chain.

        card: By code, id or card number.

        Denials, in this order: not_found_or_invalid (code, number), unknown (card).
        """
        return await self._read("history", {"card": card})

    async def campaign(
        self,
        *,
        id: str,
    ) -> Campaign | None:
        """A campaign, or nothing.

        id: Its id.
        """
        return await self._read("campaign", {"id": id})

    async def template(
        self,
        *,
        id: str,
        version: int | None = None,
    ) -> Template | None:
        """A version of a template, or the newest one; or nothing.

        id: Its id.
        version: Its version; the newest by default.
        """
        request: dict[str, Any] = {"id": id}
        if version is not None:
            request["version"] = version
        return await self._read("template", request)

    async def diff_templates(
        self,
        *,
        before: int,
        id: str,
        after: int | None = None,
    ) -> list[TemplateChange]:
        """What changed between two versions of a template: path by path, what stood there and what stands there now.

        before: The version before.
        id: The template.
        after: The version after; the newest by default.

        Denials, in this order: unknown (template).
        """
        request: dict[str, Any] = {"before": before, "id": id}
        if after is not None:
            request["after"] = after
        return await self._read("diff_templates", request)

    async def batch(
        self,
        *,
        id: str,
    ) -> Batch | None:
        """A batch, or nothing.

        id: Its id.
        """
        return await self._read("batch", {"id": id})

    async def redemption(
        self,
        *,
        id: str,
    ) -> Redemption | None:
        """A redemption by its id, or nothing.

        id: Its id: the idempotency key that it was made under.
        """
        return await self._read("redemption", {"id": id})

    async def get_hold(
        self,
        *,
        hold: HoldId,
    ) -> HoldView | None:
        """A hold by its id, or nothing.

        hold: Its id.
        """
        return await self._read("get_hold", {"hold": hold})

    async def holds_of_order(
        self,
        *,
        order: str,
        page: Paging | None = None,
    ) -> HoldViewPage:
        """The holds of an order, by what they keep.

        order: The host's order id.
        page: Which page.
        """
        request: dict[str, Any] = {"order": order}
        if page is not None:
            request["page"] = page
        return await self._read("holds_of_order", request)

    async def list_campaigns(
        self,
        *,
        page: Paging | None = None,
    ) -> CampaignPage:
        """Campaigns by id.

        page: Which page.
        """
        request: dict[str, Any] = {}
        if page is not None:
            request["page"] = page
        return await self._read("list_campaigns", request)

    async def list_templates(
        self,
        *,
        page: Paging | None = None,
    ) -> TemplatePage:
        """All versions of all templates, by id and version.

        page: Which page.
        """
        request: dict[str, Any] = {}
        if page is not None:
            request["page"] = page
        return await self._read("list_templates", request)

    async def list_batches(
        self,
        *,
        page: Paging | None = None,
    ) -> BatchPage:
        """Batches by number.

        page: Which page.
        """
        request: dict[str, Any] = {}
        if page is not None:
            request["page"] = page
        return await self._read("list_batches", request)

    async def redemptions_of_order(
        self,
        *,
        order: str,
        page: Paging | None = None,
    ) -> RedemptionPage:
        """The redemptions of an order, by id.

        order: The host's order id.
        page: Which page.
        """
        request: dict[str, Any] = {"order": order}
        if page is not None:
            request["page"] = page
        return await self._read("redemptions_of_order", request)

    async def engine_figures(
        self,
    ) -> EngineFigures:
        """What the engine counted of itself since it was opened, over all tenants: calls and what they ended in, groups and their
        sizes, waits, commits, conflicts. No code, key or holder is in it.
        """
        return await self._read("engine_figures", {})

    def export_codes(
        self,
        *,
        meta: Meta,
        batch: str,
        count: int | None = None,
        first: int | None = None,
    ) -> Stream[ExportedCode]:
        """Writes the event of an export, then streams the living codes of a batch by serial; needs a reason. A stream that broke
        off goes on with the serial behind the last that arrived, as a request of its own.

        meta: Key, reason, origin: who takes the codes, and why; the reason is needed.
        batch: The batch.
        count: Most serials; to the end of the batch by default.
        first: First serial; where a stream broke off, the one behind the last that arrived.

        Denials, in this order: unknown (batch), export_closed, void (batch), batch_not_active, key_reused.
        """
        request: dict[str, Any] = {"meta": meta, "batch": batch}
        if count is not None:
            request["count"] = count
        if first is not None:
            request["first"] = first
        return self._stream("export_codes", request)

    def count_batch(
        self,
        *,
        batch: str,
    ) -> Job[BatchFigures]:
        """Counts what became of the cards of a batch, a page of cards each step.

        batch: The batch.

        Denials, in this order: unknown (batch).
        """
        return self._job("count_batch", {"batch": batch})

    def count_funding(
        self,
        *,
        batch: str | None = None,
        campaign: str | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
    ) -> Job[FundingFigures]:
        """Counts what parties bear of the discounts of a time, by batch and party, and what they get back with its refunds: from the events of
        redemptions and refunds, a page of them each step.

        batch: Only this batch; of a promotion it is that of one revision.
        campaign: Only the batches of this campaign.
        since: From this moment on; from the first by default.
        until: Up to this moment, which is no part of it; up to the last by default. What is told of a time that is over does not change later.

        Denials, in this order: unknown (batch, campaign).
        """
        request: dict[str, Any] = {}
        if batch is not None:
            request["batch"] = batch
        if campaign is not None:
            request["campaign"] = campaign
        if since is not None:
            request["since"] = since
        if until is not None:
            request["until"] = until
        return self._job("count_funding", request)

    def measure_campaign(
        self,
        *,
        campaign: str,
    ) -> Job[CampaignProgress]:
        """Counts how far a campaign has come towards its goal, over all of its batches, a page of cards each step.

        campaign: The campaign.

        Denials, in this order: unknown (campaign).
        """
        return self._job("measure_campaign", {"campaign": campaign})

    async def events(
        self,
        *,
        after: str | None = None,
        batch: str | None = None,
        campaign: str | None = None,
        kinds: list[EventKind] | None = None,
        limit: int | None = None,
    ) -> EventsPage:
        """What was written into the journal behind a cursor, in order for each card, whoever wrote it. Every event comes at least once:
        keep the cursor of a page once the page is worked through, and a page that was not is read again.

        after: The `cursor` of the page before; from the beginning without. Keep it once the page is worked through: that acknowledges it.
        batch: Only events of this batch and its cards.
        campaign: Only events of this campaign, its batches and their cards.
        kinds: Only events of these kinds; of all where it is empty. What a filter leaves out counts as read.
        limit: Most events, 1 to 1,000; 100 where it is 0.

        Denials, in this order: cursor_ahead, unknown (batch, campaign).
        """
        request: dict[str, Any] = {}
        if after is not None:
            request["after"] = after
        if batch is not None:
            request["batch"] = batch
        if campaign is not None:
            request["campaign"] = campaign
        if kinds is not None:
            request["kinds"] = kinds
        if limit is not None:
            request["limit"] = limit
        return await self._read("events", request)

    async def card_as_of(
        self,
        *,
        at: Moment,
        card: CardPick,
    ) -> CardWas:
        """A card as it was at a moment, told by the journal: whatever happens later, the answer stays.

        at: A moment that has passed. What happened at this very moment had happened.
        card: By id, by card number, or by the code that it has now.

        Denials, in this order: not_found_or_invalid (code, number), unknown (card).
        """
        return await self._read("card_as_of", {"at": at, "card": card})

    def audit(
        self,
        *,
        heads: list[ChainHead] | None = None,
    ) -> Job[AuditReport]:
        """Works every card, counter and sum out again from the journal, checks the chain of every card, and names each difference with
        its row, what stands there and what the journal says. Without keys the chains are not checked. For a verdict on
        everything let nobody write meanwhile, or audit a backup.

        heads: Chain heads that the host kept from the feed, at most 100,000: an end of a card's history that was cut off shows only by them.
        """
        request: dict[str, Any] = {}
        if heads is not None:
            request["heads"] = heads
        return self._job("audit", request)

    def backup(
        self,
        *,
        to: str,
    ) -> Job[BackupFile]:
        """Makes a backup of the whole store, whosever tenants are in it, while it is in use: one file as of one moment, and its checksum
        beside it. docs/storage.md says how it is put back.

        to: The path of a file that is not there yet.
        """
        return self._job("backup", {"to": to})

    def erase(
        self,
        *,
        meta: Meta,
        subject: Subject,
    ) -> Job[Erased]:
        """Erases a subject: its key goes from every row, `erased:` and a number takes its place, and every sum stays what it was. It is out
        of its person and of audiences; whoever comes with the same subject later is somebody new. Needs a reason; docs/persons.md
        says what is not reached. Nobody else commits while its one step runs.

        meta: Key, reason, origin; the reason is needed.
        subject: Whom. Of a person with several subjects each is erased by itself.

        Denials, in this order: key_reused.
        """
        return self._job("erase", {"meta": meta, "subject": subject})

"""The scores once more, in plain Python from raw records: naive, slow, independent.

Nothing of the engine or of ``tools/`` is used. Documents are read through the ORM, one
by one; days are compared as days of the company's time zone; sums are exact fractions.
Where the engine and this file differ, one of them misreads DESIGN.md, section 4.
"""

from calendar import monthrange
from collections import defaultdict
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import NamedTuple
from zoneinfo import ZoneInfo

NONE, MEASURED, CARRIED, UNAVAILABLE = range(4)
COUNTS = ("count", "distinct", "months", "rate")


class Event(NamedTuple):
    """A record that speaks of a customer."""

    contact: object
    company: object
    when: object
    amount: Fraction | None
    record: object
    values: dict = {}


def exact(number):
    return Fraction(Decimal(repr(number)) if isinstance(number, float) else number)


def entity_of(contact):
    """The company a contact belongs to, however deep it sits."""
    while not contact.is_company and contact.parent_id:
        contact = contact.parent_id
    return contact


def months_back(day, months):
    """The same day so many months earlier, or the last day of a shorter month."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    month += 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def window(as_of, number, unit, back):
    """First and last day; the first is None for everything up to now."""
    if not number:
        return None, as_of

    def end(turns):
        if unit == "day":
            return as_of - timedelta(days=number * turns)
        return months_back(as_of, number * turns * (12 if unit == "year" else 1))

    return end(back + 1) + timedelta(days=1), end(back)


def round_6(value):
    """Half away from zero at the sixth decimal."""
    if value is None:
        return None
    scaled = Fraction(value) * 10**6
    whole = floor(abs(scaled) + Fraction(1, 2))
    return float(Fraction(whole if scaled >= 0 else -whole, 10**6))


class Oracle:
    """What every customer of a value model should score on a day.

    :param held: ``{customer id: tier}`` each one holds by computation before
    :param recut: cut calibrated bands and shares anew, instead of believing the model
    """

    def __init__(self, model, as_of, held=None, recut=True):
        self.env = model.env(su=True)
        self.model = model.sudo().with_context(active_test=False)
        self.company = model.company_id
        self.as_of = as_of
        self.held = held or {}
        self.recut = recut
        self.tz = ZoneInfo(model.company_id.value_tz)
        self._events = {}
        self._cuts = {}

    # ---------------------------------------------------------------- population

    def population(self):
        found = self._claimed(self.model)
        if self.model.state == "active":
            for other in self.env["customer.value.model"].search([]):
                rank = (other.sequence, other.id)
                if (
                    other.state == "active"
                    and other.company_id == self.company
                    and rank < (self.model.sequence, self.model.id)
                ):
                    found -= self._claimed(other)
        return found

    def _claimed(self, model):
        every = self.env["res.partner"].with_context(active_test=True).search([])
        every = every.with_company(model.company_id)
        return every.filtered_domain(_literal(model.domain)).filtered(
            lambda one: (one.is_company or not one.parent_id)
            and (not one.company_id or one.company_id == model.company_id)
        )

    # ------------------------------------------------------------------ documents

    def events(self, source):
        """``{customer id: events}`` of a source, whatever their day."""
        if source not in self._events:
            reader = getattr(self, "_read_" + source.res_model.replace(".", "_"), None)
            found = reader() if reader else self._read_records(source)
            by_customer = defaultdict(list)
            domain = _literal(source.domain)
            for event in found:
                if source.company_path and event.company not in (
                    self.company,
                    self.company.browse(),
                ):
                    continue
                if reader and not _matches(event.values, domain):
                    continue
                day = self._day(event.values.get(source.date_field, event.when))
                if not event.contact or not day:
                    continue
                amount = event.amount
                if reader and source.amount_field:
                    amount = event.values[source.amount_field]
                customer = entity_of(event.contact)
                by_customer[customer.id].append(event._replace(when=day, amount=amount))
            self._events[source] = by_customer
        return self._events[source]

    def _day(self, when):
        if isinstance(when, datetime):
            there = when.replace(tzinfo=timezone.utc).astimezone(self.tz)
            return there.date()
        return when or None

    def _read_records(self, source):
        """Any Odoo model: the records of the filter and what their paths hold."""
        records = self.env[source.res_model].with_context(active_test=False)
        records = records.with_company(self.company)
        has_company = source.company_path and (
            source.company_path != "company_id" or "company_id" in records._fields
        )
        for record in records.search(_literal(source.domain)):
            contact = _follow(record, source.partner_path)
            if isinstance(contact, int):
                contact = self.env["res.partner"].browse(contact)
            amount = None
            if source.amount_field:
                amount = exact(_follow(record, source.amount_field))
            if source.rate_field:
                amount /= exact(_follow(record, source.rate_field) or 1.0)
            company = self.company
            if has_company:
                company = _follow(record, source.company_path)
            when = _follow(record, source.date_field)
            yield Event(contact, company, when, amount, record)

    def _rate(self, currency, company, day):
        """Units of ``currency`` for one unit of the company's, on a day."""

        def units(one):
            rates = [
                (rate.name, exact(rate.rate))
                for rate in self.env["res.currency.rate"].search(
                    [("currency_id", "=", one.id)]
                )
                if not rate.company_id or rate.company_id == company.root_id
            ]
            past = [rate for rate in rates if rate[0] <= day]
            if past:
                return max(past)[1]
            return min(rates)[1] if rates else Fraction(1)

        return units(currency) / units(company.currency_id)

    def _invoices(self):
        return self.env["account.move"].search(
            [
                ("state", "=", "posted"),
                ("move_type", "in", ("out_invoice", "out_refund")),
            ]
        )

    def _till_orders(self):
        return self.env["pos.order"].search([("state", "in", ("paid", "done"))])

    def _order_value(self, order, amount):
        day = order.date_order.date()
        return amount / self._rate(order.currency_id, order.company_id, day)

    # ---------------------------------------------------------- sales, each once

    def _read_customer_value_sale(self):
        for move in self._invoices():
            value = -sum(
                (exact(line.balance) for line in move.invoice_line_ids), Fraction(0)
            )
            kind = "invoice" if move.move_type == "out_invoice" else "credit_note"
            yield _piece(move, move.partner_id, move.invoice_date, value, kind=kind)
        for till in self._till_orders():
            if till.account_move.state == "posted":
                continue
            value = exact(till.amount_total) - exact(till.amount_tax)
            kind = "till_return" if till.amount_total < 0 or till.is_refund else "till"
            yield _piece(
                till,
                till.partner_id,
                till.date_order,
                self._order_value(till, value),
                kind=kind,
            )
        for order in self.env["sale.order"].search([("state", "=", "sale")]):
            value = sum(
                (self._left_to_invoice(line) for line in order.order_line), Fraction(0)
            )
            yield _piece(
                order,
                order.partner_invoice_id,
                order.date_order,
                self._order_value(order, value),
                kind="order",
            )

    def _left_to_invoice(self, line):
        """What no invoice and no till has taken over of an order line.

        Negative for a down payment that was billed but not yet deducted.
        """
        if line.display_type:
            return Fraction(0)
        billed, credited = Fraction(0), Fraction(0)
        for item in line.invoice_lines:
            if item.move_id.state == "posted":
                value = exact(item.price_subtotal)
                if item.currency_id != line.currency_id:
                    order = line.order_id
                    value = -exact(item.balance) * self._rate(
                        order.currency_id, order.company_id, order.date_order.date()
                    )
                if item.move_id.move_type == "out_refund":
                    credited += value
                else:
                    billed += value
        if "pos_order_line_ids" in line._fields:
            for item in line.pos_order_line_ids:
                if item.order_id.state in ("paid", "done"):
                    billed += exact(item.price_subtotal)
        if line.is_downpayment:
            return credited - billed
        ordered = exact(line.price_subtotal)
        taken = min(billed, ordered) if ordered >= 0 else max(billed, ordered)
        return ordered - taken

    # ------------------------------------------------------ purchases, each once

    def _read_customer_value_purchase(self):
        for order in self.env["sale.order"].search([("state", "=", "sale")]):
            invoices = order.order_line.invoice_lines.move_id.filtered(
                lambda move: move.state == "posted" and move.move_type == "out_invoice"
            )
            if invoices and all(move.payment_state == "reversed" for move in invoices):
                continue
            value = self._order_value(order, exact(order.amount_untaxed))
            yield _piece(order, order.partner_invoice_id, order.date_order, value)
        for till in self._till_orders():
            if till.is_refund or till.amount_total < 0 or self._taken_back(till):
                continue
            if self._settles_an_order(till):
                continue
            value = exact(till.amount_total) - exact(till.amount_tax)
            yield _piece(
                till, till.partner_id, till.date_order, self._order_value(till, value)
            )
        billed_tills = self.env["pos.order"].search([]).account_move
        for move in self._invoices():
            lines = move.invoice_line_ids
            if (
                move.move_type == "out_invoice"
                and move.payment_state != "reversed"
                and move not in billed_tills
                and not lines.sale_line_ids
            ):
                value = exact(move.amount_untaxed_signed)
                yield _piece(move, move.partner_id, move.invoice_date, value)

    def _taken_back(self, till):
        sold = {line.id: exact(line.qty) for line in till.lines if line.qty > 0}
        any_return = False
        for other in self.env["pos.order"].search([]):
            for line in other.lines:
                if line.refunded_orderline_id.order_id != till:
                    continue
                any_return = True
                if (
                    other.state in ("paid", "done")
                    and line.refunded_orderline_id.id in sold
                ):
                    sold[line.refunded_orderline_id.id] -= abs(exact(line.qty))
        return any_return and all(left <= 0 for left in sold.values())

    def _settles_an_order(self, till):
        if "sale_order_origin_id" not in till.lines._fields:
            return False
        return "sale" in till.lines.sale_order_origin_id.mapped("state")

    # ---------------------------------------------------------------- payments

    def _read_customer_value_payment(self):
        lines = (
            self._invoices()
            .filtered(lambda move: move.move_type == "out_invoice")
            .line_ids.filtered(
                lambda line: line.account_id.account_type == "asset_receivable"
                and line.date_maturity
            )
        )
        for line in lines:
            paid = None
            if line.reconciled and line.matched_credit_ids:
                paid = max(line.matched_credit_ids.mapped("max_date"))
            values = {
                "due_date": line.date_maturity,
                "overdue_date": line.date_maturity + timedelta(days=1),
                "paid_date": paid,
                "days_late": paid and Fraction((paid - line.date_maturity).days),
                "amount_open": exact(line.amount_residual),
            }
            move = line.move_id
            yield Event(move.partner_id, line.company_id, None, None, line, values)

    # --------------------------------------------------------------- activities

    def _read_customer_value_activity(self):
        activities = self.env["mail.activity"].with_context(active_test=False)
        for activity in activities.search([("active", "=", False)]):
            if not activity.date_done or activity.res_model not in (
                "res.partner",
                "crm.lead",
                "sale.order",
            ):
                continue
            document = self.env[activity.res_model].browse(activity.res_id).exists()
            contact = document
            if activity.res_model != "res.partner":
                contact = document.partner_id
            values = {
                "date": activity.date_done,
                "res_model": activity.res_model,
                "user_id": activity.user_id.id,
                "activity_type_id": activity.activity_type_id.id,
                "activity_type_id.category": activity.activity_type_id.category,
            }
            yield Event(contact, document.company_id, None, None, activity, values)

    # ------------------------------------------------------------------ measures

    def measure(self, indicator, customer):
        """``(raw, points, state, occasions)`` of one customer."""
        sources = indicator.source_id | indicator.opportunity_source_id
        if any(not source.available for source in sources):
            return None, None, UNAVAILABLE, None
        occasions = None
        if indicator.opportunity_source_id:
            occasions = len(
                self._inside(indicator.opportunity_source_id, indicator, customer)
            )
        if indicator.aggregate == "attribute":
            return self._attribute(indicator, customer)
        raw, is_there = self._aggregate(indicator, customer, occasions)
        if indicator.missing == "unranked" and not is_there:
            raw = None
        state = MEASURED
        if occasions == 0:
            state = NONE
        elif occasions is None and indicator.missing == "ignore" and not is_there:
            state = NONE
        raw = round_6(raw)
        points = self.points(indicator, raw) if state == MEASURED else None
        return raw, points, state, occasions

    def _inside(self, source, indicator, customer, back=0):
        first, last = window(
            self.as_of,
            indicator.window_number,
            indicator.window_unit,
            indicator.window_shift + back,
        )
        return [
            event
            for event in self.events(source)[customer.id]
            if (first is None or first <= event.when) and event.when <= last
        ]

    def _aggregate(self, indicator, customer, occasions):
        """The raw value, and whether there is anything it was taken of."""
        kind, source = indicator.aggregate, indicator.source_id
        events = self._inside(source, indicator, customer)
        amounts = [event.amount for event in events if event.amount is not None]
        if kind == "count":
            value = sum((self._fade(indicator, event) for event in events), Fraction(0))
            return value, value != 0
        if kind == "sum":
            value = sum(
                (
                    event.amount * self._fade(indicator, event)
                    for event in events
                    if event.amount is not None
                ),
                Fraction(0),
            )
            return value, bool(amounts)
        if kind in ("avg", "min", "max"):
            if not amounts:
                return None, False
            if kind == "avg":
                return sum(amounts) / len(amounts), True
            return (min if kind == "min" else max)(amounts), True
        if kind == "distinct":
            found = {_key(event, indicator.distinct_path) for event in events} - {None}
            return len(found), bool(found)
        if kind == "recency":
            if not events:
                return None, False
            return (self.as_of - max(event.when for event in events)).days, True
        if kind == "months":
            found = {(event.when.year, event.when.month) for event in events}
            return len(found), bool(found)
        if kind == "rate":
            if not occasions:
                return None, bool(events)
            return min(Fraction(100 * len(events), occasions), Fraction(100)), True
        assert kind == "growth", kind
        return self._growth(indicator, customer, events)

    def _growth(self, indicator, customer, events):
        earlier = self._inside(indicator.source_id, indicator, customer, back=1)

        def total(some):
            if not indicator.source_id.amount_field:
                return Fraction(len(some))
            return sum(
                (event.amount for event in some if event.amount is not None),
                Fraction(0),
            )

        before = total(earlier)
        if before <= 0:
            return None, False
        return 100 * (total(events) - before) / before, True

    def _fade(self, indicator, event):
        if not indicator.decays:
            return 1
        age = (self.as_of - event.when).days
        return Fraction(0.5 ** (age / indicator.half_life))

    def _attribute(self, indicator, customer):
        customer = customer.with_company(self.company)
        value = _follow(customer, indicator.attribute_path)
        if indicator.scale == "enumeration":
            values = _texts(customer, indicator.attribute_path, value)
            state = MEASURED if values or indicator.missing != "ignore" else NONE
            gained = [
                band.points
                for band in indicator.band_ids
                if (band.match_value or "") in values
            ]
            points = max(gained, default=0.0) if state == MEASURED else None
            return None, points, state, None
        raw = round_6(exact(value))
        return raw, self.points(indicator, raw), MEASURED, None

    # ------------------------------------------------------------------ points

    def points(self, indicator, raw):
        if raw is None:
            return 0.0
        if indicator.scale == "interpolated":
            return self._interpolated(indicator, raw)
        reached = 0.0
        for edge, points in self.bands(indicator):
            if edge is None or raw >= edge:
                reached = points
        return reached

    def bands(self, indicator):
        """``(lower edge, points)`` from the lowest band up; None: no lower edge."""
        if indicator.scale != "quantile":
            return sorted((band.threshold, band.points) for band in indicator.band_ids)
        found = []
        for band in indicator.band_ids.sorted("percentile"):
            if not band.percentile:
                found.append((None, band.points))
                continue
            cut = self.cuts(indicator)[band.percentile]
            if cut is not None:
                found.append((cut, band.points))
        return found

    def _interpolated(self, indicator, raw):
        bands = self.bands(indicator)
        if raw <= bands[0][0]:
            return bands[0][1]
        for (low, low_points), (high, high_points) in zip(
            bands, bands[1:], strict=False
        ):
            if raw < high:
                part = (raw - low) / (high - low)
                return low_points + part * (high_points - low_points)
        return bands[-1][1]

    # ------------------------------------------------------------------ calibration

    def cuts(self, indicator):
        """``{percentile: cut or None}`` over the population as of the day."""
        if not self.recut:
            return {
                band.percentile: None if band.unreachable else band.threshold
                for band in indicator.band_ids
            }
        if indicator not in self._cuts:
            values = []
            for customer in self.population():
                events = self._aggregate_state(indicator, customer)
                if events is not None:
                    values.append(events)
            self._cuts[indicator] = {
                band.percentile: mid_rank_cut(values, band.percentile)
                for band in indicator.band_ids
            }
        return self._cuts[indicator]

    def _aggregate_state(self, indicator, customer):
        """The raw value if there is evidence; the points are not known yet."""
        if indicator.aggregate == "attribute":
            return round_6(exact(_follow(customer, indicator.attribute_path)))
        occasions = None
        if indicator.opportunity_source_id:
            occasions = len(
                self._inside(indicator.opportunity_source_id, indicator, customer)
            )
        raw, is_there = self._aggregate(indicator, customer, occasions)
        if occasions == 0:
            return None
        if indicator.missing == "unranked" and not is_there:
            return None
        if occasions is None and indicator.missing == "ignore" and not is_there:
            return None
        return round_6(raw)

    # ------------------------------------------------------------------ results

    def results(self):
        """``{customer id: result}``; shares are cut over the scores found here."""
        found = {customer.id: self._scored(customer) for customer in self.population()}
        for result in found.values():
            result["tier"] = self._tier(result, found)
            result["segment"] = self._segment(result)
        return found

    def _scored(self, customer):
        measures = {
            indicator: self.measure(indicator, customer)
            for indicator in self.model.indicator_ids
        }
        usable = {
            indicator: found
            for indicator, found in measures.items()
            if found[2] != UNAVAILABLE and indicator.weight
        }
        known = {
            indicator: found for indicator, found in usable.items() if found[2] != NONE
        }
        weights = sum(indicator.weight for indicator in known)
        parts = dict.fromkeys(("realised", "potential", "reference"), 0.0)
        for indicator, (__, points, *__rest) in known.items():
            parts[indicator.dimension_id.component] += (
                indicator.weight * points / weights
            )
        possible = sum(indicator.weight for indicator in usable)
        return {
            "customer": customer,
            "measures": measures,
            "score": sum(parts.values()),
            **parts,
            "coverage": 100 * weights / possible if possible else 0.0,
            "evidence_count": len(known),
            "indicator_count": len(usable),
        }

    def _tier(self, result, everybody):
        for tier in self.model.tier_ids.sorted(lambda one: (one.sequence, one.id)):
            met = [self._meets(result, tier, rule, everybody) for rule in tier.rule_ids]
            if not met or (all(met) if tier.match == "all" else any(met)):
                return tier
        return self.model.tier_ids.browse()

    def _meets(self, result, tier, rule, everybody):
        holds = self.held.get(result["customer"].id)
        slack = tier.hysteresis if holds and holds.code == tier.code else 0
        customer = result["customer"]
        if rule.kind == "score":
            return floor(result["score"] + 0.5) >= rule.number - slack
        if rule.kind == "domain":
            return bool(customer.filtered_domain(_literal(rule.domain)))
        if rule.kind == "share":
            if not customer.filtered_domain(_literal(rule.domain)):
                return False
            cut = self._share_cut(rule, everybody)
            value = self._share_value(rule, result)
            if cut is None or value is None:
                return False
            return value >= cut - (0 if rule.indicator_id else slack)
        raw, points, state, __ = result["measures"][rule.indicator_id]
        value = raw if rule.kind == "value" else points
        return state == MEASURED and value is not None and value >= rule.number

    def _share_value(self, rule, result):
        if not rule.indicator_id:
            return round_6(result["score"])
        raw, __, state, __ = result["measures"][rule.indicator_id]
        return raw if state == MEASURED else None

    def _share_cut(self, rule, everybody):
        if not self.recut:
            return rule.cut if rule.is_cut else None
        values = [
            self._share_value(rule, result)
            for result in everybody.values()
            if result["customer"].filtered_domain(_literal(rule.domain))
        ]
        values = [value for value in values if value is not None]
        return mid_rank_cut(values, 100 - rule.number)

    def _segment(self, result):
        model = self.model
        cell = []
        for indicator in (
            model.rfm_recency_id,
            model.rfm_frequency_id,
            model.rfm_monetary_id,
        ):
            if not indicator:
                return model.segment_ids.browse()
            points = result["measures"][indicator][1] or 0
            cell.append(next(level for level in range(1, 6) if points <= 20 * level))
        for segment in model.segment_ids.sorted(lambda one: (one.sequence, one.id)):
            bounds = (
                (segment.recency_min, segment.recency_max),
                (segment.frequency_min, segment.frequency_max),
                (segment.monetary_min, segment.monetary_max),
            )
            if all(
                low <= at <= high for at, (low, high) in zip(cell, bounds, strict=True)
            ):
                return segment
        return model.segment_ids.browse()


def mid_rank_cut(values, edge):
    """The lowest value that at least ``edge`` percent lie below, ties counted half."""
    total = len(values)
    for value in sorted(set(values)):
        below = sum(other < value for other in values)
        same = sum(other == value for other in values)
        if Fraction(100 * (2 * below + same), 2 * total) >= Fraction(edge):
            return value
    return None


def _piece(record, contact, when, amount, **values):
    values |= {"amount": amount, "date": when}
    return Event(contact, record.company_id, when, amount, record, values)


def _literal(domain):
    """The filter as plain Python."""
    from ast import literal_eval

    return literal_eval(domain or "[]")


def _follow(record, path):
    for name in path.split("."):
        record = record[name]
    return record


def _texts(record, path, value):
    *hops, name = path.split(".")
    for hop in hops:
        record = record[hop]
    kind = record._fields[name].type
    if kind in ("many2one", "many2many"):
        return {str(one) for one in value.ids}
    if kind == "boolean":
        return {"true" if value else "false"}
    return {str(value)} if value not in (False, None) else set()


def _key(event, path):
    """What is told apart by a number of different values."""
    if path in event.values:
        return event.values[path]
    value = _follow(event.record, path)
    if hasattr(value, "_name"):
        return value.id or None
    return None if value is False else value


def _matches(values, domain):
    """A filter of plain ``and`` conditions over a piece's values."""
    for name, operator, wanted in domain:
        value = values[name]
        known = {
            "=": value == wanted if wanted is not False else not value,
            "!=": value != wanted if wanted is not False else bool(value),
        }
        if operator in ("in", "not in"):
            known = {"in": value in wanted, "not in": value not in wanted}
        elif operator in (">", ">=", "<", "<="):
            known = {
                ">": value > wanted,
                ">=": value >= wanted,
                "<": value < wanted,
                "<=": value <= wanted,
            }
        if not known[operator]:
            return False
    return True

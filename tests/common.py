"""A toolkit for tests: documents through Odoo's own flows, models in a few lines."""

from contextlib import contextmanager
from datetime import date, datetime, timezone
from itertools import count
from zoneinfo import ZoneInfo

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import TransactionCase
from odoo.tools import SQL


class CustomerValueCommon(TransactionCase):
    """One company with a chart of accounts, in a far time zone; makers for the rest.

    Everything belongs to companies of the test's own, so that what stands in the
    database (ready models, demo data) neither counts nor is counted.
    """

    tz = "Pacific/Auckland"
    company_currency = "EUR"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(
            context=dict(
                cls.env.context,
                tz=cls.tz,  # where the day has begun, others still write yesterday
                tracking_disable=True,
                no_reset_password=True,
                mail_create_nosubscribe=True,
            )
        )
        cls.env.user.group_ids += cls.env.ref("point_of_sale.group_pos_manager")
        cls.env["res.currency"].browse(
            [cls.env.ref("base.EUR").id, cls.env.ref("base.USD").id]
        ).active = True
        cls._numbers = count(1)
        cls.company = cls.make_company(cls.tz, cls.company_currency)
        cls.use_company(cls.company)
        cls.product = cls.make_product("Maintenance")
        cls.other_product = cls.make_product("Advice")

    @classmethod
    def use_company(cls, *companies):
        """Work in these companies, the first one current."""
        ids = [company.id for company in companies]
        cls.env = cls.env(context=dict(cls.env.context, allowed_company_ids=ids))

    def work_in(self, *companies):
        """The same for the rest of one test."""
        before = type(self).env
        self.addCleanup(setattr, type(self), "env", before)
        self.use_company(*companies)

    @contextmanager
    def refused(self, words, exception=ValidationError):
        """What is done inside is refused with a message like ``words``, and undone."""
        with self.assertRaises(exception) as caught:
            yield
        self.assertRegex(str(caught.exception), words)

    # ------------------------------------------------------------------ setting

    @classmethod
    def make_company(cls, tz, currency="EUR"):
        company = cls.env["res.company"].create(
            {"name": f"Company {next(cls._numbers)} in {tz}"}
        )
        cls.env.user.company_ids |= company
        cls.env["account.chart.template"].with_company(company).try_loading(
            "generic_coa", company=company, install_demo=False
        )
        company.write(
            {
                "value_tz": tz,
                "currency_id": cls.env.ref(f"base.{currency}").id,
            }
        )
        return company

    @classmethod
    def make_users(cls, groups, company=None):
        """Users of a company; made at once they take half the time.

        :param groups: ``{login: group names, separated by commas}``
        """
        company = company or cls.company
        return cls.env["res.users"].create(
            [
                {
                    "name": f"{login} ({names})",
                    "login": login,
                    "password": login.ljust(8, "x"),  # what a browser logs in with
                    "email": f"{login}@example.com",
                    "company_id": company.id,
                    "company_ids": [Command.set(company.ids)],
                    "group_ids": [
                        Command.set(
                            [cls.env.ref(name.strip()).id for name in names.split(",")]
                        )
                    ],
                }
                for login, names in groups.items()
            ]
        )

    @classmethod
    def make_product(cls, name, **vals):
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "service",
                "invoice_policy": "order",
                "list_price": 100,
                "taxes_id": False,
                "available_in_pos": True,
                "company_id": False,
                **vals,
            }
        )

    @classmethod
    def set_rate(cls, company, currency, day, rate):
        """One unit of the company's currency is ``rate`` units of ``currency``."""
        cls.env["res.currency.rate"].create(
            {
                "name": day,
                "company_rate": rate,
                "currency_id": cls.env.ref(f"base.{currency}").id,
                "company_id": company.id,
            }
        )

    @classmethod
    def make_pricelist(cls, company, currency):
        return cls.env["product.pricelist"].create(
            {
                "name": f"{currency} {next(cls._numbers)}",
                "currency_id": cls.env.ref(f"base.{currency}").id,
                "company_id": company.id,
            }
        )

    @classmethod
    def make_partner(cls, name=None, **vals):
        parent = cls.env["res.partner"].browse(vals.get("parent_id"))
        vals.setdefault("company_id", parent.company_id.id)
        vals.setdefault("is_company", "parent_id" not in vals)
        return cls.env["res.partner"].create(
            {"name": name or f"Customer {next(cls._numbers)}", **vals}
        )

    @classmethod
    def local(cls, day, clock="12:00", tz=None):
        """The UTC instant, as Odoo stores it, of a local time."""
        if isinstance(day, str):
            day = date.fromisoformat(day)
        hour, minute = map(int, clock.split(":"))
        here = datetime(
            day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(tz or cls.tz)
        )
        return here.astimezone(timezone.utc).replace(tzinfo=None)

    # ---------------------------------------------------------------- documents

    @classmethod
    def make_order(
        cls, partner, lines=((1, 100.0),), when=None, confirm=True, company=None, **vals
    ):
        """A confirmed order; ``lines`` are quantity and price, or with a product."""
        company = company or cls.env.company
        order = (
            cls.env["sale.order"]
            .with_company(company)
            .create(
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": (product or [cls.product])[0].id,
                                "product_uom_qty": quantity,
                                "price_unit": price,
                                "tax_ids": False,
                            }
                        )
                        for quantity, price, *product in lines
                    ],
                    **vals,
                }
            )
        )
        if confirm:
            order.action_confirm()
        if when:
            order.date_order = when
        return order

    @classmethod
    def invoice_order(cls, order, day=None, post=True, quantities=None):
        """Invoice what is to be invoiced, or ``quantities`` of the lines in order."""
        invoice = order._create_invoices(final=True)
        if quantities is not None:
            lines = invoice.invoice_line_ids.filtered("quantity")
            for line, quantity in zip(lines, quantities, strict=True):
                line.quantity = quantity
        return cls._post(invoice, day, post)

    @classmethod
    def invoice_down_payment(cls, order, percent, day=None):
        wizard = (
            cls.env["sale.advance.payment.inv"]
            .with_company(order.company_id)
            .with_context(active_model="sale.order", active_ids=order.ids)
            .create({"advance_payment_method": "percentage", "amount": percent})
        )
        known = order.invoice_ids
        wizard.create_invoices()
        return cls._post(order.invoice_ids - known, day)

    @classmethod
    def make_invoice(
        cls,
        partner,
        amount=100.0,
        day=None,
        post=True,
        company=None,
        due=None,
        **vals,
    ):
        """An invoice without an order."""
        company = company or cls.env.company
        invoice = (
            cls.env["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": partner.id,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "product_id": cls.product.id,
                                "quantity": 1,
                                "price_unit": amount,
                                "tax_ids": False,
                            }
                        )
                    ],
                    **vals,
                }
            )
        )
        if day:
            invoice.invoice_date = day
        if due:
            invoice.invoice_date_due = due
        return cls._post(invoice, day, post)

    @classmethod
    def _post(cls, invoice, day=None, post=True):
        if day:
            invoice.invoice_date = day
            invoice.date = day
        if post:
            invoice.action_post()
        return invoice

    @classmethod
    def credit(cls, invoice, day=None, amount=None, modify=False):
        """A posted credit note by the reversal wizard; ``amount`` for a part."""
        wizard = (
            cls.env["account.move.reversal"]
            .with_company(invoice.company_id)
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create(
                {
                    "journal_id": invoice.journal_id.id,
                    "date": day or invoice.invoice_date,
                }
            )
        )
        known = invoice.reversal_move_ids
        if modify:
            action = wizard.modify_moves()
            return cls.env["account.move"].browse(action["res_id"])
        wizard.reverse_moves()
        note = invoice.reversal_move_ids - known
        if amount is not None:
            note.invoice_line_ids[0].write({"quantity": 1, "price_unit": amount})
        return cls._post(note, day)

    @classmethod
    def pay(cls, invoice, day=None, amount=None):
        wizard = (
            cls.env["account.payment.register"]
            .with_company(invoice.company_id)
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"payment_date": day or invoice.invoice_date})
        )
        if amount is not None:
            wizard.amount = amount
        payments = wizard._create_payments()
        return payments

    @classmethod
    def open_till(cls, company=None):
        """An open session of a till of the company."""
        company = company or cls.env.company
        env = cls.env["pos.config"].with_company(company).env
        bank = env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", company.id)], limit=1
        )
        method = env["pos.payment.method"].create(
            {
                "name": f"Card {next(cls._numbers)}",
                "journal_id": bank.id,
                "company_id": company.id,
            }
        )
        config = env["pos.config"].create(
            {
                "name": f"Till {next(cls._numbers)}",
                "payment_method_ids": [Command.set(method.ids)],
            }
        )
        config.open_ui()
        return config.current_session_id

    @classmethod
    def ring_up(
        cls, session, partner, lines=((1, 100.0),), when=None, invoice=False, settles=()
    ):
        """A paid till order; ``settles`` are order lines it takes over."""
        env = session.with_company(session.company_id).env
        total = sum(quantity * price for quantity, price, *__ in lines)
        settled = list(settles) or [None] * len(lines)
        order = env["pos.order"].create(
            {
                "company_id": session.company_id.id,
                "session_id": session.id,
                "partner_id": partner.id if partner else False,
                "date_order": when or datetime.now().replace(microsecond=0),
                "lines": [
                    Command.create(
                        {
                            "name": "line",
                            "product_id": (product or [cls.product])[0].id,
                            "price_unit": price,
                            "qty": quantity,
                            "price_subtotal": quantity * price,
                            "price_subtotal_incl": quantity * price,
                            "tax_ids": False,
                            **(
                                {
                                    "sale_order_line_id": origin.id,
                                    "sale_order_origin_id": origin.order_id.id,
                                }
                                if origin
                                else {}
                            ),
                        }
                    )
                    for (quantity, price, *product), origin in zip(
                        lines, settled, strict=True
                    )
                ],
                "amount_total": total,
                "amount_tax": 0,
                "amount_paid": 0,
                "amount_return": 0,
                "to_invoice": invoice,
            }
        )
        cls._pay_till(order)
        return order

    @classmethod
    def _pay_till(cls, order):
        context = {"active_ids": order.ids, "active_id": order.id}
        wizard = (
            order.env["pos.make.payment"]
            .with_context(**context)
            .create(
                {
                    "amount": order.amount_total,
                    "payment_method_id": order.config_id.payment_method_ids[:1].id,
                }
            )
        )
        wizard.with_context(**context).check()

    @classmethod
    def take_back(cls, order, quantities=None, when=None):
        """A paid return of a till order, in full or by ``quantities`` of its lines."""
        back = order.env["pos.order"].browse(order.refund()["res_id"])
        if quantities is not None:
            for line, quantity in zip(back.lines, quantities, strict=True):
                if not quantity:
                    line.unlink()
                    continue
                line.qty = -quantity
                line._onchange_amount_line_all()
            back._compute_prices()
        if when:
            back.date_order = when
        cls._pay_till(back)
        return back

    @classmethod
    def make_lead(cls, partner, revenue=0.0, company=None, **vals):
        return cls.env["crm.lead"].create(
            {
                "name": f"Opportunity {next(cls._numbers)}",
                "type": "opportunity",
                "partner_id": partner.id if partner else False,
                "expected_revenue": revenue,
                "company_id": (company or cls.env.company).id,
                **vals,
            }
        )

    @classmethod
    def make_activity(cls, record, done=None, **vals):
        """A call on the record; ``done`` on a day, by the user's own button."""
        activity = record.activity_schedule(
            "mail.mail_activity_data_call", user_id=cls.env.uid, **vals
        )
        if done:
            activity.action_feedback()
            activity.date_done = done
        return activity

    # ------------------------------------------------------------------- models

    @classmethod
    def source(cls, code):
        found = cls.env["customer.value.source"].search([("code", "=", code)])
        assert found, f"no source {code}"
        return found

    @classmethod
    def make_source(cls, res_model, **vals):
        number = next(cls._numbers)
        return cls.env["customer.value.source"].create(
            {
                "name": f"Source {number}",
                "code": f"test_source_{number}",
                "res_model": res_model,
                **vals,
            }
        )

    @classmethod
    def make_model(
        cls,
        indicators,
        tiers=(("all", {}),),
        partners=None,
        domain=None,
        company=None,
        activate=True,
        **vals,
    ):
        """A value model, active unless told otherwise, and not scored yet.

        :param indicators: dicts for :meth:`make_indicator`
        :param tiers: ``(code, values)`` with ``rules`` as a list of values
        :param partners: the population; else ``domain``
        """
        number = next(cls._numbers)
        if domain is None:
            domain = [("id", "in", partners.ids)] if partners is not None else []
        model = cls.env["customer.value.model"].create(
            {
                "name": f"Model {number}",
                "code": f"test_model_{number}",
                "company_id": (company or cls.env.company).id,
                "domain": str(domain),
                **vals,
            }
        )
        for definition in indicators:
            cls.make_indicator(model, **definition)
        for position, (code, tier) in enumerate(tiers):
            cls.make_tier(model, code, sequence=position, **tier)
        if activate:
            model._replace_active_version()
            model.calibrated_on = date(2000, 1, 1)
        return model

    @classmethod
    def make_indicator(
        cls,
        model,
        code=None,
        source=None,
        asked=None,
        window=(12, "month"),
        bands=((0, 0), (1, 50), (3, 100)),
        dimension="purchase",
        **vals,
    ):
        code = code or f"indicator_{next(cls._numbers)}"
        scale = vals.get("scale", "step")
        edge = {"quantile": "percentile", "enumeration": "match_value"}.get(
            scale, "threshold"
        )
        if isinstance(bands, dict):
            bands = bands.items()
        return cls.env["customer.value.indicator"].create(
            {
                "model_id": model.id,
                "name": code,
                "code": code,
                "dimension_id": cls.env.ref(f"customer_value.dimension_{dimension}").id,
                "source_id": cls._source_id(source),
                "opportunity_source_id": cls._source_id(asked),
                "window_number": window[0],
                "window_unit": window[1],
                "band_ids": [
                    Command.create({edge: begin, "points": points})
                    for begin, points in bands
                ],
                **vals,
            }
        )

    @classmethod
    def _source_id(cls, source):
        return (cls.source(source) if isinstance(source, str) else source or cls.env[
            "customer.value.source"
        ]).id  # fmt: skip

    @classmethod
    def make_tier(cls, model, code, rules=(), **vals):
        by_code = {one.code: one.id for one in model.indicator_ids}
        rules = [
            dict(rule, indicator_id=by_code[rule.pop("indicator")])
            if "indicator" in rule
            else rule
            for rule in map(dict, rules)
        ]
        return cls.env["customer.value.tier"].create(
            {
                "model_id": model.id,
                "name": code.title(),
                "code": code,
                "rule_ids": [Command.create(rule) for rule in rules],
                **vals,
            }
        )

    # ------------------------------------------------------------------ scoring

    @classmethod
    def score(cls, model, as_of=None, scope=None, cause="evidence"):
        """Score the model's customers; returns ``(rows changed, errors)``."""
        engine = cls.env["customer.value.engine"]
        args = (scope,) if scope else ()
        return engine._score(model, as_of or model._today(), *args, cause=cause)

    @classmethod
    def results(cls, model, partners, as_of=None):
        """``{partner id: result}`` of scoring without writing."""
        rows = cls.env["customer.value.engine"]._results(
            model, as_of or model._today(), partners.ids
        )
        return {row["partner_id"]: row for row in rows}

    @classmethod
    def stored(cls, partners=None, company=None):
        """Every column of the stored scores but ids and stamps, by customer."""
        cls.env.flush_all()
        rows = cls.env.execute_query_dict(
            _sql_stored(company or cls.env.company, partners)
        )
        stamps = ("id", "create_date", "write_date", "create_uid", "write_uid")
        return {
            row["partner_id"]: {
                name: value for name, value in row.items() if name not in stamps
            }
            for row in rows
        }

    @classmethod
    def measure(cls, row, indicator):
        """``(raw, points, state, basis)`` of an indicator in a row or result."""
        at = indicator.slot - 1
        return tuple(row[name][at] for name in ("raw", "points", "states", "basis"))

    # -------------------------------------------------------------------- marks

    @classmethod
    def forget_marks(cls):
        """Let pending work reach the database, then forget every mark."""
        cls.env.flush_all()
        cls.env.cr.precommit.run()
        cls.env.cr.execute("DELETE FROM customer_value_dirty")

    @classmethod
    def marks(cls):
        """``{(model, id)}`` of what the transaction so far would leave."""
        cls.env.flush_all()
        cls.env.cr.precommit.run()
        cls.env.cr.execute("SELECT res_model, res_id FROM customer_value_dirty")
        return set(cls.env.cr.fetchall())

    @classmethod
    def marked_customers(cls):
        """The entities that the marks mean."""
        by_model = {}
        for name, res_id in cls.marks():
            by_model.setdefault(name, set()).add(res_id)
        dirty = cls.env["customer.value.dirty"]
        return cls.env["res.partner"].browse(dirty._entities(by_model)).exists()

    @classmethod
    def score_dirty(cls):
        """What the cron does, but for its commits."""
        cls.marks()
        dirty = cls.env["customer.value.dirty"]
        while dirty._score_batch():
            pass


def _sql_stored(company, partners):
    who = SQL("TRUE")
    if partners is not None:
        who = SQL("partner_id = ANY(%s)", partners.ids)
    return SQL(
        "SELECT * FROM customer_value_score WHERE company_id = %s AND %s",
        company.id,
        who,
    )

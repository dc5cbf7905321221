from datetime import timedelta

from odoo.fields import Command
from odoo.tests import tagged

from .common import CustomerValueCommon


@tagged("post_install", "-at_install")
class TestReadySources(CustomerValueCommon):
    """Each delivered source sees what it says, on documents made by Odoo's own flows.

    One customer with a person, a colleague and a stranger beside them, who must not be
    taken for customers. What a module brings that is not installed is not expected.
    """

    tz = "Europe/Madrid"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = (
            cls.env["customer.value.model"].new({"company_id": cls.company.id})._today()
        )
        cls.customer = cls.make_partner("Customer Ltd", email="office@customer.test")
        cls.person = cls.make_partner(
            "Ana", parent_id=cls.customer.id, email="ana@customer.test"
        )
        cls.make_partner("Nobody's mail", parent_id=cls.customer.id)
        cls.colleague = cls.env.user.partner_id

    def setUp(self):
        super().setUp()
        self.expected = {}

    def ago(self, days):
        return self.today - timedelta(days=days)

    def expect(self, code, count, amount=None):
        self.expected[code] = (count, amount)

    def check(self):
        """Count and add up every expected source for the customer."""
        indicators = []
        for code, (__, amount) in self.expected.items():
            indicators.append({"code": f"{code}__n", "source": code})
            if amount is not None:
                indicators.append(
                    {"code": f"{code}__sum", "source": code, "aggregate": "sum"}
                )
        for one in indicators:
            one["window"] = (0, "month")
        model = self.make_model(indicators, partners=self.customer, activate=False)
        row = self.results(model, self.customer, self.today)[self.customer.id]
        for code, (count, amount) in self.expected.items():
            with self.subTest(source=code):
                by_code = {one.code: one for one in model.indicator_ids}
                found = self.measure(row, by_code[f"{code}__n"])[0]
                self.assertEqual(found, count, f"{code}: number")
                if amount is not None:
                    found = self.measure(row, by_code[f"{code}__sum"])[0]
                    self.assertAlmostEqual(found, amount, 2, f"{code}: amount")

    # ----------------------------------------------------------------- commerce

    def test_commerce(self):
        """Orders, invoices, tills, payments: each source its own part."""
        # an order of 150, invoiced at once, paid four days late
        order = self.make_order(
            self.person,
            lines=((1, 100.0), (1, 50.0, self.other_product)),
            when=self.local(self.ago(90)),
            partner_invoice_id=self.customer.id,
        )
        invoice = self.invoice_order(order, self.ago(80), post=False)
        invoice.invoice_date_due = self.ago(50)
        invoice.action_post()
        self.pay(invoice, self.ago(46))
        # an order of 80, not invoiced; a quotation; a cancelled order
        self.make_order(self.customer, ((2, 40.0),), when=self.local(self.ago(10)))
        self.make_order(self.customer, ((1, 999.0),), confirm=False)
        self.make_order(self.customer, ((1, 888.0),))._action_cancel()
        # an invoice of 200, overdue, 40 of it credited; one of 70 paid three weeks late
        owed = self.make_invoice(
            self.customer, 200.0, day=self.ago(60), due=self.ago(30)
        )
        self.credit(owed, self.ago(20), amount=40.0)
        late = self.make_invoice(
            self.customer, 70.0, day=self.ago(70), due=self.ago(65)
        )
        self.pay(late, self.ago(44))
        # not yet due, and a draft
        self.make_invoice(
            self.customer, 60.0, day=self.ago(3), due=self.today + timedelta(days=30)
        )
        self.make_invoice(self.customer, 777.0, post=False)
        # the till: 30 kept, 25 of which 10 come back; a stranger's order
        session = self.open_till()
        self.ring_up(session, self.person, ((3, 10.0),), self.local(self.ago(5)))
        sold = self.ring_up(
            session,
            self.customer,
            ((1, 15.0), (2, 5.0, self.other_product)),
            self.local(self.ago(4)),
        )
        self.take_back(sold, (0, 2), self.local(self.ago(2)))
        self.ring_up(session, None, ((1, 5.0),))

        self.expect("invoices", 5, 150 + 200 - 40 + 70 + 60)
        self.expect("till_orders", 3, 30 + 25 - 10)
        self.expect("confirmed_orders", 2, 150 + 80)
        self.expect("billed", 6, 150 + 200 + 70 + 60 + 30 + 25)
        self.expect("returns", 2, -40 - 10)
        self.expect("order_lines", 3, 150 + 80)
        self.expect("till_lines", 3, 30 + 25)
        # what is invoiced, what the till keeps, and the order not invoiced yet
        self.expect("purchases", 2 + 3 + 2, 150 + 80 + 200 + 70 + 60 + 30 + 25)
        self.expect("payments_due", 3)
        self.expect("payments_on_time", 1)
        self.expect("payments_settled", 2, 4 + 21)
        if "margin" in self.env["sale.order"]._fields:
            self.expect("margin", 2, 150 + 80)
        self.check()

        model = self.make_model(
            [
                {
                    "code": "sales",
                    "source": "sales",
                    "aggregate": "sum",
                    "window": (0, "month"),
                },
                {
                    "code": "overdue",
                    "source": "payments_overdue",
                    "aggregate": "sum",
                    "window": (0, "month"),
                },
                {
                    "code": "products",
                    "source": "order_lines",
                    "aggregate": "distinct",
                    "distinct_path": "product_id",
                    "window": (0, "month"),
                },
                {
                    "code": "till_categories",
                    "source": "till_lines",
                    "aggregate": "distinct",
                    "distinct_path": "product_id.product_tmpl_id.categ_id",
                    "window": (0, "month"),
                },
            ],
            partners=self.customer,
            activate=False,
        )
        self.product.categ_id = self.env["product.category"].create({"name": "One"})
        self.other_product.categ_id = self.product.categ_id
        row = self.results(model, self.customer, self.today)[self.customer.id]
        raw = {one.code: self.measure(row, one)[0] for one in model.indicator_ids}
        self.assertAlmostEqual(raw["sales"], 440 + 45 + 80, 2)
        self.assertAlmostEqual(raw["overdue"], owed.amount_residual, 2)
        self.assertEqual(raw["products"], 2)
        self.assertEqual(raw["till_categories"], 1)

    # ----------------------------------------------------------------- relations

    def test_opportunities(self):
        self.make_lead(self.person, 1000.0).action_set_won()
        self.make_lead(self.customer, 500.0).action_set_lost()
        self.make_lead(self.customer, 300.0)
        self.make_lead(self.customer, 200.0)
        self.make_lead(self.customer, 50.0).active = False  # neither lost nor open
        self.make_lead(self.customer, 20.0, type="lead")
        self.expect("opportunities_won", 1, 1000)
        self.expect("opportunities_lost", 1, 500)
        self.expect("opportunities_decided", 2, 1500)
        self.expect("opportunities_open", 2, 500)
        self.check()

    def test_contacts_and_talks(self):
        self.make_activity(self.person, done=self.ago(3))
        self.make_activity(self.make_lead(self.customer), done=self.ago(2))
        self.make_activity(self.customer)  # planned only
        self.expect("activities_done", 2)

        for state, days in (("accepted", 9), ("declined", 8), ("needsAction", 7)):
            meeting = self.env["calendar.event"].create(
                {
                    "name": "Talk",
                    "start": self.local(self.ago(days), "10:00"),
                    "stop": self.local(self.ago(days), "11:00"),
                    "partner_ids": [
                        Command.set((self.person | self.colleague).ids),
                    ],
                }
            )
            attendee = meeting.attendee_ids.filtered(
                lambda one: one.partner_id == self.person
            )
            attendee.state = state
        self.env["calendar.event"].create(
            {
                "name": "Next week",
                "start": self.local(self.ago(-7), "10:00"),
                "stop": self.local(self.ago(-7), "11:00"),
                "partner_ids": [Command.set(self.person.ids)],
            }
        ).attendee_ids.state = "accepted"
        self.expect("meetings", 2)

        self.env["mail.thread"].message_process(
            "crm.lead",
            "From: Ana <ana@customer.test>\r\nTo: sales@here.test\r\n"
            "Subject: Offer\r\nMessage-Id: <1@customer.test>\r\n"
            "Content-Type: text/plain\r\n\r\nPlease send an offer.",
        )
        lead = self.make_lead(self.customer)
        lead.message_post(
            body="Thanks", author_id=self.person.id, message_type="comment"
        )
        lead.message_post(body="You're welcome", message_type="comment")
        lead.message_post(
            body="Ours", author_id=self.person.id, message_type="notification"
        )
        self.expect("messages_received", 2)
        self.expect("contact_persons", 2)
        self.expect("reachable_contacts", 2)
        self.check()

    # ------------------------------------------------------------- soft modules

    def test_mailings(self):
        if "mailing.mailing" in self.env:
            self._make_mailings()
        self.check()

    def _make_mailings(self):
        """Four mailings: ignored, opened, followed, answered; one that bounced."""
        mailings = self.env["mailing.mailing"].create(
            [
                {
                    "name": f"News {at}",
                    "subject": f"News {at}",
                    "body_html": "<a href='https://news.test/page'>Read</a>",
                    "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                    "mailing_domain": [("id", "=", self.person.id)],
                    "keep_archives": True,
                }
                for at in range(5)
            ]
        )
        for mailing in mailings:
            mailing.action_send_mail()
        traces = mailings.mailing_trace_ids.sorted("mass_mailing_id")
        self.assertEqual(len(traces), 5)
        traces.set_sent()
        __, opened, followed, answered, bounced = traces
        opened.set_opened()
        link = self.env["link.tracker"].search([("url", "=", "https://news.test/page")])
        self.env["link.tracker.click"].add_click(
            link[:1].code, mailing_trace_id=followed.id
        )
        self.env["link.tracker.click"].add_click(link[:1].code)  # nobody knows who
        answered.set_opened()
        answered.set_replied()
        bounced.set_bounced()
        self.expect("mailings_received", 4)
        self.expect("mailings_opened", 3)
        self.expect("mailings_clicked", 1)
        self.expect("mailings_replied", 1)
        self.expect("link_clicks", 1)

    def test_ratings(self):
        if "rating.rating" in self.env:
            lead = self.make_lead(self.customer)
            ratings = self.env["rating.rating"].create(
                [
                    {
                        "res_model_id": self.env["ir.model"]._get_id("crm.lead"),
                        "res_id": lead.id,
                        "partner_id": self.person.id,
                        "rated_partner_id": self.colleague.id,
                    }
                    for __ in range(3)
                ]
            )
            ratings[0].write({"rating": 5, "consumed": True})
            ratings[1].write({"rating": 3, "consumed": True})
            self.expect("ratings_asked", 3)
            self.expect("ratings_answered", 2)
            self.expect("ratings", 2, 8)
        self.check()

    def test_events(self):
        if "event.event" in self.env:
            past, cancelled, coming = self.env["event.event"].create(
                [
                    {
                        "name": name,
                        "date_begin": self.local(self.ago(days), "10:00"),
                        "date_end": self.local(self.ago(days), "18:00"),
                        "company_id": self.company.id,
                    }
                    for name, days in (("Fair", 20), ("Called off", 10), ("Next", -10))
                ]
            )
            seats = self.env["event.registration"].create(
                [
                    {
                        "name": f"Seat {at}",
                        "event_id": event.id,
                        "partner_id": self.person.id,
                    }
                    for at, event in enumerate([past] * 4 + [cancelled, coming])
                ]
            )
            seats[0].action_set_done()
            seats[1].action_cancel()
            seats[2].action_set_draft()
            cancelled.kanban_state = "cancel"
            self.expect("event_registrations", 2)
            self.expect("event_attendance", 1)
        self.check()

    def test_surveys(self):
        if "survey.survey" in self.env:
            survey = self.env["survey.survey"].create(
                {
                    "title": "How are we?",
                    "question_and_page_ids": [
                        Command.create({"title": name, "question_type": "char_box"})
                        for name in ("First", "Second", "Third")
                    ],
                }
            )
            answered = survey._create_answer(partner=self.person)
            survey._create_answer(partner=self.customer)  # invited, never answered
            survey._create_answer(partner=self.person, test_entry=True)
            first, second, third = survey.question_ids
            answered._save_lines(first, "Well")
            answered._save_lines(second, "Very")
            answered._save_lines(third, "")
            answered._mark_done()
            self.expect("survey_invitations", 2)
            self.expect("survey_answers", 1)
            self.expect("survey_questions", 3)
            self.expect("survey_questions_answered", 2)
        self.check()

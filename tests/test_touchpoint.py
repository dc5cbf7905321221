"""Touches: what is refused, what counts, who sees them, what becomes of them."""

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tests import Form, HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger

from .touch_common import TouchCommon

GIVEN = "odoo.addons.base.models.ir_rule", "odoo.http"


@tagged("post_install", "-at_install")
class TestTouchpoint(TouchCommon):
    # ------------------------------------------------------------------- entering

    def test_entity_and_defaults(self):
        touch = self.touch()
        self.assertEqual(touch.commercial_partner_id, self.house)
        self.assertEqual(touch.company_id, self.company)
        self.assertEqual(touch.user_id, self.env.user)
        self.assertEqual((touch.capture, touch.clicks), ("typed", 0))
        self.assertIn("Buyer", touch.display_name)

    def test_the_contact_moves_to_another_company(self):
        touch = self.touch()
        self.buyer.parent_id = self.neighbour
        self.assertEqual(touch.commercial_partner_id, self.neighbour)

    def test_future_is_refused(self):
        later = fields.Datetime.now() + timedelta(hours=2)
        with self.refused("still to come"):
            self.touch(date=later)
        touch = self.touch(date=fields.Datetime.now() + timedelta(minutes=1))
        with self.refused("still to come"):
            touch.date = later

    def test_next_step_needs_words(self):
        with self.refused("what the next step is"):
            self.touch(next_date=self.today)

    def test_negative_clicks_are_refused(self):
        with self.assertRaises(Exception) as caught, mute_logger("odoo.sql_db"):
            self.touch(clicks=-1)
            self.env.flush_all()
        self.assertIn("clicks_positive", str(caught.exception))

    def test_other_companys_customer_is_refused(self):
        elsewhere = self.make_company("UTC")
        stranger = self.make_partner("Stranger", company_id=elsewhere.id)
        with self.refused("compan", UserError):
            self.touch(stranger)

    def test_feelings_average_without_the_unsaid(self):
        for feeling in ("2", "-1", False):
            self.touch(feeling=feeling)
        [(average,)] = self.env["customer.touchpoint"]._read_group(
            [("partner_id", "=", self.buyer.id)], [], ["feeling_points:avg"]
        )
        self.assertEqual(average, 0.5)

    def test_form(self):
        form = Form(self.env["customer.touchpoint"])
        form.partner_id = self.buyer
        form.kind = "visit"
        form.feeling = "1"
        form.note = "Saw the new shelf"
        touch = form.save()
        self.assertEqual((touch.kind, touch.feeling_points), ("visit", 1))

    # ------------------------------------------------------------ the Log button

    def log(self, document, clicks=0, **values):
        touchpoints = self.env["customer.touchpoint"].with_env(document.env)
        logged = touchpoints.log(
            document._name, document.id, {"kind": "call", **values}, clicks
        )
        return touchpoints.browse(logged["id"])

    def test_log_on_documents(self):
        """Customer, company and document follow from where it was pressed."""
        order = self.make_order(self.buyer, confirm=False)
        lead = self.make_lead(self.buyer)
        invoice = self.make_invoice(self.house, post=False)
        meeting = self.make_meeting()
        for document, partner in (
            (self.buyer, self.buyer),
            (order, self.buyer),
            (lead, self.buyer),
            (invoice, self.house),
            (meeting, self.buyer),
        ):
            with self.subTest(model=document._name):
                touch = self.log(document, 2, note="Well", feeling="1")
                self.assertEqual(touch.partner_id, partner)
                self.assertEqual(touch.company_id, self.company)
                self.assertEqual(
                    (touch.res_model, touch.res_id), (document._name, document.id)
                )
                self.assertEqual(
                    (touch.note, touch.feeling, touch.clicks), ("Well", "1", 2)
                )
        self.assertEqual(self.log(order).document_name, order.display_name)

    def test_log_says_nothing_but_what_may_be_said(self):
        touch = self.log(
            self.buyer, mention_confirmed=True, promise_state="kept", company_id=1
        )
        self.assertFalse(touch.mention_confirmed)
        self.assertEqual(touch.company_id, self.company)

    def test_log_without_a_customer(self):
        with self.refused("Choose the customer", UserError):
            self.log(self.make_lead(False))
        with self.refused("no customer to be found", UserError):
            self.log(self.company.currency_id)
        gone = self.make_lead(self.buyer)
        gone.unlink()
        with self.refused("no longer there", UserError):
            self.log(gone)

    def test_prepared_panel_shows_the_last_touches(self):
        for days in range(5, 0, -1):
            self.touch(days=days, note=f"{days} days ago")
        self.touch(self.neighbour, note="Others")
        about = self.env["customer.touchpoint"].log_prepare(
            "res.partner", self.house.id
        )
        self.assertEqual(about["partner"], "House")
        self.assertEqual(
            [one["note"] for one in about["before"]],
            ["1 days ago", "2 days ago", "3 days ago"],
        )

    def test_next_step_becomes_an_activity(self):
        order = self.make_order(self.buyer, confirm=False)
        self.log(order, next_step="Send samples", next_date=self.ago(-7))
        activity = order.activity_ids
        self.assertEqual(activity.summary, "Send samples")
        self.assertEqual(activity.date_deadline, self.ago(-7))
        self.assertEqual(activity.user_id, self.env.user)
        self.log(order, next_step="Some day")
        self.assertEqual(order.activity_ids, activity)

    def test_offered_where_it_leads_to_a_customer(self):
        seller = self.make_seller("offered")
        bill = self.env["account.move"].create(
            {"move_type": "in_invoice", "partner_id": self.house.id}
        )
        self.assertFalse(bill._value_may_log_touch())
        self.assertFalse(self.env.user.partner_id._value_may_log_touch())
        self.assertFalse(self.make_lead(False)._value_may_log_touch())
        self.assertTrue(self.buyer.with_user(seller)._value_may_log_touch())
        plain = self.make_seller("no_group", "base.group_user")
        self.assertFalse(self.buyer.with_user(plain)._value_may_log_touch())

    # ----------------------------------------------------- activities and meetings

    def make_meeting(self, partners=None, days=1, **vals):
        partners = partners or self.buyer
        start = self.moment(days)
        meeting = self.env["calendar.event"].create(
            {
                "name": "Meeting",
                "start": start,
                "stop": start + timedelta(hours=1),
                "partner_ids": [Command.set((partners | self.env.user.partner_id).ids)],
                **vals,
            }
        )
        return meeting

    def counted(self, *codes, partners=None):
        """What sources count for the customer, by the engine."""
        model = self.make_model(
            [{"code": code, "source": code, "window": (12, "month")} for code in codes],
            partners=self.house,
            activate=False,
        )
        row = self.results(model, self.house)[self.house.id]
        by_code = {one.code: one for one in model.indicator_ids}
        return {code: self.measure(row, by_code[code])[0] for code in codes}

    def test_touches_against_a_naive_count(self):
        """Logged ones, activities of the right types, meetings once a customer."""
        colleague = self.make_partner("Second buyer", parent_id=self.house.id)
        self.touch(kind="call", direction="in", days=3)
        self.touch(kind="greeting", days=2)
        self.touch(kind="call", days=5, active=False)
        self.touch(self.neighbour, kind="call")
        self.promise(5)
        self.mention()
        order = self.make_order(self.house, confirm=False)
        self.make_activity(order, done=self.ago(4))
        self.make_activity(self.buyer)  # still to do
        todo = self.buyer.activity_schedule("mail.mail_activity_data_todo")
        todo.action_feedback()
        mail = self.make_lead(self.buyer).activity_schedule(
            "mail.mail_activity_data_email"
        )
        mail.value_direction = "in"
        mail.action_feedback()
        self.make_meeting(self.buyer | colleague, value_feeling="1")
        self.make_meeting(days=2).active = False
        self.make_meeting(days=3, value_kind=False)
        refused = self.make_meeting(days=4)
        refused.attendee_ids.filtered(
            lambda one: one.partner_id == self.buyer
        ).state = "declined"
        self.make_meeting(days=6, value_kind="call")
        self.assertEqual(
            self.counted(
                "touches",
                "touches_logged",
                "touch_calls",
                "touch_visits",
                "touch_messages",
                "touch_greetings",
                "touches_in",
                "touch_feelings",
            ),
            {
                "touches": 2 + 2 + 2,
                "touches_logged": 2,
                "touch_calls": 1 + 1 + 1,
                "touch_visits": 1,
                "touch_messages": 1,
                "touch_greetings": 1,
                "touches_in": 1 + 1,
                "touch_feelings": 1,
            },
        )

    def test_meeting_planned_as_an_activity_counts_once(self):
        activity = self.buyer.activity_schedule("mail.mail_activity_data_meeting")
        activity.calendar_event_id = self.make_meeting()
        activity.action_feedback()
        self.assertEqual(self.counted("touches")["touches"], 1)

    def test_days_are_the_companys(self):
        """Done on a day in Auckland is done on that day, not the day before."""
        self.make_activity(self.buyer, done=self.ago(0))
        model = self.make_model(
            [{"source": "touches", "aggregate": "recency"}],
            partners=self.house,
            activate=False,
        )
        row = self.results(model, self.house)[self.house.id]
        self.assertEqual(self.measure(row, model.indicator_ids)[0], 0)

    def test_activity_type_says_what_counts(self):
        kinds = {
            name: self.env.ref(f"mail.mail_activity_data_{name}").value_kind
            for name in ("call", "email", "meeting", "todo")
        }
        self.assertEqual(
            kinds,
            {"call": "call", "email": "message", "meeting": "visit", "todo": False},
        )

    def test_feeling_is_asked_of_touches_only(self):
        seller = self.make_seller("feeling")
        call = self.make_activity(self.buyer)
        todo = self.buyer.activity_schedule("mail.mail_activity_data_todo")
        self.assertTrue(call.with_user(seller)._value_asks_feeling())
        self.assertFalse(todo.with_user(seller)._value_asks_feeling())
        plain = self.make_seller("feeling_plain", "base.group_user")
        self.assertFalse(call.with_user(plain)._value_asks_feeling())
        fields_seen = call.with_user(plain).fields_get()
        self.assertNotIn("value_feeling", fields_seen)

    # --------------------------------------------------------------------- scores

    def test_scored_again_when_something_changes(self):
        """Every change of a touch marks its customer, and the next run sees it."""
        model = self.make_model(
            [
                {"code": "touches", "source": "touches"},
                {
                    "code": "kept",
                    "source": "promises_kept",
                    "asked": "promises_due",
                    "aggregate": "rate",
                },
            ],
            partners=self.house | self.neighbour,
        )
        self.score(model)
        self.forget_marks()

        def scored(partner):
            self.assertIn(partner, self.marked_customers())
            self.score_dirty()
            row = self.stored(partner)[partner.id]
            return self.measure(row, model.indicator_ids[0])[0]

        touch = self.touch()
        self.assertEqual(scored(self.house), 1)
        touch.write({"kind": "mention", "mention_channel": "talk"})
        self.assertEqual(scored(self.house), 0)
        touch.kind = "visit"
        self.assertEqual(scored(self.house), 1)
        touch.partner_id = self.neighbour
        self.env.flush_all()
        self.assertEqual(
            self.marked_customers() & (self.house | self.neighbour),
            self.house | self.neighbour,
        )
        self.assertEqual(scored(self.neighbour), 1)
        self.assertEqual(
            self.measure(
                self.stored(self.house)[self.house.id], model.indicator_ids[0]
            )[0],
            0,
        )
        touch.active = False
        self.assertEqual(scored(self.neighbour), 0)
        touch.active = True
        self.assertEqual(scored(self.neighbour), 1)
        touch.unlink()
        self.assertEqual(scored(self.neighbour), 0)
        meeting = self.make_meeting()
        self.assertEqual(scored(self.house), 1)
        meeting.value_kind = False
        self.assertEqual(scored(self.house), 0)
        self.assertEqual(self.score(model)[0], 0)

    # --------------------------------------------------------------------- rights

    def test_own_and_all_documents(self):
        """Own documents: own customers and own touches; all documents: all of them."""
        own = self.make_seller("own")
        everything = self.make_seller("all", "sales_team.group_sale_salesman_all_leads")
        boss = self.make_seller("boss", "customer_value.group_manager")
        other = self.make_seller("other")
        self.house.user_id = own
        self.neighbour.user_id = other
        free = self.make_partner("Nobody's")
        mine = self.touch()
        theirs = self.touch(self.neighbour, user_id=other.id)
        by_me = self.touch(self.neighbour, user_id=own.id)
        nobodys = self.touch(free)
        every = mine | theirs | by_me | nobodys
        for user, seen in (
            (own, mine | by_me | nobodys),
            (everything, every),
            (boss, every),
            (other, theirs | by_me | nobodys),
        ):
            with self.subTest(user=user.login):
                found = every.with_user(user).search([("id", "in", every.ids)])
                self.assertEqual(found.sudo(), seen)
        with self.assertRaises(AccessError), mute_logger(*GIVEN):
            mine.with_user(own).write({"note": "Not mine to change"})
        by_me.with_user(own).write({"note": "Mine"})
        theirs.with_user(everything).write({"note": "May"})
        created = mine.with_user(own).create({"partner_id": self.neighbour.id})
        self.assertEqual(created.user_id, own)

    def test_contact_that_may_not_be_read(self):
        """Rules on contacts hold for what was said to them."""
        seller = self.make_seller(
            "kept_out", "sales_team.group_sale_salesman_all_leads"
        )
        touch = self.touch()
        self.env["ir.rule"].create(
            {
                "name": "Not the house",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', 'not in', {(self.house | self.buyer).ids})]",
            }
        )
        self.assertFalse(touch.with_user(seller).search([("id", "=", touch.id)]))
        with self.assertRaises(AccessError), mute_logger(*GIVEN):
            touch.with_user(seller).create({"partner_id": self.buyer.id})

    def test_another_company_sees_nothing(self):
        elsewhere = self.make_company("UTC")
        stranger = self.make_seller(
            "elsewhere", "customer_value.group_manager", company=elsewhere
        )
        there = {"allowed_company_ids": elsewhere.ids}
        touch = self.touch().with_user(stranger).with_context(**there)
        self.assertFalse(touch.search([("id", "=", touch.id)]))
        with self.assertRaises(AccessError), mute_logger(*GIVEN):
            touch.read(["note"])
        buyer = self.buyer.with_user(stranger).with_context(**there)
        self.assertEqual(buyer.value_touch_count, 0)

    def test_cashier_and_portal_have_no_part_in_it(self):
        touch = self.touch()
        for login, group in (
            ("cashier", "point_of_sale.group_pos_user"),
            ("portal", "base.group_portal"),
            ("employee", "base.group_user"),
        ):
            user = self.make_seller(login, group)
            for operation in (
                lambda as_user: as_user.read(["note"]),
                lambda as_user: as_user.create({"partner_id": self.buyer.id}),
                lambda as_user: as_user.log(
                    "res.partner", self.buyer.id, {"kind": "call"}
                ),
                lambda as_user: as_user.unlink(),
            ):
                with self.assertRaises(AccessError), mute_logger(*GIVEN):
                    operation(touch.with_user(user))

    def test_views_without_rights(self):
        """The scoring views are nobody's; the manager counts touches."""
        seller, boss = (
            self.make_seller("views"),
            self.make_seller("views_boss", "customer_value.group_manager"),
        )
        for name, reader, allowed in (
            ("customer.value.mention", boss, False),
            ("customer.value.touch", seller, False),
            ("customer.value.touch", boss, True),
            ("customer.capture.report", seller, False),
            ("customer.capture.report", boss, True),
        ):
            with self.subTest(model=name, reader=reader.login):
                self.assertEqual(
                    self.env[name].with_user(reader).has_access("read"), allowed
                )
                self.assertFalse(self.env[name].with_user(reader).has_access("write"))

    def test_own_documents_do_not_open_foreign_ones(self):
        """A touch on a quotation does not tell the name of one that may not be read."""
        own, other = self.make_seller("names"), self.make_seller("names_other")
        order = self.make_order(self.buyer, confirm=False, user_id=other.id)
        touch = self.touch(res_model="sale.order", res_id=order.id)
        self.env.invalidate_all()
        self.assertFalse(touch.with_user(own).document_name)
        with self.refused("may not read it", UserError):
            touch.with_user(own).action_open_document()
        self.assertEqual(touch.action_open_document()["res_id"], order.id)

    # --------------------------------------------------------- merging, deleting

    def merge(self, source, into):
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (source | into).ids, into, False
        )
        self.env.invalidate_all()

    def test_merged_person_takes_her_touches_along(self):
        newcomer = self.make_partner("Buyer again", parent_id=self.neighbour.id)
        present = self.make_partner("Present")
        touch = self.touch(
            newcomer,
            people_ids=[Command.set(present.ids)],
            res_model="res.partner",
            res_id=newcomer.id,
        )
        archived = self.touch(newcomer, active=False)
        own = self.touch()
        self.forget_marks()
        self.merge(newcomer, self.buyer)
        self.assertEqual((touch | archived | own).partner_id, self.buyer)
        self.assertEqual((touch | archived | own).commercial_partner_id, self.house)
        self.assertEqual(touch.res_id, self.buyer.id)
        self.merge(present, self.buyer)
        self.assertEqual(touch.people_ids, self.buyer)
        self.assertIn(self.house, self.marked_customers())

    def test_merged_companies(self):
        touch, other = self.touch(), self.touch(self.neighbour)
        promise = self.promise(3)
        self.merge(self.house, self.neighbour)
        self.assertEqual(
            (touch | other | promise).commercial_partner_id, self.neighbour
        )
        self.assertEqual(self.neighbour.value_touch_count, 3)
        self.assertEqual(self.neighbour.value_promise_overdue, 1)

    def test_deleted_with_the_contact_archived_with_nobody(self):
        touch = self.touch(self.neighbour)
        self.neighbour.action_archive()
        self.assertTrue(touch.exists())
        self.neighbour.unlink()
        self.assertFalse(touch.exists())

    # -------------------------------------------------------------------- queries

    def test_lists_ask_no_more_for_more(self):
        """Opening a list takes as many questions for 30 touches as for 3."""
        seller = self.make_seller("queries")
        order = self.make_order(self.buyer, confirm=False, user_id=seller.id)
        for number in range(30):
            kind = ("call", "promise", "mention")[number % 3]
            self.touch(
                kind=kind,
                days=70,
                promise_due=self.ago(number),
                mention_channel="talk",
                mention_url=f"https://example.com/{number}",
                res_model="sale.order",
                res_id=order.id,
                user_id=seller.id,
            )
        self.env.flush_all()
        names = {
            "display_name": {},
            "document_name": {},
            "promise_overdue": {},
            "mention_standing": {},
            "partner_id": {"fields": {"display_name": {}}},
        }
        touchpoints = self.env["customer.touchpoint"].with_user(seller)

        def count(limit):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = touchpoints.web_search_read(
                Domain("partner_id", "=", self.buyer.id), names, limit=limit
            )
            self.assertEqual(len(found["records"]), limit)
            return self.env.cr.sql_log_count - before

        count(3)
        self.assertLessEqual(count(30), count(3))

    def test_partner_counters_ask_once(self):
        partners = self.house | self.buyer | self.neighbour
        for partner in partners:
            self.promise(2, partner)
        self.env.invalidate_all()
        partners.mapped("commercial_partner_id")
        with self.assertQueryCount(4):
            partners.mapped("value_promise_overdue")
            partners.mapped("value_touch_count")
        self.assertEqual(partners.mapped("value_promise_overdue"), [2, 2, 1])


@tagged("post_install", "-at_install")
class TestTouchpointByRpc(HttpCase, TouchCommon):
    """The same rights where there are no buttons."""

    def call(self, login, method, *args):
        self.authenticate(login, login)
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/customer.touchpoint/{method}",
            {
                "model": "customer.touchpoint",
                "method": method,
                "args": list(args),
                "kwargs": {},
            },
        )

    def test_rights(self):
        seller = self.make_seller("rpc_seller")
        cashier = self.make_seller("rpc_cashier", "point_of_sale.group_pos_user")
        logged = self.call(
            seller.login, "log", "res.partner", self.buyer.id, {"kind": "visit"}, 2
        )
        touch = self.env["customer.touchpoint"].browse(logged["id"])
        self.assertEqual((touch.user_id, touch.kind), (seller, "visit"))
        for method, args in (
            ("read", [touch.ids, ["note"]]),
            ("log", ["res.partner", self.buyer.id, {"kind": "visit"}]),
            ("log_prepare", ["res.partner", self.buyer.id]),
            ("search_read", [[]]),
        ):
            with (
                self.subTest(method=method),
                self.assertRaises(JsonRpcException) as caught,
                mute_logger("odoo.http"),
            ):
                self.call(cashier.login, method, *args)
            self.assertIn("AccessError", str(caught.exception))

    def test_the_panel_is_offered_with_the_thread(self):
        """The chatter's own request says who may log; others are told no."""
        for login, groups, expected in (
            ("thread_seller", ["sales_team.group_sale_salesman"], True),
            ("thread_plain", ["base.group_user"], False),
        ):
            user = self.make_seller(login, *groups)
            self.authenticate(user.login, user.login)
            data = self.make_jsonrpc_request(
                "/mail/data",
                {
                    "fetch_params": [
                        [
                            "mail.thread",
                            {
                                "thread_model": "res.partner",
                                "thread_id": self.buyer.id,
                                "request_list": ["customer_touch"],
                            },
                        ]
                    ]
                },
            )
            [thread] = [
                one for one in data["mail.thread"] if one["id"] == self.buyer.id
            ]
            self.assertIs(thread["value_may_log_touch"], expected)

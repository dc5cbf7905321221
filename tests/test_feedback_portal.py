from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .test_feedback import FeedbackCommon


@tagged("post_install", "-at_install")
class TestFeedbackPortal(FeedbackCommon, HttpCase):
    """As a real portal user, over HTTP and RPC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pia = new_test_user(
            cls.env,
            "feedback_pia",
            password="feedback_pia",
            groups="base.group_portal",
            name="Pia <b>Harbour</b>",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )
        cls.pia.partner_id.write({"parent_id": cls.customer.id})
        cls.of_pia = cls.say(partner=cls.pia.partner_id, subject="Pias own")
        cls.of_colleague = cls.say(partner=cls.person, subject="Idas secret")

    def post(self, **values):
        return self.url_open(
            "/my/feedback/new",
            data={"csrf_token": self.token(), **values},
        )

    def token(self):
        page = self.url_open("/my/feedback/new").text
        return page.split('name="csrf_token" value="')[1].split('"')[0]

    def test_stranger_is_asked_to_log_in(self):
        for address in ("/my/feedback", "/my/feedback/new"):
            answer = self.url_open(address)
            self.assertIn("/web/login", answer.url)

    def test_list_shows_the_own_only(self):
        self.authenticate("feedback_pia", "feedback_pia")
        page = self.url_open("/my/feedback").text
        self.assertIn("Pias own", page)
        self.assertNotIn("Idas secret", page)

    @mute_logger("odoo.http")
    def test_page_of_another_is_not_found(self):
        self.authenticate("feedback_pia", "feedback_pia")
        self.assertEqual(
            self.url_open(f"/my/feedback/{self.of_pia.id}").status_code, 200
        )
        for feedback_id in (self.of_colleague.id, 999_999_999):
            answer = self.url_open(f"/my/feedback/{feedback_id}")
            self.assertEqual(answer.status_code, 404)
            self.assertNotIn("secret", answer.text)

    def test_page_shows_the_answer_but_nothing_internal(self):
        self.of_pia.write(
            {
                "answer": "A new parcel is on its way.",
                "resolution": "The packer was careless",
                "cause_id": self.env.ref("customer_value.feedback_cause_staff").id,
            }
        )
        self.authenticate("feedback_pia", "feedback_pia")
        address = f"/my/feedback/{self.of_pia.id}"
        self.assertNotIn("A new parcel", self.url_open(address).text, "not told yet")
        self.of_pia.stage_id = self.stage("told")
        page = self.url_open(address).text
        self.assertIn("A new parcel", page)
        self.assertIn("Answered", page)
        self.assertNotIn("careless", page)
        self.assertNotIn("How we treated", page)

    def test_say_something(self):
        self.authenticate("feedback_pia", "feedback_pia")
        known = self.feedback.search([])
        answer = self.post(
            kind="suggestion", subject="Paper bags", description="<script>x</script>"
        )
        said = self.feedback.search([]) - known
        self.assertEqual(len(said), 1)
        self.assertEqual(said.partner_id, self.pia.partner_id)
        self.assertEqual(said.company_id, self.company)
        self.assertEqual((said.kind, said.channel), ("suggestion", "portal"))
        self.assertEqual(said.user_id, self.anna)
        self.assertIn(f"/my/feedback/{said.id}", answer.url)
        self.assertIn("Thank you", answer.text)
        self.assertNotIn("<script>x", answer.text)

    def test_nobody_speaks_for_another(self):
        self.authenticate("feedback_pia", "feedback_pia")
        known = self.feedback.search([])
        self.post(
            kind="praise",
            subject="All mine",
            partner_id=self.person.id,
            user_id=self.bert.id,
            stage_id=self.stage("closed").id,
        )
        said = self.feedback.search([]) - known
        self.assertEqual(said.partner_id, self.pia.partner_id)
        self.assertEqual(said.stage_id, self.stage("new"))
        self.assertEqual(said.user_id, self.anna)

    def test_bad_input_is_shown_again(self):
        self.authenticate("feedback_pia", "feedback_pia")
        known = self.feedback.search_count([])
        for values, words in (
            ({"kind": "bribe", "subject": "Hm"}, "Choose whether"),
            ({"kind": "praise", "subject": "   "}, "in a few words"),
            ({"kind": "praise", "subject": "x" * 201}, "too long"),
            ({"kind": "praise", "subject": "x", "description": "y" * 5001}, "too long"),
        ):
            self.assertIn(words, self.post(**values).text)
        self.assertEqual(self.feedback.search_count([]), known)

    @mute_logger("odoo.http")
    def test_without_token_nothing_is_taken(self):
        self.authenticate("feedback_pia", "feedback_pia")
        known = self.feedback.search_count([])
        answer = self.url_open(
            "/my/feedback/new", data={"kind": "praise", "subject": "Forged"}
        )
        self.assertEqual(answer.status_code, 400)
        self.assertEqual(self.feedback.search_count([]), known)

    @mute_logger("odoo.http")
    def test_rpc_gives_nothing(self):
        self.authenticate("feedback_pia", "feedback_pia")
        for method, args in (
            ("search_read", [[]]),
            ("read", [[self.of_pia.id, self.of_colleague.id]]),
            ("write", [[self.of_pia.id], {"subject": "Changed"}]),
            ("create", [{"subject": "Back door"}]),
            ("unlink", [[self.of_pia.id]]),
        ):
            answer = self.url_open(
                "/web/dataset/call_kw",
                json={
                    "params": {
                        "model": "customer.feedback",
                        "method": method,
                        "args": args,
                        "kwargs": {},
                    }
                },
            ).json()
            self.assertIn("AccessError", answer["error"]["data"]["name"], method)
        self.assertEqual(self.of_pia.subject, "Pias own")

    def test_home_leads_there(self):
        self.authenticate("feedback_pia", "feedback_pia")
        self.assertIn("/my/feedback", self.url_open("/my").text)

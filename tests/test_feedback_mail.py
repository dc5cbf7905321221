from odoo.tests import tagged

from .test_feedback import FeedbackCommon

MAIL = """From: {sender}
To: {to}
Subject: {subject}
Message-ID: <{number}@feedback.example>
Date: Tue, 10 Mar 2026 00:00:00 +0000
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

{body}
"""


@tagged("post_install", "-at_install")
class TestFeedbackMail(FeedbackCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        domain = cls.env["mail.alias.domain"].create({"name": "shop.example"})
        cls.company.alias_domain_id = domain
        cls.box = cls.env["customer.feedback.box"].create(
            {
                "name": "Ideas",
                "kind": "suggestion",
                "alias_name": "ideas",
                "alias_domain_id": domain.id,
                "user_id": cls.meg.id,
            }
        )

    def receive(self, sender, to="ideas@shop.example", subject="Paper bags", **more):
        known = self.feedback.search([])
        mail = MAIL.format(
            sender=sender,
            to=to,
            subject=subject,
            body=more.get("body", "Please use paper bags.\nThank you."),
            number=more.get("number", next(self._numbers)),
        )
        # the gateway knows no company of its own
        gateway = self.env["mail.thread"].with_context(allowed_company_ids=None)
        gateway.with_user(self.env.ref("base.user_root")).message_process(None, mail)
        return self.feedback.search([]) - known

    def test_mail_of_a_contact(self):
        said = self.receive("Ida <ida@harbour.example>")
        self.assertEqual(len(said), 1)
        self.assertEqual(said.partner_id, self.person)
        self.assertEqual(said.kind, "suggestion")
        self.assertEqual(said.company_id, self.company)
        self.assertEqual(said.channel, "mail")
        self.assertEqual(said.subject, "Paper bags")
        self.assertIn("Please use paper bags.", said.description)
        self.assertEqual(said.user_id, self.anna, "the customer's salesperson")
        self.assertEqual(said.stage_id, self.stage("new"))

    def test_mail_of_a_stranger(self):
        known = self.env["res.partner"].search_count([])
        said = self.receive("Stranger <who@far.example>")
        self.assertFalse(said.partner_id)
        self.assertIn("who@far.example", said.email_from)
        self.assertEqual(said.user_id, self.meg, "the mailbox's")
        self.assertEqual(self.env["res.partner"].search_count([]), known)

    def test_contact_of_another_company_is_a_stranger(self):
        elsewhere = self.make_company(self.tz)
        self.make_partner("Theirs", email="us@theirs.example", company_id=elsewhere.id)
        said = self.receive("Theirs <us@theirs.example>")
        self.assertFalse(said.partner_id)
        self.assertEqual(said.company_id, self.company)

    def test_same_mail_twice_is_one(self):
        self.assertEqual(len(self.receive("ida@harbour.example", number="same")), 1)
        self.assertFalse(self.receive("ida@harbour.example", number="same"))

    def test_reply_joins_its_thread(self):
        said = self.receive("ida@harbour.example", number="first")
        mail = MAIL.format(
            sender="ida@harbour.example",
            to="ideas@shop.example",
            subject="Re: Paper bags",
            body="And boxes too.",
            number="second",
        ).replace("Date:", "In-Reply-To: <first@feedback.example>\nDate:")
        known = self.feedback.search([])
        self.env["mail.thread"].message_process(None, mail)
        self.assertEqual(self.feedback.search([]), known)
        self.assertIn("And boxes too.", said.message_ids[0].body)

    def test_changed_mailbox(self):
        self.box.kind = "praise"
        self.assertEqual(self.receive("ida@harbour.example").kind, "praise")

    def test_mail_without_words(self):
        said = self.receive("ida@harbour.example", subject="", body="")
        self.assertEqual(said.subject, "Suggestion")

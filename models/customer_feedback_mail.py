from odoo import api, models, tools


class CustomerFeedback(models.Model):
    _inherit = "customer.feedback"

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """A mail to a feedback mailbox: company and kind are the box's.

        The sender is looked up among the contacts of that company; a stranger is no
        new contact, the address is kept to answer to.
        """
        values = dict(custom_values or {})
        company = self.env["res.company"].browse(values.get("company_id"))
        company = company.exists() or self.env.company
        author = self._mail_author(msg_dict, company)
        values.setdefault("company_id", company.id)
        words = tools.html2plaintext(msg_dict.get("body") or "").strip()
        values.update(
            subject=msg_dict.get("subject")
            or self._in_short(words, values.get("kind")),
            description=words,
            channel="mail",
            partner_id=author.id,
            email_from=False if author else msg_dict.get("email_from"),
        )
        there = self.with_company(company)
        return super(CustomerFeedback, there).message_new(msg_dict, values)

    def _mail_author(self, msg_dict, company):
        """The contact who wrote, if one of the company's own or of every company."""
        author = self.env["res.partner"].browse(msg_dict.get("author_id"))
        if not author:
            author = self._partner_find_from_emails_single(
                [msg_dict.get("email_from") or ""], no_create=True
            )
        return author.filtered(
            lambda one: not one.company_id or one.company_id == company
        )

    def _mail_get_companies(self, default=None):
        return {one.id: one.company_id or default for one in self}

from werkzeug.exceptions import NotFound

from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

from ..models.customer_feedback_stage import KINDS

LONGEST = 5000
"""Characters of a description: enough for a letter, too few to fill a disk."""


class FeedbackPortal(CustomerPortal):
    """A customer says something, and sees what becomes of what he said himself.

    Portal users have no rights on feedback: they get what these pages show of the
    records whose customer they are, and nothing by other ways.
    """

    @route(
        ["/my/feedback", "/my/feedback/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def my_feedback(self, page=1, **kwargs):
        own = self._own_feedback()
        pages = pager(
            url="/my/feedback",
            total=own.search_count(self._own_domain()),
            page=page,
            step=self._items_per_page,
        )
        said = own.search(
            self._own_domain(), limit=self._items_per_page, offset=pages["offset"]
        )
        return self._render(
            "portal_my_feedback",
            feedbacks=[feedback._for_portal() for feedback in said],
            pager=pages,
        )

    @route(
        "/my/feedback/new", type="http", auth="user", methods=["GET"], website=True
    )
    def new_feedback(self, kind="suggestion", **kwargs):
        return self._render("portal_new_feedback", kind=kind)

    @route(
        "/my/feedback/new", type="http", auth="user", methods=["POST"], website=True
    )
    def say_feedback(self, kind="", subject="", description="", **kwargs):
        """Take what was said, or show the form again with what is missing."""
        subject, description = subject.strip(), description.strip()
        error = self._what_is_missing(kind, subject, description)
        if error:
            return self._render(
                "portal_new_feedback",
                kind=kind,
                subject=subject,
                description=description,
                error=error,
            )
        partner = request.env.user.partner_id
        company = partner.company_id or request.env.company
        feedback = (
            self._own_feedback()
            .with_company(company)
            .create(
                {
                    "kind": kind,
                    "subject": subject,
                    "description": description,
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "channel": "portal",
                }
            )
        )
        return request.redirect(f"/my/feedback/{feedback.id}?said=1")

    @route(
        "/my/feedback/<int:feedback_id>", type="http", auth="user", website=True
    )
    def one_feedback(self, feedback_id, said=None, **kwargs):
        domain = [*self._own_domain(), ("id", "=", feedback_id)]
        feedback = self._own_feedback().search(domain)
        if not feedback:
            raise NotFound()
        return self._render(
            "portal_feedback", feedback=feedback._for_portal(), said=bool(said)
        )

    def _own_feedback(self):
        return request.env["customer.feedback"].sudo()

    def _own_domain(self):
        return [("partner_id", "=", request.env.user.partner_id.id)]

    def _what_is_missing(self, kind, subject, description):
        if kind not in dict(KINDS):
            return request.env._("Choose whether it is an idea, a complaint or praise.")
        if not subject:
            return request.env._("Say in a few words what it is about.")
        if len(subject) > 200 or len(description) > LONGEST:
            return request.env._(
                "This is too long: up to 200 characters for what it is about, and %s "
                "for the rest.",
                LONGEST,
            )
        return False

    def _render(self, template, **values):
        page = {
            **self._prepare_portal_layout_values(),
            "page_name": "feedback",
            "kinds": request.env["customer.feedback"]
            ._fields["kind"]
            ._description_selection(request.env),
            **values,
        }
        return request.render(f"customer_value.{template}", page)

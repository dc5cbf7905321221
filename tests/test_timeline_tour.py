from odoo.tests import HttpCase, tagged

from .test_closeness import ClosenessCommon


@tagged("post_install", "-at_install")
class TestTimelineTour(HttpCase, ClosenessCommon):
    def test_timeline(self):
        """Two pages of documents in a browser, as a salesperson sees them."""
        partner = self.make_partner("Eta Works", user_id=self.ana.id)
        self.make_lead(partner, 10, name="The first one")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET create_date = %s WHERE partner_id = %s",
            [self.back(400), partner.id],
        )
        for number in range(45):
            self.make_order(partner, when=self.back(10 + number), confirm=False)
        self.meet(partner, self.ana, 2)
        self.update()
        self.start_tour(
            f"/odoo/m-res.partner/{partner.id}",
            "customer_value_timeline",
            login=self.ana.login,
        )

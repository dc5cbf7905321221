"""Promotions run together with distributors: one came to its end, one is running."""

from datetime import timedelta

from odoo.fields import Command

USUAL = 0.70
"""What a distributor usually pays, of the list price."""
DISCOUNT = 7
"""During a promotion, in percent: then he pays what ``orders`` sells to him for."""
HIS_PRICE = 0.95
"""What his buyers pay him, of the list price."""


def write_sheets(scene):
    """Returns how many sheets were written."""
    _sheet(
        scene,
        "olive_thyme",
        first=130,
        last=70,
        planned=1.12,
        state="done",
        name="Back in the kitchen",
        material_cost=300,
        material_discount=50,
        advertising_cost=600,
        advertising_share=40,
        note="We send a demonstrator for the first two Saturdays. He puts the goods "
        "into the window, both name each other in the local paper.",
    )
    _sheet(
        scene,
        "nordlys",
        first=30,
        last=-30,
        planned=1.9,
        state="running",
        name="Small gifts for cooks",
        material_cost=40,
        material_discount=100,
        advertising_cost=60,
        advertising_share=50,
        note="Cards in Norwegian from us; he visits his ten best shops by himself.",
    )
    return 2


def _sheet(scene, key, first, last, planned, state, **vals):
    """A sheet that reckoned with ``planned`` times what was bought since."""
    customer = scene.ref(key)
    begin, end = (scene.today - timedelta(days=day) for day in (first, last))
    bought = _bought(scene, customer, begin, end)
    sheet = scene.env["customer.campaign.sheet"].create(
        {
            "partner_id": customer.id,
            "company_id": scene.company.id,
            "user_id": customer.user_id.id,
            "date_from": begin,
            "date_to": end,
            "line_ids": [
                Command.create(_line(product, quantity * planned))
                for product, quantity in bought.items()
            ],
            **vals,
        }
    )
    sheet.state = state


def _bought(scene, customer, begin, end):
    """``{product: quantity}`` of his orders of the period."""
    lines = scene.env["sale.order.line"].search(
        [
            ("order_id.partner_invoice_id", "child_of", customer.id),
            ("order_id.date_order", ">=", begin),
            ("order_id.date_order", "<", end + timedelta(days=1)),
            ("state", "=", "sale"),
            ("product_id", "!=", False),
        ],
        order="price_subtotal desc",
    )
    return {
        product: sum(some.mapped("product_uom_qty"))
        for product, some in lines.grouped("product_id").items()
    }


def _line(product, quantity):
    """Planned in round numbers; without the promotion he would buy half of it."""
    step = 5 if quantity > 10 else 1
    planned = step * max(1, round(quantity / step))
    price = round(USUAL * product.list_price, 2)
    return {
        "product_id": product.id,
        "usual_price": price,
        "discount": DISCOUNT,
        "usual_quantity": planned // 2,
        "quantity": planned,
        "sales_price": round(HIS_PRICE * product.list_price, 2),
        "cost": product.standard_price,
    }

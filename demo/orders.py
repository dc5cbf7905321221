"""Quotations confirmed, invoiced, posted, credited and paid, each on its own day."""

from datetime import timedelta

from odoo.fields import Command

from .scene import batches

DISCOUNTS = {"consumer": 0, "key_account": 12, "distributor": 35}
RESELLERS = ("distributor",)
"""Who sells on pays no sales tax."""
DELIVERED_SINCE = 45
"""Deliveries are planned for orders of the last days only; nobody ships the past."""


def write_orders(scene, plan):
    """Everything sold by order, the oldest first; yields the count as it goes."""
    sales = sorted(
        (
            (sale, customer)
            for customer in plan.customers
            for sale in customer.purchases
            if sale.channel == "order"
        ),
        key=lambda pair: -pair[0].day,
    )
    done = 0
    for part in batches(sales):
        _sell(scene, part)
        scene.settle()
        done += len(part)
        yield done, len(sales)


def _sell(scene, sales):
    orders = scene.env["sale.order"].create(
        [_order(scene, sale, customer) for sale, customer in sales]
    )
    pairs = list(zip(orders, sales, strict=True))
    _confirm(scene, pairs)
    _bill(scene, [(order, sale) for order, (sale, __) in pairs if _is_billed(sale)])


def _is_billed(sale):
    return sale.fate not in ("cancelled", "uninvoiced")


def _order(scene, sale, customer):
    untaxed = {"tax_ids": [Command.clear()]} if customer.kind in RESELLERS else {}
    return {
        "partner_id": scene.contact(customer, sale.contact).id,
        "user_id": scene.seller(customer).id,
        "date_order": scene.moment(sale.day, sale.late),
        "pricelist_id": scene.ref(f"pricelist_{customer.currency.lower()}").id,
        "order_line": [
            Command.create(
                {
                    "product_id": scene.products[key].id,
                    "product_uom_qty": quantity,
                    "discount": DISCOUNTS[customer.kind],
                    **untaxed,
                }
            )
            for key, quantity in sale.basket
        ],
    }


def _confirm(scene, pairs):
    """Confirming sets the order's date to the present: put it back."""
    orders = scene.env["sale.order"]
    orders = orders.concat(*(order for order, __ in pairs))
    recent = orders.browse(
        order.id for order, (sale, __) in pairs if sale.day <= DELIVERED_SINCE
    )
    (orders - recent).with_context(skip_procurement=True).action_confirm()
    recent.action_confirm()
    for order, (sale, __) in pairs:
        order.date_order = scene.moment(sale.day, sale.late)
    scene.backdate(
        orders,
        [{"create_date": scene.moment(sale.day + 2)} for __, (sale, __) in pairs],
    )
    for order, (sale, __) in pairs:
        if sale.fate == "cancelled":
            order._action_cancel()


def _bill(scene, pairs):
    if not pairs:
        return
    invoices = scene.env["account.move"].create(
        [_invoice(scene, order, sale) for order, sale in pairs]
    )
    bills = [
        (invoice, sale) for invoice, (__, sale) in zip(invoices, pairs, strict=True)
    ]
    invoices.action_post()
    _credit(scene, [bill for bill in bills if bill[1].fate == "credited"])
    _reduce(scene, [bill for bill in bills if bill[1].fate == "reduced"])
    _collect(scene, [bill for bill in bills if bill[1].fate in ("paid", "reduced")])


def _invoice(scene, order, sale):
    """What *Create Invoice* prepares, and the day: set later, all is reckoned twice."""
    lines = order._get_invoiceable_lines()
    return {
        **order._prepare_invoice(),
        "invoice_date": scene.date(sale.day - 2),
        "invoice_line_ids": [
            Command.create(line._prepare_invoice_line()) for line in lines
        ],
    }


def _reversal(scene, sale):
    day = scene.date(sale.day - 12)
    return {"invoice_date": day, "date": day}


def _credit(scene, bills):
    """Credit whole invoices."""
    if bills:
        moves = scene.env["account.move"].concat(*(invoice for invoice, __ in bills))
        moves._reverse_moves(
            [_reversal(scene, sale) for __, sale in bills], cancel=True
        )


def _reduce(scene, bills):
    """Credit one piece of the first line: broken in transit."""
    if not bills:
        return
    invoices = scene.env["account.move"].concat(*(invoice for invoice, __ in bills))
    credits = invoices._reverse_moves([_reversal(scene, sale) for __, sale in bills])
    for credit in credits:
        first, *others = credit.invoice_line_ids
        credit.write(
            {
                "invoice_line_ids": [
                    Command.update(first.id, {"quantity": 1}),
                    *(Command.delete(line.id) for line in others),
                ]
            }
        )
    credits.action_post()
    scene.env["account.move.line"]._reconcile_plan(
        [_receivable(credit + credit.reversed_entry_id) for credit in credits]
    )


def _receivable(moves):
    return moves.line_ids.filtered(
        lambda line: line.account_id.account_type == "asset_receivable"
    )


def _collect(scene, bills):
    """Pay what is due by now, all of it, on the customer's usual day."""
    due = []
    for invoice, sale in bills:
        day = max(
            invoice.invoice_date_due + timedelta(days=sale.late), invoice.invoice_date
        )
        if day <= scene.today and invoice.amount_residual:
            due.append((invoice, day))
    journal = scene.env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", scene.company.id)], limit=1
    )
    payments = scene.env["account.payment"].create(
        [
            {
                "partner_id": invoice.commercial_partner_id.id,
                "partner_type": "customer",
                "payment_type": "inbound",
                "journal_id": journal.id,
                "currency_id": invoice.currency_id.id,
                "amount": invoice.amount_residual,
                "date": day,
                "memo": invoice.payment_reference or invoice.name,
                "invoice_ids": [Command.set(invoice.ids)],
            }
            for invoice, day in due
        ]
    )
    payments.action_post()
    scene.env["account.move.line"]._reconcile_plan(
        [
            _receivable(invoice + payment.move_id)
            for (invoice, __), payment in zip(due, payments, strict=True)
        ]
    )

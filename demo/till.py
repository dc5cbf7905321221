"""The shop: sessions opened by the cashier, sales, returns, closed sessions."""

from collections import defaultdict

from odoo.fields import Command

RETURNED_AFTER = 9


def write_till(scene, plan):
    """Sell, and take back, session by session; yields the number of till orders."""
    shop = _shop(scene)
    sessions = defaultdict(list)
    for customer in plan.customers:
        for sale in customer.purchases:
            if sale.channel == "till":
                sessions[_session_start(sale.day)].append((sale, customer))
    returns, done = [], 0
    total = sum(map(len, sessions.values()))
    for number, start in enumerate(sorted(sessions, reverse=True)):
        sales = sorted(sessions[start], key=lambda pair: -pair[0].day)
        returns = _play(scene, shop, start, sales, returns)
        done += len(sales)
        if number % 8 == 0:
            scene.settle()
            yield done, total
    if returns:
        _play(scene, shop, 0, [], returns)
    _backdate_entries(scene, shop)
    yield done, total


def _session_start(day):
    """First day of the session that a day falls into."""
    length = _session_length(day)
    return (day // length + 1) * length - 1


def _session_length(day):
    """The shop closes its till once a week; long ago, for brevity, more rarely."""
    if day < 28:
        return 7
    return 28 if day < 364 else 56


def _shop(scene):
    """The point of sale, with its own cash and the company's card journal."""
    shop = scene.env.ref("customer_value.demo_pos_config", False)
    if shop:
        return shop
    configs = scene.env["pos.config"]
    journal, methods = configs._create_journal_and_payment_methods(
        cash_journal_vals={"name": "Shop Till", "show_on_dashboard": False}
    )
    shop = configs.create(
        {
            "name": "Hearth & Clay Shop",
            "company_id": scene.company.id,
            "journal_id": journal.id,
            "payment_method_ids": [Command.set(methods)],
        }
    )
    scene.env["ir.model.data"]._update_xmlids(
        [{"xml_id": "customer_value.demo_pos_config", "record": shop, "noupdate": True}]
    )
    return shop


def _play(scene, shop, start, sales, returns):
    """One session; returns the sales that will be brought back later."""
    session = scene.env["pos.session"].create(
        {
            "config_id": shop.id,
            "user_id": scene.carl.id,
            "start_at": scene.moment(start),
        }
    )
    session.set_opening_control(session.cash_register_balance_start, "")
    end = max(0, start + 1 - _session_length(start))
    orders = scene.env["pos.order"].create(
        [
            _order(scene, session, number, sale, customer)
            for number, (sale, customer) in enumerate(sales, start=1)
        ]
    )
    for order in orders:
        order.action_pos_order_paid()
    waiting = [
        (order, sale)
        for order, (sale, __) in zip(orders, sales, strict=True)
        if sale.fate == "returned"
    ]
    due = [pair for pair in returns if pair[1].day - RETURNED_AFTER >= end]
    _take_back(scene, due)
    _close(scene, session, end)
    return [pair for pair in returns if pair not in due] + waiting


def _order(scene, session, number, sale, customer):
    """What a till sends; it numbers its orders itself."""
    lines = [_line(scene, key, quantity) for key, quantity in sale.basket]
    total = sum(line["price_subtotal_incl"] for line in lines)
    net = sum(line["price_subtotal"] for line in lines)
    moment = scene.moment(sale.day, len(sale.basket) + sale.late)
    return {
        "session_id": session.id,
        "pos_reference": f"{session.id:05}-001-{number:04}",
        "tracking_number": str(number),
        "sequence_number": number,
        "user_id": scene.carl.id,
        "partner_id": scene.entity(customer).id,
        "date_order": moment,
        "amount_total": total,
        "amount_tax": total - net,
        "amount_paid": total,
        "amount_return": 0,
        "lines": [Command.create(line) for line in lines],
        "payment_ids": [Command.create(_payment(session, total, moment))],
    }


def _line(scene, key, quantity):
    product = scene.products[key]
    taxes = product.taxes_id._filter_taxes_by_company(scene.company)
    amounts = taxes.compute_all(product.list_price, quantity=quantity, product=product)
    return {
        "product_id": product.id,
        "full_product_name": product.name,
        "qty": quantity,
        "price_unit": product.list_price,
        "tax_ids": [Command.set(taxes.ids)],
        "price_subtotal": amounts["total_excluded"],
        "price_subtotal_incl": amounts["total_included"],
    }


def _payment(session, amount, moment):
    """Two in three by card."""
    journal = "bank" if moment.day % 3 else "cash"
    methods = session.config_id.payment_method_ids
    return {
        "payment_method_id": methods.filtered(
            lambda method: method.journal_id.type == journal
        )[0].id,
        "amount": amount,
        "payment_date": moment,
    }


def _take_back(scene, pairs):
    """Everything the order held is brought back, some days later."""
    for order, sale in pairs:
        refund = order._refund()
        moment = scene.moment(sale.day - RETURNED_AFTER, sale.late)
        payment = _payment(refund.session_id, refund.amount_total, moment)
        refund.write(
            {
                "date_order": moment,
                "payment_ids": [Command.create(payment)],
                "amount_paid": refund.amount_total,
            }
        )
        refund.action_pos_order_paid()


def _close(scene, session, end):
    counted = session.get_closing_control_data()["default_cash_details"]
    session.post_closing_cash_details(counted["amount"])
    session.action_pos_session_closing_control()
    session.stop_at = scene.moment(end)


def _backdate_entries(scene, shop):
    """Closing booked the takings today; in the demo they belong to their own days.

    When all are booked: numbers are given by the year of the entries' dates.
    """
    for session in scene.env["pos.session"].search([("config_id", "=", shop.id)]):
        moves = session.move_id | session.statement_line_ids.move_id
        moves |= session.bank_payment_ids.move_id
        dates = {"date": session.stop_at.date()}
        scene.backdate(moves, [dates] * len(moves))
        scene.backdate(moves.line_ids, [dates] * len(moves.line_ids))

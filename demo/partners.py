"""Currency rates, customers and their contacts."""

import math

from odoo.fields import Command

RATES = {"EUR": 0.92, "GBP": 0.79, "CNY": 7.15}
COUNTRIES = {
    "US": "base.us",
    "CA": "base.ca",
    "CN": "base.cn",
    "DE": "base.de",
    "FR": "base.fr",
    "GB": "base.uk",
}
INDUSTRIES = {"key_account": "I", "distributor": "G"}


def write_rates(scene):
    """A rate a month for three years, swinging by a few percent."""
    rates = scene.env["res.currency.rate"]
    for code, middle in RATES.items():
        currency = scene.env.ref(f"base.{code}")
        known = set(
            rates.search(
                [
                    ("currency_id", "=", currency.id),
                    ("company_id", "=", scene.company.id),
                ]
            ).mapped("name")
        )
        rates.create(
            [
                {
                    "currency_id": currency.id,
                    "company_id": scene.company.id,
                    "name": scene.date(day),
                    "rate": middle * (1 + 0.05 * math.sin(day / 130)),
                }
                for day in range(1110, -1, -30)
                if scene.date(day) not in known
            ]
        )


def write_partners(scene, plan):
    named = [customer for customer in plan.customers if customer.named]
    others = [customer for customer in plan.customers if not customer.named]
    for customer in named:
        entity = scene.ref(customer.key)
        contacts = entity.with_context(active_test=False).search(
            [("parent_id", "=", entity.id)], order="id"
        )
        entity.company_id = scene.company
        scene.people[id(customer)] = [entity, *contacts.with_env(entity.env)]
    entities = scene.env["res.partner"].create(
        [_values(scene, customer) for customer in others]
    )
    for customer, entity in zip(others, entities, strict=True):
        scene.people[id(customer)] = [entity]
    _write_contacts(scene, plan, others)
    _backdate(scene, plan)


def _backdate(scene, plan):
    """Customers and their contacts came when the customer came."""
    people = [
        (person, customer)
        for customer in plan.customers
        for person in scene.people[id(customer)]
    ]
    scene.backdate(
        scene.env["res.partner"].concat(*(person for person, __ in people)),
        [{"create_date": scene.moment(one.since + 1)} for __, one in people],
    )


def _values(scene, customer):
    ref = scene.env.ref
    values = {
        "name": customer.name,
        "email": _address(customer.name),
        "city": customer.city,
        "country_id": ref(COUNTRIES[customer.country]).id,
        "user_id": scene.seller(customer).id,
        "customer_rank": 1,
        "company_id": scene.company.id,
    }
    if customer.kind == "consumer":
        return values
    industry = ref(f"base.res_partner_industry_{INDUSTRIES[customer.kind]}")
    term = ref("account.account_payment_term_30days")
    values |= {
        "is_company": True,
        "industry_id": industry.id,
        "property_payment_term_id": term.id,
    }
    if customer.currency != "USD":
        values["property_product_pricelist"] = _pricelist(scene, customer).id
    if customer.tag:
        tag = ref(f"customer_value.category_{customer.tag}")
        values["category_id"] = [Command.link(tag.id)]
    return values


def _address(name):
    words = "".join(c if c.isalnum() else " " for c in name.lower()).split()
    return f"{'.'.join(words)}@example.com"


def _pricelist(scene, customer):
    return scene.ref(f"pricelist_{customer.currency.lower()}")


def _write_contacts(scene, plan, customers):
    pairs = [
        (customer, plan.name("consumer"))
        for customer in customers
        for __ in range(customer.contacts)
    ]
    contacts = scene.env["res.partner"].create(
        [
            {
                "parent_id": scene.entity(customer).id,
                "name": name,
                "email": _address(name),
                "function": "Buyer",
            }
            for customer, name in pairs
        ]
    )
    for (customer, __), contact in zip(pairs, contacts, strict=True):
        scene.people[id(customer)].append(contact)

"""Who brought whom: an advocate with five friends, a doubt, a refusal, a reward."""

from itertools import islice

FRIENDS = 5
NEW_DAYS = (60, 170)
"""Customers whose first purchase lies so many days back can have been brought."""


def write_referrals(scene, plan):
    """Tell the stories, then let the rules judge them; returns the number."""
    advocate = next(
        customer
        for customer in plan.customers
        if customer.kind == "consumer" and _first_day(customer) > 300
    )
    newcomers = (
        customer
        for customer in plan.customers
        if customer.kind == "consumer"
        and NEW_DAYS[0] <= _first_day(customer) <= NEW_DAYS[1]
    )
    made = _brings(scene, advocate, islice(newcomers, FRIENDS), "till")
    made |= _second_generation(scene, made, newcomers)
    made |= _household(scene, newcomers)
    made |= _existing_customer(scene, plan, advocate)
    made |= _business(scene, plan)
    made |= _on_quotation(scene, advocate)
    made._evaluate()
    _reward(scene, made)
    _share(scene, scene.entity(advocate))
    return len(made)


def _first_day(customer):
    """Days since the first purchase, 0 of who has not bought."""
    return max((sale.day for sale in customer.purchases), default=0)


def _say(scene, referrer, referred, day, channel, **vals):
    return scene.env["customer.referral"].create(
        {
            "referrer_id": referrer.id,
            "referred_id": referred.id,
            "date": scene.date(day),
            "channel": channel,
            "company_id": scene.company.id,
            "user_id": scene.ana.id,
            **vals,
        }
    )


def _brings(scene, advocate, friends, channel):
    """Each friend said it on the day of the first purchase."""
    referrals = scene.env["customer.referral"]
    return referrals.union(
        *(
            _say(
                scene,
                scene.entity(advocate),
                scene.entity(friend),
                _first_day(friend),
                channel,
            )
            for friend in friends
        )
    )


def _second_generation(scene, made, newcomers):
    """A friend of the advocate brings one too: the tree has a branch."""
    friend = next(newcomers, None)
    if not (made and friend):
        return made.browse()
    return _say(
        scene,
        made[0].referred_id,
        scene.entity(friend),
        _first_day(friend),
        "contact",
    )


def _household(scene, newcomers):
    """Two people with one phone: a manager has to look."""
    pair = [scene.entity(customer) for customer in islice(newcomers, 2)]
    if len(pair) < 2:
        return scene.env["customer.referral"]
    for person in pair:
        person.phone = "+1 555 010 0199"
    return _say(scene, *pair, NEW_DAYS[1], "till")


def _existing_customer(scene, plan, advocate):
    """Somebody who had bought long before is named: void, and it says why."""
    old = next(
        customer
        for customer in reversed(plan.customers)
        if customer.kind == "consumer"
        and customer is not advocate
        and _first_day(customer) > 300
    )
    return _say(scene, scene.entity(advocate), scene.entity(old), 40, "quotation")


def _business(scene, plan):
    """A key account sent another one, which bought on: rewarded by hand."""
    by_key = {customer.key: customer for customer in plan.customers}
    giver, taker = by_key.get("casa_verde"), by_key.get("tiny_table")
    if not (giver and taker):
        return scene.env["customer.referral"]
    day = _first_day(taker) + 5
    return _say(scene, scene.entity(giver), scene.entity(taker), day, "opportunity")


def _on_quotation(scene, advocate):
    """A newcomer with a quotation, who has not bought yet."""
    newcomer = scene.env["res.partner"].create(
        {"name": "Ilse Novak-Reyes", "phone": "+1 555 010 0142", "city": "Portland"}
    )
    return _say(scene, scene.entity(advocate), newcomer, 6, "contact")


def _reward(scene, made):
    """What qualified first was rewarded by hand, by the manager."""
    due = made.filtered(lambda referral: referral.state == "qualified")
    oldest = due.sorted("qualified_on")[:1].with_user(scene.mia)
    oldest.decision_note = "A hand-thrown bowl, with a card"
    oldest.action_give_reward()


def _share(scene, partner):
    """The advocate's link was opened a few times."""
    link = scene.env["link.tracker"]._make_share_link(partner, scene.company)
    for number in range(7):
        scene.env["link.tracker.click"].create(
            {"link_id": link.id, "ip": f"192.0.2.{number % 5}"}
        )

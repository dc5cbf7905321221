"""Word of mouth: what is verified, what the caps let through, and who may say so."""

from collections import defaultdict
from random import Random

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from ..models.customer_touchpoint_mention import is_web_address
from .touch_common import TouchCommon


@tagged("post_install", "-at_install")
class TestMention(TouchCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"value_mention_limit": 2, "value_mention_reach": 1000})
        cls.month = cls.ago(45).replace(day=10)

    def in_month(self, day, url, partner=None, **vals):
        return self.mention(
            url, partner, date=self.local(self.month.replace(day=day)), **vals
        )

    def counted(self, mentions):
        self.env.invalidate_all()
        return mentions.mapped("mention_counted")

    # ------------------------------------------------------------------- refusals

    def test_channel_and_address(self):
        with self.refused("Choose the channel"):
            self.touch(kind="mention")
        for address in (
            "example.com",
            "javascript:alert(1)",
            "https://",
            "https://a b.c",
        ):
            with self.refused("no address of the web"):
                self.mention(address)
        with self.assertRaises(Exception) as caught:
            self.mention(mention_reach=-1)
            self.env.flush_all()
        self.assertIn("reach_positive", str(caught.exception))
        self.assertEqual(
            self.mention("  https://example.com/a ").mention_url,
            "https://example.com/a",
        )

    def test_addresses(self):
        for address, expected in (
            ("https://example.com", True),
            ("http://sub.example.org:8080/a?b=c#d", True),
            ("https://bücher.example/ä", True),
            ("ftp://example.com", False),
            ("//example.com", False),
            ("https://localhost", False),
            ("https://example.com/<script>", False),
            ("https://[broken", False),
            ("https://example.com/" + "a" * 2000, False),
            ("", False),
        ):
            self.assertEqual(is_web_address(address), expected, address)

    # ----------------------------------------------------------------------- caps

    def test_so_many_a_month_and_each_address_once(self):
        mentions = (
            self.in_month(3, "https://example.com/1")
            | self.in_month(4, "https://example.com/1/")
            | self.in_month(5, "https://EXAMPLE.com/1", self.house)
            | self.in_month(6, "https://example.com/2")
            | self.in_month(7, "https://example.com/3")
            | self.in_month(8, "https://example.com/4", self.neighbour)
        )
        self.assertEqual(
            self.counted(mentions), [True, False, False, True, False, True]
        )
        self.assertIn("mentioned before", mentions[1].mention_standing)
        mentions[0].active = False
        self.assertEqual(
            self.counted(mentions), [False, True, False, True, False, True]
        )
        mentions[0].unlink()
        mentions[1].unlink()
        mentions = mentions[2:]
        self.assertEqual(self.counted(mentions), [True, True, False, True])

    def test_months_are_the_companys(self):
        """The last evening of a month in UTC is the first morning of the next."""
        first = self.ago(40).replace(day=1)
        eve = self.local(first, "00:30")
        before = self.mention(
            "https://example.com/0", date=self.local(first, "00:10", "UTC")
        )
        mentions = before.browse()
        for number in range(3):
            mentions |= self.mention(f"https://example.com/a{number}", date=eve)
        self.assertEqual(self.counted(mentions), [True, True, False])
        self.assertFalse(self.counted(before)[0], "the third of the same month")

    def test_unverified_counts_nothing_until_confirmed(self):
        boss = self.make_seller(
            "mention_boss",
            "customer_value.group_manager",
            "sales_team.group_sale_manager",
        )
        seller = self.make_seller("mention_seller")
        mention = self.mention(False, user_id=seller.id)
        self.assertEqual(self.counted(mention), [False])
        self.assertIn("Unverified", mention.mention_standing)
        with self.refused("Only a manager", AccessError):
            mention.with_user(seller).mention_confirmed = True
        with self.refused("Only a manager", AccessError):
            mention.with_user(seller).create(
                {
                    "kind": "mention",
                    "mention_channel": "talk",
                    "partner_id": self.buyer.id,
                    "mention_confirmed": True,
                }
            )
        mention.with_user(boss).action_confirm_mention()
        self.assertEqual(self.counted(mention), [True])
        self.assertEqual(mention.mention_standing, "Counts.")

    def test_no_mention_counts_when_the_cap_is_zero(self):
        mention = self.mention()
        self.company.value_mention_limit = 0
        self.assertEqual(self.counted(mention), [False])
        with self.assertRaises(Exception) as caught:
            self.company.value_mention_limit = -1
            self.env.flush_all()
        self.assertIn("mention_caps", str(caught.exception))

    def test_fast_entry(self):
        form = Form(
            self.env["customer.touchpoint"].with_context(
                default_kind="mention", default_direction="in"
            )
        )
        form.partner_id = self.buyer
        form.mention_channel = "press"
        form.mention_url = "https://example.com/paper"
        form.mention_reach = 400
        mention = form.save()
        self.assertEqual(self.counted(mention), [True])

    # -------------------------------------------------------------------- scoring

    def test_sources_against_an_oracle(self):
        """Random mentions of several customers, counted once more in plain Python."""
        random = Random(5)
        customers = self.house | self.neighbour | self.make_partner("Third")
        people = customers | self.buyer
        mentions = self.env["customer.touchpoint"]
        for number in range(60):
            address = random.choice(
                [False, f"https://example.com/{number}", "https://example.com/same"]
            )
            mentions |= self.mention(
                address,
                random.choice(people),
                days=random.randint(0, 100),
                mention_reach=random.choice([0, 10, 900, 5000]),
                feeling=random.choice([False, "-2", "0", "1"]),
                mention_confirmed=random.random() < 0.2,
                active=random.random() < 0.9,
            )
        model = self.make_model(
            [
                {"code": "mentions", "source": "mentions"},
                {"code": "reach", "source": "mention_reach", "aggregate": "sum"},
                {"code": "tone", "source": "mention_tone", "aggregate": "avg"},
            ],
            partners=customers,
            activate=False,
        )
        expected = self.naive(mentions)
        self.assertGreater(sum(len(one) for one in expected.values()), 5)
        for customer, row in self.results(model, customers).items():
            counted = expected[customer]
            tones = [int(one.feeling) + 3 for one in counted if one.feeling]
            wanted = {
                "mentions": len(counted),
                "reach": sum(min(one.mention_reach, 1000) for one in counted),
                "tone": sum(tones) / len(tones) if tones else None,
            }
            for indicator in model.indicator_ids:
                raw = self.measure(row, indicator)[0]
                if wanted[indicator.code] is None:
                    self.assertFalse(raw)
                else:
                    self.assertAlmostEqual(
                        raw, wanted[indicator.code], 6, indicator.code
                    )
        self.assertEqual(
            set(mentions.filtered("mention_counted").ids),
            {one.id for counted in expected.values() for one in counted},
        )

    def naive(self, mentions):
        """``{entity id: mentions that count}``, one by one, oldest first."""
        seen, months, counted = set(), defaultdict(int), defaultdict(list)
        for one in mentions.sorted(lambda touch: (touch.date, touch.id)):
            entity = one.partner_id.commercial_partner_id.id
            if not one.active or not (one.mention_url or one.mention_confirmed):
                continue
            address = (entity, one.mention_url or one.id)
            if address in seen:
                continue
            seen.add(address)
            moment = one.date.replace(tzinfo=None)
            local = self.env["customer.touchpoint"].with_context(tz=self.tz)
            month = (
                local.env["customer.touchpoint"]
                ._fields["date"]
                .context_timestamp(local, moment)
            )
            key = (entity, month.year, month.month)
            months[key] += 1
            if months[key] <= 2:
                counted[entity].append(one)
        return counted

    def test_new_caps_score_again(self):
        model = self.make_model(
            [{"source": "mentions", "window": (0, "day")}], partners=self.house
        )
        for day in (3, 4, 5):
            self.in_month(day, f"https://example.com/{day}")
        self.score(model)
        self.assertEqual(self.stored(self.house)[self.house.id]["raw"], [2])
        self.forget_marks()
        self.company.value_mention_limit = 3
        self.assertIn(self.house, self.marked_customers())
        self.score_dirty()
        self.assertEqual(self.stored(self.house)[self.house.id]["raw"], [3])

    def test_loyalty_hears_mentions(self):
        sources = self.env["customer.value.source"]._for_loyalty()
        uses = {source.code: source.loyalty_use for source in sources}
        self.assertEqual(uses["mention_tone"], "rating")
        self.assertEqual(uses["touches_logged"], "touch")

    def test_cards_shared_of_cards_made(self):
        """Where the module of marketing cards is there; else the sources say so."""
        shared = self.source("cards_shared")
        if "card.card" not in self.env:
            self.assertIn("not installed", shared.unavailable_reason)
            self.assertFalse(shared._is_broken())
            return
        campaign = self.env["card.campaign"].create(
            {
                "name": "Share",
                "preview_record_ref": f"res.partner,{self.house.id}",
            }
        )
        self.env["card.card"].create(
            [
                {
                    "campaign_id": campaign.id,
                    "res_id": self.house.id,
                    "share_status": "shared",
                },
                {"campaign_id": campaign.id, "res_id": self.buyer.id},
            ]
        )
        model = self.make_model(
            [{"source": "cards_shared", "asked": "cards_made", "aggregate": "rate"}],
            partners=self.house,
            activate=False,
        )
        row = self.results(model, self.house)[self.house.id]
        self.assertEqual(self.measure(row, model.indicator_ids)[0], 50)

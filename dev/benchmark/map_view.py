"""An influence map of 200 people in a browser: opened, dragged over, zoomed.

A server of its own and a headless Chromium, spoken to by its debugging protocol. A
frame is the time from one animation frame to the next while the pointer moves at each
of them: 17 ms are 60 a second.
"""

import json
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager, suppress

SEATS = 200
LINES = 80
OPENINGS = 7
LOGIN = "bench_map"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")

OPEN = """(async () => {
    const paint = () => new Promise((done) =>
        requestAnimationFrame(() => requestAnimationFrame(done)));
    const action = odoo.__WOWL_DEBUG__.root.env.services.action;
    await action.doAction("base.action_partner_form", {clearBreadcrumbs: true});
    await paint();
    const started = performance.now();
    await action.doAction({
        type: "ir.actions.client",
        tag: "customer_value.influence_map",
        params: {account_id: %s},
    });
    while (document.querySelectorAll(".o_map_node").length < %s) await paint();
    await paint();
    return performance.now() - started;
})()"""

FRAMES = """
    const frames = async (count, step) => {
        const next = () => new Promise(requestAnimationFrame);
        const taken = [];
        let before = await next();
        for (let at = 0; at < count; at++) {
            step(at);
            const now = await next();
            taken.push(now - before);
            before = now;
        }
        return taken;
    };
    const svg = document.querySelector(".o_map_canvas");
    const {left, top, width, height} = svg.getBoundingClientRect();
    const place = (at) => ({
        clientX: left + width * (0.5 + 0.45 * Math.sin(at / 9)),
        clientY: top + height * (0.5 + 0.4 * Math.cos(at / 7)),
    });
    const pointer = (name, target, at) => target.dispatchEvent(
        new PointerEvent(name, {bubbles: true, pointerId: 1, ...place(at)}));
"""

DRAG = (
    "(async () => {"
    + FRAMES
    + """
    pointer("pointerdown", svg.querySelector(".o_map_node:last-child .o_map_card"), 0);
    const taken = await frames(120, (at) => pointer("pointermove", window, at + 1));
    if (!document.querySelector(".o_map_ghost")) throw new Error("nothing was dragged");
    window.dispatchEvent(new PointerEvent("pointercancel", {pointerId: 1}));
    return taken;
})()"""
)

ZOOM = (
    "(async () => {"
    + FRAMES
    + """
    return frames(120, (at) => svg.dispatchEvent(new WheelEvent("wheel", {
        bubbles: true, cancelable: true, deltaY: at % 60 < 30 ? -60 : 60, ...place(at),
    })));
})()"""
)


def measure(env):
    """Yield ``(name, value, unit)``."""
    account = make(env)
    env.cr.commit()
    with served(env.cr.dbname) as base, browser() as page:
        page.login(base, LOGIN)
        opened = [page.run(OPEN % (account.id, SEATS)) for __ in range(OPENINGS)]
        yield "map_seats", SEATS, "seats"
        yield "map_first_open_ms", opened[0], "ms"
        yield "map_open_ms", statistics.median(opened[1:]), "ms"
        for name, script in (("drag", DRAG), ("zoom", ZOOM)):
            frames = page.run(script)
            yield f"map_{name}_frame_ms", statistics.median(frames), "ms"
            yield f"map_{name}_slow_frame_ms", percentile(frames, 95), "ms"


def percentile(numbers, percent):
    return statistics.quantiles(numbers, n=100)[percent - 1]


def make(env):
    """An account whose people are five ranks deep, with lines across."""
    dice = random.Random(5)
    groups = ("base.group_user", "sales_team.group_sale_manager")
    user = env["res.users"].create(
        {
            "name": "Map",
            "login": LOGIN,
            "password": LOGIN,
            "group_ids": [(6, 0, [env.ref(name).id for name in groups])],
        }
    )
    account = env["res.partner"].create(
        {"name": "Large Account", "is_company": True, "user_id": user.id}
    )
    people = env["res.partner"].create(
        [
            {"name": f"Person {number}", "function": "Buyer", "parent_id": account.id}
            for number in range(SEATS)
        ]
    )
    stances = ["supporter", "favourable", "neutral", "critical", "opponent", "unknown"]
    seats = env["customer.key.contact"]
    for number, person in enumerate(people):
        seats += seats.create(
            {
                "account_id": account.id,
                "partner_id": person.id,
                "power": dice.randint(0, 5),
                "stance": dice.choice(stances),
                "owner_ids": [(6, 0, user.ids if number % 3 else [])],
                "manager_id": seats[(number - 1) // 6].id if number else False,
            }
        )
    pairs = set()
    while len(pairs) < LINES:
        pairs.add(tuple(dice.sample(seats.ids, 2)))
    env["customer.influence"].create(
        [
            {
                "source_id": source,
                "target_id": target,
                "kind": dice.choice(["influences", "opposes"]),
                "strength": dice.randint(1, 5),
            }
            for source, target in sorted(pairs)
        ]
    )
    return account


# ------------------------------------------------------------------ server, browser


@contextmanager
def served(database):
    """The address of an Odoo server for the database."""
    port = free_port()
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "odoo", "-c", os.environ["ODOO_RC"]),
            *("-d", database, f"--http-port={port}", "--max-cron-threads=0"),
            "--log-level=error",
        ]
    )
    try:
        base = f"http://127.0.0.1:{port}"
        wait_for(f"{base}/web/login", 120)
        yield base
    finally:
        server.terminate()
        server.wait()


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def wait_for(url, seconds):
    end = time.monotonic() + seconds
    while True:
        with suppress(OSError):
            return urllib.request.urlopen(url, timeout=60).read()
        if time.monotonic() > end:
            raise TimeoutError(url)
        time.sleep(0.2)


@contextmanager
def browser():
    name = next(filter(shutil.which, BROWSERS), None)
    if not name:
        raise SystemExit("dev/bench map needs Chromium")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        with open(f"{folder}/log", "w+") as log:
            process = subprocess.Popen(
                [
                    *(name, "--headless", "--no-sandbox", "--disable-gpu"),
                    *("--remote-debugging-port=0", "--remote-allow-origins=*"),
                    *("--no-first-run", "--disable-background-networking"),
                    *("--disable-component-update", "--disable-sync"),
                    *("--window-size=1400,900", f"--user-data-dir={folder}/profile"),
                    "about:blank",
                ],
                stderr=log,
                stdout=log,
            )
            try:
                yield Page(devtools_port(log))
            finally:
                process.terminate()
                process.wait()


def devtools_port(log, seconds=60):
    """Where the browser listens, as it says itself."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        log.seek(0)
        found = re.search(r"DevTools listening on ws://[^:]+:(\d+)/", log.read())
        if found:
            return found[1]
        time.sleep(0.1)
    raise TimeoutError("the browser did not start")


class Page:
    """A tab that runs scripts."""

    def __init__(self, port):
        import websocket

        tabs = json.loads(wait_for(f"http://127.0.0.1:{port}/json", 30))
        address = next(
            tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page"
        )
        self.socket = websocket.create_connection(address, timeout=240)
        self.number = 0

    def ask(self, method, **params):
        self.number += 1
        question = {"id": self.number, "method": method, "params": params}
        self.socket.send(json.dumps(question))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.number:
                return answer.get("result", answer)

    def run(self, script):
        """The value of a script, awaited."""
        told = self.ask(
            "Runtime.evaluate",
            expression=script,
            awaitPromise=True,
            returnByValue=True,
        )
        if "exceptionDetails" in told:
            raise RuntimeError(json.dumps(told["exceptionDetails"])[:2000])
        return told.get("result", {}).get("value")

    def until(self, condition, seconds=240):
        end = time.monotonic() + seconds
        while not self.run(condition):
            if time.monotonic() > end:
                raise TimeoutError(condition)
            time.sleep(0.1)

    def login(self, base, login):
        self.ask("Page.navigate", url=f"{base}/web/login")
        self.until("!!document.querySelector('form.oe_login_form [name=password]')")
        self.run(
            f"""(() => {{
                const form = document.querySelector("form.oe_login_form");
                form.querySelector("[name=login]").value = "{login}";
                form.querySelector("[name=password]").value = "{login}";
                form.submit();
            }})()"""
        )
        self.until("!location.pathname.startsWith('/web/login')")
        self.until("!!window.odoo?.__WOWL_DEBUG__?.root?.env?.services?.action")
        self.until("!!document.querySelector('.o_action_manager > *')")

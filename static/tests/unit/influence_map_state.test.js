import {describe, expect, test} from "@odoo/hoot";

import {Aliases, CommandStack} from "@customer_value/influence_map/commands";
import {MapCommands} from "@customer_value/influence_map/map_commands";
import {lineMarks, seatMarks} from "@customer_value/influence_map/map_marks";
import {foundSeats, isBelow} from "@customer_value/influence_map/map_picture";
import {nextSeat} from "@customer_value/influence_map/navigation";
import {layoutMap} from "@customer_value/influence_map/layout";
import {fitText, twoLines} from "@customer_value/influence_map/text_fit";
import {
    ZOOM,
    fit,
    pinch,
    reveal,
    toMap,
    zoomAt,
} from "@customer_value/influence_map/viewport";

import {speakEnglish} from "./unit_helpers";

describe.current.tags("headless");
speakEnglish();

/** A number that commands add to; `refuse` is what the server would say no to. */
function counter() {
    const told = {value: 0};
    const add = (step, refuse = "") => ({
        label: `add ${step}`,
        redo: async () => {
            if (refuse === "redo") {
                throw new Error("no");
            }
            told.value += step;
            return told.value;
        },
        undo: async () => {
            if (refuse === "undo") {
                throw new Error("no");
            }
            told.value -= step;
        },
    });
    return {told, add};
}

/** Stands in for the server: remembers what it is asked, and gives ids. */
function recorder() {
    const calls = [];
    let last = 100;
    const note =
        (name, result = () => true) =>
        async (model, ...args) => {
            calls.push([name, ...args]);
            return result(...args);
        };
    return {
        calls,
        orm: {
            call: note("call"),
            write: note("write"),
            unlink: note("unlink"),
            create: note("create", () => [++last]),
            read: note("read", ([id]) => [
                {id, source_id: 1, target_id: 2, kind: "tie", strength: 4},
            ]),
        },
    };
}

describe("commands", () => {
    test("what was done is undone and done again, in order", async () => {
        const {told, add} = counter();
        const stack = new CommandStack();
        expect(await stack.run(add(1))).toBe(1);
        await stack.run(add(10));
        expect(stack.undoLabel).toBe("add 10");
        await stack.undo();
        expect([told.value, stack.undoLabel, stack.redoLabel]).toEqual([
            1,
            "add 1",
            "add 10",
        ]);
        await stack.redo();
        await stack.undo();
        await stack.undo();
        expect(told.value).toBe(0);
        expect(await stack.undo()).toBe(false);
    });

    test("a new deed forgets what was undone", async () => {
        const {told, add} = counter();
        const stack = new CommandStack();
        await stack.run(add(1));
        await stack.undo();
        await stack.run(add(5));
        expect(stack.redoLabel).toBe("");
        expect(await stack.redo()).toBe(false);
        expect(told.value).toBe(5);
    });

    test("what the server refuses is neither done nor undone", async () => {
        const {told, add} = counter();
        const stack = new CommandStack();
        await expect(stack.run(add(1, "redo"))).rejects.toThrow("no");
        expect([told.value, stack.undoLabel]).toEqual([0, ""]);
        await stack.run(add(2, "undo"));
        await expect(stack.undo()).rejects.toThrow("no");
        expect([told.value, stack.undoLabel]).toEqual([2, "add 2"]);
    });

    test("one runs at a time, however fast they are asked for", async () => {
        const {told, add} = counter();
        const stack = new CommandStack();
        await Promise.all([stack.run(add(1)), stack.run(add(2)), stack.undo()]);
        expect([told.value, stack.undoLabel]).toEqual([1, "add 1"]);
    });

    test("the oldest are forgotten", async () => {
        const {add} = counter();
        const stack = new CommandStack(2);
        for (const step of [1, 2, 3]) {
            await stack.run(add(step));
        }
        expect(stack.done.map(({label}) => label)).toEqual(["add 2", "add 3"]);
    });

    test("a record that was made again is known by its old id", () => {
        const ids = new Aliases();
        ids.replace(1, 7);
        ids.replace(1, 9);
        expect([ids.get(1), ids.get(7), ids.get(9), ids.get(4)]).toEqual([9, 9, 9, 4]);
        ids.replace(9, 9);
        expect(ids.get(1)).toBe(9);
    });
});

describe("what can be done to a map", () => {
    test("a manager is set, and set back", async () => {
        const {orm, calls} = recorder();
        const command = new MapCommands(orm, 5).setManager(1, 2, false);
        await command.redo();
        await command.undo();
        expect(calls).toEqual([
            ["call", "set_manager", [[1], 2]],
            ["call", "set_manager", [[1], false]],
        ]);
    });

    test("the last role is taken away, too: an empty list is a command", async () => {
        const {orm, calls} = recorder();
        const command = new MapCommands(orm, 5).writeSeat(
            1,
            {role_ids: []},
            {role_ids: [4]}
        );
        await command.redo();
        await command.undo();
        expect(calls).toEqual([
            ["write", [1], {role_ids: [[6, false, []]]}],
            ["write", [1], {role_ids: [[6, false, [4]]]}],
        ]);
    });

    test("who is taken off is archived, the reports move up and come back", async () => {
        const {orm, calls} = recorder();
        const command = new MapCommands(orm, 5).removeSeat(
            {id: 3, manager_id: 1},
            [4, 6]
        );
        await command.redo();
        await command.undo();
        expect(calls).toEqual([
            ["write", [4, 6], {manager_id: 1}],
            ["write", [3], {active: false}],
            ["write", [3], {active: true}],
            ["write", [4, 6], {manager_id: 3}],
        ]);
    });

    test("a line that was removed comes back, and later deeds find it", async () => {
        const {orm, calls} = recorder();
        const commands = new MapCommands(orm, 5);
        const strengthen = commands.writeLine(8, {strength: 5}, {strength: 4});
        const remove = commands.removeLine(8);
        await strengthen.redo();
        await remove.redo();
        await remove.undo();
        await strengthen.undo();
        expect(calls.at(-2).slice(0, 1)).toEqual(["create"]);
        expect(calls.at(-2)[1][0]).toMatchObject({
            source_id: 1,
            kind: "tie",
            strength: 4,
        });
        expect(calls.at(-1)).toEqual(["write", [101], {strength: 4}]);
    });

    test("a new person undone and done again is the same record", async () => {
        const {orm, calls} = recorder();
        const command = new MapCommands(orm, 5).createSeat({job: "Buyer"});
        expect(await command.redo()).toBe(101);
        await command.undo();
        expect(await command.redo()).toBe(101);
        expect(calls).toEqual([
            ["create", [{account_id: 5, job: "Buyer"}]],
            ["write", [101], {active: false}],
            ["write", [101], {active: true}],
        ]);
    });

    test("an accepted proposal is taken back by what it wrote", async () => {
        const {orm, calls} = recorder();
        orm.call = async (model, method, [id]) => {
            calls.push(["call", method, id]);
            return Number(id.split("-")[2]);
        };
        const seats = new Map([
            [7, {id: 7, manager_id: 2, owner_ids: [3], stated_closeness: 1}],
        ]);
        const proposals = [
            {id: "5-line-7-4"},
            {id: "5-owner-7-9"},
            {id: "5-seat-31-0"},
        ];
        const command = new MapCommands(orm, 5).accept(proposals, seats);
        await command.redo();
        await command.undo();
        expect(calls.slice(3)).toEqual([
            ["write", [31], {active: false}],
            ["write", [7], {owner_ids: [[6, false, [3]]]}],
            ["write", [7], {manager_id: 2}],
        ]);
        await command.redo();
        expect(calls.at(-2)).toEqual(["write", [7], {owner_ids: [[6, false, [3, 9]]]}]);
        expect(calls.at(-1)).toEqual(["write", [31], {active: true}]);
    });
});

describe("viewport", () => {
    const frame = {width: 1000, height: 600};
    const bounds = {left: -100, top: 0, width: 2000, height: 800};

    test("a map is fitted wholly, in the middle, not larger than life", () => {
        const view = fit(bounds, frame);
        const left = bounds.left * view.zoom + view.x;
        const right = (bounds.left + bounds.width) * view.zoom + view.x;
        expect(left > 0 && right < frame.width).toBe(true);
        expect(Math.round(left + right)).toBe(frame.width);
        expect(fit({left: 0, top: 0, width: 50, height: 20}, frame).zoom).toBe(1);
    });

    test("what is below the pointer stays there", () => {
        const view = {x: 30, y: -20, zoom: 0.7};
        const point = {x: 400, y: 300};
        const place = toMap(view, point);
        const now = toMap(zoomAt(view, point, 1.6), point);
        expect(Math.abs(now.x - place.x) < 0.001).toBe(true);
        expect(Math.abs(now.y - place.y) < 0.001).toBe(true);
        expect(zoomAt(view, point, 100).zoom).toBe(ZOOM.most);
        expect(zoomAt(view, point, 0.0001).zoom).toBe(ZOOM.least);
    });

    test("two fingers carry what they touch", () => {
        const view = {x: 0, y: 0, zoom: 1};
        const before = [
            {x: 100, y: 100},
            {x: 200, y: 100},
        ];
        const after = [
            {x: 150, y: 150},
            {x: 350, y: 150},
        ];
        const now = pinch(view, before, after);
        expect(now.zoom).toBe(2);
        expect(toMap(now, after[0])).toEqual(before[0]);
    });

    test("what is seen already does not move", () => {
        const view = {x: 0, y: 0, zoom: 1};
        const box = {x: 100, y: 100, width: 200, height: 90};
        expect(reveal(view, box, frame)).toEqual(view);
        const moved = reveal(view, {...box, x: 1200}, frame);
        expect(1200 + box.width + moved.x <= frame.width).toBe(true);
        expect(reveal({...view, zoom: 0.2}, box, frame, true).zoom).toBe(ZOOM.readable);
    });
});

describe("keys", () => {
    const {nodes, lines} = layoutMap([
        {id: 1, manager_id: false, power: 3},
        {id: 2, manager_id: 1, power: 3},
        {id: 3, manager_id: 1, power: 3},
        {id: 4, manager_id: 3, power: 3},
    ]);
    const step = (from, key) => nextSeat(nodes, lines, from, key);

    test("up leads to the manager, down to the first report", () => {
        expect(step(4, "ArrowUp")).toBe(3);
        expect(step(1, "ArrowDown")).toBe(2);
    });

    test("sideways to the neighbour; beyond the edge to nobody", () => {
        expect(step(2, "ArrowRight")).toBe(3);
        expect(step(3, "ArrowLeft")).toBe(2);
        expect(step(1, "ArrowUp")).toBe(null);
    });

    test("from nowhere to the first", () => {
        expect(step(null, "ArrowDown")).toBe(1);
    });
});

describe("finding and marking", () => {
    const seats = new Map(
        [
            {id: 1, name: "Renée Müller", job: "Head of purchasing", manager_id: false},
            {id: 2, name: "Bo", job: "Buyer", note: "golf", manager_id: 1},
            {id: 3, name: "Cy", job: "Buyer", manager_id: 2, in_deal: true},
        ].map((seat) => [seat.id, seat])
    );
    const picture = {
        seats,
        data: {seats: [...seats.values()]},
        edges: new Map([[7, {id: 7, source_id: 1, target_id: 3}]]),
        lines: [
            {id: 2, managerId: 1},
            {id: 3, managerId: 2},
        ],
    };

    test("all words, in any field, without accents", () => {
        expect(foundSeats(seats, "renee PURCH")).toEqual([1]);
        expect(foundSeats(seats, "buyer golf")).toEqual([2]);
        expect(foundSeats(seats, "  ")).toEqual([]);
    });

    test("who reports to whom over steps", () => {
        expect(isBelow(seats, 3, 1)).toBe(true);
        expect(isBelow(seats, 1, 3)).toBe(false);
        expect(isBelow(seats, 2, 2)).toBe(true);
    });

    test("a way in is set apart, the others step back", () => {
        const path = {seatIds: [1, 3]};
        expect(seatMarks(picture, {path})).toEqual({1: "path", 2: "dim", 3: "path"});
        expect(lineMarks(picture, path)).toEqual({
            7: "path",
            "report-2": "",
            "report-3": "",
        });
        expect(lineMarks(picture, {seatIds: [1, 2]})["report-2"]).toBe("path");
        expect(lineMarks(picture, null)).toEqual({});
    });

    test("who plays a part in a deal, who might leave, who is found", () => {
        expect(seatMarks(picture, {leadId: 4})).toEqual({1: "dim", 2: "dim", 3: ""});
        expect(seatMarks(picture, {leavingId: 2})).toEqual({2: "leaves"});
        expect(seatMarks(picture, {found: []})).toEqual({1: "dim", 2: "dim", 3: "dim"});
        expect(seatMarks(picture, {gap: {seat_ids: []}})).toEqual({});
    });
});

describe("text", () => {
    const measure = (text) => [...text].length * 10;

    test("what fits stays, else an ellipsis", () => {
        expect(fitText("Wang Li", 100, measure)).toBe("Wang Li");
        expect(fitText("Maximiliane", 60, measure)).toBe("Maxim…");
        expect(fitText("Wang Li Na", 60, measure)).toBe("Wang…");
        expect(fitText("", 60, measure)).toBe("");
    });

    test("two lines, broken between words", () => {
        expect(twoLines("Wang Li", 50, measure)).toEqual(["Wang", "Li"]);
        expect(twoLines("Wang Li", 90, measure)).toEqual(["Wang Li"]);
        expect(twoLines("Oberhuber", 50, measure)).toEqual(["Ober…"]);
    });
});

import {_t} from "@web/core/l10n/translation";
import {Aliases} from "./commands";

export const SEAT = "customer.key.contact";
export const LINE = "customer.influence";
const DEAL = "customer.key.contact.deal";

const LINE_FIELDS = [
    "source_id",
    "target_id",
    "kind",
    "strength",
    "tie_type",
    "evidence",
    "since",
    "until",
];

/**
 * What can be done to a map, each with its way back. Nothing is really deleted that
 * carries history: a seat is archived, and comes back as it was.
 */
export class MapCommands {
    constructor(orm, accountId) {
        this.orm = orm;
        this.accountId = accountId;
        this.lines = new Aliases();
        this.seats = new Aliases();
    }

    /** @param {Object} before the same fields as they were */
    writeSeat(id, values, before, label = _t("edit")) {
        const write = (vals) =>
            this.orm.write(SEAT, [this.seats.get(id)], commanded(vals));
        return this._both(
            label,
            () => write(values),
            () => write(before)
        );
    }

    /** A role or stance that differs in one opportunity from that at the account. */
    writeInDeal(id, leadId, values) {
        const [seat_id, lead_id] = [this.seats.get(id), leadId];
        const names = Object.keys(values);
        let [dealId, before] = [null, null];
        return this._both(
            _t("part in the opportunity"),
            async () => {
                const found = await this.orm.searchRead(
                    DEAL,
                    [
                        ["seat_id", "=", seat_id],
                        ["lead_id", "=", lead_id],
                    ],
                    names
                );
                before = found[0] || null;
                if (before) {
                    dealId = before.id;
                    await this.orm.write(DEAL, [dealId], commanded(values));
                } else {
                    [dealId] = await this.orm.create(DEAL, [
                        {seat_id, lead_id, ...commanded(values)},
                    ]);
                }
            },
            () =>
                before
                    ? this.orm.write(
                          DEAL,
                          [dealId],
                          commanded(
                              Object.fromEntries(
                                  names.map((name) => [name, before[name]])
                              )
                          )
                      )
                    : this.orm.unlink(DEAL, [dealId])
        );
    }

    setManager(id, managerId, before) {
        const set = (manager) =>
            this.orm.call(SEAT, "set_manager", [
                [this.seats.get(id)],
                manager ? this.seats.get(manager) : false,
            ]);
        return this._both(
            _t("reporting line"),
            () => set(managerId),
            () => set(before)
        );
    }

    /** `redo` gives the id of the new seat. Undone, it is archived, and found again. */
    createSeat(values) {
        let id = null;
        return this._both(
            _t("new person"),
            async () => {
                if (id) {
                    await this.orm.write(SEAT, [id], {active: true});
                } else {
                    const account = {account_id: this.accountId};
                    [id] = await this.orm.create(SEAT, [{...account, ...values}]);
                }
                return id;
            },
            () => this.orm.write(SEAT, [id], {active: false})
        );
    }

    /** Those who reported to the seat report to the one above it. */
    removeSeat(seat, reportIds) {
        const reports = () => reportIds.map((id) => this.seats.get(id));
        const moveReports = (managerId) =>
            reportIds.length &&
            this.orm.write(SEAT, reports(), {manager_id: managerId || false});
        const setActive = (active) =>
            this.orm.write(SEAT, [this.seats.get(seat.id)], {active});
        return this._both(
            _t("removal"),
            async () => {
                await moveReports(seat.manager_id);
                await setActive(false);
            },
            async () => {
                await setActive(true);
                await moveReports(seat.id);
            }
        );
    }

    /** What Odoo proposed; what it wrote is known, so that it can be taken back. */
    accept(proposals, seats) {
        const done = [];
        const writeAll = async (list, name) => {
            for (const one of list) {
                await this.orm.write(
                    SEAT,
                    [this.seats.get(one.id)],
                    commanded(one[name])
                );
            }
        };
        return this._both(
            _t("proposals"),
            async () => {
                if (done.length) {
                    return writeAll(done, "after");
                }
                for (const proposal of proposals) {
                    const id = await this.orm.call(SEAT, "accept_proposal", [
                        proposal.id,
                    ]);
                    done.push({id, ...effectOf(proposal, seats.get(id))});
                }
                return true;
            },
            () => writeAll([...done].reverse(), "before")
        );
    }

    createLine(values) {
        let first = null;
        return this._both(
            _t("line of influence"),
            async () => {
                const [id] = await this.orm.create(LINE, [values]);
                first = first || id;
                this.lines.replace(first, id);
                return id;
            },
            () => this.orm.unlink(LINE, [this.lines.get(first)])
        );
    }

    writeLine(id, values, before) {
        const write = (vals) => this.orm.write(LINE, [this.lines.get(id)], vals);
        return this._both(
            _t("line of influence"),
            () => write(values),
            () => write(before)
        );
    }

    removeLine(id) {
        let values = null;
        return this._both(
            _t("removal of a line"),
            async () => {
                const now = this.lines.get(id);
                const [record] = await this.orm.read(LINE, [now], LINE_FIELDS, {
                    load: "",
                });
                values = Object.fromEntries(
                    LINE_FIELDS.map((name) => [name, record[name]])
                );
                await this.orm.unlink(LINE, [now]);
            },
            async () => {
                const [made] = await this.orm.create(LINE, [values]);
                this.lines.replace(id, made);
            }
        );
    }

    _both(label, redo, undo) {
        return {label: label.toString(), redo, undo};
    }
}

/** Lists of ids as Odoo wants them: an empty list alone would change nothing. */
function commanded(values) {
    return Object.fromEntries(
        Object.entries(values).map(([name, value]) => [
            name,
            Array.isArray(value) ? [[6, false, value]] : value,
        ])
    );
}

/** What accepting writes on the seat: proposals are numbered "account-kind-one-other". */
function effectOf({id}, seat) {
    const [, kind, , last] = id.split("-");
    const other = Number(last);
    const {manager_id, owner_ids, stated_closeness} = seat || {};
    const effects = {
        seat: () => [{active: false}, {active: true}],
        line: () => [{manager_id}, {manager_id: other}],
        owner: () => [{owner_ids}, {owner_ids: [...owner_ids, other]}],
        closeness: () => [{stated_closeness}, {stated_closeness: false}],
    };
    const [before, after] = effects[kind]();
    return {before, after};
}

import {Mutex} from "@web/core/utils/concurrency";

/**
 * What was done to a map and can be undone. A command is
 * `{ label, redo: async () => {}, undo: async () => {} }`, both of which call the server:
 * the stack knows the order alone. One runs at a time. What the server refuses is neither
 * done nor undone; the error goes on to who asked.
 */
export class CommandStack {
    constructor(limit = 100) {
        this.limit = limit;
        this.done = [];
        this.undone = [];
        this.mutex = new Mutex();
    }

    get undoLabel() {
        return this.done.at(-1)?.label || "";
    }

    get redoLabel() {
        return this.undone.at(-1)?.label || "";
    }

    run(command) {
        return this.mutex.exec(async () => {
            const result = await command.redo();
            this.done = [...this.done, command].slice(-this.limit);
            this.undone = [];
            return result;
        });
    }

    undo() {
        return this.mutex.exec(() => this._shift("done", "undone", "undo"));
    }

    redo() {
        return this.mutex.exec(() => this._shift("undone", "done", "redo"));
    }

    forget() {
        this.done = [];
        this.undone = [];
    }

    async _shift(from, to, direction) {
        const command = this[from].at(-1);
        if (!command) {
            return false;
        }
        await command[direction]();
        this[from] = this[from].slice(0, -1);
        this[to] = [...this[to], command];
        return command;
    }
}

/**
 * A record that was deleted and made again has another id: commands ask for the one it
 * has now.
 */
export class Aliases {
    constructor() {
        this.later = new Map();
    }

    get(id) {
        let now = id;
        while (this.later.has(now)) {
            now = this.later.get(now);
        }
        return now;
    }

    replace(id, by) {
        const now = this.get(id);
        if (now !== by) {
            this.later.set(now, by);
        }
    }
}

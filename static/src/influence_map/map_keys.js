import {useExternalListener} from "@odoo/owl";
import {useHotkey} from "@web/core/hotkeys/hotkey_hook";
import {isArrow} from "./navigation";

const TYPED = "input, textarea, select, [contenteditable=true]";
const ELSEWHERE = ".modal, .o-dropdown--menu, .o_main_navbar, .o_control_panel";

const LETTERS = {
    m: (on) => on.pick("manager"),
    i: (on) => on.pick("influence"),
    n: (on) => on.add(),
    f: (on) => on.full(),
    "/": (on) => on.find(),
    "+": (on) => on.zoom(1),
    "=": (on) => on.zoom(1),
    "-": (on) => on.zoom(-1),
    0: (on) => on.fit(),
    delete: (on) => on.remove(),
    backspace: (on) => on.nobody(),
};

/**
 * All of the map by keyboard. Heard while the focus is in the map or nowhere; not while
 * somebody types, nor in dialogs over it.
 *
 * Escape goes by Odoo's own service: other apps (Website) claim it everywhere, and of
 * those who claim it the last one gets it.
 */
export function useMapKeys(ref, on) {
    const isHere = (target) =>
        (ref.el?.contains(target) || target === document.body) &&
        !target.closest(ELSEWHERE);
    useHotkey("escape", () => on.escape(), {
        bypassEditableProtection: true,
        isAvailable: isHere,
    });
    useExternalListener(window, "keydown", (ev) => {
        if (!isHere(ev.target) || ev.defaultPrevented) {
            return;
        }
        const action = actionOf(ev, on);
        if (action) {
            ev.preventDefault();
            ev.stopPropagation();
            action();
        }
    });
}

function actionOf(ev, on) {
    const isTyping = ev.target.closest(TYPED);
    if (isTyping || ev.altKey) {
        return null;
    }
    const key = ev.key.toLowerCase();
    if (ev.ctrlKey || ev.metaKey) {
        return withControl(key, ev.shiftKey, on);
    }
    if (isArrow(ev.key)) {
        return () => on.arrow(ev.key);
    }
    if (key === "enter" || key === " ") {
        const isButton = ev.target.closest("button, a, summary");
        return isButton ? null : () => on.edit();
    }
    return LETTERS[key] ? () => LETTERS[key](on) : null;
}

function withControl(key, isShifted, on) {
    if (key === "z") {
        return () => (isShifted ? on.redo() : on.undo());
    }
    return key === "y" ? () => on.redo() : null;
}

import {onMounted, onWillUnmount} from "@odoo/owl";

const STARTS_AT = 5; // pixels: less is a click
const FINGER_STARTS_AT = 10; // a finger is never still
const HELD_AFTER = 450; // milliseconds
const WHEEL_STEP = 0.0016;

/**
 * Mouse, pen and fingers on the canvas, told apart: a click, a drag from a card, a drag
 * from its handle, moving the ground, the wheel, two fingers.
 *
 * A finger on a card moves the ground unless the card is selected, or is held until it
 * comes off the ground: else one could not move a full map by hand.
 *
 * @param {{ el: Element }} ref
 * @param {Object} on what to call: `press(target)`, `pan(dx, dy)`, `zoom(point, factor)`,
 *  `pinch(before, after)`, `grab(target, point, isLoose)` -> whether it may
 *  be dragged; loosely, only what is selected, `drag(point)`, `drop(point)`, `cancel()`
 */
export function useMapGestures(ref, on) {
    const fingers = new Map();
    let pressed = null;
    let grabbed = false;
    let wasPinched = false;
    let holding = 0;

    const pointOf = (ev) => {
        const {left, top} = ref.el.getBoundingClientRect();
        return {x: ev.clientX - left, y: ev.clientY - top};
    };

    const stop = () => {
        clearTimeout(holding);
        if (grabbed) {
            on.cancel();
        }
        pressed = null;
        grabbed = false;
    };

    /** The finger stays where it is: the card comes off the ground. */
    const hold = () => {
        if (pressed && !pressed.isMoved && on.grab(pressed.target, pressed.from)) {
            grabbed = true;
            on.drag(pressed.from);
            navigator.vibrate?.(15);
        }
    };

    const handlers = {
        pointerdown(ev) {
            if (ev.button > 0) {
                return;
            }
            fingers.set(ev.pointerId, pointOf(ev));
            if (fingers.size > 1) {
                stop();
                wasPinched = true;
                return;
            }
            wasPinched = false;
            const [from, isTouch] = [pointOf(ev), ev.pointerType === "touch"];
            pressed = {target: ev.target, from, last: from, isTouch};
            if (isTouch) {
                holding = setTimeout(hold, HELD_AFTER);
            }
        },
        pointermove(ev) {
            const point = pointOf(ev);
            if (!fingers.has(ev.pointerId)) {
                return;
            }
            if (fingers.size === 2) {
                const before = [...fingers.values()];
                fingers.set(ev.pointerId, point);
                on.pinch(before, [...fingers.values()]);
                return;
            }
            fingers.set(ev.pointerId, point);
            if (pressed) {
                movePressed(point);
            }
        },
        pointerup(ev) {
            fingers.delete(ev.pointerId);
            if (!pressed || wasPinched) {
                return;
            }
            const {target, isMoved} = pressed;
            if (grabbed && isMoved) {
                on.drop(pointOf(ev));
                grabbed = false;
            }
            stop();
            if (!isMoved) {
                on.press(target);
            }
        },
        contextmenu(ev) {
            if (fingers.size) {
                ev.preventDefault(); // of a finger that holds a card
            }
        },
        pointercancel(ev) {
            fingers.delete(ev.pointerId);
            stop();
        },
        wheel(ev) {
            ev.preventDefault();
            const pixels = ev.deltaMode === 1 ? ev.deltaY * 30 : ev.deltaY;
            const way = Math.max(Math.min(pixels, 240), -240);
            on.zoom(pointOf(ev), Math.exp(-way * WHEEL_STEP));
        },
        keydown(ev) {
            if (ev.key === "Escape" && grabbed) {
                ev.stopPropagation();
                stop();
            }
        },
    };

    function movePressed(point) {
        const {from, last, target, isTouch} = pressed;
        const far = Math.hypot(point.x - from.x, point.y - from.y);
        if (!pressed.isMoved && far < (isTouch ? FINGER_STARTS_AT : STARTS_AT)) {
            return;
        }
        if (!pressed.isMoved) {
            pressed.isMoved = true;
            clearTimeout(holding);
            grabbed ||= on.grab(target, from, isTouch);
        }
        if (grabbed) {
            on.drag(point);
        } else {
            on.pan(point.x - last.x, point.y - last.y);
        }
        pressed.last = point;
    }

    // The pointer may leave the canvas while a card is dragged.
    const onWindow = ["pointermove", "pointerup", "pointercancel", "keydown"];
    const place = (name) => (onWindow.includes(name) ? window : ref.el);
    onMounted(() => {
        for (const [name, handler] of Object.entries(handlers)) {
            place(name).addEventListener(name, handler, {
                passive: name !== "wheel",
                capture: name === "keydown",
            });
        }
    });
    onWillUnmount(() => {
        clearTimeout(holding);
        for (const [name, handler] of Object.entries(handlers)) {
            place(name)?.removeEventListener(name, handler, {
                capture: name === "keydown",
            });
        }
    });
}

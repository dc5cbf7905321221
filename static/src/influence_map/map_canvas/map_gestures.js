import {onMounted, onWillUnmount} from "@odoo/owl";

const STARTS_AT = 5; // pixels: less is a click
const WHEEL_STEP = 0.0016;

/**
 * Mouse, pen and fingers on the canvas, told apart: a click, a drag from a card, a drag
 * from its handle, moving the ground, the wheel, two fingers.
 *
 * A finger on a card moves the ground unless the card is selected: else one could not
 * move a full map by hand.
 *
 * @param {{ el: Element }} ref
 * @param {Object} on what to call: `press(target)`, `pan(dx, dy)`, `zoom(point, factor)`,
 *  `pinch(before, after)`, `grab(target, point)` -> whether it may be dragged,
 *  `drag(point)`, `drop(point)`, `cancel()`
 */
export function useMapGestures(ref, on) {
    const fingers = new Map();
    let pressed = null;
    let grabbed = false;
    let wasPinched = false;

    const pointOf = (ev) => {
        const {left, top} = ref.el.getBoundingClientRect();
        return {x: ev.clientX - left, y: ev.clientY - top};
    };

    const stop = () => {
        if (grabbed) {
            on.cancel();
        }
        pressed = null;
        grabbed = false;
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
            pressed = {target: ev.target, from: pointOf(ev), last: pointOf(ev), ev};
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
            if (grabbed) {
                on.drop(pointOf(ev));
            } else if (!isMoved) {
                on.press(target);
            }
            pressed = null;
            grabbed = false;
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
        const {from, last, target, ev} = pressed;
        const far = Math.hypot(point.x - from.x, point.y - from.y);
        if (!pressed.isMoved && far < STARTS_AT) {
            return;
        }
        if (!pressed.isMoved) {
            pressed.isMoved = true;
            grabbed = on.grab(target, from, ev.pointerType === "touch");
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
        for (const [name, handler] of Object.entries(handlers)) {
            place(name)?.removeEventListener(name, handler, {
                capture: name === "keydown",
            });
        }
    });
}

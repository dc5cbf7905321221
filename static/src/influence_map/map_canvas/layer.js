/**
 * Moves an element each frame by an animation that stands still, not by its `style`: the
 * style sheets of a whole Odoo look at that attribute, and would be asked about every
 * element below at each frame (13 ms of a frame's 16 in a map of 200).
 */
export class Layer {
    constructor(el) {
        this.el = el;
        this.place = "";
        this.motion = el.animate([{transform: "none"}, {transform: "none"}], {
            duration: 1,
            fill: "forwards",
        });
    }

    /** @returns {boolean} whether it moved */
    moveTo({x, y, zoom}) {
        const place = `translate(${x}px, ${y}px) scale(${zoom})`;
        if (place === this.place) {
            return false;
        }
        this.place = place;
        this.motion.effect.setKeyframes([{transform: place}, {transform: place}]);
        return true;
    }
}

import {useEffect, useRef} from "@odoo/owl";

const AHEAD = "400px";

/** Call back when the end of a list comes near the screen. */
export function useReached(refName, callback) {
    const ref = useRef(refName);
    useEffect(
        (element) => {
            if (!element) {
                return;
            }
            const observer = new IntersectionObserver(
                (seen) => seen.some((one) => one.isIntersecting) && callback(),
                {rootMargin: AHEAD}
            );
            observer.observe(element);
            return () => observer.disconnect();
        },
        () => [ref.el]
    );
}

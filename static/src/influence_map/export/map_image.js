import {CARD} from "../layout";

const MARGIN = 32;
const MOST_PIXELS = 16000; // of one side: browsers refuse larger canvases
const OURS = /o_map_|o_stance_/u;

/**
 * The whole map as a picture of its own: the rules of our style sheets, the icons' font
 * and the avatars go into the SVG, since a picture may load nothing.
 *
 * @param {SVGElement} svg
 * @param {Object} bounds of the map
 * @returns {Promise<string>} the text of an SVG file
 */
export async function standaloneSvg(svg, bounds) {
    const copy = svg.cloneNode(true);
    const [width, height] = [bounds.width + 2 * MARGIN, bounds.height + 2 * MARGIN];
    const box = [bounds.left - MARGIN, bounds.top - MARGIN, width, height];
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("viewBox", box.join(" "));
    copy.setAttribute("width", width);
    copy.setAttribute("height", height);
    copy.setAttribute("class", "o_map_svg");
    copy.querySelectorAll(".o_map_handle").forEach((el) => el.remove());
    copy.querySelectorAll(".o_map_selected").forEach((el) =>
        el.classList.remove("o_map_selected")
    );
    const body = getComputedStyle(document.body);
    const ground = getComputedStyle(svg.closest(".o_map_canvas")).backgroundColor;
    copy.style.cssText = `position: static; font-family: ${body.fontFamily}; color: ${body.color}; background: ${ground}`;
    const style = document.createElementNS("http://www.w3.org/2000/svg", "style");
    style.textContent = `${await iconFont()}\n.fa{font-family:FontAwesome}\n${ourRules()}`;
    copy.prepend(style);
    await Promise.all([...copy.querySelectorAll("image")].map(inlineImage));
    return new window.XMLSerializer().serializeToString(copy);
}

/** @returns {Promise<Blob>} a PNG, twice as sharp as the screen where that is possible */
export async function pngOf(text, bounds) {
    const [width, height] = [bounds.width + 2 * MARGIN, bounds.height + 2 * MARGIN];
    const scale = Math.min(2, MOST_PIXELS / width, MOST_PIXELS / height);
    const image = new Image();
    image.src = URL.createObjectURL(new Blob([text], {type: "image/svg+xml"}));
    try {
        await image.decode();
        const canvas = document.createElement("canvas");
        canvas.width = Math.max(Math.round(width * scale), CARD.width);
        canvas.height = Math.max(Math.round(height * scale), CARD.height);
        const context = canvas.getContext("2d");
        context.drawImage(image, 0, 0, canvas.width, canvas.height);
        return await new Promise((resolve) => {
            canvas.toBlob(resolve, "image/png");
        });
    } finally {
        URL.revokeObjectURL(image.src);
    }
}

export function download(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function* rulesOf(sheet) {
    let rules = [];
    try {
        rules = sheet.cssRules;
    } catch {
        return; // a style sheet of another site
    }
    yield* rules;
}

function ourRules() {
    return [...document.styleSheets]
        .flatMap((sheet) => [...rulesOf(sheet)])
        .filter(({selectorText}) => selectorText && OURS.test(selectorText))
        .map(({cssText}) => cssText)
        .join("\n");
}

async function iconFont() {
    for (const sheet of document.styleSheets) {
        for (const rule of rulesOf(sheet)) {
            const {style} = rule;
            const isOurs =
                rule.constructor.name === "CSSFontFaceRule" &&
                style.getPropertyValue("font-family").includes("FontAwesome");
            const [, url] = isOurs
                ? /url\(["']?([^"')]+\.woff2[^"')]*)/u.exec(
                      style.getPropertyValue("src")
                  ) || []
                : [];
            if (url) {
                const base = sheet.href || document.baseURI;
                const data = await dataUrl(new URL(url, base).href);
                return `@font-face{font-family:FontAwesome;src:url(${data})}`;
            }
        }
    }
    return "";
}

async function inlineImage(image) {
    try {
        image.setAttribute("href", await dataUrl(image.getAttribute("href")));
    } catch {
        image.remove();
    }
}

const loaded = new Map();

function dataUrl(url) {
    if (!loaded.has(url)) {
        loaded.set(url, loadDataUrl(url));
    }
    return loaded.get(url);
}

async function loadDataUrl(url) {
    const blob = await (await fetch(url)).blob();
    return new Promise((resolve, reject) => {
        const reader = new window.FileReader();
        reader.onload = () => resolve(reader.result);
        reader.onerror = reject;
        reader.readAsDataURL(blob);
    });
}

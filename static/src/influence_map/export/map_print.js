/**
 * Prints the page, the sheet turned as the map lies. A style sheet cannot turn it for the
 * map alone: what it says of pages holds for everything that Odoo prints.
 */
export function printAcross({width, height}) {
    const style = document.createElement("style");
    const way = width > height ? "landscape" : "portrait";
    style.textContent = `@page { size: ${way}; margin: 10mm; }`;
    document.head.append(style);
    try {
        window.print();
    } finally {
        style.remove();
    }
}

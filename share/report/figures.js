/* figures.js  the frame around every chart: title, drawing, caption, export, the table behind it; tooltips; colours */

/* --- colours: one a method all through the page, those of docs/reading-the-report.md, page.css and io/figure_data.c --- */

const METHODS_WITH_COLOUR = ["lrp", "integrated_gradients", "deeplift", "input_x_gradient", "guided_backpropagation",
  "deconvolution", "saliency"];
const N_OTHER_COLOURS = 24;

/* A function name -> CSS colour for the methods of a document. */
function methodColours(methods) {
  const colours = new Map([["mutations", "var(--ink)"], ["score", "var(--muted)"]]);
  let others = 0;
  methods.forEach(({ name }) => {
    const key = METHODS_WITH_COLOUR.includes(name) ? name.replaceAll("_", "-") : "other-" + (others++ % N_OTHER_COLOURS);
    colours.set(name, "var(--method-" + key + ")");
  });
  return (name) => colours.get(name) || "var(--muted)";
}

/* --- tooltip --- */

function showTip(event, lines) {
  const tip = document.getElementById("tip");
  tip.replaceChildren(...lines.map((line, k) => el("div", { class: k === 0 ? "strong" : null }, line)));
  tip.hidden = false;
  const x = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8);
  const below = event.clientY + 16 + tip.offsetHeight < window.innerHeight;
  tip.style.left = Math.max(8, x) + "px";
  tip.style.top = (below ? event.clientY + 16 : Math.max(8, event.clientY - 12 - tip.offsetHeight)) + "px";
}

function hideTip() {
  document.getElementById("tip").hidden = true;
}

/* --- export: a copy of the SVG in which the colours of the page's style are written out --- */

function resolveColours(node, style) {
  const resolve = (text) => text.replace(/var\((--[a-z0-9-]+)\)/gi, (_, name) => style.getPropertyValue(name).trim());
  for (const part of [node, ...node.querySelectorAll("*")]) {
    for (const name of ["fill", "stroke", "style"]) {
      const value = part.getAttribute(name);
      if (value && value.includes("var(")) part.setAttribute(name, resolve(value));
    }
  }
}

function standaloneSvg(drawn) {
  const copy = drawn.cloneNode(true);
  const box = drawn.viewBox.baseVal;
  const paper = svg("rect", { x: box.x, y: box.y, width: box.width, height: box.height, fill: "var(--paper)" });
  copy.insertBefore(paper, copy.firstChild);
  copy.setAttribute("width", box.width);
  copy.setAttribute("height", box.height);
  copy.removeAttribute("class");
  resolveColours(copy, getComputedStyle(document.documentElement));
  return { text: new XMLSerializer().serializeToString(copy), width: box.width, height: box.height };
}

function download(name, blob) {
  const link = el("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function exportSvg(name, drawn) {
  download(name + ".svg", new Blob([standaloneSvg(drawn).text], { type: "image/svg+xml" }));
}

function exportPng(name, drawn) {
  const { text, width, height } = standaloneSvg(drawn);
  const scale = Math.min(3, 16000 / Math.max(width, height));
  const image = new Image();
  image.onload = () => {
    const canvas = el("canvas", { width: Math.ceil(width * scale), height: Math.ceil(height * scale) });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => download(name + ".png", blob));
  };
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(text);
}

/* --- the frame --- */

const redraws = []; // of every figure, when the page's width changes

/* figure({id, title, alt, caption, behind, draw, values})
 *   draw(place, width) puts one <svg> into place; behind: a table with the same numbers; alt: what a listener is told;
 *   values: the numbers drawn, of which there must be one that is defined */
function figure({ id, title, alt, caption, behind, draw, values, wide }) {
  const place = el("div", { class: "drawing", role: wide ? "group" : "img", "aria-label": alt });
  const name = "mutagree-" + id;
  const buttons = el("span", { class: "tools" },
    el("button", { type: "button", click: () => exportSvg(name, place.querySelector("svg")), "aria-label": "Save " + title + " as SVG" }, "SVG"),
    el("button", { type: "button", click: () => exportPng(name, place.querySelector("svg")), "aria-label": "Save " + title + " as PNG" }, "PNG"));
  const frame = el("figure", { id: "figure-" + id, class: wide ? "wide" : null },
    el("div", { class: "figure-head" }, el("h3", null, title), buttons), place,
    caption ? el("figcaption", null, caption) : null,
    behind ? details("Numbers behind this figure", behind) : null);
  let drawnWidth = 0;
  frame.redraw = (force) => {
    const width = Math.floor(place.clientWidth);
    if (width < 40 || (width === drawnWidth && !force)) return;
    drawnWidth = width;
    place.replaceChildren();
    if (values && !values.some(isNumber)) place.append(el("p", { class: "notice" }, "No value is defined."));
    else draw(place, width);
    frame.dataset.drawn = place.querySelector("svg") ? "yes" : "no";
    buttons.hidden = frame.dataset.drawn === "no";
  };
  redraws.push(frame.redraw);
  return frame;
}

function missingNote(report, section) {
  const entry = report.missing.find((item) => item.section === section);
  return el("p", { class: "notice" }, entry ? "Not in this report: " + entry.why + "." : "Not in this report.");
}

/* The methods and their colours, once above charts that have no room for names. */
function methodKey(page, names) {
  return el("ul", { class: "key", "aria-label": "Colours of the methods" },
    names.map((name) => el("li", null, swatch(page.colour(name)), page.label(name))));
}

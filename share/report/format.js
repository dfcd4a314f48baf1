/* format.js  elements, numbers and tables. Texts of the document only ever become text, never markup. */

/* el("p", {class: "note"}, "text", node, ...) */
function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  setAttributes(node, attributes);
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return node;
}

function svg(tag, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  setAttributes(node, attributes);
  node.append(...children.flat(Infinity));
  return node;
}

function setAttributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(name, value);
    else node.setAttribute(name, value === true ? "" : value);
  }
}

/* --- numbers; what is not defined is a dash --- */

const MINUS = "\u2212", DASH = "\u2013", THIN = "\u2009";

function isNumber(x) {
  return typeof x === "number" && Number.isFinite(x);
}

function fixed(x, digits) {
  if (!isNumber(x)) return DASH;
  const text = Math.abs(x).toFixed(digits);
  return (x < 0 && Number(text) !== 0 ? MINUS : "") + text;
}

/* Digits behind the point for numbers of this size: three or so that count. */
function digitsFor(rows, key = "mean") {
  const most = rows.reduce((size, row) => (isNumber(row[key]) ? Math.max(size, Math.abs(row[key])) : size), 0);
  return most >= 1 || most === 0 ? 2 : most >= 0.1 ? 3 : most >= 0.01 ? 4 : 5;
}

function count(n) {
  return isNumber(n) ? n.toLocaleString("en-US") : DASH;
}

function percent(x, digits = 1) {
  return isNumber(x) ? fixed(100 * x, digits) + THIN + "%" : DASH;
}

function pValue(p) {
  if (!isNumber(p)) return DASH;
  if (p < 1e-300) return "< 1e" + MINUS + "300";
  if (p < 0.001) return p.toExponential(1).replace("e-", "e" + MINUS);
  return p.toFixed(3);
}

/* "p = 0.012", "p < 1e-300" */
function pText(p) {
  const text = pValue(p);
  return (text.startsWith("<") ? "p " : "p = ").replaceAll(" ", "\u00a0") + text.replaceAll(" ", "\u00a0");
}

function interval(row, digits = 2, mean = "mean", lo = "lo", hi = "hi") {
  if (!isNumber(row[mean])) return DASH;
  const ends = isNumber(row[lo]) ? " [" + fixed(row[lo], digits) + ", " + fixed(row[hi], digits) + "]" : "";
  return fixed(row[mean], digits) + ends;
}

function percentInterval(row, mean, lo, hi) {
  if (!isNumber(row[mean])) return DASH;
  const ends = isNumber(row[lo]) ? " [" + fixed(100 * row[lo], 1) + ", " + fixed(100 * row[hi], 1) + "]" : "";
  return fixed(100 * row[mean], 1) + ends + THIN + "%";
}

/* A sentence of the report with minus signs and intervals that stay on one line. */
function sentenceText(text) {
  return text.replace(/(^|[\s[(]|\de)-(?=\d)/g, "$1" + MINUS).replace(/\S+ \[[^\]]*\]/g, (part) => part.replaceAll(" ", "\u00a0"));
}

/* A text whose words are not broken at their hyphens: --out, file names */
function unbroken(text) {
  return text.split(/( +)/).map((word, k) => (k % 2 === 0 ? el("span", { class: "word" }, word) : word));
}

function positionText(position) {
  return position < 0 ? MINUS + -position : "+" + position;
}

/* Positions as one number without a gap where 0 is missing: +1 is 0. */
function positionIndex(position) {
  return position < 0 ? position : position - 1;
}

function plural(n, word) {
  return count(n) + " " + word + (n === 1 ? "" : "s");
}

/* --- tables --- */

/* The sentence of the verdict about a topic; null when there is none. */
function finding(page, topic, look = "finding") {
  const sentence = page.report.verdict.sentences.find((item) => item.topic === topic);
  return sentence ? el("p", { class: look }, sentenceText(sentence.text)) : null;
}

/* columns: {label, key, format(value, row) -> text, text: true for words, long: true for those that may be broken into lines,
 * colour(row)}; the number as it is in the document stands in data-value. */
function table(caption, columns, rows) {
  const head = el("tr", null, columns.map((c) => el("th", { scope: "col", class: c.text ? "text" : null }, c.label)));
  const body = rows.map((row) => el("tr", null, columns.map((c, k) => tableCell(c, row, k === 0))));
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    el("table", null, el("caption", null, caption), el("thead", null, head), el("tbody", null, body)));
}

function tableCell(column, row, first) {
  const value = row[column.key];
  const text = column.format ? column.format(value, row) : value === null || value === undefined ? DASH : String(value);
  return el(first ? "th" : "td", {
    class: column.long ? "text long" : column.text ? "text" : null,
    scope: first ? "row" : null,
    "data-value": isNumber(value) ? value : null,
  }, column.colour ? swatch(column.colour(row)) : null, text);
}

function swatch(colour) {
  const node = el("span", { class: "swatch", "aria-hidden": "true" });
  node.style.background = colour;
  return node;
}

/* A text with a button that copies it. */
function copyBox(node, text) {
  const button = el("button", { type: "button", click: () => copyText(text, button) }, "Copy");
  return el("div", { class: "command" }, node, button);
}

function copyText(text, button) {
  const area = el("textarea", { class: "away", "aria-hidden": "true" });
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = "Copy"; }, 1500);
}

function details(summary, ...children) {
  return el("details", null, el("summary", null, summary), ...children);
}

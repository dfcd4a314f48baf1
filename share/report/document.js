"use strict";
/* document.js  the document of the report out of the page, and Vega's modules */

/* --- the document: docs/report-json.md tells what is in it --- */

/* A packed table {"$keys", "$rows"} as the array of objects that it was. */
function unpackTable(packed) {
  return packed.$rows.map((row) => Object.fromEntries(packed.$keys.map((key, k) => [key, row[k]])));
}

function unpack(value) {
  if (Array.isArray(value)) {
    return value.length > 0 && typeof value[0] === "object" ? value.map(unpack) : value;
  }
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value.$keys) && Array.isArray(value.$rows)) return unpackTable(value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unpack(item)]));
}

function readDocument() {
  return unpack(JSON.parse(document.getElementById("document").textContent));
}

/* --- Vega: each of its files was wrapped into a call of mgModule() when the page was written --- */

const mgModules = new Map();

function mgModule(name, body) {
  mgModules.set(name, { body, exports: null });
}

function mgRequire(name) {
  const entry = mgModules.get(name) || mgModules.get(name.replace(/s$/, "")) || mgModules.get("vega"); // one file has them all
  if (!entry) throw new Error("Vega asks for " + name + ", which is not in this page");
  if (entry.exports === null) {
    const module = { exports: {} };
    entry.exports = module.exports;
    entry.body.call(globalThis, module.exports, module, mgRequire, undefined);
    entry.exports = module.exports;
  }
  return entry.exports;
}

/* What the charts use of Vega; null when the page was written without it. */
function readVega() {
  if (mgModules.size === 0) return null;
  const { expressionInterpreter } = mgRequire("vega-interpreter");
  if (mgModules.has("vega")) {
    const vega = mgRequire("vega");
    return { parse: vega.parse, View: vega.View, interpreter: expressionInterpreter };
  }
  Object.assign(mgRequire("vega-dataflow").transforms, mgRequire("vega-transforms"), mgRequire("vega-encode"),
    mgRequire("vega-view-transforms"));
  return { parse: mgRequire("vega-parser").parse, View: mgRequire("vega-view").View, interpreter: expressionInterpreter };
}

/* --- sections: each script adds its own --- */

const SECTIONS = [];

/* {id, order, nav, title, make(page) -> nodes, key: of the document, where it must be there} */
function addSection(section) {
  SECTIONS.push(section);
}

/* charts.js  Vega charts: the look they share, and the forms that are used more than once */

const FONT = "Helvetica Neue, Helvetica, Arial, sans-serif";

const CHART_LOOK = {
  background: null,
  font: FONT,
  axis: {
    domainColor: "var(--axis)", tickColor: "var(--axis)", gridColor: "var(--grid)", labelColor: "var(--muted)", labelFont: FONT,
    titleColor: "var(--ink)", titleFont: FONT, titleFontWeight: "normal", titleFontSize: 12, labelFontSize: 11, titlePadding: 8,
    tickSize: 4, labelPadding: 4,
  },
};

const CHART_LOCALE = { number: { decimal: ".", thousands: ",", grouping: [3], currency: ["", ""], minus: MINUS } };

/* Draw a Vega specification into place. Its expressions are interpreted: the page runs no text as a program. */
function drawChart(page, place, spec) {
  if (page.vega === null) {
    place.append(el("p", { class: "notice" }, "No chart: the page was written without Vega. The table has the numbers."));
    return;
  }
  const runtime = page.vega.parse({ autosize: { type: "none" }, padding: 0, ...spec }, CHART_LOOK, { ast: true });
  const view = new page.vega.View(runtime, { renderer: "svg", container: place, hover: true, expr: page.vega.interpreter, locale: CHART_LOCALE });
  view.tooltip((_, event, item, value) => {
    if (value === null || value === undefined || value === "") hideTip();
    else showTip(event, String(value).split("\n"));
  });
  view.run();
}

/* A group of marks with a size of its own, which its axes and grids keep to. */
function area(x, y, width, height, parts) {
  return {
    type: "group", encode: { enter: { x: { value: x }, y: { value: y }, width: { value: width }, height: { value: height } } },
    signals: [{ name: "width", value: width }, { name: "height", value: height }], ...parts,
  };
}

/* The title of one of several panels, above it at the left. */
function panelTitle(text, colour = "var(--ink)") {
  return { type: "text", encode: { enter: { x: { value: 0 }, y: { value: -9 }, text: { value: text }, fill: { value: colour }, font: { value: FONT }, fontSize: { value: 12 }, fontWeight: { value: "bold" } } } };
}

/* --- rows: a label, a dot and an interval each --- */

/* rows: {label, colour, mean, lo, hi, text, tip}; options: {title (of the axis), domain, reference, format}. Where there is
 * little room a row's label stands above its dot. */
function rowChart(page, place, width, rows, options) {
  const narrow = width < 560;
  const step = narrow ? 40 : 28;
  const left = narrow ? 8 : Math.max(...rows.map((row) => textWidth(row.label, 13))) + 24;
  const right = narrow ? 12 : Math.max(...rows.map((row) => textWidth(row.text, 12))) + 22;
  const inner = Math.max(60, width - left - right), height = rows.length * step;
  const data = rows.map((row, k) => ({ ...row, y: k * step + (narrow ? 28 : step / 2), top: k * step }));
  const dot = { y: { field: "y" }, x: { scale: "x", field: "mean" } };
  const marks = [
    { type: "rule", from: { data: "rows" }, encode: { enter: { y: { field: "y" }, x: { value: 0 }, x2: { value: inner }, stroke: { value: "var(--grid)" } } } },
    { type: "rule", from: { data: "intervals" }, encode: { enter: { y: { field: "y" }, x: { scale: "x", field: "lo" }, x2: { scale: "x", field: "hi" }, stroke: { field: "colour" }, strokeWidth: { value: 3 }, strokeCap: { value: "round" } } } },
    { type: "symbol", from: { data: "defined" }, encode: { enter: { ...dot, size: { value: 90 }, fill: { field: "colour" }, stroke: { value: "var(--paper)" }, strokeWidth: { value: 1.5 }, tooltip: { field: "tip" } } } },
    rowText("label", narrow ? { x: { value: 0 }, align: { value: "left" }, y: { field: "top", offset: 12 } }
      : { x: { value: -16 }, align: { value: "right" }, y: { field: "y" } }, "var(--ink)", 13),
    rowText("text", narrow ? { x: { value: inner }, align: { value: "right" }, y: { field: "top", offset: 12 } }
      : { x: { value: inner + 16 }, align: { value: "left" }, y: { field: "y" } }, "var(--muted)", 12),
  ];
  if (isNumber(options.reference)) {
    marks.unshift({ type: "rule", encode: { enter: { x: { scale: "x", value: options.reference }, y: { value: 0 }, y2: { value: height }, stroke: { value: "var(--axis)" }, strokeDash: { value: [3, 3] } } } });
  }
  drawChart(page, place, {
    width, height: height + 48,
    data: [{ name: "rows", values: data }, { name: "defined", values: data.filter((row) => isNumber(row.mean)) },
      { name: "intervals", values: data.filter((row) => isNumber(row.lo)) }],
    marks: [area(left, 2, inner, height, {
      scales: [{ name: "x", type: "linear", range: [0, inner], domain: options.domain || domainOf(rows), nice: !options.domain, zero: false }],
      axes: [{ orient: "bottom", scale: "x", title: options.title, tickCount: Math.max(3, Math.floor(inner / 90)), format: options.format || "~g" }],
      marks,
    })],
  });
}

function rowText(field, where, colour, size) {
  return { type: "text", from: { data: "rows" }, encode: { enter: { ...where, text: { field }, fill: { value: colour }, font: { value: FONT }, fontSize: { value: size }, baseline: { value: "middle" } } } };
}

function domainOf(rows) {
  const values = rows.flatMap((row) => [row.mean, row.lo, row.hi]).filter(isNumber);
  return values.length > 0 ? [Math.min(0, ...values), Math.max(0, ...values)] : [0, 1];
}

let measure = null;

function textWidth(text, size) {
  measure = measure || document.createElement("canvas").getContext("2d");
  measure.font = size + "px " + FONT;
  return measure.measureText(text).width;
}

/* places.js  the matrix of places: a row a method, a column a way of asking who agrees best */

const ASPECTS = {
  family: "family of measures", choice: "other choices of what agreement means", quarter: "quarter of the score",
};

/* What stands over a column; [short, in full]. */
function columnWords(page, column) {
  if (column.aspect === "quarter") {
    const at = Number(column.name), bounds = page.report.places.quarter_bounds.map((x) => fixed(x, 2));
    const from = at > 1 ? "from " + bounds[at - 2] : "", to = at < 4 ? "below " + bounds[at - 1] : "";
    return [["lowest", "second", "third", "highest"][at - 1], "windows with a score " + [from, to].filter(Boolean).join(", ")];
  }
  if (column.aspect === "choice") {
    const [measure, scale, sign, reduction] = column.name.split(", ");
    const words = [measure === "spearman" ? "rank" : "linear", scale === "probability" ? "prob." : scale, sign === "absolute" ? "magnitude" : "signed", reduction];
    return [words.join(" \u00b7 "), (measure === "spearman" ? "Spearman" : "Pearson") + " correlation, effects in " + scale + ", " + (sign === "absolute" ? "magnitudes" : "signed values") + ", " + (reduction === "worst" ? "the worst substitution of a position" : "the mean of a position\u2019s substitutions")];
  }
  const metric = page.report.summary.metrics.find((item) => item.dataset === column.metric) || page.report.summary.metrics.find((item) => item.metric === column.metric && item.region === "all");
  return [column.name, metric ? metric.description : column.metric];
}

function placesTable(page) {
  const { places } = page.report;
  if (!places || places.columns.length < 2) return [];
  const at = new Map(places.cells.map((cell) => [cell.aspect + "\t" + cell.name + "\t" + cell.method, cell]));
  const find = (column, method) => at.get(column.aspect + "\t" + column.name + "\t" + method);
  const first = places.columns[0], last = Math.max(...places.columns.map((column) => column.methods));
  const place = (method) => (find(first, method) || { place: Infinity }).place;
  const methods = page.report.methods.map((method) => method.name).filter((name) => places.columns.some((column) => find(column, name)))
    .sort((a, b) => place(a) - place(b));
  const caption = "Places of the methods, 1 is best; methods with the very same mean share one (2=). The columns of choices and quarters are about the main metric. Bold in a frame: surely best, by the rule below; underlined: cannot be told from the best. " + page.groupText + "; families that need more passes are measured in some of the windows.";
  return [el("h3", null, "Who is best, whichever way it is asked"), el("p", { class: "told" }, caption),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
      el("table", { class: "matrix", id: "places" }, matrixHead(page, places.columns),
        el("tbody", null, methods.map((name) => el("tr", null, el("th", { scope: "row", class: "text" }, swatch(page.colour(name)), page.label(name)),
          places.columns.map((column) => matrixCell(column, find(column, name), last))))))),
    finding(page, "same"), finding(page, "settings"), finding(page, "quarters")];
}

function matrixHead(page, columns) {
  const groups = [];
  for (const column of columns) {
    if (groups.length > 0 && groups[groups.length - 1].aspect === column.aspect) groups[groups.length - 1].n++;
    else groups.push({ aspect: column.aspect, n: 1 });
  }
  return el("thead", null,
    el("tr", null, el("td"), groups.map((group) => el("th", { scope: "colgroup", colspan: group.n, class: "aspect" }, el("span", { class: group.n < 4 ? "narrow" : null }, ASPECTS[group.aspect] || group.aspect)))),
    el("tr", null, el("th", { scope: "col", class: "text" }, "method"), columns.map((column, k) => {
      const [short, long] = columnWords(page, column);
      return el("th", { scope: "col", class: beginsAspect(columns, k) ? "turned begins" : "turned", title: long + "; n = " + plural(column.n, "window") + " of " + page.units(column.clusters) }, el("span", null, short));
    })));
}

/* "2", and "2=" where it is shared. */
function placeText(cell) {
  return isNumber(cell.place) ? cell.place + (cell.shared ? "=" : "") : DASH;
}

function beginsAspect(columns, k) {
  return k > 0 && columns[k].aspect !== columns[k - 1].aspect;
}

function matrixCell(column, cell, last) {
  if (!cell) return el("td", null, DASH);
  const sure = column.sure && column.leader === cell.method;
  const node = el("td", { class: sure ? "sure" : cell.with_leader && column.leader ? "tied" : null, "data-value": cell.place, title: interval(cell, 3) + ", n = " + plural(cell.n, "window") },
    el("span", null, placeText(cell)));
  node.style.setProperty("--strength", Math.round(50 * (1 - (cell.place - 1) / Math.max(1, last - 1))) + "%");
  return node;
}

/* page.js  puts the sections together when the page is there */

/* "1 gene", "1,234 genes": what intervals and tests go by. */
function units(report, n) {
  return count(n) + " " + (n === 1 ? report.unit.one : report.unit.many);
}

/* Positions of ready windows are counted from 1. */
function axisTitle(report) {
  return report.run.first_position === 1 ? "position in the window, nt" : "position relative to " + report.task.origin + ", nt";
}

/* " (the label of the group)"; nothing of all windows, which are what the words before it say. */
function ofGroup(group) {
  return group.label === "all windows" ? "" : " (" + group.label + ")";
}

function makePage(report) {
  const labels = new Map(report.methods.map((method) => [method.name, method.label]));
  labels.set("mutations", "mutations");
  const { unit } = report.task;
  return {
    task: report.task, axisTitle: axisTitle(report), sections: sectionsOf(report),
    report, vega: readVega(), colour: methodColours(report.methods), label: (name) => labels.get(name) || String(name), unit, unitText: "unit: " + unit,
    groupText: "n = " + plural(report.group.windows, "window") + ofGroup(report.group) + (report.unit.one === "window" ? "" : " of " + units(report, report.group.clusters)),
    unitOne: report.unit.one, unitMany: report.unit.many, units: (n) => units(report, n),
    band: null, claimed: [], leftOut: "", afterStart: [],
  };
}

function titleBlock(page) {
  const { run, provenance, group } = page.report;
  document.title = run.file + ": mutagree report";
  const model = String(provenance.model || "").split("/").pop();
  const facts = [model ? "network " + model : null, String(provenance.network || "").split(",").slice(0, 2).join(","), plural(run.windows, "window") + WINDOW_OF_TASK.source(run), page.task.about.split(":")[0],
    "shown: " + group.label + " (" + count(group.windows) + ")", String(provenance.finished || "").slice(0, 10)];
  return [el("h1", null, run.file), el("p", { class: "facts" }, facts.filter(Boolean).join(" \u00b7 "))];
}

/* --- sections: which there are is the report's to say --- */

/* A section of a task is there where the document has its key, if only as null: then it tells what is missing. */
function sectionsOf(report) {
  return SECTIONS.filter((section) => !section.key || section.key in report).sort((a, b) => a.order - b.order);
}

function placeSections(page) {
  const nav = document.querySelector("nav"), main = document.querySelector("main");
  page.sections.forEach(({ id, nav: name, title }, k) => {
    nav.append(el("a", { href: "#" + id }, name));
    main.append(el("section", { id, "aria-labelledby": id + "-head" },
      el("h2", { id: id + "-head" }, el("span", { class: "number" }, String(k + 1)), " " + title)));
  });
}

/* A section that cannot be drawn must not take the others with it. */
function fillSection(page, { id, make }) {
  const section = document.getElementById(id);
  try {
    section.append(...make(page).filter((node) => node !== null && node !== undefined));
  } catch (error) {
    reportTrouble(id, error);
  }
}

function reportTrouble(where, error) {
  console.error(where, error);
  document.getElementById("troubles").append(el("p", { class: "notice" }, "The section \u201c" + where + "\u201d could not be shown: " + error.message));
}

function redrawAll(force) {
  for (const redraw of redraws) {
    try {
      redraw(force);
    } catch (error) {
      reportTrouble("figure", error);
    }
  }
}

function startTheme() {
  const button = document.getElementById("theme"), root = document.documentElement;
  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches);
  const tell = () => { button.textContent = dark() ? "Light" : "Dark"; };
  button.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; tell(); });
  tell();
}

function start() {
  startTheme();
  let page;
  try {
    page = makePage(readDocument());
  } catch (error) {
    return reportTrouble("document", error);
  }
  WINDOW_OF_TASK.prepare(page);
  document.getElementById("title").append(...titleBlock(page));
  placeSections(page);
  for (const section of page.sections) fillSection(page, section);
  redrawAll(false);
  for (const action of page.afterStart) action();
  let waiting = 0;
  window.addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(() => redrawAll(false), 120); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hideTip(); });
  document.documentElement.dataset.ready = "yes";
  return page;
}

document.addEventListener("DOMContentLoaded", start);

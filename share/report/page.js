/* page.js  puts the sections together when the page is there */

/* "1 gene", "1,234 genes": what intervals and tests go by. */
function units(report, n) {
  return count(n) + " " + (n === 1 ? report.unit.one : report.unit.many);
}

function makePage(report) {
  const labels = new Map(report.methods.map((method) => [method.name, method.label]));
  labels.set("mutations", "mutations");
  const unit = report.run.score === "logit" ? "logit" : "log-odds";
  return {
    report, vega: readVega(), colour: methodColours(report.methods), label: (name) => labels.get(name) || String(name), unit, unitText: "unit: " + unit,
    groupText: "n = " + plural(report.group.windows, "window") + " (" + report.group.label + ") of " + units(report, report.group.clusters),
    unitOne: report.unit.one, unitMany: report.unit.many, units: (n) => units(report, n),
    hasCodon: report.run.last_position >= 3, afterStart: [],
  };
}

function titleBlock(page) {
  const { run, provenance, group } = page.report;
  document.title = run.file + ": mutagree report";
  const model = String(provenance.model || "").split("/").pop();
  const facts = [model ? "network " + model : null, String(provenance.network || "").split(",").slice(0, 2).join(","), plural(run.windows, "window") + " of " + plural(run.transcripts, "transcript"),
    "shown: " + group.label + " (" + count(group.windows) + ")", String(provenance.finished || "").slice(0, 10)];
  return [el("h1", null, run.file), el("p", { class: "facts" }, facts.filter(Boolean).join(" \u00b7 "))];
}

/* A section that cannot be drawn must not take the others with it. */
function fillSection(page, id, make) {
  const section = document.getElementById(id);
  try {
    section.append(...make(page).filter((node) => node !== null));
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
  document.getElementById("title").append(...titleBlock(page));
  fillSection(page, "answer", answerSection);
  fillSection(page, "certain", certainSection);
  fillSection(page, "reads", readsSection);
  fillSection(page, "stops", stopsSection);
  fillSection(page, "windows", windowsSection);
  fillSection(page, "trust", trustSection);
  redrawAll(false);
  for (const action of page.afterStart) action();
  let waiting = 0;
  window.addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(() => redrawAll(false), 120); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hideTip(); });
  document.documentElement.dataset.ready = "yes";
  return page;
}

document.addEventListener("DOMContentLoaded", start);

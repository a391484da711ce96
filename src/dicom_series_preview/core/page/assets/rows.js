"use strict";

// The rows, and which of them are wanted, in which order: nothing here touches what is seen.

const element = (id) => document.getElementById(id);
const data = JSON.parse(element("rows").textContent);

const cell = (name, row) => {
  const column = data[name];
  return Array.isArray(column) ? column[row] : column.of[column.at[row]];
};
const total = (Array.isArray(data.series) ? data.series : data.series.at).length;

const AXES = {
  Z: "axial, from head to feet",
  X: "sagittal, from right to left",
  Y: "coronal, from front to back",
  I: "by InstanceNumber",
};

const status = (row) => cell("status", row);

function address(row) {
  const picture = cell("picture", row);
  const series = cell("series", row);
  if (picture === "") return "";
  return "./" + (picture[0] === "+" ? `${series.slice(0, 2)}/${series}${picture.slice(1)}` : picture.slice(1));
}

const count = (number, one, many = one + "s") => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

function bytes(number) {
  const power = Math.min(4, Math.max(0, Math.floor(Math.log10(Math.max(number, 1)) / 3)));
  const text = (number / 1000 ** power).toLocaleString("en", { maximumFractionDigits: power ? 1 : 0 });
  return `${text} ${["bytes", "kB", "MB", "GB", "TB"][power]}`;
}

// Facets: each value of each with a number, so that a row holds small integers.

const FACETS = [
  { name: "status", title: "Status", value: status, label: (value) => value },
  { name: "modality", title: "Modality", value: (row) => cell("modality", row), label: (value) => value || "Not known" },
  { name: "collection", title: "Collection", value: (row) => cell("collection", row), label: (value) => value || "None" },
];

for (const facet of FACETS) {
  const numbers = new Map();
  facet.chosen = new Set();
  facet.of = Uint16Array.from({ length: total }, (_, row) => {
    const value = facet.value(row);
    if (!numbers.has(value)) numbers.set(value, numbers.size);
    return numbers.get(value);
  });
  facet.values = [...numbers.keys()];
  facet.counts = new Uint32Array(facet.values.length);
  for (const number of facet.of) facet.counts[number] += 1;
  const rank = facet.name === "status" ? (n) => data.statuses.indexOf(facet.values[n]) : (n) => -facet.counts[n];
  facet.order = facet.values.map((_, n) => n);
  facet.order.sort((a, b) => (facet.values[a] === "") - (facet.values[b] === "") || rank(a) - rank(b));
}

// Search: one text a row, joined and folded once.

const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();

const SEARCHED = ["description", "modality", "collection", "series", "status", "fault", "words"];
let joined;
const texts = () =>
  (joined ??= Array.from({ length: total }, (_, row) =>
    fold([...SEARCHED.map((name) => cell(name, row)), ...cell("remarks", row)].join("\n")),
  ));

// Orders: found when first wanted, then kept.

const alike = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
const byText = (name) => (a, b) => {
  const [left, right] = [cell(name, a), cell(name, b)];
  return (left === "") - (right === "") || alike.compare(left, right);
};
const byNumber = (value) => (a, b) => value(b) - value(a);
const trouble = (row) => data.statuses.indexOf(status(row));

const SORTS = {
  collection: { label: "Collection" }, // as they come: alike beside alike
  description: { label: "Description", compare: byText("description") },
  modality: { label: "Modality", compare: byText("modality") },
  most: { label: "Most slices", compare: byNumber((row) => cell("slices", row)) },
  fewest: { label: "Fewest slices", compare: byNumber((row) => -cell("slices", row)) },
  trouble: { label: "Failures and warnings", compare: byNumber(trouble) },
  slowest: { label: "Slowest", compare: byNumber((row) => cell("seconds", row)) },
  read: { label: "Most bytes read", compare: byNumber((row) => cell("read", row)) },
};

const order = (sort) => {
  const rows = (SORTS[sort].rows ??= Uint32Array.from({ length: total }, (_, row) => row));
  if (SORTS[sort].compare && !SORTS[sort].done) rows.sort(SORTS[sort].compare);
  SORTS[sort].done = true;
  return rows;
};

// What is asked for now.
const asked = { search: "", sort: "collection", size: 232 };

/** The rows that are wanted, in order; counts of each facet as if nothing were chosen in itself. */
function wanted() {
  const needles = fold(asked.search).split(/\s+/).filter(Boolean);
  const found = [];
  for (const facet of FACETS) facet.counts.fill(0);
  for (const row of order(asked.sort)) {
    if (needles.length && !needles.every((needle) => texts()[row].includes(needle))) continue;
    const against = FACETS.filter((facet) => facet.chosen.size && !facet.chosen.has(facet.of[row]));
    if (against.length === 0) {
      found.push(row);
      for (const facet of FACETS) facet.counts[facet.of[row]] += 1;
    } else if (against.length === 1) {
      against[0].counts[against[0].of[row]] += 1;
    }
  }
  return found;
}

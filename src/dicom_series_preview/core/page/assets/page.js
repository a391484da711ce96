// What the reader does, and what the address remembers of it.

const search = element("search");
const size = element("size");
const sort = element("sort");
const filters = element("filters");

for (const [value, { label }] of Object.entries(SORTS)) {
  const option = make("option", "", label);
  option.value = value;
  sort.append(option);
}

for (const facet of FACETS) {
  const set = make("fieldset");
  const list = make("div", "choices");
  set.append(make("legend", "", facet.title), list);
  facet.boxes = [];
  for (const n of facet.order) {
    const choice = make("label", "choice");
    const box = make("input");
    const name = make("span", "label", facet.label(facet.values[n]));
    box.type = "checkbox";
    box.name = facet.name;
    name.dir = "auto";
    box.addEventListener("change", () => {
      if (box.checked) facet.chosen.add(n);
      else facet.chosen.delete(n);
      refresh();
    });
    choice.append(box, name, make("span", "number"));
    facet.boxes[n] = box;
    list.append(choice);
  }
  if (facet.values.length > 1 || facet.values.some(Boolean)) element("facets").append(set);
}

function refresh() {
  const rows = wanted();
  for (const facet of FACETS) {
    for (const [n, box] of facet.boxes.entries()) {
      box.checked = facet.chosen.has(n);
      box.parentElement.classList.toggle("empty", facet.counts[n] === 0);
      box.parentElement.lastChild.textContent = facet.counts[n].toLocaleString("en");
    }
  }
  show(rows);
  const isAll = rows.length === total;
  element("count").textContent = isAll ? count(total, "series", "series") : `${rows.length.toLocaleString("en")} of ${count(total, "series", "series")}`;
  element("nothing").hidden = rows.length > 0;
  element("clear").hidden = asked.search === "" && FACETS.every((facet) => facet.chosen.size === 0);
  remember();
}

function clear() {
  asked.search = search.value = "";
  for (const facet of FACETS) facet.chosen.clear();
  refresh();
  search.focus();
}

function resize(pixels) {
  asked.size = Math.min(Number(size.max), Math.max(Number(size.min), pixels));
  size.value = asked.size;
  cards.classList.toggle("small", asked.size < 160);
  layOut();
  remember();
}

// The address: what is asked for, so that a view can be sent and outlives a reload.

let writing;
function remember() {
  clearTimeout(writing); // browsers allow few changes a second
  writing = setTimeout(() => {
    const told = new URLSearchParams();
    if (asked.search) told.set("search", asked.search);
    for (const facet of FACETS) for (const n of facet.chosen) told.append(facet.name, facet.values[n]);
    if (asked.sort !== "collection") told.set("sort", asked.sort);
    if (asked.size !== 232) told.set("size", asked.size);
    if (dialog.open) told.set("series", cell("series", shown[active]));
    history.replaceState(null, "", told.size ? `#${told}` : location.pathname + location.search);
  }, 250);
}

function recall(hash) {
  const told = new URLSearchParams(hash.slice(1));
  asked.search = search.value = told.get("search") ?? "";
  asked.sort = sort.value = Object.hasOwn(SORTS, told.get("sort") ?? "") ? told.get("sort") : "collection";
  for (const facet of FACETS) {
    facet.chosen = new Set(told.getAll(facet.name).map((value) => facet.values.indexOf(value)).filter((n) => n >= 0));
  }
  resize(Number(told.get("size")) || 232);
  refresh();
  const place = told.has("series") ? shown.findIndex((row) => cell("series", row) === told.get("series")) : -1;
  if (place < 0) return;
  active = place;
  openDialog();
}

search.addEventListener("input", () => {
  asked.search = search.value;
  refresh();
});
search.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "Enter") return;
  event.preventDefault();
  goTo(0);
});
sort.addEventListener("change", () => {
  asked.sort = sort.value;
  refresh();
});
size.addEventListener("input", () => resize(Number(size.value)));
filters.addEventListener("submit", (event) => event.preventDefault());
element("clear").addEventListener("click", clear);
element("clear-too").addEventListener("click", clear);
element("show-filters").addEventListener("click", (event) => {
  const isOpen = filters.classList.toggle("open");
  event.currentTarget.setAttribute("aria-expanded", isOpen);
});
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
  if (event.target.matches("input:not([type=checkbox], [type=range]), select")) return;
  if (event.key === "/") {
    event.preventDefault();
    search.focus();
    search.select();
  }
  if (event.key === "+" || event.key === "=") resize(asked.size + 32);
  if (event.key === "-") resize(asked.size - 32);
});
// The address of the event: what was to be written before may meanwhile have taken its place.
addEventListener("hashchange", (event) => recall(new URL(event.newURL).hash));

recall(location.hash);

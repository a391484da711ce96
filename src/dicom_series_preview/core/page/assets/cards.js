// The cards: only those near the screen are in the document, and the one that has the focus.

const cards = element("cards");
const placed = new Map(); // place among the shown rows -> its list item
let shown = [];
let active = 0; // the place that Tab reaches
let grid = { columns: 1, side: asked.size, pitch: 1, gap: 0 };

const make = (tag, name, text) => {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== undefined) made.textContent = text;
  return made;
};

const cut = (text, most) => (text.length > most ? [...text.slice(0, 2 * most)].slice(0, most).join("") + "…" : text);

/** The picture of a row, or words where there is none. */
function picture(row, alternative) {
  const box = make("span", "picture");
  const where = address(row);
  if (where === "") {
    box.classList.add("none");
    box.append(make("strong", "", status(row)), make("span", "words", cut(cell("words", row), 400)));
    box.lastChild.dir = "auto";
    return box;
  }
  const image = make("img");
  image.loading = "lazy";
  image.decoding = "async";
  image.alt = alternative;
  image.addEventListener("error", () => {
    box.classList.add("none");
    box.replaceChildren(make("strong", "", "No picture"), make("span", "words", "It is not beside this page."));
  });
  image.src = where;
  box.append(image);
  return box;
}

/** The description, else the series as it is called, of a location the folder's name. */
const title = (row) => cell("description", row).trim() || cell("series", row).split("/").findLast(Boolean) || "?";

function about(row) {
  const slices = cell("slices", row);
  return [cell("modality", row), slices ? count(slices, "slice") : "", cell("collection", row)].filter(Boolean);
}

function card(place) {
  const row = shown[place];
  const item = make("li", "card");
  const button = make("button");
  const name = make("span", "name", cut(title(row), 200));
  name.dir = "auto";
  button.type = "button";
  name.classList.toggle("series", cell("description", row).trim() === "");
  const caption = make("span", "about");
  const remarks = cell("remarks", row).length;
  const flags = remarks ? [make("span", "flag", count(remarks, "warning"))] : [];
  caption.append(...[...flags, ...about(row)].flatMap((part, i) => (i ? [" · ", part] : [part])));
  button.append(picture(row, ""), name, caption);
  item.setAttribute("aria-setsize", shown.length);
  item.setAttribute("aria-posinset", place + 1);
  item.dataset.place = place;
  item.append(button);
  return item;
}

function measure() {
  const style = getComputedStyle(cards);
  const gap = parseFloat(style.rowGap);
  const caption = parseFloat(style.getPropertyValue("--caption")) * parseFloat(getComputedStyle(document.documentElement).fontSize);
  const room = cards.clientWidth;
  const columns = Math.max(1, Math.floor((room + gap) / (asked.size + gap)));
  const side = Math.floor((room - gap * (columns - 1)) / columns);
  grid = { columns, side, gap, pitch: side + caption + gap };
  cards.style.height = `${Math.max(0, Math.ceil(shown.length / columns) * grid.pitch - gap)}px`;
}

function put(place) {
  const { style } = placed.get(place);
  style.width = `${grid.side}px`;
  style.height = `${grid.pitch - grid.gap}px`;
  style.transform = `translate(${(place % grid.columns) * (grid.side + grid.gap)}px, ${Math.floor(place / grid.columns) * grid.pitch}px)`;
}

function draw() {
  const above = -cards.getBoundingClientRect().top;
  const spare = innerHeight / 2;
  const first = Math.max(0, Math.floor((above - spare) / grid.pitch)) * grid.columns;
  const end = Math.min(shown.length, Math.ceil((above + innerHeight + spare) / grid.pitch) * grid.columns);
  const places = new Set(active < shown.length ? [active] : []);
  for (let place = first; place < end; place += 1) places.add(place);
  for (const [place, item] of placed) {
    if (places.has(place)) continue;
    item.remove();
    placed.delete(place);
  }
  let before = null; // from the last to the first, so that the document reads in order
  for (const place of [...places].sort((a, b) => b - a)) {
    if (!placed.has(place)) {
      placed.set(place, card(place));
      cards.insertBefore(placed.get(place), before);
      put(place);
    }
    before = placed.get(place);
    before.firstChild.tabIndex = place === active ? 0 : -1;
  }
}

/** Show these rows from now on. */
function show(rows) {
  const was = shown[active];
  shown = rows;
  active = Math.max(0, shown.indexOf(was));
  placed.clear();
  cards.replaceChildren();
  measure();
  if (cards.getBoundingClientRect().top < 0) scrollTo(0, 0);
  draw();
}

/** Lay out anew for another width or size, with what is at the top of the screen staying there. */
function layOut() {
  const above = -cards.getBoundingClientRect().top;
  const top = above > 0 ? Math.floor(above / grid.pitch) * grid.columns : -1;
  measure();
  for (const place of placed.keys()) put(place);
  if (top >= 0) scrollBy(0, cards.getBoundingClientRect().top + Math.floor(top / grid.columns) * grid.pitch);
  draw();
}

/** Give the focus to the card at this place, wherever it is. */
function goTo(place) {
  if (shown.length === 0) return;
  active = Math.min(Math.max(place, 0), shown.length - 1);
  const head = document.querySelector(".top");
  const covered = getComputedStyle(head).position === "sticky" ? head.offsetHeight : 0;
  const top = cards.getBoundingClientRect().top + Math.floor(active / grid.columns) * grid.pitch;
  const bottom = top + grid.pitch;
  if (top < covered + grid.gap) scrollBy(0, top - covered - grid.gap);
  else if (bottom > innerHeight) scrollBy(0, Math.min(bottom - innerHeight, top - covered - grid.gap));
  draw();
  placed.get(active).firstChild.focus({ preventScroll: true });
}

cards.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const rows = Math.max(1, Math.floor(innerHeight / grid.pitch));
  const steps = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -grid.columns,
    ArrowDown: grid.columns,
    PageUp: -rows * grid.columns,
    PageDown: rows * grid.columns,
    Home: -shown.length,
    End: shown.length,
  };
  const step = steps[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const goal = active + step;
  const isLastLine = Math.floor(active / grid.columns) === Math.floor((shown.length - 1) / grid.columns);
  if (event.key === "ArrowUp" && goal < 0) element("search").focus();
  else if (event.key !== "ArrowDown" || !isLastLine) goTo(goal);
});

cards.addEventListener("click", (event) => {
  const item = event.target.closest("li");
  if (!item) return;
  active = Number(item.dataset.place);
  draw();
  openDialog();
});

let drawing = 0; // the frame that draws next, 0 if none does
addEventListener(
  "scroll",
  () => {
    drawing ||= requestAnimationFrame(() => {
      drawing = 0;
      draw();
    });
  },
  { passive: true },
);
new ResizeObserver(layOut).observe(cards.parentElement);

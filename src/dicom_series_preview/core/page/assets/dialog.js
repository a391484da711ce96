// The dialog: one series, its tiles, and the commands that show it again.

const dialog = element("dialog");
const said = element("said");

const minus = (text) => text.replace("-", "−");
const number = (value, digits) => minus(value.toLocaleString("en", { maximumFractionDigits: digits, useGrouping: false }));

/** A word as a POSIX shell reads it back; control characters by their names, so that none reaches a terminal. */
function quoted(word) {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (!/[\u0000-\u001f\u007f-\u009f]/.test(word)) return `'${word.replaceAll("'", "'\\''")}'`;
  const escaped = word.replace(/[\\']/g, "\\$&").replace(/[\u0000-\u001f\u007f-\u009f]/g, (one) => "\\u" + one.charCodeAt(0).toString(16).padStart(4, "0"));
  return `$'${escaped}'`;
}

function command(row, output, ...options) {
  const [series, location] = [cell("series", row), cell("location", row)];
  const where = series.includes("/") ? [series, output] : [series, output, "--root", location];
  return ["dicom-series-preview", ...where, ...options].map(quoted).join(" ");
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without https the clipboard can be reached by a selection alone.
    const field = make("textarea");
    field.value = text;
    dialog.append(field);
    const focused = document.activeElement;
    field.select();
    document.execCommand("copy");
    field.remove();
    focused?.focus();
  }
  said.replaceChildren("Copied ", make("code", "", text));
}

// Tiles: rules and lists back to one value a tile.

function tiles(row) {
  const grid = cell("grid", row);
  if (grid === null) return [];
  const listed = cell("index", row);
  const [n, k] = typeof listed === "string" ? listed.split("/").map(Number) : [0, listed.length];
  const places = cell("position", row);
  const [start, step] = typeof places === "string" ? places.split(" ").map(Number) : [];
  const numbers = typeof grid === "string" ? grid.split(" ").map(Number) : [];
  const one = (values, i) => (Array.isArray(values) ? values[i] : values);
  const windows = cell("windows", row);
  const sameWindow = windows === null || !(windows[0] === null || Array.isArray(windows[0]));
  return Array.from({ length: k }, (_, i) => {
    const index = typeof listed === "string" ? Math.floor((2 * i * (n - 1) + k - 1) / (2 * (k - 1))) : listed[i];
    const [columns, x, y, dx, dy, width, height] = numbers;
    return {
      index,
      rect: numbers.length ? [x + dx * (i % columns), y + dy * Math.floor(i / columns), width, height] : grid[i],
      position: typeof places === "string" ? start + step * index : places[i],
      axis: one(cell("axes", row), i),
      window: sameWindow ? windows : windows[i],
      time: one(cell("times", row), i) ?? null,
    };
  });
}

function words(row, tile) {
  const slices = cell("slices", row);
  const parts = [`Slice ${tile.index + 1}${slices ? ` of ${slices}` : ""}`];
  if (tile.position !== null) parts.push(tile.axis === "I" ? `number ${number(tile.position, 0)}` : `${tile.axis} ${number(tile.position, 1)} mm`);
  if (tile.window) parts.push(`window width ${number(tile.window[1], 2)}, center ${number(tile.window[0], 2)}`);
  if (tile.time !== null) parts.push(`time ${typeof tile.time === "number" ? number(tile.time, 2) : tile.time}`);
  return parts.join(" · ");
}

function tileCommand(row, tile) {
  // An exact linear window is repeated: it may have been found from all slices together.
  const [center, width, kindOfWindow] = tile.window ?? [];
  const same = kindOfWindow === "LINEAR_EXACT" ? ["--window-width", String(width), "--window-center", String(center)] : [];
  return command(row, "slice.webp", "--position", "0", "--slice-offset", String(tile.index), "--image-width", "512", ...same);
}

function tileMap(row) {
  const [width, height] = [cell("width", row) || 1, cell("height", row) || 1]; // a square where nobody knows
  const box = make("div", "map");
  box.style.aspectRatio = `${width} / ${height}`;
  box.style.setProperty("--ratio", width / height);
  const name = cut(title(row), 200);
  box.append(picture(row, `Preview of ${name}: ${about(row).join(", ")}`));
  const found = tiles(row);
  const says = make("p", "says", found.length ? "Point at a tile; a click copies the command that shows its slice." : cell("untold", row) || "With batch --map each tile says which slice it is.");
  const buttons = found.map((tile, i) => {
    const button = make("button", "tile");
    const [x, y, w, h] = tile.rect;
    button.type = "button";
    button.tabIndex = i ? -1 : 0;
    button.setAttribute("aria-label", `${words(row, tile)}: copy the command that shows it`);
    Object.assign(button.style, { left: `${(100 * x) / width}%`, top: `${(100 * y) / height}%`, width: `${(100 * w) / width}%`, height: `${(100 * h) / height}%` });
    const tell = () => (says.textContent = words(row, tile));
    button.addEventListener("pointerenter", tell);
    button.addEventListener("focus", tell);
    button.addEventListener("click", () => copy(tileCommand(row, tile)));
    return button;
  });
  box.append(...buttons);
  box.addEventListener("keydown", (event) => {
    const now = buttons.indexOf(document.activeElement);
    const next = now < 0 ? -1 : neighbour(found, now, event.key);
    if (next < 0) return;
    event.preventDefault();
    buttons[now].tabIndex = -1;
    buttons[next].tabIndex = 0;
    buttons[next].focus();
  });
  return [box, says];
}

/** The tile that an arrow leads to, -1 if none. */
function neighbour(found, now, key) {
  if (key === "Home") return 0;
  if (key === "End") return found.length - 1;
  if (key === "ArrowRight") return now + 1 < found.length ? now + 1 : -1;
  if (key === "ArrowLeft") return now - 1;
  const [x, y] = found[now].rect;
  const inColumn = found.map((_, i) => i).filter((i) => Math.abs(found[i].rect[0] - x) < found[i].rect[2] / 2);
  if (key === "ArrowDown") return inColumn.find((i) => found[i].rect[1] > y) ?? -1;
  if (key === "ArrowUp") return inColumn.findLast((i) => found[i].rect[1] < y) ?? -1;
  return -1;
}

function facts(row) {
  const at = (name) => cell(name, row);
  const stacks = at("stacks") > 1 ? ` in ${count(at("stacks"), "stack")}` : "";
  return [
    ["Status", status(row)],
    ["Modality", at("modality")],
    ["Collection", at("collection")],
    ["Slices", at("slices") ? at("slices").toLocaleString("en") + stacks : ""],
    ["Order", AXES[at("axis")] ?? at("axis")],
    ["Window", at("window")],
    ["Series", at("series")],
    ["Location", at("location")],
    ["Picture", at("width") ? `${at("width")} × ${at("height")} px, ${bytes(at("bytes"))}` : ""],
    ["Read", at("requests") ? `${bytes(at("read"))} in ${count(at("requests"), "request")}` : ""],
    ["Took", at("seconds") ? `${at("seconds")} s, ${at("cpu")} s of processor time` : ""],
    ["Attempts", at("attempts") > 1 ? String(at("attempts")) : ""],
    ["Made by", at("version") ? `dicom-series-preview ${at("version")}` : ""],
  ].filter(([, value]) => value);
}

function factList(row) {
  const list = make("dl");
  for (const [name, value] of facts(row)) {
    list.append(make("dt", "", name), make("dd", "", value));
    list.lastChild.dir = "auto";
  }
  return list;
}

function warnings(row) {
  const remarks = cell("remarks", row);
  if (remarks.length === 0) return [];
  const list = make("ul", "remarks");
  for (const remark of remarks) list.append(make("li", "", remark));
  return [make("h3", "", count(remarks.length, "warning")), list];
}

function commandBox(row) {
  const text = command(row, "preview.webp");
  const box = make("div", "command");
  const button = make("button", "", "Copy");
  button.type = "button";
  button.setAttribute("aria-label", "Copy the command");
  button.addEventListener("click", () => copy(text));
  box.append(make("code", "", text), button);
  return [make("h3", "", "Show it again"), box];
}

function fill() {
  const row = shown[active];
  const heading = element("dialog-title");
  heading.textContent = title(row);
  said.replaceChildren();
  const hasPicture = address(row) !== "";
  const why = make("p", "why", cell("words", row));
  why.dir = "auto";
  element("look").replaceChildren(...(hasPicture ? tileMap(row) : [make("h3", "", status(row)), why]));
  element("look").classList.toggle("none", !hasPicture);
  element("facts").replaceChildren(...warnings(row), factList(row), ...commandBox(row));
  element("previous").disabled = active === 0;
  element("next").disabled = active === shown.length - 1;
  heading.focus();
  remember();
}

function openDialog() {
  if (!dialog.open) dialog.showModal();
  fill();
}

function turn(step) {
  const place = active + step;
  if (place < 0 || place >= shown.length) return;
  active = place;
  draw();
  fill();
}

element("previous").addEventListener("click", () => turn(-1));
element("next").addEventListener("click", () => turn(1));
element("close").addEventListener("click", () => dialog.close());
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close(); // beside it
});
dialog.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "n") turn(1);
  if (event.key === "p") turn(-1);
});
dialog.addEventListener("close", () => {
  if (document.activeElement !== search) goTo(active); // who types there already is not called back
  remember();
});

// Niceties only: every page works without. The browser's zone, arrow keys, and opening a cell in place.
"use strict";

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

function tellZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || document.cookie.split("; ").includes(`zone=${zone}`)) return;
  document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax`;
  const kept = document.cookie.includes("zone="); // else reloading would never end
  const mine = (new URLSearchParams(location.search).get("tz") || "mine") === "mine";
  if (kept && mine && $(".seg")) location.reload();
}

const phone = matchMedia("(max-width: 719px)");
const beneath = ".skip, .top, .bar, .totals, .lines, .hours";
const cells = () => $$(".cell");
const panel = () => $("#panel");

function rove(to) {
  for (const cell of cells()) cell.tabIndex = cell === to ? 0 : -1;
}

function focusCell(cell) {
  if (!cell) return;
  rove(cell);
  cell.focus();
}

// On a phone the open cell is a sheet over the page, so the page beneath rests.
function settle() {
  const covered = phone.matches && panel()?.hidden === false; // not every page has one
  for (const part of $$(beneath)) part.inert = covered;
  return covered;
}

// The cell in the row above or below whose middle is nearest.
function vertical(from, step) {
  const rows = $$(".cells");
  const middle = (cell) => cell.getBoundingClientRect().left + cell.offsetWidth / 2;
  const row = rows[rows.indexOf(from.closest(".cells")) + step];
  if (!row) return null;
  const distance = (cell) => Math.abs(middle(cell) - middle(from));
  return $$(".cell", row).sort((a, b) => distance(a) - distance(b))[0];
}

async function show(address, { push = true, focus = true } = {}) {
  const part = document.createElement("template");
  try {
    const answer = await fetch(address.replace("/diary?", "/diary/cell?"));
    if (!answer.ok) throw new Error(answer.status);
    part.innerHTML = await answer.text();
  } catch {
    location.assign(address); // the page itself says what is wrong
    return;
  }
  const open = $("[aria-current].cell");
  panel().replaceWith(part.content);
  for (const cell of cells()) cell.removeAttribute("aria-current");
  const here = document.getElementById(panel().dataset.cell);
  if (here) {
    here.setAttribute("aria-current", "true");
    here.scrollIntoView({ block: "nearest" });
    rove(here);
  }
  settle();
  if (push) history.pushState(null, "", address);
  if (focus) (here ? $("#panel-title") : open)?.focus({ preventScroll: Boolean(here) });
}

function opensInPlace(link) {
  return link.matches(".cell, #close, #cell-before, #cell-after, .caption .btn");
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (!opensInPlace(link)) return;
  event.preventDefault();
  show(link.href);
});

document.addEventListener("click", (event) => {
  const pick = $(".pick[open]");
  if (pick && !pick.contains(event.target)) pick.open = false;
  if (settle() && event.isTrusted && !event.target.closest("#panel")) press("close");
});

phone.addEventListener("change", settle);

function press(id) {
  const link = document.getElementById(id);
  link?.click();
  return Boolean(link);
}

function arrow(key, cell) {
  const all = cells();
  const index = all.indexOf(cell);
  const next = {
    ArrowLeft: () => all[index - 1],
    ArrowRight: () => all[index + 1],
    ArrowUp: () => vertical(cell, -1),
    ArrowDown: () => vertical(cell, 1),
    Home: () => all[0],
    End: () => all[all.length - 1],
  }[key];
  if (!next) return false;
  focusCell(next());
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input")) return;
  const cell = event.target.closest(".cell");
  const inPanel = event.target.closest("#panel");
  const done =
    (cell && arrow(event.key, cell)) ||
    (event.key === "Escape" && press("close")) ||
    (inPanel && event.key === "ArrowLeft" && press("cell-before")) ||
    (inPanel && event.key === "ArrowRight" && press("cell-after")) ||
    (event.key === "[" && press("day-before")) ||
    (event.key === "]" && press("day-after")) ||
    (event.key === "t" && press("today"));
  if (done) event.preventDefault();
});

addEventListener("popstate", () => show(location.href, { push: false, focus: false }));

document.documentElement.classList.add("scripted");
rove($("[aria-current].cell") || $(".cell"));
settle();
tellZone();

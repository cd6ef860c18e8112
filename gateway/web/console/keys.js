// Single keys: through a list, into its first field, to the places that every page leads to. Without it everything is done
// by the browser's own keys. It is left out of the pages of who turned it off (WCAG 2.2, 2.1.4).
"use strict";

const TYPED_IN = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";
const IN_LISTS = "main tbody td a, main .rows a, main .counts a, main section.card h2 a";
const WITHIN = 1500; // milliseconds from `g` to the key after it
const help = document.querySelector("#keys");
let going = 0;

const seen = (found) => found.checkVisibility?.() ?? true;
const row = (link) => link.closest("tr, li, section");

function lines() {
  const firsts = new Map();
  for (const link of document.querySelectorAll(IN_LISTS)) if (seen(link) && !firsts.has(row(link))) firsts.set(row(link), link);
  return [...firsts.values()];
}

function step(by) {
  const all = lines();
  const now = all.findIndex((link) => row(link).contains(document.activeElement));
  const next = all[now < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(now + by, 0), all.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

const keys = {
  j: () => step(1),
  k: () => step(-1),
  x: () => document.activeElement?.closest("tr")?.querySelector("input[type=checkbox]")?.click(),
  n: () => document.querySelector("main a[rel=next]")?.click(),
  "/": () => [...document.querySelectorAll(`main :is(${TYPED_IN}):not([type=hidden])`)].find(seen)?.focus(),
  "?": () => help?.showModal(),
  g: () => { going = Date.now(); },
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help?.open) return;
  if (event.target.closest?.(TYPED_IN)) return;
  const key = event.key.toLowerCase();
  const place = Date.now() - going < WITHIN && document.querySelector(`[data-go="${CSS.escape(key)}"]`);
  going = 0;
  const act = place ? () => place.click() : keys[key];
  if (!act) return;
  event.preventDefault();
  act();
});

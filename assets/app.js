// Small helpers over pages that work without them. Each is bound to a data- attribute:
//   data-search           the form in the bar: answers as one types (ui.md §4, §5)
//   data-rows             a list one picks from: ↑ ↓ Enter, and the digits of its rows
//   data-key="e"          pressed when that key is: a letter, a digit, "?", or a code as in "ArrowLeft", "PageDown", "Escape";
//                         "Ctrl+Enter" for what is not to happen by the way
//   data-row-key="x"      the same for what stands in the lit row of a list; "Alt+Up" too
//   data-then="id"        where the focus goes after that key: from the answer 其他 to its note
//   data-confirm="…"      asks before something that has no way back
//   data-room="3"         Alt and the digit go there
//   data-panel="URL"      the summary a lit row shows beside the list
//   data-focus            a details whose first field takes the focus when it opens; Esc closes it
//   data-digits           a field for figures and the marks between them: a day, hours
//   data-preview="URL"    a form whose fields, as they stand, are asked there; the answer stands in data-preview-place
//   data-list             a list one leaves and comes back to as it was: data-to-list is the link that leads there
//   data-print            a button that prints the page; with data-print-now, as soon as the page stands
//   data-later="URL"      a figure that is asked for once the page stands, because it takes a moment
//   data-readonly         the band of a program that cannot store anything now: buttons of forms rest until it can again
//   data-looks            a form that stores nothing, and works all the same
//   data-submit           a select whose form is sent when it changes
// Letters and digits act only while no field has the focus, and nothing acts while an input method composes.
"use strict";

const composing = (event) => event.isComposing || event.keyCode === 229;
const inField = (target) => target instanceof Element && target.closest("input:not([type=checkbox], [type=radio], [type=submit]), textarea, select, [contenteditable]") !== null;

// ── keys ──────────────────────────────────────────────────────────────────────────────────────

// The physical key, so that an input method or Caps Lock changes nothing.
function keyOf(event) {
  const { code, key } = event;
  if (key === "!" || key === "！" || (code === "Digit1" && event.shiftKey)) return "!";
  if (key === "?" || (code === "Slash" && event.shiftKey)) return "?";
  if (code === "Slash" || code === "NumpadDivide") return "/";
  if (/^Key[A-Z]$/.test(code)) return code.slice(3).toLowerCase();
  if (/^(Digit|Numpad)\d$/.test(code)) return code.slice(-1);
  return plainName(code || key);
}
const plainName = (code) => code.replace(/^Arrow|^Numpad/, "").toLowerCase();
const keyed = (scope) => (key) => press(`${scope} [data-key]`, (element) => plainName(element.dataset.key) === key);

document.addEventListener("keydown", (event) => {
  if (composing(event) || event.defaultPrevented) return;
  const key = keyOf(event);
  if (event.altKey && !event.ctrlKey && !event.metaKey) {
    if (press(`[data-room="${CSS.escape(key)}"]`) || rows.press(`alt+${key}`)) event.preventDefault();
    return;
  }
  if (event.ctrlKey && key === "enter" && keyed("main")("ctrl+enter")) return void event.preventDefault();
  if (event.ctrlKey || event.metaKey) return;
  if (key === "escape") return void (escape() && event.preventDefault());
  if (inField(event.target)) return;
  if (key === "/") {
    const field = document.querySelector("[data-search] input[type=search]");
    if (field) { field.focus(); field.select(); event.preventDefault(); }
    return;
  }
  if (key === "enter" && event.target.closest("a, button, summary, label, input")) return;
  if (rows.key(key) || [keyed("main"), keyed(".bar"), keyed(".rooms"), keyed(".strips")].some((press) => press(key))) event.preventDefault();
});

// Follows a link or presses a button, if there is one to be seen.
function press(selector, isMeant = () => true) {
  const found = [...document.querySelectorAll(selector)].find((element) => element.offsetParent !== null && !element.disabled && isMeant(element));
  if (found) found.click();
  document.getElementById(found?.dataset.then ?? "")?.focus();
  return Boolean(found);
}

// Closes what is open; with nothing open, leaves the field; else goes back to where the page says.
function escape() {
  if (suggest.close()) return true;
  if (location.hash && document.querySelector(".dialog:target")) { location.hash = ""; return true; }
  const menu = document.querySelector("details.menu[open]");
  if (menu) { menu.open = false; return true; }
  if (inField(document.activeElement)) { document.activeElement.blur(); return true; }
  const form = document.querySelector("details[data-focus][open]");
  if (form) { form.open = false; return true; }
  return keyed("main")("escape");
}

// ── lists one picks from ──────────────────────────────────────────────────────────────────────

const rows = {
  list: () => document.querySelector("[data-rows]"),
  links: () => [...(rows.list()?.querySelectorAll("[data-row]") ?? [])],
  here: () => rows.links().findIndex((link) => link.matches(".here, .here *")),

  light(at) {
    const links = rows.links();
    for (const link of links) {
      const row = link.closest("tr") ?? link;
      row.classList.toggle("here", link === links[at]);
      if (link === links[at]) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
    }
    links[at]?.scrollIntoView({ block: "nearest" });
    panel.show(links[at]);
  },

  // What stands in the lit row for that key.
  press(key) {
    const lit = rows.links()[rows.here()]?.closest("tr, li");
    return lit != null && press("[data-row-key]", (element) => lit.contains(element) && plainName(element.dataset.rowKey) === key);
  },

  key(key) {
    const links = rows.links();
    if (links.length === 0) return false;
    const here = rows.here();
    if (rows.press(key)) return true;
    if (key === "down") rows.light(Math.min(here + 1, links.length - 1));
    else if (key === "up") rows.light(Math.max(here - 1, 0));
    else if (key === "enter" && 0 <= here) links[here].click();
    else if (/^[1-9]$/.test(key) && links.some((link) => link.dataset.row === key)) links.find((link) => link.dataset.row === key).click();
    else return false;
    return true;
  },
};

// The summary of the lit row; what comes late is thrown away.
const panel = {
  wanted: "",
  async show(link) {
    const place = document.querySelector("[data-panel-place]");
    if (!place || !link?.dataset.panel) return;
    const wanted = (panel.wanted = link.dataset.panel);
    await new Promise((done) => setTimeout(done, 80));
    if (wanted !== panel.wanted) return;
    const answer = await fetch(wanted).catch(() => null);
    if (answer?.ok && !answer.redirected && wanted === panel.wanted) place.innerHTML = await answer.text();
  },
};

// ── search as one types ───────────────────────────────────────────────────────────────────────

const suggest = {
  box: null, at: -1, asked: 0, timer: 0, picking: false,

  start(form) {
    const field = form.querySelector("input[type=search]");
    const box = document.createElement("div");
    box.className = "suggest";
    box.hidden = true;
    box.id = "suggest";
    form.append(box);
    const told = document.createElement("p");
    told.className = "unseen";
    told.setAttribute("aria-live", "polite");
    form.append(told);
    Object.assign(suggest, { box, field, told });
    const set = { role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": "found" };
    for (const [name, value] of Object.entries(set)) field.setAttribute(name, value);

    field.addEventListener("input", (event) => { if (!event.isComposing) suggest.soon(80); });
    field.addEventListener("compositionend", () => suggest.soon(0));
    field.addEventListener("blur", () => setTimeout(suggest.close, 150));
    field.addEventListener("keydown", (event) => { if (!composing(event)) suggest.key(event); });
    box.addEventListener("mousedown", (event) => event.preventDefault()); // or the field would lose the focus and the box close
    box.addEventListener("click", ({ target }) => { const option = target.closest("[data-href]"); if (option) location.assign(option.dataset.href); });
  },

  soon(wait) {
    suggest.picking = false;
    clearTimeout(suggest.timer);
    suggest.timer = setTimeout(suggest.ask, wait);
  },

  async ask() {
    const asked = ++suggest.asked;
    const typed = suggest.field.value.trim();
    if (typed === "") return void suggest.close();
    const query = new URLSearchParams(new FormData(suggest.field.form)); // what is typed, and what somebody is looked for
    const answer = await fetch(`/customers/find?${query}`).catch(() => null);
    if (asked !== suggest.asked || !answer?.ok || document.activeElement !== suggest.field) return;
    if (answer.redirected) return void location.assign(`/customers?${query}`); // signed out meanwhile
    const html = await answer.text();
    if (asked !== suggest.asked) return;
    suggest.box.innerHTML = html;
    suggest.box.hidden = false;
    suggest.field.setAttribute("aria-expanded", "true");
    suggest.told.textContent = suggest.box.querySelector("[data-total]")?.dataset.total ?? "";
    suggest.light(suggest.options().length ? 0 : -1);
  },

  options: () => [...suggest.box.querySelectorAll("[role=option]")],

  light(at) {
    suggest.at = at;
    for (const [index, option] of suggest.options().entries()) {
      option.classList.toggle("here", index === at);
      option.setAttribute("aria-selected", String(index === at));
    }
    const lit = suggest.options()[at];
    if (lit) { suggest.field.setAttribute("aria-activedescendant", lit.id); lit.scrollIntoView({ block: "nearest" }); }
    else suggest.field.removeAttribute("aria-activedescendant");
  },

  // Digits are text until an arrow key says that a row is meant.
  key(event) {
    const key = keyOf(event);
    const open = suggest.box && !suggest.box.hidden;
    const options = open ? suggest.options() : [];
    const pick = (option) => { if (option) { event.preventDefault(); location.assign(option.dataset.href); } };
    if (key === "/") { // again: what was typed was wrong, the next key begins anew
      event.preventDefault();
      return void suggest.field.select();
    }
    if (key === "down" || key === "up") {
      event.preventDefault();
      suggest.picking = true;
      if (!open) return void suggest.ask();
      suggest.light(Math.max(0, Math.min(suggest.at + (key === "down" ? 1 : -1), options.length - 1)));
    } else if (key === "enter" && open && suggest.isFresh()) {
      pick(options[suggest.at]);
    } else if (suggest.picking && /^[1-9]$/.test(key)) {
      pick(options[Number(key) - 1]);
    } else if (suggest.picking && key === "a") {
      const more = suggest.box.querySelector("[data-new]");
      if (more) { event.preventDefault(); location.assign(more.href); }
    }
  },

  // What is lit answers what is typed; otherwise Enter sends the form and the server finds it.
  isFresh: () => suggest.box.querySelector("[data-q]")?.dataset.q === suggest.field.value.trim(),

  close() {
    clearTimeout(suggest.timer);
    suggest.asked++;
    if (!suggest.box || suggest.box.hidden) return false;
    suggest.box.hidden = true;
    suggest.picking = false;
    suggest.field.setAttribute("aria-expanded", "false");
    suggest.field.removeAttribute("aria-activedescendant");
    return true;
  },
};

document.querySelectorAll("[data-search]").forEach(suggest.start);

// ── fields ────────────────────────────────────────────────────────────────────────────────────

// A figure is wanted: the key's place decides, so that 注音 and full width give the same one; in a field of data-digits
// (a day, hours) the marks between figures too. What the input method would add to it is taken away again.
const ZHUYIN = "ㄢㄅㄉˇˋㄓˊ˙ㄚㄞ";
const MARKS = { Slash: "/", NumpadDivide: "/", Minus: "-", NumpadSubtract: "-", Period: ".", NumpadDecimal: "." };
const plain = (text) => text.normalize("NFKC").replace(/[ㄅㄉˇˋㄓˊ˙ㄚㄞㄢ]/g, (mark) => ZHUYIN.indexOf(mark));
const hasMarks = (field) => "digits" in field.dataset;
const isNumeric = (field) => field instanceof HTMLInputElement && field.inputMode === "numeric";
const wantsFigures = (field) => field instanceof HTMLInputElement && (isNumeric(field) || hasMarks(field));
let figured = null; // what the field holds since a key that the input method has seen as well

function figureOf({ code, shiftKey }, field) {
  if (shiftKey) return hasMarks(field) && code === "Semicolon" ? ":" : undefined;
  return /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1] ?? (hasMarks(field) ? MARKS[code] : undefined);
}
document.addEventListener("keydown", (event) => {
  const field = event.target;
  figured = null;
  if (!wantsFigures(field) || event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
  // Within a word that is being composed a digit key is a tone.
  if (event.isComposing && !isNumeric(field)) return;
  const figure = figureOf(event, field);
  if (figure === undefined || (event.key === figure && !composing(event))) return;
  event.preventDefault();
  field.setRangeText(figure, field.selectionStart ?? field.value.length, field.selectionEnd ?? field.value.length, "end");
  if (composing(event)) figured = field.value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
document.addEventListener("beforeinput", (event) => {
  if (figured !== null && event.inputType === "insertText") event.preventDefault();
});
document.addEventListener("input", ({ target, isComposing }) => {
  if (figured === null || !isComposing || target.value === figured) return;
  target.value = figured; // which also ends the composition, and no event says so
  isComposed = false;
}, true);
for (const kind of ["compositionend", "change"]) {
  document.addEventListener(kind, ({ target }) => {
    if (isNumeric(target) && plain(target.value) !== target.value) target.value = plain(target.value);
  });
}

// A figure the page opens with is selected: what is typed takes its place.
const opened = document.querySelector("main [autofocus]");
if (opened && wantsFigures(opened)) { opened.focus(); opened.select(); }

// The Enter that ends a composition must not send the form in browsers that do so.
let isComposed = false;
document.addEventListener("compositionstart", () => (isComposed = true));
document.addEventListener("compositionend", () => setTimeout(() => (isComposed = false)));
document.addEventListener("submit", (event) => { if (isComposed) { event.preventDefault(); event.stopPropagation(); } }, true);

document.addEventListener("submit", (event) => {
  const say = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (say && !window.confirm(say)) event.preventDefault();
});
document.addEventListener("change", ({ target }) => {
  if (target instanceof Element && target.matches("[data-submit]")) target.form.requestSubmit();
});
document.addEventListener("toggle", ({ target }) => {
  if (target.open && target.matches("details[data-focus]")) target.querySelector("[aria-invalid], input:not([type=hidden])")?.focus();
}, true);
if (document.querySelector("[data-print-now]")) window.addEventListener("load", () => window.print());

// Each tab has its own list; where the browser keeps nothing, the link leads where it says.
try {
  if (document.querySelector("[data-list]")) sessionStorage.setItem("list", location.pathname + location.search);
  const list = sessionStorage.getItem("list");
  for (const link of list ? document.querySelectorAll("a[data-to-list]") : []) link.href = list;
} catch { /* as it says */ }

function fetchLater(scope) {
  for (const place of scope.querySelectorAll("[data-later]")) {
    fetch(place.dataset.later).then(async (answer) => { if (answer.ok && !answer.redirected) place.textContent = await answer.text(); }, () => {});
  }
}
fetchLater(document);
document.addEventListener("luckygas:drawn", ({ target }) => fetchLater(target));
document.addEventListener("click", ({ target }) => {
  if (target instanceof Element && target.closest("[data-print]")) window.print();
});

// ── a full disk: one can look and not store ───────────────────────────────────────────────────

const resting = {
  asks: 0,
  band: () => document.querySelector("[data-readonly]"),

  // Also for what a live page draws later.
  look() {
    const band = resting.band();
    if (!band) return;
    for (const button of document.querySelectorAll("form[method=post]:not([data-looks]) :is(button, input[type=submit]):enabled")) {
      Object.assign(button, { disabled: true, title: band.textContent });
      button.dataset.rests = "";
    }
    resting.asks ||= setInterval(resting.ask, 10_000);
  },

  // Every answer says whether it is still so.
  async ask() {
    const answer = await fetch("/health", { cache: "no-store" }).catch(() => null);
    if (!answer?.ok || answer.headers.has("X-Read-Only")) return;
    clearInterval(resting.asks);
    resting.asks = 0;
    resting.band()?.remove();
    for (const button of document.querySelectorAll("[data-rests]")) {
      Object.assign(button, { disabled: false, title: "" });
      delete button.dataset.rests;
    }
  },
};
resting.look();
new MutationObserver(resting.look).observe(document.body, { childList: true, subtree: true });

// ── what comes of a form ──────────────────────────────────────────────────────────────────────

// The server reckons; what comes late is thrown away.
for (const form of document.querySelectorAll("form[data-preview]")) {
  const place = document.querySelector("[data-preview-place]");
  let asked = 0, timer = 0;
  const ask = async () => {
    const mine = ++asked;
    const fields = new URLSearchParams([...new FormData(form)].filter(([name]) => name !== "csrf"));
    const answer = await fetch(`${form.dataset.preview}?${fields}`).catch(() => null);
    if (answer?.ok && !answer.redirected && mine === asked) place.innerHTML = await answer.text();
  };
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 200); });
}

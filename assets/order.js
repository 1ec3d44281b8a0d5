// The order form by keyboard (ui.md §4): digits are the count, + adds a line, 5 2 1 T 4 choose its size, − takes it
// off, Enter saves. Sums and warnings follow what is typed; the server reckons them, this puts its answer in place.
// Loaded after app.js, whose keyOf, composing and inField it uses. Bound to data- attributes:
//   data-order            the form; data-draft is where it asks
//   data-line             one line of it, data-count its count, data-line-template one to come
//   data-add="ID"         adds a line of that product; data-remove takes its line off
//   data-size="5"         the option that key chooses
//   data-other            the field beside a radio: what is typed there chooses it
//   data-part="sum"       the draft's part of that name stands here
//   data-leave            the way out; data-unsaved is said first when something was typed
//   data-from-search="w"  that letter presses it while the search is still empty
"use strict";

const orderForm = document.querySelector("form[data-order]");
const searchField = document.querySelector("[data-search] input[type=search]");
if (orderForm) startOrder(orderForm);

searchField?.addEventListener("keydown", (event) => {
  if (composing(event) || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey || searchField.value !== "") return;
  const way = document.querySelector(`main [data-from-search="${CSS.escape(keyOf(event))}"]`);
  if (way) { event.preventDefault(); way.click(); }
});

function startOrder(form) {
  const lines = () => [...form.querySelectorAll("[data-line]")];
  const size = (line) => line.querySelector("select");
  const count = (line) => line.querySelector("[data-count]");
  const caret = (field) => { field.focus(); field.select?.(); };

  // ── lines ───────────────────────────────────────────────────────────────────────────────────

  // A line with nothing on it is used first; a product that has its line already gets no second one.
  // Of an order a driver has only the counts may change: it has no line to come.
  const template = form.querySelector("[data-line-template]");

  function add(product) {
    if (!template) return;
    let line = lines().find((line) => size(line).value === "");
    if (!line) {
      line = template.content.querySelector("[data-line]").cloneNode(true);
      form.querySelector(".lines").append(line);
    }
    if (product) choose(line, product); else caret(size(line));
    changed();
  }

  function choose(line, product) {
    const same = lines().find((other) => other !== line && size(other).value === product);
    if (same) {
      line.remove();
      line = same;
    } else {
      size(line).value = product;
      if (count(line).value === "") count(line).value = "1";
    }
    caret(count(line));
    changed();
  }

  function remove(line) {
    if (!template) return;
    const all = lines();
    if (all.length === 1) {
      for (const field of line.querySelectorAll("select, input")) field.value = "";
      caret(size(line));
    } else {
      line.remove();
      caret(count(lines()[Math.max(all.indexOf(line) - 1, 0)]));
    }
    changed();
  }

  form.addEventListener("click", ({ target }) => {
    const adds = target.closest("[data-add]"), removes = target.closest("[data-remove]");
    if (adds) add(adds.dataset.add);
    if (removes) remove(removes.closest("[data-line]"));
  });

  // ── keys ────────────────────────────────────────────────────────────────────────────────────

  const isPlus = ({ code, key }) => code === "NumpadAdd" || code === "Equal" || key === "+" || key === "＋";
  const isMinus = ({ code, key }) => code === "NumpadSubtract" || code === "Minus" || key === "-";

  form.addEventListener("keydown", (event) => {
    const { target } = event;
    const isNumber = target.inputMode === "numeric", isSize = target.matches("select");
    // In a field for digits an input method has nothing to compose, so its keys still mean what is printed on them.
    if (event.ctrlKey || event.altKey || event.metaKey || (composing(event) && !isNumber)) return;
    if (inField(target) && !isNumber && !isSize) return;
    if (act()) event.preventDefault();

    function act() {
      const key = keyOf(event), line = target.closest("[data-line]");
      if (isPlus(event)) return add(), true;
      if (line && isMinus(event) && target.matches("[data-count], select")) return remove(line), true;
      if (key === "/" && searchField && inField(target)) return caret(searchField), true;
      if (isSize && key === "enter") return form.requestSubmit(), true;
      const option = isSize && target.querySelector(`option[data-size="${CSS.escape(key)}"]`);
      if (option) return choose(line, option.value), true;
      const other = target.type === "radio" && /^\d$/.test(key) && target.closest(".choice").querySelector("[data-other]");
      if (!other) return false;
      other.closest("label").querySelector("[type=radio]").checked = true;
      other.value = key;
      other.focus();
      return changed(), true;
    }
  });

  const typed = ({ target, isComposing }) => {
    if (isComposing) return;
    target.removeAttribute("aria-invalid");
    if (target.matches("[data-count]") && /\D/.test(target.value)) target.value = plain(target.value).replace(/\D/g, "");
    if (target.matches("[data-other]")) target.closest("label").querySelector("[type=radio]").checked = true;
    changed();
  };
  form.addEventListener("input", typed);
  form.addEventListener("compositionend", ({ target }) => typed({ target }));
  form.addEventListener("change", ({ target }) => {
    const other = target.type === "radio" && target.closest(".choice").querySelector("[data-other]");
    if (other && target.closest("label").contains(other)) caret(other); else if (other) other.value = "";
    changed();
  });

  // ── the draft ───────────────────────────────────────────────────────────────────────────────

  let isTouched = false, asked = 0, timer = 0;

  function changed() {
    isTouched = true;
    unsaved.hidden = true;
    asked++; // what is still under way answers a form that is no more
    clearTimeout(timer);
    timer = setTimeout(ask, 80);
  }

  async function ask() {
    const mine = ++asked;
    const data = new FormData(form);
    for (const name of ["csrf", "form_key", "notes"]) data.delete(name);
    const answer = await fetch(`${form.dataset.draft}?${new URLSearchParams(data)}`).catch(() => null);
    if (mine !== asked || !answer?.ok || answer.redirected) return;
    const html = await answer.text();
    if (mine !== asked) return;
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    for (const name of new Set([...fresh.content.querySelectorAll("[data-part]")].map((part) => part.dataset.part))) {
      const parts = fresh.content.querySelectorAll(`[data-part="${name}"]`);
      const places = form.querySelectorAll(`[data-part="${name}"]`);
      for (const [at, place] of places.entries()) if (parts[at] && place.innerHTML !== parts[at].innerHTML) place.innerHTML = parts[at].innerHTML;
    }
  }

  // ── saving and leaving ──────────────────────────────────────────────────────────────────────

  // A second Enter while the first is on its way; the server would know it too.
  let isSent = false;
  form.addEventListener("submit", (event) => {
    if (isSent) return void event.preventDefault();
    isSent = true;
    setTimeout(() => (isSent = false), 4000);
  });
  window.addEventListener("pageshow", () => (isSent = false));

  const unsaved = form.querySelector("[data-unsaved]");
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || composing(event) || event.target.closest("[data-search]")) return;
    event.preventDefault();
    if (isTouched && unsaved.hidden) unsaved.hidden = false;
    else document.querySelector("[data-leave]").click();
  }, true);

  const first = form.querySelector("[autofocus]");
  if (first) caret(first);
}

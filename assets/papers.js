// Prints the papers of a page, and tells the shop that they were: the next printing says so on the sheet.
"use strict";

const printed = document.querySelector("form[data-printed]");

printed?.addEventListener("submit", (event) => {
  event.preventDefault();
  window.print();
});

// However it was printed, by the button or by Ctrl+P. Then the page stands anew, with the next number.
window.addEventListener("afterprint", async () => {
  if (!printed || printed.querySelector("button").disabled) return;
  const told = fetch(printed.action, { method: "POST", body: new URLSearchParams(new FormData(printed)), keepalive: true });
  if ((await told.catch(() => null))?.ok) location.replace(printed.elements.back.value);
});

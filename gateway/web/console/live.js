// Writes the counts of what waits where they stand on a page, as the server tells them. Without it a page shows what was
// so when it was loaded.
"use strict";

const told = new EventSource(document.querySelector("[data-counts]").dataset.counts);
told.addEventListener("message", ({ data }) => {
  for (const [name, count] of Object.entries(JSON.parse(data))) {
    for (const place of document.querySelectorAll(`[data-count="${name}"]`)) {
      if (place.textContent !== count) place.textContent = count;
      place.closest("li")?.classList.toggle("some", count !== "0");
    }
  }
});

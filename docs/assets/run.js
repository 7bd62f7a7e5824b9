/* Run and Edit above the proof of each Python block that can run in the browser. This is all that a page loads for it;
   what the buttons do (run-block.js), and Python with it, comes on the first press. */
"use strict";
(() => {
  const address = new URL("run-block.js", document.currentScript.src).href;

  function button(text, name) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.setAttribute("aria-label", `${text} ${name}`);
    return made;
  }

  // Browsers start no worker from a file.
  const badges = location.protocol === "file:" ? [] : document.querySelectorAll("details[data-run]:not([data-run=no])");
  for (const badge of badges) {
    const name = badge.dataset.proof.replace(/.*:/, "");
    const bar = document.createElement("div");
    bar.className = "run";
    bar.append(button("Run", name), button("Edit", name));
    bar.addEventListener("click", ({ target }) => {
      if (target.matches("button")) import(address).then(({ press }) => press(badge, target));
    });
    badge.before(bar);
  }
})();

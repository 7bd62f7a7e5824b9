/* Says to screen readers and keyboards what the theme leaves unsaid: the name of the search dialogue and of a section's
   menu, and that a table wider than the screen can be scrolled. */
"use strict";
(() => {
  function nameParts() {
    document.querySelector(".md-search[role=dialog]")?.setAttribute("aria-label", "Search");
    // The label that names a section's menu is an empty arrow where the section has a page of its own.
    for (const menu of document.querySelectorAll("nav.md-nav[aria-labelledby]")) {
      const label = document.getElementById(menu.getAttribute("aria-labelledby"));
      const title = menu.querySelector(":scope > .md-nav__title");
      if (!label || !title || label.textContent.trim()) continue;
      const name = document.createElement("span");
      name.className = "said-only";
      name.textContent = title.textContent.trim();
      label.append(name);
    }
  }

  /* Focusable only while there is something to scroll to. */
  function markWide(tables) {
    for (const { target } of tables) {
      const frame = target.closest(".md-typeset__scrollwrap");
      if (frame && frame.scrollWidth > frame.clientWidth) frame.tabIndex = 0;
      else frame?.removeAttribute("tabindex");
    }
  }

  /* Each block's copy button stands in a landmark without a name: dozens on a page, of no use to go to. */
  function unmark() {
    for (const bar of document.querySelectorAll("nav.md-code__nav:not([role])")) bar.setAttribute("role", "none");
  }

  function start() {
    nameParts();
    unmark();
    new MutationObserver(unmark).observe(document.querySelector("article") || document.body, { childList: true, subtree: true });
    const watch = new ResizeObserver(markWide);
    for (const table of document.querySelectorAll(".md-typeset table:not([class])")) watch.observe(table);
  }

  document.addEventListener("DOMContentLoaded", start);
})();

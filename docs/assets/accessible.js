/* Says to screen readers and keyboards what the theme leaves unsaid: the name of the search dialogue and of a section's
   menu, that the picture in the header opens one, and that a table wider than the screen can be scrolled. */
"use strict";
(() => {
  function sayOnly(text) {
    const name = document.createElement("span");
    name.className = "said-only";
    name.textContent = text;
    return name;
  }

  function nameParts() {
    document.querySelector(".md-search[role=dialog]")?.setAttribute("aria-label", "Search");
    // The label that names a section's menu is an empty arrow where the section has a page of its own.
    for (const menu of document.querySelectorAll("nav.md-nav[aria-labelledby]")) {
      const label = document.getElementById(menu.getAttribute("aria-labelledby"));
      const title = menu.querySelector(":scope > .md-nav__title");
      if (!label || !title || label.textContent.trim()) continue;
      label.append(sayOnly(title.textContent.trim()));
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

  /* The theme presses a label that has the focus at Enter; a narrow screen's menu closes at Escape too. */
  function reachMenu() {
    const drawer = document.getElementById("__drawer");
    const button = document.querySelector("label.md-header__button[for=__drawer]");
    if (!drawer || !button) return;
    button.tabIndex = 0;
    button.append(sayOnly("Menu"));
    document.addEventListener("keydown", ({ key }) => {
      if (key !== "Escape" || !drawer.checked) return;
      drawer.click();
      button.focus();
    });
  }

  function start() {
    nameParts();
    reachMenu();
    unmark();
    new MutationObserver(unmark).observe(document.querySelector("article") || document.body, { childList: true, subtree: true });
    const watch = new ResizeObserver(markWide);
    for (const table of document.querySelectorAll(".md-typeset table:not([class])")) watch.observe(table);
  }

  document.addEventListener("DOMContentLoaded", start);
})();

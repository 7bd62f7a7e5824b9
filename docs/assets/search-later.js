/* The search's index is larger than all else of a page together. It is asked for when the reader turns to the search, not before:
   the theme's request for it is kept until then. */
"use strict";
(() => {
  const { open, send } = XMLHttpRequest.prototype;
  const waiting = [];
  let wanted = new URLSearchParams(location.search).has("q");

  XMLHttpRequest.prototype.open = function (method, url, ...more) {
    this.isIndex = /\/search(\/search_index)?\.json$/.test(url);
    return open.call(this, method, url, ...more);
  };
  XMLHttpRequest.prototype.send = function (...body) {
    if (this.isIndex && !wanted) waiting.push(() => send.apply(this, body));
    else send.apply(this, body);
  };

  /* A pointer over the search box, a tap on its sign, a key that opens it. */
  function turned(event) {
    const search = '.md-search, [for="__search"], [data-md-component^="search"]';
    if (wanted || !(event.type === "keydown" || event.target.closest?.(search))) return;
    wanted = true;
    waiting.forEach((go) => go());
  }
  for (const type of ["pointerover", "pointerdown", "focusin", "keydown"]) document.addEventListener(type, turned);
})();

/* The search takes what is typed as words. Without this the engine reads -o as "not o" and fatal: as the name of a field, and
   forgives no slip of the hand. Its worker is asked for each word as it stands, first of all, then for those that begin
   with it, and from five letters on for those one letter away. */
"use strict";
(() => {
  const QUERY = 2; // the type of message that brings a query to the worker
  const post = Worker.prototype.postMessage;

  function terms(word) {
    const plain = word.replace(/^-+/, "");
    const exact = `${plain}^4`;
    if (plain.length < 3 || /^\d+$/.test(plain)) return word === plain ? [exact] : [option(word)];
    const near = /^\p{L}{5,}$/u.test(plain) ? [`${plain}~1`] : [];
    return [...(word === plain ? [] : [option(word)]), exact, plain, ...near];
  }

  /* A dash is no operator here: the query is parsed by the theme, and then by the engine. */
  const option = (word) => `${word.replace(/-/g, "\\\\\\-")}^8`;

  function asTyped(text) {
    const words = text.replace(/[^\p{L}\p{N}\s._-]+/gu, " ").replace(/([\p{L}\p{N}_])[.-]+(?=\s|$)|([\p{L}\p{N}_])-+/gu, "$1$2 ");
    return words.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).flatMap(terms).join(" ");
  }

  Worker.prototype.postMessage = function (message, ...more) {
    const asks = message && message.type === QUERY && typeof message.data === "string";
    return post.call(this, asks ? { ...message, data: asTyped(message.data) } : message, ...more);
  };
})();

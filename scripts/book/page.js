// What the pages of the book do beyond mdBook: they show the examples of a request in one language at
// a time. Without this script all languages are shown.
(() => {
  "use strict";
  const NAMES = { sh: "curl", js: "JavaScript", python: "Python" };
  const language = (block) =>
    Object.keys(NAMES).find((name) => block.querySelector(`code.language-${name}`));

  /** Returns the code blocks that directly follow one another, each a different language. */
  const neighbours = (first) => {
    const blocks = [];
    for (let next = first; next?.tagName === "PRE" && language(next); next = next.nextElementSibling) {
      if (blocks.some((block) => language(block) === language(next))) break;
      blocks.push(next);
    }
    return blocks;
  };

  const show = (name) => {
    localStorage.setItem("engage-language", name);
    for (const group of document.querySelectorAll(".languages")) {
      for (const block of group.querySelectorAll("pre")) block.hidden = language(block) !== name;
      for (const button of group.querySelectorAll("[role=tab]")) {
        button.setAttribute("aria-selected", String(button.textContent === NAMES[name]));
      }
    }
  };

  const group = (blocks) => {
    const box = document.createElement("div");
    box.className = "languages";
    const bar = document.createElement("div");
    bar.setAttribute("role", "tablist");
    for (const block of blocks) {
      const button = document.createElement("button");
      button.setAttribute("role", "tab");
      button.textContent = NAMES[language(block)];
      button.addEventListener("click", () => show(language(block)));
      bar.append(button);
    }
    blocks[0].before(box);
    box.append(bar, ...blocks);
  };

  for (const block of document.querySelectorAll("main pre")) {
    if (block.closest(".languages") || !language(block)) continue;
    const blocks = neighbours(block);
    if (blocks.length === 3) group(blocks);
  }
  const chosen = localStorage.getItem("engage-language");
  if (document.querySelector(".languages")) show(chosen in NAMES ? chosen : "sh");
})();

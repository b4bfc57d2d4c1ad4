// What the pages of the book do beyond mdBook: they draw diagrams, and show the examples of a request
// in one language at a time. Without this script everything is there as text.
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
        button.style.fontWeight = button.textContent === NAMES[name] ? "bold" : "normal";
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

  const diagrams = [...document.querySelectorAll("code.language-mermaid")];
  if (diagrams.length > 0) {
    const script = document.createElement("script");
    script.src = `${path_to_root}mermaid.tiny.js`;
    script.addEventListener("load", () => {
      const boxes = diagrams.map((code) => {
        const box = document.createElement("div");
        box.textContent = code.textContent;
        code.closest("pre").replaceWith(box);
        return box;
      });
      const dark = /\b(navy|coal|ayu)\b/.test(document.documentElement.className);
      mermaid.initialize({ startOnLoad: false, theme: dark ? "dark" : "default" });
      mermaid.run({ nodes: boxes });
    });
    document.head.append(script);
  }
})();

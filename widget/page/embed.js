"use strict";

/* The page for site owners: the two tags with what is chosen, and a live preview. */
(() => {
  const $ = (id) => document.getElementById(id);
  const guide = document.querySelector("meso-guide");
  const server = new URL(".", location.href).href;
  const colours = [...document.querySelectorAll("input[type=color]")];
  const BODY_CONTRAST = 4.5; // WCAG 2.2 AA, 1.4.3

  const escaped = (text) => text.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;");

  function luminance(colour) {
    const [red, green, blue] = [1, 3, 5].map((at) => {
      const share = parseInt(colour.slice(at, at + 2), 16) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  function contrast(one, other) {
    const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (lighter + 0.05) / (darker + 0.05);
  }

  function judge() {
    const poor = ["", "-dark"].flatMap((scheme) =>
      [`on-accent${scheme}`, `background${scheme}`]
        .filter((id) => contrast($(`accent${scheme}`).value, $(id).value) < BODY_CONTRAST)
        .map((id) => $(id).labels[0].textContent.toLowerCase() + (scheme ? " (dark)" : " (light)"))
    );
    $("contrast").textContent = poor.length
      ? `Too little contrast with the buttons and links: ${poor.join(", ")}. Some people could not read it.`
      : "All colours have enough contrast.";
  }

  function draw() {
    const title = $("title").value.trim();
    const position = $("position").value;
    const attributes = [
      title && title !== "Mesoguide" ? ` title="${escaped(title)}"` : "",
      position === "bottom-right" ? "" : ` position="${position}"`,
    ].join("");
    $("tags").textContent =
      `<script src="${server}mesoguide.js" defer></script>\n<meso-guide${attributes}></meso-guide>`;
    const changed = colours.filter((input) => input.value !== input.defaultValue);
    const lines = changed.map((input) => `  ${input.dataset.property}: ${input.value};`);
    $("colours").textContent = lines.length
      ? `meso-guide {\n${lines.join("\n")}\n}`
      : "/* nothing: these are the usual colours */";
    for (const input of colours) guide.style.setProperty(input.dataset.property, input.value);
    guide.setAttribute("title", title);
    guide.setAttribute("position", position);
    judge();
  }

  $("choices").addEventListener("input", draw);
  $("choices").addEventListener("submit", (event) => event.preventDefault());
  $("copy").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText($("tags").textContent);
      $("copied").textContent = "Copied.";
    } catch {
      getSelection().selectAllChildren($("tags"));
      $("copied").textContent = "Selected: copy it with your keyboard.";
    }
  });
  draw();
})();

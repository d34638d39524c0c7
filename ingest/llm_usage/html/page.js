// Lets tables be sorted by their headings. The page is complete without it.
for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  if (body.rows.length < 2) continue;
  const original = [...body.rows];
  table.querySelectorAll("thead th").forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    const numeric = head.classList.contains("num");
    const key = (row) => {
      const text = row.cells[column].textContent.trim();
      if (!numeric) return text;
      const number = Number(text.replace(/[,\s]/g, ""));
      return text === "" || Number.isNaN(number) ? null : number;
    };
    button.addEventListener("click", () => {
      const now = head.getAttribute("aria-sort");
      const next = now === null ? (numeric ? "descending" : "ascending") : now === (numeric ? "descending" : "ascending") ? (numeric ? "ascending" : "descending") : null;
      table.querySelectorAll("thead th").forEach((other) => other.removeAttribute("aria-sort"));
      const rows = [...original];
      if (next !== null) {
        head.setAttribute("aria-sort", next);
        const sign = next === "ascending" ? 1 : -1;
        rows.sort((a, b) => {
          const [x, y] = [key(a), key(b)];
          if (x === null || y === null) return (x === null) - (y === null);
          return sign * (numeric ? x - y : x.localeCompare(y));
        });
      }
      body.append(...rows);
    });
  });
}

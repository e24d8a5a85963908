// Sorting, filters and search for the table of claims. Without this script the table is whole and in its first order.
(() => {
  const form = document.querySelector(".fm-controls");
  const table = document.querySelector(".fm-claims");
  const body = table.tBodies[0];
  const rows = [...body.rows]; // the first order: headlines, then paper by paper
  const texts = new Map(rows.map(row => [row, row.textContent.toLowerCase()]));
  const verdicts = [...form.elements.verdict.options].map(option => option.value);
  const byText = new Intl.Collator("en", {numeric: true}).compare;

  // What a column is sorted by; null comes last in both directions.
  const number = name => row => (name in row.dataset ? Number(row.dataset[name]) : null);
  const keys = [
    row => row.cells[0].textContent,
    row => verdicts.indexOf(row.dataset.verdict),
    number("reported"),
    number("measured"),
  ];

  function compare(key, direction) {
    return (one, other) => {
      const [a, b] = [key(one), key(other)];
      if (a === null || b === null) return (a === null) - (b === null);
      return direction * (typeof a === "string" ? byText(a, b) : a - b);
    };
  }

  function sort(column, state) {
    const order = state === "none" ? rows : [...rows].sort(compare(keys[column], state === "ascending" ? 1 : -1));
    body.append(...order);
    keys.forEach((_, place) => {
      table.tHead.rows[0].cells[place].setAttribute("aria-sort", place === column ? state : "none");
    });
  }

  function shown(row, wanted) {
    const data = row.dataset;
    return ["paper", "kind", "verdict"].every(name => !wanted[name] || data[name] === wanted[name])
      && (!wanted.dataset || (data.dataset ?? "").split(" ").includes(wanted.dataset))
      && (!wanted.headline || "headline" in data)
      && wanted.words.every(word => texts.get(row).includes(word));
  }

  function filter() {
    const wanted = Object.fromEntries(new FormData(form));
    wanted.words = wanted.q.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) row.hidden = !shown(row, wanted);
    const count = rows.filter(row => !row.hidden).length;
    form.querySelector("output").value = count === rows.length ? `${count} claims` : `${count} of ${rows.length} claims`;
  }

  // A link to a claim shows it, whatever the filters are, and opens its evidence.
  function visit() {
    const row = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!rows.includes(row)) return;
    if (row.hidden) {
      form.reset();
      rows.forEach(each => { each.hidden = false; });
    }
    row.querySelector("details").open = true;
    row.scrollIntoView({block: "center"});
  }

  async function copy(button, command) {
    try {
      await navigator.clipboard.writeText(command.textContent);
      button.textContent = "copied";
    } catch { // the browser does not let pages copy: the reader can
      getSelection().selectAllChildren(command);
      button.textContent = "selected";
    }
  }

  function addCopyButton(details) {
    const command = details.querySelector(".fm-command");
    if (!details.open || command.nextElementSibling) return;
    const button = Object.assign(document.createElement("button"), {type: "button", textContent: "copy"});
    button.addEventListener("click", () => copy(button, command));
    command.after(" ", button);
  }

  keys.forEach((_, column) => {
    const head = table.tHead.rows[0].cells[column];
    const button = Object.assign(document.createElement("button"), {type: "button", textContent: head.textContent});
    const next = {none: "ascending", ascending: "descending", descending: "none"};
    button.addEventListener("click", () => sort(column, next[head.getAttribute("aria-sort")]));
    head.replaceChildren(button);
    head.setAttribute("aria-sort", "none");
  });
  for (const event of ["input", "change"]) form.addEventListener(event, filter); // not all choices are inputs
  form.addEventListener("submit", event => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  body.addEventListener("toggle", event => addCopyButton(event.target), true);
  window.addEventListener("hashchange", visit);

  // The numbers of the summary lead here with filters in the address.
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (form.elements[name]?.tagName === "SELECT") form.elements[name].value = value;
    if (form.elements[name]?.type === "checkbox") form.elements[name].checked = value === "on";
  }
  form.hidden = false;
  filter();
  visit();
})();

/* Theorems 4.13 and 4.26 on supports that the reader draws: `fourmasks.sparse.theorems` in JavaScript. */
"use strict";
(() => {
  const SIZE = 3; // rows, columns and atoms
  const RANGE = [...Array(SIZE).keys()];
  const SUBSETS = [...Array(1 << SIZE).keys()].map((code) => RANGE.filter((i) => (code >> i) & 1));
  const EXAMPLES = {
    cross: ["a row and a column that cross", "010 110 000", "100 110 000"],
    squares: ["Example 4.16", "110 110 000", "100 110 010"],
    triangle: ["three squares on the pairs of three", "110 101 011", "110 101 011"],
    chain: ["two squares that share a corner", "100 110 010", "100 110 010"],
    disjoint: ["three disjoint blocks", "100 010 001", "100 010 001"],
    same: ["twice the same square", "110 110 000", "110 110 000"],
    crowded: ["three atoms in two rows", "111 111 000", "111 100 001"],
    empty: ["nothing", "000 000 000", "000 000 000"],
  };
  const parsed = (text) => text.split(" ").map((row) => [...row].map((mark) => mark === "1"));

  /** Atoms with fewer rows than they are, among those that meet at a row of the other factor; or null. */
  function crowded(left, right) {
    for (const [side, around, allowed] of [["left", left, right], ["right", right, left]]) {
      for (const index of RANGE) {
        const meeting = RANGE.map((i) => allowed[index][i] && RANGE.some((k) => around[k][i]));
        for (const atoms of SUBSETS) {
          if (!atoms.length || !atoms.every((i) => meeting[i])) continue;
          const rows = RANGE.filter((k) => atoms.some((i) => around[k][i]));
          if (rows.length < atoms.length) return { side, index, atoms, rows };
        }
      }
    }
    return null;
  }

  /** The closure of Definition 4.24; `known[i][k][l]` is 1 if observable, 2 if completed, 0 if not found. */
  function closure(left, right) {
    const mask = (i, k, l) => left[k][i] && right[l][i];
    const atoms = (k, l) => RANGE.filter((i) => mask(i, k, l));
    const known = RANGE.map(() => RANGE.map(() => RANGE.map(() => 0)));
    for (const k of RANGE) for (const l of RANGE) if (atoms(k, l).length === 1) known[atoms(k, l)[0]][k][l] = 1;
    const missing = () =>
      RANGE.flatMap((i) => RANGE.flatMap((k) => RANGE.filter((l) => mask(i, k, l) && !known[i][k][l]).map((l) => [i, k, l])));
    for (;;) {
      const before = missing();
      for (const [i, k, l] of before) {
        const e = known[i];
        const inside = RANGE.some((p) => RANGE.some((q) => p !== k && q !== l && e[p][q] && e[k][q] && e[p][l]));
        const across = atoms(k, l).every((j) => j === i || known[j][k][l]);
        if (inside || across) e[k][l] = 2;
      }
      if (missing().length === before.length) return { known, missing: before, atoms };
    }
  }

  /** 0: neither theorem decides, 1: unique by 4.26, 2: not unique by 4.13. */
  function verdict(left, right) {
    if (crowded(left, right)) return 2;
    return closure(left, right).missing.length ? 0 : 1;
  }
  /** Supports of a number: bits of the left rows, then of the right ones, the first bit lowest. */
  const decoded = (code) => [0, SIZE].map((start) => RANGE.map((k) => RANGE.map((i) => ((code >> (SIZE * (start + k) + i)) & 1) === 1)));

  const list = (numbers) => numbers.map((n) => n + 1).join(numbers.length > 2 ? ", " : " and ");
  const cells = (k, l) => `(${k + 1}, ${l + 1})`;

  function reason({ left, right }) {
    const found = crowded(left, right);
    const { missing } = closure(left, right);
    if (!RANGE.some((i) => RANGE.some((k) => left[k][i]) && RANGE.some((l) => right[l][i]))) {
      return ["There is no rectangle: tick an entry in both factors for the same atom."];
    }
    if (found) {
      const lines = found.side === "left" ? ["column", "rows"] : ["row", "columns"];
      return [
        "Theorem 4.13: almost no factors on these supports have a unique decomposition.",
        `Atoms ${list(found.atoms)} all enter ${lines[0]} ${found.index + 1}, and together have only ` +
          `${found.rows.length} of the ${lines[1]}, ${found.atoms.length} would be needed: their ` +
          `${found.side} columns are dependent.`,
      ];
    }
    if (!missing.length) {
      return [
        "Theorem 4.26: unique, for all factors without zeros in their rectangles.",
        "The closure has all entries: each is observable, or follows from others inside its atom or across atoms.",
      ];
    }
    const left_out = missing.map(([i, k, l]) => `${cells(k, l)} of atom ${i + 1}`).join(", ");
    return [
      "Neither theorem decides.",
      `Theorem 4.13 lets the supports pass. Theorem 4.26 does not apply: the closure lacks ${left_out}.`,
    ];
  }

  /** Cells with a band of colour for each atom, and words in them. */
  function board(x, y, size, atoms, words) {
    let text = "";
    for (const k of RANGE) {
      for (const l of RANGE) {
        const [left, top] = [x + l * size, y + k * size];
        const here = atoms(k, l);
        here.forEach((i, n) => {
          const wide = size / here.length;
          text += `<rect class="fm-atom-${i + 1}" x="${(left + n * wide).toFixed(1)}" y="${top}" width="${wide.toFixed(1)}" height="${size}"/>`;
          if (words) {
            const at = `x="${(left + (n + 0.5) * wide).toFixed(1)}" y="${(top + size / 2 + 5).toFixed(1)}"`;
            text += `<text class="fm-text" text-anchor="middle" ${at}>${words(i, k, l)}</text>`;
          }
        });
        text += `<rect class="fm-cell" x="${left}" y="${top}" width="${size}" height="${size}"/>`;
      }
    }
    return text;
  }
  const label = (x, y, words) => `<text class="fm-text" text-anchor="middle" x="${x}" y="${y}">${words}</text>`;

  const factor = (id, words, unit) => ({
    id, kind: "grid", label: words, value: parsed(EXAMPLES.cross[id === "left" ? 1 : 2]),
    columns: RANGE.map((i) => `atom ${i + 1}`), rows: RANGE.map((k) => `${unit} ${k + 1}`),
    name: (k, i) => `${words}, ${unit} ${k + 1}, atom ${i + 1}`,
  });

  fourmasks.supports = { verdict, crowded, closure, decoded };
  fourmasks.widget("supports", {
    label: "The product: which atoms have each entry, and which of them are found",
    controls: [
      {
        id: "example", kind: "select", wide: true, label: "start from", value: "cross",
        options: () => [["own", "your own drawing"], ...Object.entries(EXAMPLES).map(([name, [words]]) => [name, words])],
      },
      factor("left", "left factor X", "row"),
      factor("right", "right factor Y", "column"),
    ],
    changed(state, id) {
      if (id === "example" && state.example !== "own") {
        [state.left, state.right] = EXAMPLES[state.example].slice(1).map(parsed);
      } else if (id === "left" || id === "right") state.example = "own";
    },
    draw({ left, right }, width, whole = false) {
      const { known, atoms } = closure(left, right);
      const mark = (i, k, l) => `${i + 1}${["?", "*", "+"][known[i][k][l]]}`;
      const size = whole ? 72 : 84;
      const small = 26;
      let content = "";
      let [x, y] = [Math.max(30, (width - 3 * size) / 2), 26];
      if (whole) {
        x = width - 3 * size - 6;
        content += board(28, y, small, (k, i) => (left[k][i] ? [i] : []));
        content += label(28 + 1.5 * small, y - 8, "X") + label(28 + 1.5 * small, y + 3 * small + 48, "Y, transposed");
        content += board(28, y + 3 * small + 56, small, (i, l) => (right[l][i] ? [i] : []));
      }
      content += board(x, y, size, atoms, mark) + label(x + 1.5 * size, y - 8, "product X Yᵀ, columns 1 to 3");
      for (const k of RANGE) content += label(x - 12, y + (k + 0.5) * size + 5, k + 1);
      const low = y + 3 * size + 8;
      const words = [["1*", "observable"], ["1+", "completed"], ["1?", "not found"]];
      const start = Math.max(4, Math.min(width - 310, x));
      words.forEach(([sign, text], n) => {
        content += `<text class="fm-text" x="${start + n * 108}" y="${low + 14}">${sign} ${text}</text>`;
      });
      return fourmasks.svg(width, Math.max(low + 24, whole ? y + 6 * small + 62 : 0), content);
    },
    say: reason,
  });
})();

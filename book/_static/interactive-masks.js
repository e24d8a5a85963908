/* The shape of MMF's masks, Eq. (2) and (3): `fourmasks.mmf.models.masks` in JavaScript. */
"use strict";
(() => {
  const R = 24;
  const FAMILIES = {
    gaussian: { value: (d) => Math.exp((-d * d) / 2), limit: 9, amplitude: 4, low: 0 },
    sine: { value: Math.sin, limit: Infinity, amplitude: 1, low: -1 },
    cosine: { value: Math.cos, limit: Infinity, amplitude: 1, low: -1 },
    sigmoid: { value: (d) => 1 / (1 + Math.exp(-d)), limit: 40, amplitude: 1, low: 0 },
    tanh: { value: Math.tanh, limit: 20, amplitude: 1, low: -1 },
    triangle: { value: (d) => Math.max(0, 1 - Math.abs(d)), limit: Infinity, amplitude: 4, low: 0 },
  };

  const height = ({ family, form, K }) => (form === "paper" ? 1 : FAMILIES[family].amplitude) / K;

  /** The value of mask k for the shift s at dimension r, which the paper counts from 1 and the code from 0. */
  function mask(state, k, r) {
    const { family, form, K, s } = state;
    const given = form === "paper" ? (k / K) * (r - s) : (k / K) * r - (state.R / 2) * s;
    const { value, limit } = FAMILIES[family];
    return height(state) * value(Math.min(limit, Math.max(-limit, given)));
  }

  const first = (state) => (state.form === "paper" ? 1 : 0);
  const dimensions = (state) => Array.from({ length: state.R }, (_, r) => r + first(state));

  /** Numbers as "2 to 5, 9". */
  function runs(numbers) {
    const found = [];
    for (const n of numbers) {
      const last = found.at(-1);
      if (last && last[1] === n - 1) last[1] = n;
      else found.push([n, n]);
    }
    return found.map(([a, b]) => (a === b ? `${a}` : `${a} to ${b}`)).join(", ");
  }

  fourmasks.masks = { mask, dimensions };
  fourmasks.widget("masks", {
    label: "The values of a mask over the latent dimensions",
    controls: [
      {
        id: "family", kind: "select", label: "family", value: "gaussian",
        options: () => Object.keys(FAMILIES).map((name) => [name, name]),
      },
      {
        id: "form", kind: "select", label: "parametrisation", value: "paper",
        options: () => [["paper", "the paper’s, Eq. (3)"], ["reference", "reference implementation’s"]],
      },
      { id: "K", kind: "range", label: "masks K", value: 6, limits: () => [1, 12, 1] },
      { id: "k", kind: "range", label: "index k", value: 3, limits: (state) => [1, state.K, 1] },
      {
        id: "s", kind: "range", label: "shift s", value: 8,
        limits: (state) => (state.form === "paper" ? [0, R + 1, 0.5] : [0, 2, 0.05]),
      },
    ],
    changed(state, id) {
      if (id === "form") state.s = state.form === "paper" ? 8 : 0.5;
      state.k = Math.min(state.k, state.K);
    },
    draw(given, width) {
      const state = { R, ...given };
      const top = height(state);
      const low = FAMILIES[state.family].low * top;
      const room = 0.06 * (top - low);
      const start = first(state);
      const plot = new fourmasks.Plot({
        x: [start - 0.5, start + R - 0.5], y: [low - room, top + room], width, height: 260,
      });
      const ticks = dimensions(state).filter((r) => r === start || r % 4 === 0);
      plot.axes({
        xticks: ticks.map((r) => [r, r]),
        yticks: (low < 0 ? [low, 0, top] : [0, top / 2, top]).map((v) => [v, fourmasks.short(v, 2)]),
        xlabel: "latent dimension r", ylabel: "value of the mask",
      });
      const steps = Array.from({ length: 8 * R + 1 }, (_, n) => start - 0.5 + n / 8);
      for (let k = 1; k <= state.K; k++) {
        if (k !== state.k) plot.line(steps.map((r) => [r, mask(state, k, r)]), "fm-faint");
      }
      plot.line(steps.map((r) => [r, mask(state, state.k, r)]), "fm-a");
      for (const r of dimensions(state)) plot.dot(r, mask(state, state.k, r), "fm-a", 3.5);
      const under = fourmasks.legend(
        [["fm-a", `mask k = ${state.k}`], ["fm-a", "at a dimension", "dot"], ["fm-faint", "the other masks, same shift"]],
        width, 262,
      );
      return fourmasks.svg(width, 262 + under.height, plot + under.text);
    },
    say(given) {
      const state = { R, ...given };
      const half = dimensions(state).filter((r) => Math.abs(mask(state, state.k, r)) >= height(state) / 2);
      const kept = half.length ? `${half.length} of ${R} dimensions: ${runs(half)}` : `none of the ${R} dimensions`;
      return [
        `${state.family}, k = ${state.k} of ${state.K}, s = ${fourmasks.short(state.s)}: ` +
          `at least half of its height ${fourmasks.short(height(state))} in size on ${kept}.`,
      ];
    },
  });
})();

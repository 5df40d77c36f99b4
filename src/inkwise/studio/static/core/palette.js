// From values to colours, on a canvas: ink from 0 to 1, or signed values with zero as the ground. The ground is the
// theme's, so that zero is what the card is made of; a legend says so.

import { theme } from "./theme.js";

const COLOURS = {
  light: { ground: [255, 255, 255], ink: [20, 22, 26], positive: [178, 24, 43], negative: [33, 102, 172] },
  dark: { ground: [23, 26, 30], ink: [244, 246, 248], positive: [244, 132, 95], negative: [90, 170, 236] },
};

/** Paint `values`, row by row, `width` of them in each; a canvas gets one dot for each, and the style sheet its size. */
export function paint(canvas, values, width, { reach = 1, signed = false } = {}) {
  const height = values.length / width;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  const picture = context.createImageData(width, height);
  const { ground, ink, positive, negative } = COLOURS[theme.dark ? "dark" : "light"];
  const scale = reach > 0 ? 1 / reach : 0;
  for (let index = 0; index < values.length; index += 1) {
    if (Number.isNaN(values[index])) continue; // no value: nothing is painted
    const share = Math.max(-1, Math.min(1, values[index] * scale));
    const strong = signed ? (share < 0 ? negative : positive) : ink;
    const size = Math.abs(share);
    for (let part = 0; part < 3; part += 1) {
      picture.data[4 * index + part] = ground[part] + size * (strong[part] - ground[part]);
    }
    picture.data[4 * index + 3] = 255;
  }
  context.putImageData(picture, 0, 0);
}

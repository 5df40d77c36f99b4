// A drawing to MNIST's form: the digit's box averaged down to 20 pixels, its centre of mass on pixel 14 of 28.
// It takes clean ink on a background of 0. Inkwise's own normaliser also copes with paper, shadows and rules.

const SIDE = 28;
const BOX = 20;
const CENTRE = 14;

/** Ink (Uint8Array, row by row) of width x height as a Uint8Array of 28 x 28; null where there is no ink. */
export function mnistForm(ink, width, height) {
  const box = inked(ink, width, height);
  if (!box) return null;
  const scale = BOX / Math.max(box.width, box.height);
  const small = {
    width: Math.max(1, Math.round(box.width * scale)),
    height: Math.max(1, Math.round(box.height * scale)),
  };
  const digit = averaged(ink, width, box, small);
  const brightest = digit.reduce((most, value) => Math.max(most, value), 0);
  return placed(digit.map((value) => (255 * value) / brightest), small);
}

/** The smallest box that holds all ink. */
function inked(ink, width, height) {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (!ink[y * width + x]) continue;
      [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
    }
  }
  return right < 0 ? null : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** The box brought to a size: each pixel is the mean of what lies under it, parts of pixels counted as parts. */
function averaged(ink, stride, box, size) {
  const rows = shares(box.height, size.height);
  const columns = shares(box.width, size.width);
  const result = new Float32Array(size.width * size.height);
  rows.forEach((row, y) => {
    columns.forEach((column, x) => {
      let sum = 0;
      for (const [j, down] of row) {
        for (const [i, across] of column) sum += down * across * ink[(box.top + j) * stride + box.left + i];
      }
      result[y * size.width + x] = sum;
    });
  });
  return result;
}

/** For each of `to` pixels, which of `from` pixels lie under it, and the share of each. */
function shares(from, to) {
  return Array.from({ length: to }, (_, place) => {
    const [start, end] = [(place * from) / to, ((place + 1) * from) / to];
    const under = [];
    for (let index = Math.floor(start); index < Math.min(Math.ceil(end), from); index += 1) {
      under.push([index, (Math.min(end, index + 1) - Math.max(start, index)) / (end - start)]);
    }
    return under;
  });
}

/** The digit in 28 x 28, its centre of mass as near to pixel 14 as whole pixels allow. */
function placed(digit, { width, height }) {
  let [mass, across, down] = [0, 0, 0];
  digit.forEach((value, index) => {
    mass += value;
    across += value * (index % width);
    down += value * Math.floor(index / width);
  });
  const held = (value, most) => Math.max(0, Math.min(most, Math.round(value)));
  const left = held(CENTRE - across / mass, SIDE - width);
  const top = held(CENTRE - down / mass, SIDE - height);
  const image = new Uint8Array(SIDE * SIDE);
  digit.forEach((value, index) => {
    image[(top + Math.floor(index / width)) * SIDE + left + (index % width)] = Math.round(value);
  });
  return image;
}

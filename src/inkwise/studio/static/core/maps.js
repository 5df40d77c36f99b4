// The values of every layer, as the server sends them: four bytes with the length of a head, the head as JSON, float32
// numbers. And how a layer's maps are laid side by side, so that a dot of a canvas is one value.

import { connection } from "./connection.js";
import { Fault } from "./api.js";

const GAP = 1; // dots between two maps
const WIDEST = 340; // of the page's dots, for all maps of a layer side by side
const SIDES = [
  [1, 168],
  [4, 112],
  [12, 84],
  [20, 56],
  [48, 42],
  [Infinity, 28],
]; // of a map: for so many maps, about so many of the page's dots

/** Ask for all maps of a picture: {layers: [{name, shape, values, low, high}], answer}. */
export async function askMaps(query, body) {
  let answer;
  try {
    const words = new URLSearchParams(query);
    answer = await fetch(`/api/network/maps?${words}`, { method: "POST", body });
  } catch {
    connection.lost();
    throw new Fault("Lost", "The Studio's server does not answer.");
  }
  if (answer.headers.get("Content-Type") !== "application/octet-stream") {
    const { error } = await answer.json();
    throw new Fault(error.kind, error.message);
  }
  const data = await answer.arrayBuffer();
  const size = new DataView(data).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, size)));
  const numbers = new Float32Array(data, 4 + size);
  for (const layer of head.layers) {
    const count = layer.shape.reduce((product, side) => product * side, 1);
    layer.values = numbers.subarray(layer.start, layer.start + count);
  }
  return head;
}

/** How a layer of this shape is laid out: tiles of `wide` x `high` dots in `columns`, each dot `zoom` of the page's. */
export function layout(shape, { widest = WIDEST, scale = 1 } = {}) {
  if (shape.length === 1) return flat(shape[0], widest, scale);
  const [high, wide] = shape.slice(-2);
  const count = shape.slice(0, -2).reduce((product, side) => product * side, 1);
  const side = SIDES.find(([most]) => count <= most)[1] * scale;
  const zoom = Math.max(1, Math.min(Math.round(side / Math.max(high, wide)), Math.floor(widest / wide) || 1));
  const fitting = Math.max(1, Math.floor((widest / zoom + GAP) / (wide + GAP)));
  const rows = Math.ceil(count / Math.min(count, fitting));
  return { count, high, wide, columns: Math.ceil(count / rows), gap: GAP, zoom };
}

/** Single values, as tiles of one dot. */
function flat(count, widest, scale) {
  const zoom = Math.round(scale * (count <= 16 ? 20 : count <= 256 ? 14 : count <= 1024 ? 9 : 5));
  const columns = Math.min(count, Math.max(1, Math.floor(widest / zoom)), count <= 16 ? 16 : Math.ceil(Math.sqrt(count)));
  return { count, high: 1, wide: 1, columns, gap: 0, zoom };
}

/** The dots of a whole layout: width and height. */
export function extent({ count, high, wide, columns, gap }) {
  const rows = Math.ceil(count / columns);
  return [columns * (wide + gap) - gap, rows * (high + gap) - gap];
}

/** Where a tile begins, in dots. */
export function corner({ high, wide, columns, gap }, tile) {
  return [(tile % columns) * (wide + gap), Math.floor(tile / columns) * (high + gap)];
}

/** The position in the layer, as a list, of the dot (x, y); null between the maps. */
export function positionAt(shape, laid, x, y) {
  const [column, row] = [Math.floor(x / (laid.wide + laid.gap)), Math.floor(y / (laid.high + laid.gap))];
  const [left, top] = [Math.floor(x - column * (laid.wide + laid.gap)), Math.floor(y - row * (laid.high + laid.gap))];
  const tile = row * laid.columns + column;
  if (column >= laid.columns || tile >= laid.count || left >= laid.wide || top >= laid.high || x < 0 || y < 0) return null;
  if (shape.length === 1) return [tile];
  return [...unravelled(tile, shape.slice(0, -2)), top, left];
}

/** The place of a position in the layer's values. */
export function indexOf(shape, at) {
  return at.reduce((index, each, axis) => index * shape[axis] + each, 0);
}

/** Which tile a position lies on. */
export function tileOf(shape, at) {
  return shape.length === 1 ? at[0] : indexOf(shape.slice(0, -2), at.slice(0, -2));
}

function unravelled(index, shape) {
  const at = [];
  for (const side of [...shape].reverse()) {
    at.unshift(index % side);
    index = Math.floor(index / side);
  }
  return at;
}

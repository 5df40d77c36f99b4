// Strokes, and how they travel in the address. A stroke is a width and points in half dots of the paper, whole numbers,
// so that what is drawn, sent and written into the address is the same to the dot.

export const SIDE = 256; // dots of the paper, each way
const HALVES = 2 * SIDE - 1; // the largest coordinate
const NEAR = 3; // halves; nearer points add nothing
const STEP = 127; // the largest step that the address holds

/** A stroke that begins at (x, y), in halves. */
export function begun(width, x, y) {
  return { width, points: [held(x), held(y)] };
}

/** Add a point to a stroke, unless it is where the last one is; whether it was added. */
export function extend(stroke, x, y) {
  const { points } = stroke;
  const [toX, toY] = [held(x), held(y)];
  const [fromX, fromY] = points.slice(-2);
  if (Math.abs(toX - fromX) + Math.abs(toY - fromY) < NEAR) return false;
  const parts = Math.ceil(Math.max(Math.abs(toX - fromX), Math.abs(toY - fromY)) / STEP);
  for (let part = 1; part <= parts; part += 1) {
    points.push(Math.round(fromX + ((toX - fromX) * part) / parts), Math.round(fromY + ((toY - fromY) * part) / parts));
  }
  return true;
}

/** Draw strokes on a canvas of which one dot is `scale` of its own. */
export function stroke(context, strokes, scale, colour) {
  context.strokeStyle = colour;
  context.lineCap = "round";
  context.lineJoin = "round";
  for (const { width, points } of strokes) {
    const at = (index) => (points[index] * scale) / 2;
    context.lineWidth = width * scale;
    context.beginPath();
    context.moveTo(at(0), at(1));
    for (let index = 2; index < points.length - 2; index += 2) {
      const [midX, midY] = [(at(index) + at(index + 2)) / 2, (at(index + 1) + at(index + 3)) / 2];
      context.quadraticCurveTo(at(index), at(index + 1), midX, midY);
    }
    context.lineTo(at(points.length - 2) + (points.length === 2 ? 0.01 : 0), at(points.length - 1));
    context.stroke();
  }
}

/** Strokes as letters: of each its width, its number of points, its first point and the steps from there. */
export function written(strokes) {
  const bytes = [];
  for (const { width, points } of strokes) {
    const count = points.length / 2;
    bytes.push(width, count >> 8, count & 255, points[0] >> 8, points[0] & 255, points[1] >> 8, points[1] & 255);
    for (let index = 2; index < points.length; index += 1) bytes.push(points[index] - points[index - 2] + 128);
  }
  const text = btoa(bytes.map((byte) => String.fromCharCode(byte)).join(""));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The strokes that letters mean; none where they mean nothing. */
export function read(text) {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
    const strokes = [];
    for (let place = 0; place < bytes.length; ) {
      const [width, high, low, x1, x0, y1, y0] = bytes.slice(place, place + 7);
      const points = [held(256 * x1 + x0), held(256 * y1 + y0)];
      const end = place + 7 + 2 * (256 * high + low - 1);
      if (!(end >= place + 7 && end <= bytes.length)) return [];
      for (place += 7; place < end; place += 1) points.push(held(points.at(-2) + bytes[place] - 128));
      strokes.push({ width, points });
    }
    return strokes;
  } catch {
    return [];
  }
}

function held(value) {
  return Math.max(0, Math.min(HALVES, Math.round(value)));
}

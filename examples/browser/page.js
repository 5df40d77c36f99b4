// The page: what is drawn is normalised and read after each stroke.

import { mnistForm } from "./normalise.js";
import { loadModel } from "./reader.js";

const pad = document.querySelector("canvas");
const said = document.querySelector("output");
const bars = [...document.querySelectorAll("meter")];
const context = pad.getContext("2d", { willReadFrequently: true });
let read = null;

function clear() {
  context.clearRect(0, 0, pad.width, pad.height);
  bars.forEach((bar) => (bar.value = 0));
  said.textContent = "Draw a digit.";
}

function place(event) {
  const box = pad.getBoundingClientRect();
  return [((event.clientX - box.left) * pad.width) / box.width, ((event.clientY - box.top) * pad.height) / box.height];
}

pad.addEventListener("pointerdown", (event) => {
  pad.setPointerCapture(event.pointerId);
  context.lineWidth = 20;
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = "#123";
  context.beginPath();
  context.moveTo(...place(event));
});

pad.addEventListener("pointermove", (event) => {
  if (!event.buttons) return;
  context.lineTo(...place(event));
  context.stroke();
});

pad.addEventListener("pointerup", async () => {
  const { data, width, height } = context.getImageData(0, 0, pad.width, pad.height);
  const ink = Uint8Array.from({ length: width * height }, (_, index) => data[4 * index + 3]); // opacity
  const image = mnistForm(ink, width, height);
  if (!image || !read) return;
  const [answer] = await read(image);
  const sure = `${(100 * answer.confidence).toFixed(1)} %`;
  said.textContent = answer.reason === null ? `${answer.label}, ${sure} sure` : `? (${answer.reason})`;
  bars.forEach((bar, label) => (bar.value = answer.probabilities[label]));
});

document.querySelector("button").addEventListener("click", clear);
try {
  read = await loadModel("./digits.onnx");
  clear();
} catch (error) {
  said.textContent = `The model cannot be loaded (${error.message}); see README.md.`;
}
document.body.dataset.ready = String(read !== null);
export { read };

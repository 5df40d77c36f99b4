// The exported model in the browser: images in MNIST's form to answers, by onnxruntime-web on this machine alone.

import * as ort from "./vendor/ort.wasm.bundle.min.mjs";

const REASONS = [null, "unsure", "not a digit", "two digits"]; // what the output "reason" means
// As a folder it would be asked for a loader too, which the bundle has inside.
ort.env.wasm.wasmPaths = { wasm: new URL("./vendor/ort-wasm-simd-threaded.wasm", import.meta.url).href };
ort.env.wasm.numThreads = 1; // more need a page that is isolated from other origins

/** A function from `count` images, one Uint8Array, to their answers. */
export async function loadModel(url) {
  const session = await ort.InferenceSession.create(url);
  return async (images, count = 1) => {
    const tensor = new ort.Tensor("uint8", images, [count, 1, 28, 28]);
    const outputs = await session.run({ images: tensor });
    return Array.from({ length: count }, (_, index) => answer(outputs, index));
  };
}

/** One image's answer; `reason` says why it should not be relied on, and is null where it may be. */
function answer(outputs, index) {
  const { data, dims } = outputs.probabilities;
  const probabilities = Array.from(data.slice(index * dims[1], (index + 1) * dims[1]));
  return {
    label: Number(outputs.label.data[index]),
    confidence: outputs.confidence.data[index],
    probabilities,
    reason: spelled(Number(outputs.reason.data[index]), probabilities),
  };
}

function spelled(reason, probabilities) {
  if (reason !== 1) return REASONS[reason];
  const [first, second] = probabilities.map((_, label) => label).sort((a, b) => probabilities[b] - probabilities[a]);
  return `unsure between ${first} and ${second}`;
}

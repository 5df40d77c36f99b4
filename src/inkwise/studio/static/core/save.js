// A part of the page as a PNG file: its elements and style sheets are laid into an SVG picture, which the browser draws
// on a canvas. Canvases become pictures, fields keep what is in them. Everything is the page's own, so nothing is asked
// of anyone.

const SCALE = 2; // dots for each of the page's
const EDGE = 24; // around it

/** Draw `part` and give it to the reader as a file called `name`. */
export async function save(part, name) {
  const link = document.createElement("a");
  const url = URL.createObjectURL(await picture(part));
  link.href = url;
  link.download = `${name}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** `part` as a PNG blob. */
export async function picture(part) {
  const { width, height } = part.getBoundingClientRect();
  const [wide, high] = [Math.ceil(width) + 2 * EDGE, Math.ceil(height) + 2 * EDGE];
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(drawn(part, wide, high))}`;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: wide * SCALE, height: high * SCALE });
  const context = canvas.getContext("2d");
  context.fillStyle = getComputedStyle(document.body).backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => trimmed(canvas).toBlob(done, "image/png"));
}

/** The canvas without the empty rows that stand below all else: what is left out of the picture had taken room. */
function trimmed(canvas) {
  const { width, height } = canvas;
  const dots = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, width, height).data.buffer);
  let last = dots.length - 1;
  while (last > 0 && dots[last] === dots[0]) last -= 1;
  const rows = Math.min(height, Math.floor(last / width) + 1 + EDGE * SCALE);
  const cut = Object.assign(document.createElement("canvas"), { width, height: rows });
  cut.getContext("2d").drawImage(canvas, 0, 0);
  return cut;
}

function drawn(part, width, height) {
  const body = document.createElement("div");
  body.className = "saved";
  body.append(copied(part));
  const sheet = `${[...document.styleSheets].map((each) => texts(each, part.clientWidth)).join("\n")} .saved { padding: ${EDGE}px; box-sizing: border-box; width: ${width}px }`;
  const { theme } = document.documentElement.dataset;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" data-theme="${theme}">` +
    `<style><![CDATA[${sheet}]]></style><foreignObject width="100%" height="100%">` +
    `${new XMLSerializer().serializeToString(body)}</foreignObject></svg>`
  );
}

/** The rules of a sheet or of a rule, with what asks for the view's width answered: in a picture nothing answers it. */
function texts({ cssRules }, width) {
  return [...cssRules].map((rule) => text(rule, width)).join("\n");
}

function text(rule, width) {
  if (rule instanceof CSSContainerRule) {
    const [, most] = rule.conditionText.match(/max-width:\s*(\d+)px/) ?? [null, Infinity];
    return width <= Number(most) ? texts(rule, width) : "";
  }
  if (rule instanceof CSSStyleRule && rule.cssRules.length) {
    return `${rule.selectorText} { ${rule.style.cssText} ${texts(rule, width)} }`;
  }
  return rule.cssText;
}

/** A copy of an element that shows what the element shows. */
function copied(part) {
  const copy = part.cloneNode(true);
  const [from, to] = [part, copy].map((each) => [...each.querySelectorAll("canvas, input, select, [data-unsaved]")]);
  from.forEach((element, index) => {
    const twin = to[index];
    if (element.matches("[data-unsaved]")) {
      twin.remove();
    } else if (element instanceof HTMLCanvasElement) {
      const image = document.createElement("img");
      image.src = element.toDataURL();
      image.className = `${element.className} canvas`;
      const { width, height } = element.getBoundingClientRect();
      Object.assign(image, { width: Math.round(width), height: Math.round(height) });
      twin.replaceWith(image);
    } else if (element instanceof HTMLSelectElement) {
      for (const option of twin.options) option.toggleAttribute("selected", option.value === element.value);
    } else {
      twin.setAttribute("value", element.value);
    }
  });
  return copy;
}

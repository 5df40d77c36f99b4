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
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

function drawn(part, width, height) {
  const body = document.createElement("div");
  body.className = "saved";
  body.append(copied(part));
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).map((rule) => rule.cssText);
  const sheet = `${rules.join("\n")} .saved { padding: ${EDGE}px; box-sizing: border-box; width: ${width}px }`;
  const { theme } = document.documentElement.dataset;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" data-theme="${theme}">` +
    `<style><![CDATA[${sheet}]]></style><foreignObject width="100%" height="100%">` +
    `${new XMLSerializer().serializeToString(body)}</foreignObject></svg>`
  );
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

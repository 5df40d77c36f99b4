// Numbers as the command line writes them: four decimals, more for small ones, a proper minus sign.

export function number(value) {
  if (value === null || value === undefined) return "";
  if (value === 0) return "0";
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  const text =
    size < 0.001 || size >= 100_000
      ? value.toExponential(3)
      : value.toFixed(Math.max(4, 3 - Math.floor(Math.log10(size))));
  return text.replace("-", "\u2212");
}

/** In few figures, for cells of a table and ends of a scale. */
export function brief(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 0.095 ? 2 : 3;
  const text = size >= 0.0005 ? value.toFixed(digits) : value.toExponential(0);
  return text.replace("-", "\u2212");
}

export function count(value) {
  return value.toLocaleString("en-GB");
}

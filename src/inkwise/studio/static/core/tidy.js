// Numbers inside sums and cells: to four figures, without zeros at their end, with a proper minus sign.

export function tidy(value) {
  if (value === null || value === undefined) return "∞";
  return String(Number(value.toPrecision(4))).replace("-", "\u2212");
}

/** As a factor: in brackets below zero. */
export function factor(value) {
  return value < 0 ? `(${tidy(value)})` : tidy(value);
}

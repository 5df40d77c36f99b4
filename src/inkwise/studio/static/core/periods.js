// How long something takes, in words: "12 s", "3 min 20 s", "2 h 5 min".

export function period(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

export function percent(share) {
  return `${(100 * share).toFixed(2)} %`;
}

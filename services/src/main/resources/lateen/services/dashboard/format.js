// Figures as people read them.

export function rate(value) {
  return value === 0 ? '0' : value < 0.1 ? '<0.1' : value < 10 ? value.toFixed(1) : grouped(value);
}

export function percent(part, all) {
  if (!(all > 0) || !(part > 0)) return '0 %';
  const value = 100 * part / all;
  return value < 0.1 ? '<0.1 %' : value < 10 ? value.toFixed(1) + ' %' : Math.round(value) + ' %';
}

// Milliseconds; null is "not known".
export function duration(millis) {
  if (millis === null) return '–';
  return millis < 10 ? millis.toFixed(1) + ' ms' : millis < 1000 ? Math.round(millis) + ' ms' : (millis / 1000).toFixed(1) + ' s';
}

export function bytes(value) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let i = 0;
  while (value >= 1000 && i < units.length - 1) { value /= 1000; i++; }
  return (i === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)) + ' ' + units[i];
}

export function grouped(value) {
  return Math.round(value).toLocaleString('en').replaceAll(',', '\u2009');
}

export function shortened(text, length) {
  return text.length <= length ? text : text.slice(0, length - 1) + '…';
}

// spiffe://domain/ns/shop/sa/client without the domain, which the table has.
export function shortIdentity(identity) {
  return identity.replace(/^spiffe:\/\/[^/]*\//, '');
}

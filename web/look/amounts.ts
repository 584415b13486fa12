// Counts, sizes and shares in words.

const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `512 B`, `1.5 KiB`, `23 GiB`. @param count bytes */
export const bytes = (count: number): string => {
  let value = count;
  let unit = 0;
  // Half a tenth below the next unit would be shown as 1,024 of this one.
  while (value >= 1_023.5 && unit < BINARY.length - 1) {
    value /= 1_024;
    unit += 1;
  }
  const isWhole = unit === 0 || value >= 9.95;
  return `${value.toFixed(isWhole ? 0 : 1)} ${BINARY[unit]}`;
};

/** `0`, `0.4`, `7.5`, `42`, `1,240`. */
export const rate = (value: number): string =>
  value === 0 || value >= 9.95 ? whole(Math.round(value)) : value.toFixed(1);

/** `1,240`. */
export const whole = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

/** `42 %`. @param share 0 to 1 */
export const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** `1 job`, `2 jobs`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${whole(count)} ${count === 1 ? one : many}`;

/** `sha256:0123456789ab…`: enough of a digest to tell it from others. */
export const shortDigest = (digest: string): string =>
  digest.length <= 20 ? digest : `${digest.slice(0, 19)}…`;

// Credits as people write them, micro-credits as the ledger keeps them: exact in both directions.
const MICRO_DIGITS = 6;
const MICRO_PER_CREDIT = 10n ** BigInt(MICRO_DIGITS);

/** @returns micro-credits, or undefined for anything but a positive decimal number with at most six decimals */
export const parseCredits = (text: string): bigint | undefined => {
  const [, whole, fraction = ''] = /^([0-9]{1,18})(?:\.([0-9]{1,6}))?$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const amount = BigInt(whole) * MICRO_PER_CREDIT + BigInt(fraction.padEnd(MICRO_DIGITS, '0'));
  return amount > 0n ? amount : undefined;
};

/** @param amount micro-credits */
export const formatCredits = (amount: bigint): string => {
  const sign = amount < 0n ? '-' : '';
  const positive = amount < 0n ? -amount : amount;
  const fraction = (positive % MICRO_PER_CREDIT).toString().padStart(MICRO_DIGITS, '0').replace(/0+$/, '');
  return `${sign}${positive / MICRO_PER_CREDIT}${fraction === '' ? '' : `.${fraction}`}`;
};

// Command-line words to values. What does not fit is a usage error before anything is asked of the network.
import { InvalidArgumentError } from 'commander';
import { parseCredits } from '../../network/admin/credits.js';

/** A whole number in a range, bounds included. */
export const countOption =
  (min: number, max: number) =>
  (text: string): number => {
    const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`a whole number from ${min} to ${max} is expected.`);
  };

/** @returns micro-credits as the ledger writes them */
export const creditsArgument = (text: string): string => {
  const amount = parseCredits(text);
  if (amount !== undefined) return amount.toString();
  throw new InvalidArgumentError('a positive number of credits with at most six decimals is expected.');
};

// How containers that nobody looks after are told of, and got rid of.
import type { NodeContainer } from './subject.js';

const short = ({ id }: NodeContainer): string => id.slice(0, 12);

export const namesOf = (found: readonly NodeContainer[]): string =>
  found.map((one) => `${one.role} ${short(one)} ${one.state}`).join(', ');

export const removalOf = (socketPath: string, found: readonly NodeContainer[]): string =>
  `docker -H unix://${socketPath} rm --force ${found.map(short).join(' ')}`;

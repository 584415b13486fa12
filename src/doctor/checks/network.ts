// The network: whether it answers at the configured URL, and whether the two clocks agree.
import { readAccounts } from '../../adapters/state/read-accounts.js';
import { PROTOCOL_VERSION, TIMES } from '../../protocol/limits.js';
import type { Check } from '../check.js';
import { type Finding, failure, findingOf, ok, SkipCheck, warning, worstOf } from '../finding.js';
import { configOf, type NetworkAnswer, type Subject } from '../subject.js';

const LIMIT_MS = 12_000;

export const networkReachable: Check = {
  id: 'network.reachable',
  about: 'The network answers at its URL, over TLS where that says https, and speaks this protocol.',
  limitMs: LIMIT_MS,
  ifSlow: 'Check the internet connection, the firewall and the URL of the network.',
  async look(subject) {
    const urls = await urlsOf(subject);
    if (urls.length === 0) {
      return failure('no network is set and none was joined', 'Set networkUrl, e.g. with --network-url URL.');
    }
    return worstOf(await Promise.all(urls.map((url) => reach(subject, url, urls.length === 1))));
  },
};

/** @param isOnly its error is the check's own: one of several must not hide the others */
const reach = async (subject: Subject, url: string, isOnly: boolean): Promise<Finding> => {
  try {
    const { info, askedMs, answeredMs } = await subject.network(url);
    const seen = `${info.network} at ${url}, in ${answeredMs - askedMs} ms`;
    return info.protocol.includes(PROTOCOL_VERSION)
      ? ok(seen)
      : failure(
          `${seen}, speaks protocol ${info.protocol.join(', ')}, and this node speaks ${PROTOCOL_VERSION}`,
          'Install the version of the node that the network asks for.',
        );
  } catch (caught) {
    if (isOnly) throw caught;
    return findingOf(caught);
  }
};

export const clockSkew: Check = {
  id: 'network.clock',
  about: "This host's clock agrees with the network's.",
  limitMs: LIMIT_MS,
  async look(subject) {
    const urls = await urlsOf(subject);
    if (urls.length === 0) throw new SkipCheck('no network to ask for the time');
    const asked = await Promise.all(urls.map((url) => subject.network(url).catch(() => undefined)));
    const skews = asked.flatMap((answer) => (answer === undefined ? [] : [skewOf(answer)]));
    if (skews.length === 0) throw new SkipCheck('the network does not answer');
    const aheadMs = skews.reduce((worst, one) => (Math.abs(one) > Math.abs(worst) ? one : worst));
    const seconds = Math.round(aheadMs / 100) / 10;
    const seen =
      seconds === 0
        ? 'the same time as the network'
        : `${Math.abs(seconds)} s ${aheadMs > 0 ? 'ahead of' : 'behind'} the network`;
    return Math.abs(aheadMs) > TIMES.clockSkewMs / 2
      ? warning(
          `${seen}; beyond ${TIMES.clockSkewMs / 1000} s what this node signs is refused`,
          'Let the system set the clock, e.g. with `timedatectl set-ntp true`.',
        )
      : ok(seen);
  },
};

/** How far this clock is ahead: the answer was written at some moment between asking and hearing. */
const skewOf = ({ info, askedMs, answeredMs }: NetworkAnswer): number => {
  if (info.time_ms > answeredMs) return answeredMs - info.time_ms;
  return info.time_ms < askedMs ? askedMs - info.time_ms : 0;
};

/** The one that was asked for, else the configured URLs, or those of the networks joined before. */
const urlsOf = async (subject: Subject): Promise<readonly string[]> => {
  const { networks, dataDir } = configOf(subject);
  if (subject.onlyNetwork !== undefined) return [subject.onlyNetwork];
  return (networks.length > 0 ? networks : await readAccounts(dataDir)).map(({ url }) => url);
};

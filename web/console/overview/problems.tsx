// What is wrong, each with what to do; nothing where all is well.
import type { NodeStatus } from '../../../src/console/node-view.js';
import { ago } from '../../look/durations.js';
import { Notice } from '../../look/notice.js';
import type { OverviewFacts } from './overview-facts.js';

type Failure = NonNullable<NodeStatus['failure']>;

const FailureNotice = ({ failure, about }: { readonly failure: Failure; readonly about?: string }) => (
  <Notice
    tone={failure.retryable ? 'warn' : 'bad'}
    title={about === undefined ? failure.message : `${about}: ${failure.message}`}
    code={failure.code}
    advice={failure.advice}
  />
);

const SecondProcess = ({ status, nowMs }: OverviewFacts) => {
  const seen = status.network.elsewhere ?? null;
  if (seen === null) return null;
  const where = `${seen.address}, ${ago(seen.atMs, nowMs)}`;
  return (
    <Notice
      tone="bad"
      title={
        seen.holdsSession
          ? `Another process has this node’s key and its session: ${where}.`
          : `Another process tried to connect with this node’s key and was refused: ${where}.`
      }
      advice="Stop one of the two: a key belongs to one node."
    />
  );
};

const failuresOf = ({
  failure,
  networks = [],
}: NodeStatus): readonly { about?: string; failure: Failure }[] => {
  if (networks.length <= 1) return failure === null ? [] : [{ failure }];
  return networks.flatMap((one) =>
    one.failure === null ? [] : [{ about: one.name ?? one.url ?? 'network', failure: one.failure }],
  );
};

export const Problems = (facts: OverviewFacts) => {
  const { status } = facts;
  return (
    <>
      {failuresOf(status).map((one) => (
        <FailureNotice key={`${one.about} ${one.failure.code}`} {...one} />
      ))}
      <SecondProcess {...facts} />
      {status.journal?.hasRoom === false ? (
        <Notice
          tone="bad"
          title="The journal takes no new jobs."
          advice="It is full of results the network has not taken, or its disk is full or fails. Check the disk of the data directory."
        />
      ) : null}
      {(status.repairs ?? []).map((repair) => (
        <Notice
          key={repair.what}
          tone="warn"
          title={`Damaged on the disk: ${repair.what}.`}
          advice={`${BECAME[repair.how]}${repair.kept.length === 0 ? '' : `, kept as ${repair.kept.join(', ')}`}. Check the disk of the data directory.`}
        />
      ))}
    </>
  );
};

const BECAME: Readonly<Record<NonNullable<NodeStatus['repairs']>[number]['how'], string>> = {
  previous: 'The copy before is used',
  rebuilt: 'Made anew from what the network has signed',
  fetched: 'The network is asked for it anew',
  begun_anew: 'It begins anew',
  set_aside: 'Damaged entries are set aside',
};

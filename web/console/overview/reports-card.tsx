// The log on its way to the network.

import { counted, whole } from '../../look/amounts.js';
import { Card } from '../../look/card.js';
import { Facts } from '../../look/facts.js';
import { Notice } from '../../look/notice.js';
import { ActionButton } from '../orders/action-button.js';
import type { OverviewFacts } from './overview-facts.js';

const UploadReports = ({ node }: Pick<OverviewFacts, 'node'>) => (
  <ActionButton
    label="Send now"
    title="Send the log now"
    text="What has gathered in the node’s log is sealed and sent to the network. No prompt, output or key is ever in it."
    confirm="Send"
    act={async () => {
      const { requested, waiting } = await node.api.uploadReports();
      return requested ? `${counted(waiting, 'segment')} on the way.` : 'No network has been joined yet.';
    }}
  />
);

export const ReportsCard = ({ node, status }: OverviewFacts) => {
  const { waiting, delivered, failure } = status.reports;
  return (
    <Card title="Log reports" aside={<UploadReports node={node} />}>
      <Facts
        facts={[
          ['Waiting', counted(waiting, 'segment')],
          ['Delivered', `${whole(delivered)} since the start`],
        ]}
      />
      {failure == null ? null : (
        <Notice tone="warn" title={failure.message} code={failure.code} advice={failure.advice} />
      )}
    </Card>
  );
};

// The node in its networks: whether it is in rotation and why not, its configuration, models, orders and reports.
import { IDLE_CAUSES, STAGES } from '../../machines/stage.js';
import { modelState, standingState } from '../../protocol/codes.js';
import { orderGiver, orderKind } from '../../protocol/messages/orders.js';
import { type Family, perNetwork, type Sample, stateSet } from './family.js';

const seconds = (ms: number | null | undefined): number | undefined =>
  typeof ms === 'number' ? ms / 1_000 : undefined;

export const NODE_FAMILIES: readonly Family[] = [
  {
    type: 'gauge',
    name: 'resultity_node_info',
    help: 'Always 1; the labels name the node, its Agent and its engine. The node id is empty before the key is open.',
    labels: ['node_id', 'version', 'engine', 'engine_version', 'driver'],
    read: ({ node: { nodeId, agentVersion, runtime } }) => [
      [
        1,
        {
          node_id: nodeId ?? '',
          version: agentVersion,
          engine: runtime.engine,
          engine_version: runtime.version ?? '',
          driver: runtime.driver,
        },
      ],
    ],
  },
  perNetwork(
    'gauge',
    'resultity_node_connected',
    'Whether there is a session with the network.',
    ({ status }) => status.connected,
  ),
  perNetwork(
    'gauge',
    'resultity_node_in_rotation',
    'Whether nothing stands between the node and jobs of the network, as far as the node knows.',
    ({ status }) => status.idleCause == null,
  ),
  perNetwork(
    'gauge',
    'resultity_node_idle',
    'Why the node gets no jobs: 1 for the first cause that holds, 0 for all others; all 0 in rotation.',
    ({ status }) => stateSet('cause', IDLE_CAUSES, status.idleCause),
    ['cause'],
  ),
  perNetwork(
    'gauge',
    'resultity_node_stage',
    'What the node is doing: 1 for its stage, 0 for all others.',
    ({ status }) => stateSet('stage', STAGES, status.stage),
    ['stage'],
  ),
  perNetwork(
    'gauge',
    'resultity_node_standing',
    'What the network thinks of the node: 1 for its standing, 0 for all others; all 0 before it was told.',
    ({ status }) => stateSet('state', standingState.options, status.standing),
    ['state'],
  ),
  perNetwork(
    'gauge',
    'resultity_node_order',
    'The order to drain or pause that is in force: 1 for its kind and who gave it, 0 for all others.',
    ({ status }) => orders(status.order),
    ['kind', 'by'],
  ),
  perNetwork(
    'gauge',
    'resultity_node_last_ack_timestamp_seconds',
    'When the network last answered a heartbeat, by the clock of this machine; absent before the first.',
    ({ status }) => seconds(status.lastAckMs),
  ),
  perNetwork(
    'gauge',
    'resultity_node_key_used_elsewhere',
    'Whether the network knows of another process that uses the key of this node.',
    ({ status }) => status.elsewhere != null,
  ),
  perNetwork(
    'gauge',
    'resultity_node_clock_offset_seconds',
    'Clock of this machine minus the clock of the network; absent before the first heartbeat was answered.',
    ({ clockOffsetMs }) => seconds(clockOffsetMs),
  ),
  perNetwork(
    'gauge',
    'resultity_node_config_version',
    'Version of the configuration in force; absent while there is none.',
    ({ status }) => status.config?.version,
  ),
  perNetwork(
    'gauge',
    'resultity_node_config_behind',
    'Whether the network has named a configuration that is not in force here: not fetched yet, or refused.',
    ({ config }) => config?.isBehind,
  ),
  perNetwork(
    'gauge',
    'resultity_node_config_issued_timestamp_seconds',
    'When the configuration in force was issued.',
    ({ config }) => seconds(config?.issuedMs),
  ),
  perNetwork(
    'gauge',
    'resultity_node_config_expires_timestamp_seconds',
    'When the configuration in force expires: no jobs are taken on it after that.',
    ({ config }) => seconds(config?.expiresMs),
  ),
  perNetwork(
    'gauge',
    'resultity_node_model_state',
    'State of each model that the configuration lists: 1 for its state, 0 for all others.',
    ({ status }) => models(status.models),
    ['model', 'state'],
  ),
  perNetwork(
    'gauge',
    'resultity_node_reports_waiting',
    'Sealed log reports the network has not signed for.',
    ({ status }) => status.reports.waiting,
  ),
  perNetwork(
    'gauge',
    'resultity_node_report_failing',
    'Whether the last log report could not be delivered.',
    ({ status }) => status.reports.failure != null,
  ),
  perNetwork(
    'counter',
    'resultity_node_reports_delivered_total',
    'Log reports the network has signed for.',
    ({ status }) => status.reports.delivered,
  ),
  {
    type: 'counter',
    name: 'resultity_node_repairs_total',
    help: 'Damages on the disk that were found and mended since the start.',
    labels: [],
    read: ({ repairs }) => [[repairs]],
  },
];

function* orders(order: { readonly kind: string; readonly by: string } | null | undefined): Iterable<Sample> {
  for (const kind of orderKind.options)
    for (const by of orderGiver.options) yield [order?.kind === kind && order.by === by, { kind, by }];
}

function* models(listed: readonly { readonly id: string; readonly state: string }[]): Iterable<Sample> {
  for (const { id, state } of listed)
    for (const [value, labels] of stateSet('state', modelState.options, state))
      yield [value, { model: id, ...labels }];
}

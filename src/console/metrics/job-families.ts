// The jobs: counted by how they ended, where they wait, and what of them is on disk.
import { countsBy, type Family, perNetwork } from './family.js';

export const JOB_FAMILIES: readonly Family[] = [
  perNetwork(
    'counter',
    'resultity_node_jobs_accepted_total',
    'Attempts of jobs the node has accepted.',
    ({ work }) => work.accepted,
  ),
  perNetwork(
    'counter',
    'resultity_node_jobs_ended_total',
    'Accepted attempts by how they ended; completed, cancelled and runtime_rejected are not the fault of the node.',
    ({ work }) => countsBy('outcome', work.ended),
    ['outcome'],
  ),
  perNetwork(
    'counter',
    'resultity_node_jobs_declined_total',
    'Offers the node has declined, by reason.',
    ({ work }) => countsBy('reason', work.declined),
    ['reason'],
  ),
  perNetwork(
    'counter',
    'resultity_node_results_acknowledged_total',
    'Results by the verdict of the network.',
    ({ work }) => countsBy('verdict', work.verdicts),
    ['verdict'],
  ),
  perNetwork(
    'counter',
    'resultity_node_results_expired_total',
    'Results that were given up: the network did not take them in time.',
    ({ work }) => work.expired,
  ),
  perNetwork(
    'counter',
    'resultity_node_prompt_tokens_total',
    'Prompt tokens of ended attempts, by the count of the engine.',
    ({ work }) => work.promptTokens,
  ),
  perNetwork(
    'counter',
    'resultity_node_output_tokens_total',
    'Output tokens of ended attempts, by the count of the engine: the sum of the receipts.',
    ({ work }) => work.outputTokens,
  ),
  perNetwork(
    'counter',
    'resultity_node_generated_tokens_total',
    'Output tokens as they come, with those of attempts that were cancelled: for rates.',
    ({ work }) => work.generatedTokens,
  ),
  perNetwork(
    'gauge',
    'resultity_node_jobs_running',
    'Attempts the engine works on.',
    ({ status }) => status.jobs.running,
  ),
  perNetwork(
    'gauge',
    'resultity_node_jobs_queued',
    'Accepted attempts that wait for a slot.',
    ({ status }) => status.jobs.queued,
  ),
  {
    type: 'gauge',
    name: 'resultity_node_slots',
    help: 'Attempts the engine may work on at once, for all networks together.',
    labels: [],
    read: ({ networks }) => [[networks[0]?.status.jobs.slots]],
  },
  perNetwork(
    'gauge',
    'resultity_node_outbox_results',
    'Results the network has not acknowledged.',
    ({ status }) => status.jobs.outbox,
  ),
  perNetwork(
    'gauge',
    'resultity_node_outbox_oldest_seconds',
    'How long the result that waits longest has waited, since the start of the process at most; 0 while none does.',
    ({ longestInOutboxMs = 0 }) => longestInOutboxMs / 1_000,
  ),
  perNetwork(
    'gauge',
    'resultity_node_journal_bytes',
    'Size of the job journal; absent before the network was joined.',
    ({ journal }) => journal?.bytes,
  ),
  perNetwork(
    'gauge',
    'resultity_node_journal_remembered',
    'Acknowledged attempts the journal remembers, to answer repeated offers.',
    ({ journal }) => journal?.remembered,
  ),
  perNetwork(
    'gauge',
    'resultity_node_journal_has_room',
    'Whether the journal and its disk can take another job.',
    ({ journal }) => journal?.hasRoom,
  ),
];

// What the network's page asks: every verb whose schemas a browser can carry.
import { configVerbs } from './config-verbs.js';
import { jobVerbs } from './job-verbs.js';
import { ledgerVerbs } from './ledger-verbs.js';
import { nodeVerbs } from './node-verbs.js';
import { statusVerbs } from './status-verbs.js';

export const PAGE_VERBS = {
  ...statusVerbs,
  ...nodeVerbs,
  ...jobVerbs,
  ...ledgerVerbs,
  ...configVerbs,
} as const;

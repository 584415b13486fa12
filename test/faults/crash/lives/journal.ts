// A journal that takes jobs through all their states.
import { join } from 'node:path';
import { PLANS } from '../journal-plan.js';
import { liveJournal } from './live-journal.js';
import { promiser } from './promise.js';

const [root = '', says = ''] = process.argv.slice(2);
await liveJournal(join(root, 'jobs'), promiser(says), PLANS.long);

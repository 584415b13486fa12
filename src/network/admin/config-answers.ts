// What an operator hears of configurations: the one in force, a draft to go on from, what another draft would change.
import { stringify } from 'yaml';
import type { ConfigSnapshot } from '../../protocol/config-snapshot.js';
import { compareConfigs, draftOf } from '../publishing/compare-configs.js';
import {
  type ConfigDraft,
  type ConfigPublisher,
  DEFAULT_EXPIRES_IN_MS,
  type PublishedConfig,
} from '../publishing/config-publisher.js';
import { ConfigDraftError } from '../publishing/publishing-errors.js';
import type { AdminHandlers, AdminOutput } from './admin-verbs.js';

/** Changes one answer lists. */
const LISTED = 500;

export const configAnswers = ({
  publisher,
  readDraft,
}: {
  readonly publisher: ConfigPublisher;
  /** An operator's YAML or JSON. @throws ConfigDraftError */
  readonly readDraft: (text: string) => ConfigDraft;
}): Pick<AdminHandlers, 'config.show' | 'config.draft' | 'config.check' | 'config.publish'> => ({
  'config.show': () => {
    const config = publisher.current();
    return { config: config === undefined ? null : configRow(config) };
  },
  'config.draft': () => {
    const config = publisher.current();
    return {
      version: config?.version ?? null,
      draft: config === undefined ? '' : draftText(config.snapshot),
    };
  },
  'config.check': ({ draft }) => {
    const config = publisher.current();
    const version = config?.version ?? null;
    try {
      const changes = compareConfigs(config?.snapshot, readDraft(draft));
      return { faults: [], changes: changes.slice(0, LISTED), has_more: changes.length > LISTED, version };
    } catch (caught) {
      if (!(caught instanceof ConfigDraftError)) throw caught;
      return {
        faults: caught.faults.slice(0, LISTED),
        changes: [],
        has_more: caught.faults.length > LISTED,
        version,
      };
    }
  },
  'config.publish': async ({ draft, replaces }) =>
    configRow(await publisher.publish(readDraft(draft), replaces)),
});

const configRow = ({ version, digest, snapshot }: PublishedConfig): AdminOutput<'config.publish'> => ({
  version,
  digest,
  snapshot,
});

/** Without what follows by itself: the digests of models, and the usual life time. */
const draftText = (snapshot: ConfigSnapshot): string => {
  const { models, expires_in_ms, ...rest } = draftOf(snapshot);
  return stringify(
    {
      models: models.map(({ digest, ...model }) => model),
      ...rest,
      ...(expires_in_ms !== DEFAULT_EXPIRES_IN_MS && { expires_in_ms }),
    },
    { lineWidth: 0 },
  );
};

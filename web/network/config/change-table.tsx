// Each field a draft changes: what it was, what it will be.
import type { ConfigChange } from '../../../src/network/admin/verbs/config-verbs.js';

interface ChangeTableProps {
  readonly changes: readonly ConfigChange[];
  /** What the draft was compared with; null: nothing. */
  readonly version: number | null;
}

export const ChangeTable = ({ changes, version }: ChangeTableProps) => (
  <ul
    class="changes"
    aria-label={version === null ? 'What the draft brings' : `What changes in version ${version}`}
  >
    {changes.map(({ field, before, after }) => (
      <li key={field} class="change">
        <code>{field}</code>
        {before === undefined ? null : <del>{before}</del>}
        {after === undefined ? null : <ins>{after}</ins>}
      </li>
    ))}
  </ul>
);

// The pages behind the one that is kept up to date: read once, when they are asked for.
import { useEffect, useState } from 'preact/hooks';
import { refusalOf } from '../../console/api/refused-error.js';
import { showToast } from '../../look/toasts.js';

interface Page<Row> {
  readonly rows: readonly Row[];
  readonly next: string | null;
}

interface Older<Row> extends Page<Row> {
  readonly isBusy: boolean;
  readonly more: () => void;
}

/** @param key another key is another list: what was read of the old one goes. @param first where the kept page ends */
export const useOlder = <Row>(
  key: string,
  first: string | null,
  read: (cursor: string) => Promise<Page<Row>>,
): Older<Row> => {
  const [page, setPage] = useState<Page<Row> | undefined>(undefined);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => setPage(undefined), [key]);
  const next = page === undefined ? first : page.next;
  const more = async (cursor: string): Promise<void> => {
    setBusy(true);
    try {
      const older = await read(cursor);
      setPage((held) => ({ rows: [...(held?.rows ?? []), ...older.rows], next: older.next }));
    } catch (caught) {
      const { message, code, advice } = refusalOf(caught);
      showToast({ tone: 'bad', title: message, code, advice });
    } finally {
      setBusy(false);
    }
  };
  return {
    rows: page?.rows ?? [],
    next,
    isBusy,
    more: () => {
      if (next !== null) void more(next);
    },
  };
};

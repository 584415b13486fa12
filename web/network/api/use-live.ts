// Asks the same again and again while somebody looks, so that a view shows what is, not what was.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { refusalOf } from '../../console/api/refused-error.js';

const PAUSE_MS = 2_000;

export interface Live<T> {
  /** The last answer; undefined before the first one. */
  readonly value: T | undefined;
  /** Why there is no newer one; undefined while all is well. */
  readonly refusal: ReturnType<typeof refusalOf> | undefined;
  /** Asks now: something was changed. */
  readonly again: () => void;
}

/** @param key what is asked, in one string: another key is another question, and its answers replace the old ones */
export const useLive = <T>(key: string, ask: () => Promise<T>): Live<T> => {
  const [shown, show] = useState<Pick<Live<T>, 'value' | 'refusal'>>({
    value: undefined,
    refusal: undefined,
  });
  const asking = useRef(ask);
  asking.current = ask;
  const wake = useRef<() => void>(() => {});

  useEffect(() => {
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let turns = 0;
    const turn = async (): Promise<void> => {
      clearTimeout(timer);
      turns += 1;
      const mine = turns;
      if (!document.hidden) {
        try {
          const value = await asking.current();
          if (!isOver && mine === turns) show({ value, refusal: undefined });
        } catch (caught) {
          if (!isOver && mine === turns) show(({ value }) => ({ value, refusal: refusalOf(caught) }));
        }
      }
      if (!isOver && mine === turns) timer = setTimeout(() => void turn(), PAUSE_MS);
    };
    wake.current = () => void turn();
    const seen = (): void => {
      if (!document.hidden) void turn();
    };
    document.addEventListener('visibilitychange', seen);
    void turn();
    return () => {
      isOver = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', seen);
    };
  }, [key]);

  return { ...shown, again: useCallback(() => wake.current(), []) };
};

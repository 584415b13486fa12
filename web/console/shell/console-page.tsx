// The page as a whole: the form for the token until there is one, then the console of the node it opens.

import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { ToastRegion } from '../../look/toast-region.js';
import { RecordingPage } from '../inspector/recording-page.js';
import { Console } from './console.js';
import { route } from './current-route.js';
import { forgetToken, holdToken, token } from './held-token.js';
import { TokenForm, type TokenWords } from './token-form.js';

const WORDS: TokenWords = {
  brand: 'Resultity Node',
  title: 'Open this node’s console',
  where: 'On the machine that runs the node,',
  command: 'resultity-node console',
  refused: 'The node refused this token.',
  advice:
    'It belongs to another node or data directory. Run `resultity-node console` with this node’s --data-dir.',
};

export const ConsolePage = () => {
  const isRefused = useSignal(false);
  const held = token.value;
  const actions = useMemo(
    () => ({
      refused: () => {
        isRefused.value = true;
        forgetToken();
      },
      leave: () => {
        isRefused.value = false;
        forgetToken();
      },
    }),
    [isRefused],
  );
  return (
    <>
      {held === null && route.value.view === 'recording' ? <RecordingPage /> : null}
      {held === null && route.value.view !== 'recording' ? (
        <TokenForm words={WORDS} isRefused={isRefused.value} onToken={holdToken} />
      ) : null}
      {held === null ? null : (
        <Console key={held} token={held} onRefused={actions.refused} onLeave={actions.leave} />
      )}
      <ToastRegion />
    </>
  );
};

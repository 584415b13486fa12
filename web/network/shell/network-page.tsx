// The page as a whole: the form for the token until there is one, then the network it opens.
import { useSignal } from '@preact/signals';
import { useCallback } from 'preact/hooks';
import { forgetToken, holdToken, token } from '../../console/shell/held-token.js';
import { TokenForm, type TokenWords } from '../../console/shell/token-form.js';
import { ToastRegion } from '../../look/toast-region.js';
import { Network } from './network.js';

const WORDS: TokenWords = {
  brand: 'Resultity network',
  title: 'Open this network’s page',
  command: 'resultity-node network page',
  where: 'On the machine that runs the network,',
  refused: 'The network refused this token.',
  advice:
    'It belongs to another network or data directory. Run `resultity-node network page` with this network’s --data-dir.',
};

export const NetworkPage = () => {
  const isRefused = useSignal(false);
  const held = token.value;
  const refused = useCallback(() => {
    isRefused.value = true;
    forgetToken();
  }, [isRefused]);
  const leave = useCallback(() => {
    isRefused.value = false;
    forgetToken();
  }, [isRefused]);
  return (
    <>
      {held === null ? (
        <TokenForm words={WORDS} isRefused={isRefused.value} onToken={holdToken} />
      ) : (
        <Network key={held} token={held} onRefused={refused} onLeave={leave} />
      )}
      <ToastRegion />
    </>
  );
};

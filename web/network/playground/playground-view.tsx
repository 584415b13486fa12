// A chat with the network's models over its own OpenAI API, as any client would have it.
import './playground.css';
import { useEffect } from 'preact/hooks';
import type { ViewProps } from '../shell/network-access.js';
import { Conversation } from './conversation.js';
import { KeyCard } from './key-card.js';
import { heldKey } from './playground-state.js';

export const PlaygroundView = ({ network: { api } }: ViewProps) => {
  // A key that was made here ends with the page, as far as a page that is closed can still say so.
  useEffect(() => {
    const leave = (): void => {
      const made = heldKey.value?.made;
      if (made != null) void api.call('keys.revoke', { key: made }).catch(() => {});
    };
    addEventListener('pagehide', leave);
    return () => removeEventListener('pagehide', leave);
  }, [api]);
  return (
    <div class="playground">
      <Conversation secret={heldKey.value?.secret ?? null} />
      <KeyCard api={api} />
    </div>
  );
};

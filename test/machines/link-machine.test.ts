// When the link gives up on a handshake, when it dials again, and when it stops dialing.
import { beforeEach, describe, expect, test } from 'vitest';
import { linkMachine } from '../../src/machines/link-machine.js';
import { CLOSE } from '../../src/protocol/codes.js';
import { Rig } from '../model/rig.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig(linkMachine, { withParent: true });
});

const hear = (event: { type: string; [fact: string]: unknown }): void =>
  rig.service('session').sendBack(event);
const close = (code: number, retryAfterMs: number | null = null): void =>
  hear({ type: 'session.closed', code, reason: 'because', retryAfterMs });
const open = (): void => {
  hear({ type: 'session.greeted' });
  hear({ type: 'session.opened', session: 's1' });
};

describe('the handshake', () => {
  test('ends after ten seconds without a greeting', () => {
    rig.elapse(9_999);
    expect(rig.snapshot.value).toEqual({ held: 'dialing' });
    rig.elapse(1);
    expect([rig.snapshot.value, rig.running('holdSession')]).toEqual(['waiting', []]);
    expect(rig.snapshot.context.failure?.code).toBe('HANDSHAKE_TIMEOUT');
  });

  test('ends ten seconds after a greeting without a welcome', () => {
    rig.elapse(9_000);
    hear({ type: 'session.greeted' });
    rig.elapse(9_999);
    expect(rig.snapshot.value).toEqual({ held: 'greeted' });
    rig.elapse(1);
    expect(rig.snapshot.value).toBe('waiting');
  });
});

describe('leaving', () => {
  test('keeps the session for the goodbye and dials no other, whatever ends it', () => {
    const ends = [() => close(1000, 1_000), () => close(CLOSE.identityRefused), () => rig.fail('session')];
    for (const end of ends) {
      rig.stop();
      rig = new Rig(linkMachine, { withParent: true });
      open();
      rig.send({ type: 'link.leaving' });
      expect([rig.snapshot.value, rig.running().map(({ src }) => src)]).toEqual([
        { held: 'leaving' },
        ['holdSession'],
      ]);
      end();
      rig.elapse(3_600_000);
      expect([rig.snapshot.value, rig.services.filter(({ src }) => src === 'holdSession').length]).toEqual([
        'released',
        1,
      ]);
    }
  });

  test('ends at once where there is no session to say goodbye in', () => {
    rig.send({ type: 'link.leaving' });
    expect([rig.snapshot.value, rig.running()]).toEqual(['released', []]);
  });
});

describe('dialing again', () => {
  test('follows the network’s wish to stay away, and no wish beyond an hour', () => {
    close(CLOSE.tryLater, 30_000);
    rig.elapse(29_999);
    expect(rig.snapshot.value).toBe('waiting');
    rig.elapse(1);
    expect(rig.snapshot.value).toEqual({ held: 'dialing' });
    close(CLOSE.tryLater, 2 ** 40);
    expect(rig.clock.pending()).toMatchObject([{ delayMs: 3_600_000 }]);
  });

  test('happens at once when a good session is suspected, and with a pause when the next one is too', () => {
    open();
    rig.elapse(60_000);
    rig.send({ type: 'link.suspected' });
    expect(rig.clock.pending()).toMatchObject([{ delayMs: 0 }]);
    rig.elapse(0);
    open();
    rig.fail('heart');
    expect(rig.clock.pending()).toMatchObject([{ delayMs: 4_000 }]);
  });

  test('begins with the shortest pause again after a session of a minute', () => {
    for (let time = 0; time < 4; time++) {
      close(1006);
      rig.clock.fire('xstate.after.redialDelay.link.waiting');
    }
    open();
    rig.elapse(59_999);
    expect(rig.snapshot.context.failures).toBe(4);
    rig.elapse(1);
    close(1006);
    expect(rig.clock.pending()).toMatchObject([{ delayMs: 2_000 }]);
  });

  test('goes on while another process has the session, as often as the network wishes, and says so', () => {
    close(CLOSE.inUse, 60_000);
    expect([rig.snapshot.value, rig.snapshot.context.failure]).toMatchObject([
      'waiting',
      { code: 'KEY_IN_USE', retryable: true, advice: expect.stringContaining('must not share a key') },
    ]);
    rig.elapse(60_000);
    open();
    expect(rig.snapshot.context.failure).toBeNull();
  });

  test('ends when the network refuses the identity, at once or the second time it does not believe it', () => {
    close(CLOSE.unauthenticated);
    rig.elapse(2_000);
    close(CLOSE.unauthenticated);
    expect(rig.snapshot.value).toBe('refused');
    expect(rig.sentToParent.find(({ type }) => type === 'link.refused')).toMatchObject({
      failure: { code: 'IDENTITY_REFUSED', retryable: false },
    });
  });
});

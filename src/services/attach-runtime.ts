// Stands between one node and the daemon's one Runtime: turns installed models into the wanted spec, and the Runtime's
// states into news for the node.
import { type ActorRefFrom, fromCallback } from 'xstate';
import type { RuntimeSpec } from '../adapters/runtime/runtime-driver.js';
import type { NodeEvent, RuntimeOrder } from '../machines/node/node-events.js';
import { givenUpOf } from '../machines/runtime/given-up.js';
import type { runtimeMachine } from '../machines/runtime-machine.js';
import type { RuntimeControl } from './runtime-control.js';
import { specRefOf } from './runtime-spec.js';

export interface AttachRuntimeParts {
  readonly runtime: ActorRefFrom<typeof runtimeMachine>;
  readonly control: RuntimeControl;
  /** The spec wanted now; undefined for none. */
  readonly choose: () => RuntimeSpec | undefined;
  /** Tells the slots how many requests the engine takes at once. */
  readonly resize: (slots: number) => void;
  /** Changes of several models within so many milliseconds make one new spec. */
  readonly settleMs: number;
}

export const attachRuntime = ({ runtime, control, choose, resize, settleMs }: AttachRuntimeParts) =>
  fromCallback<RuntimeOrder, undefined>(({ sendBack, receive }) => {
    const report: (event: NodeEvent) => void = sendBack;
    let isSuspended = false;
    let isServing = false;
    let isIdle = true;
    let settling: NodeJS.Timeout | undefined;
    /** As the node knows it; JSON. */
    let givenUp: string | undefined;

    const want = (): void => {
      settling = undefined;
      const spec = isSuspended ? undefined : choose();
      if (spec === undefined) {
        runtime.send({ type: 'runtime.released' });
      } else {
        control.specs.set(spec.specHash, spec);
        runtime.send({ type: 'runtime.specified', spec: specRefOf(spec) });
      }
      // A model that is listed or tried anew has not heard of it.
      tellHope(runtime.getSnapshot(), 'again');
    };

    /** While the wish may be about to change, nothing is said of the last one. */
    const tellHope = (snapshot: ReturnType<typeof runtime.getSnapshot>, again?: 'again'): void => {
      if (settling !== undefined) return;
      const found = givenUpOf(snapshot.context, snapshot.matches('quarantined'));
      const told = givenUp;
      givenUp = found && JSON.stringify(found);
      if (found !== undefined && (again || givenUp !== told)) report({ type: 'runtime.givenUp', ...found });
      if (found === undefined && told !== undefined) report({ type: 'runtime.takenUp' });
    };

    const follow = (snapshot: ReturnType<typeof runtime.getSnapshot>): void => {
      const serves = snapshot.matches({ live: 'ready' });
      if (serves && !isServing) {
        const { spec } = snapshot.context;
        const slots = control.specs.get(spec?.specHash ?? '')?.maxConcurrent;
        if (slots !== undefined) resize(slots); // those of the engine that serves, not of the one that is wanted
        report({ type: 'runtime.ready', models: spec?.models ?? [] });
      }
      if (!serves && isServing) report({ type: 'runtime.lost' });
      isServing = serves;
      tellHope(snapshot);
      if (isIdle && snapshot.matches({ live: 'draining' }))
        queueMicrotask(() => runtime.send({ type: 'jobs.drained' }));
    };
    const subscription = runtime.subscribe(follow);
    follow(runtime.getSnapshot());

    receive((order) => {
      switch (order.type) {
        case 'models.changed':
          settling ??= setTimeout(want, settleMs);
          break;
        case 'jobs.changed':
          isIdle = order.load.busy === 0;
          if (isIdle && runtime.getSnapshot().matches({ live: 'draining' }))
            runtime.send({ type: 'jobs.drained' });
          break;
        case 'serving.suspended':
          isSuspended = true;
          want();
          break;
        case 'serving.resumed':
          isSuspended = false;
          want();
          break;
        default:
      }
    });

    return () => {
      clearTimeout(settling);
      subscription.unsubscribe();
      // A node that halted must not keep its owner's GPU; one that stops is followed by the order to shut down.
      runtime.send({ type: 'runtime.released' });
    };
  });

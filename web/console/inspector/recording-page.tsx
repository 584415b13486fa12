// The inspector without a node: whoever was sent a recording looks at it here, with no token.
import { computed, signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { EmptyState } from '../../look/empty-state.js';
import { ThemeSwitch } from '../../look/theme-switch.js';
import { Brand } from '../shell/brand.js';
import { createInspectorState } from './inspector-state.js';
import { Inspector } from './inspector-view.js';
import { RecordingTools } from './recording/recording-tools.js';

export const RecordingPage = () => {
  const { inspector, machines } = useMemo(() => {
    const state = createInspectorState(signal(null));
    const names = computed(() => {
      const found = [...state.directory.value.values()].flatMap(({ machine }) => machine ?? []);
      return [...new Set(found)];
    });
    return { inspector: state, machines: names };
  }, []);
  useEffect(() => {
    document.title = 'Recording · Resultity Node';
  }, []);
  return (
    <>
      <header class="head">
        <div class="head-node">
          <Brand name="Resultity Node" />
        </div>
        <span />
        <div class="head-aside">
          <a href="#/">Open a node’s console</a>
          <ThemeSwitch />
        </div>
      </header>
      <main id="main" class="main" tabIndex={-1}>
        {inspector.opened.value === null ? (
          <>
            <h1>Look at a recording</h1>
            <EmptyState title="No recording is open">
              A file that was saved with “Export” in a node’s inspector. It stays in this browser.
            </EmptyState>
            <RecordingTools inspector={inspector} source="none" />
          </>
        ) : (
          <Inspector inspector={inspector} machines={machines.value} source="none" />
        )}
      </main>
    </>
  );
};

// Saves what is recorded as a file, and opens one again.
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { Button } from '../../../look/button.js';
import { Notice } from '../../../look/notice.js';
import type { InspectorState, Source } from '../inspector-state.js';
import { LARGEST_FILE, RecordingFileError, readRecording, writeRecording } from '../model/recording-file.js';

interface RecordingToolsProps {
  readonly inspector: InspectorState;
  readonly source: Source;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** `resultity-20261123-104207.ndjson` */
const nameFor = (at: Date): string =>
  `resultity-${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}-${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}.ndjson`;

const saveAs = (name: string, text: string): void => {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/x-ndjson' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
};

export const RecordingTools = ({ inspector, source }: RecordingToolsProps) => {
  const file = useRef<HTMLInputElement>(null);
  const problem = useSignal<RecordingFileError | null>(null);
  const opened = inspector.opened.value;

  const isEmpty = inspector.recording.value.records.length === 0;
  const save = (): void => {
    const now = new Date();
    saveAs(nameFor(now), writeRecording(inspector.origin.peek(), inspector.recording.peek(), now.getTime()));
  };
  const open = async (chosen: File): Promise<void> => {
    problem.value = null;
    try {
      if (chosen.size > LARGEST_FILE) readRecording(' '.repeat(LARGEST_FILE + 1));
      inspector.open({ ...readRecording(await chosen.text()), name: chosen.name });
    } catch (error) {
      problem.value =
        error instanceof RecordingFileError
          ? error
          : new RecordingFileError(
              'RECORDING_FILE_DAMAGED',
              'The file cannot be read.',
              'Is it still there, and may the browser read it?',
            );
    }
  };

  return (
    <>
      <div class="recording-tools">
        {source !== 'none' && opened === null ? (
          <Button disabled={isEmpty} onClick={save}>
            Export
          </Button>
        ) : null}
        {source !== 'none' && opened !== null ? (
          <Button kind="primary" onClick={inspector.goLive}>
            Back to the node
          </Button>
        ) : null}
        <Button onClick={() => file.current?.click()}>Open a recording</Button>
        <input
          ref={file}
          type="file"
          hidden
          aria-label="Recording file"
          accept=".ndjson,application/x-ndjson"
          onChange={({ currentTarget }) => {
            const [chosen] = currentTarget.files ?? [];
            if (chosen !== undefined) void open(chosen);
            // The same file may be chosen again.
            currentTarget.value = '';
          }}
        />
      </div>
      {problem.value === null ? null : (
        <Notice
          tone="bad"
          isUrgent
          title={problem.value.message}
          advice={problem.value.advice}
          code={problem.value.code}
        />
      )}
      {opened === null ? null : (
        <Notice
          tone="info"
          title={`${opened.name}: ${opened.recording.records.length} records of ${opened.header.networks.join(', ') || 'a node'}, exported ${new Date(opened.header.exportedMs).toLocaleString()} by version ${opened.header.agentVersion}.`}
        />
      )}
    </>
  );
};

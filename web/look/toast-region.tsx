// Where toasts appear. It is there from the start: a live region that comes with its first message is not read out.
import './toast-region.css';
import { Button } from './button.js';
import { Notice } from './notice.js';
import { dismissToast, toasts } from './toasts.js';

export const ToastRegion = () => (
  <section class="toasts" aria-label="Messages" aria-live="polite">
    {toasts.value.map(({ id, ...toast }) => (
      <div key={id} class="toast">
        <Notice {...toast} />
        <Button kind="bare" aria-label={`Dismiss: ${toast.title}`} onClick={() => dismissToast(id)}>
          ×
        </Button>
      </div>
    ))}
  </section>
);

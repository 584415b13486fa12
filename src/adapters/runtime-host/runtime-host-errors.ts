// What can go wrong between the Agent and the container engine, each with the cause as data and what to do next.
import { NodeError } from '../../errors.js';

export type EngineTrouble = 'missing' | 'forbidden' | 'refused' | 'hung' | 'unsupported' | 'lost';

/** The container engine cannot be spoken to. `details.trouble` is an {@link EngineTrouble}. */
export class EngineUnavailableError extends NodeError {
  readonly code = 'CONTAINER_ENGINE_UNAVAILABLE';
  readonly retryable = true;
}

export type ImageTrouble =
  | 'unknown' // the registry has no such image
  | 'unauthorized'
  | 'registry' // cannot be reached, or answers with errors
  | 'corrupt' // what came is not what was named
  | 'absent' // named by id, and not in this engine
  | 'no-space';

/**
 * The image cannot be had, or is another than the one named. `details.trouble` is an {@link ImageTrouble};
 * `details.isOther`: it came whole and is another, so it was not spoiled on the way.
 */
export class ImageError extends NodeError {
  readonly code = 'IMAGE_UNAVAILABLE';

  /** Nobody brings an image that is named by its id, or a digest that means another; all else may mend by itself. */
  get retryable(): boolean {
    const { trouble, image, isOther } = this.details;
    if (isOther === true) return false;
    return trouble !== 'absent' || !String(image).startsWith('sha256:');
  }
}

export type StartTrouble = 'gpu' | 'executable' | 'mount' | 'spec' | 'no-space' | 'engine';

/** The container was refused or did not start. `details.trouble` is a {@link StartTrouble}; nothing is left behind. */
export class ContainerStartError extends NodeError {
  readonly code = 'CONTAINER_START_FAILED';

  /** The same body with the same image fails again; a GPU may come back, space may be freed. */
  get retryable(): boolean {
    const { trouble } = this.details;
    return trouble !== 'spec' && trouble !== 'executable' && trouble !== 'mount';
  }
}

/** A container of this node's name belongs to somebody else: never removed by us. */
export class ContainerConflictError extends NodeError {
  readonly code = 'CONTAINER_CONFLICT';
  readonly retryable = false;
}

/** One input file as found on disk, before anyone has looked inside. */
export interface Clip {
  /** Absolute path. */
  readonly path: string;
  /**
   * Path below the folder the user named, with `/` between parts; the file's name alone when the
   * user named the file itself. Decides where the output goes.
   */
  readonly relativePath: string;
  readonly sizeBytes: number;
  /** Milliseconds since the epoch, with fractions. */
  readonly mtimeMs: number;
  /** Set when the file is a copy that rbgv made. */
  readonly mended?: Mended | undefined;
}

/** What was done to a clip before anything was paid. */
export interface Mended {
  /** Absolute path of the user's own file. */
  readonly sourcePath: string;
  /** To a type or a size that the service takes. */
  readonly converted: boolean;
  /** What was cut off its ends, in microseconds. */
  readonly cutUs: number;
}

/** What probing learned about a clip. */
export interface MediaInfo {
  /** Microseconds, a positive integer. */
  readonly durationUs: number;
  /** As displayed: rotation already applied. */
  readonly width: number;
  readonly height: number;
  /** Average frames per second; `undefined` when the container does not say. */
  readonly framesPerSecond: number | undefined;
  readonly hasAudio: boolean;
  readonly videoCodec: string;
  /** Which reader answered. */
  readonly readBy: 'header' | 'ffprobe';
}

export interface ProbedClip extends Clip {
  readonly media: MediaInfo;
}

export type RejectionCode =
  | 'not_found'
  | 'not_a_file'
  | 'unsupported_type'
  | 'empty_file'
  | 'too_large'
  | 'unreadable'
  | 'no_video_stream'
  | 'no_duration';

/** A clip that will not be sent: why, and what the person can do. Counts in no total. */
export interface RejectedClip {
  readonly path: string;
  readonly relativePath: string;
  readonly code: RejectionCode;
  readonly reason: string;
  readonly fix: string;
}

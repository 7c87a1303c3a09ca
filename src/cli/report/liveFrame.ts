import { formatCredits } from '../../core/credits.ts';
import { cutText, fitText } from './fitText.ts';
import { PHASES, type ActiveClip, type LiveState, type Phase } from './liveState.ts';
import type { Pace } from './pace.ts';

const WORDS: Readonly<Record<Phase, string>> = {
  upload: 'uploading',
  uploaded: 'uploaded',
  start: 'waiting',
  processing: 'processing',
  download: 'downloading',
  publish: 'checked',
};

/** Below this many places a line has no room for a bar. */
const ROOM_FOR_BAR = 56;
const ROOM_FOR_BYTES = 76;
const ROOM_FOR_TOTAL_BAR = 40;
/** Lines for clips that a screen of any height has room for. */
const LEAST_LINES = 1;
const MOST_LINES = 16;
/** Under the block, and above it for what has ended. */
const OTHER_LINES = 6;

/**
 * The lines that show a run at work: the clips furthest on, then the whole.
 *
 * @param safe makes a name printable
 * @param size of the screen, in places
 * @returns lines of at most `size.columns - 1` places, so that none of them wraps
 */
export function liveFrame(
  state: LiveState,
  pace: Pace,
  safe: (text: string) => string,
  size: { readonly columns: number; readonly rows: number },
): readonly string[] {
  const width = Math.max(10, size.columns - 1);
  const most = Math.max(LEAST_LINES, Math.min(MOST_LINES, size.rows - OTHER_LINES));
  const clips = [...state.active.values()].sort(furthestFirst);
  const shown = clips.slice(0, clips.length > most ? most - 1 : most);
  const hidden = clips.slice(shown.length);
  return [
    ...shown.map((clip) => clipLine(clip, safe(clip.relativePath), width)),
    ...(hidden.length === 0 ? [] : [hiddenText(hidden, width)]),
    ...totalLines(state, pace, width),
  ];
}

/** The most advanced first, of those the one that is longest at it: lines seldom change places. */
function furthestFirst(a: ActiveClip, b: ActiveClip): number {
  return PHASES.indexOf(b.phase) - PHASES.indexOf(a.phase) || a.begunAt - b.begunAt;
}

function clipLine(clip: ActiveClip, name: string, width: number): string {
  const { fraction, totalBytes } = clip;
  const percent = fraction === undefined ? '' : `${Math.floor(fraction * 100)} %`;
  const parts = [WORDS[clip.phase].padEnd(11), percent.padStart(5)];
  if (width < ROOM_FOR_BAR) {
    const short = percent === '' ? WORDS[clip.phase] : percent;
    const room = Math.max(6, width - 11);
    return cutText(`${fitText(name, room - 1)} ${short}`, width);
  }
  parts.push(fraction === undefined ? ' '.repeat(14) : bar(fraction, 12));
  if (width >= ROOM_FOR_BYTES) parts.push(bytesText(fraction, totalBytes).padEnd(15));
  const rest = parts.join('  ');
  return `  ${fitText(name, width - rest.length - 4)}  ${rest}`.trimEnd();
}

function hiddenText(clips: readonly ActiveClip[], width: number): string {
  const counts = PHASES.map((phase) => ({
    phase,
    count: clips.filter((clip) => clip.phase === phase).length,
  })).filter(({ count }) => count > 0);
  const kinds = counts.map(({ phase, count }) => `${count} ${WORDS[phase]}`).toReversed();
  const short = `  and ${clips.length} more`;
  const long = `${short}: ${kinds.join(', ')}`;
  return long.length <= width ? long : short;
}

function totalLines(state: LiveState, pace: Pace, width: number): readonly string[] {
  const { ended, work } = state;
  const count = ended.done + ended.failed + ended.rejected + ended.pending;
  const share = work.total === 0 ? 1 : count / work.total;
  const counts = [`${count}/${work.total} clips`];
  for (const status of ['failed', 'rejected', 'pending'] as const) {
    if (ended[status] > 0) counts.push(`${ended[status]} ${status}`);
  }
  counts.push(clockText(pace.elapsedMs));
  if (pace.leftMs !== undefined) counts.push(`about ${roughly(pace.leftMs)} left`);
  const barWidth = Math.min(24, Math.floor(width / 3));
  const first =
    width < ROOM_FOR_TOTAL_BAR
      ? joined(counts, width)
      : `${bar(share, barWidth)} ${joined(counts, width - barWidth - 3)}`;

  const reserved = state.reserved > 0 ? ` (${formatCredits(state.reserved)} on the way)` : '';
  const money = `${formatCredits(state.spent)} of ${formatCredits(work.cost)} credits${reserved}`;
  const rates = [
    money,
    ...(pace.clipsPerMinute > 0 ? [`${precise(pace.clipsPerMinute)} clips/min`] : []),
    ...(pace.sentPerSecond > 0 ? [`up ${bytes(pace.sentPerSecond)}/s`] : []),
    ...(pace.receivedPerSecond > 0 ? [`down ${bytes(pace.receivedPerSecond)}/s`] : []),
  ];
  return [cutText(first, width), cutText(joined(rates, width), width)];
}

/** As many parts as fit, the first at any rate. */
function joined(parts: readonly string[], width: number): string {
  return parts.reduce((line, part) =>
    line.length + part.length + 3 <= width ? `${line} · ${part}` : line,
  );
}

function bar(fraction: number, width: number): string {
  const full = Math.floor(Math.min(1, Math.max(0, fraction)) * width);
  return `[${'#'.repeat(full)}${'-'.repeat(width - full)}]`;
}

function bytesText(fraction: number | undefined, total: number | undefined): string {
  if (fraction === undefined || total === undefined) return '';
  return `${bytes(fraction * total)} of ${bytes(total)}`;
}

function bytes(count: number): string {
  if (count < 1000) return `${Math.round(count)} B`;
  if (count < 1e6) return `${precise(count / 1e3)} kB`;
  return count < 1e9 ? `${precise(count / 1e6)} MB` : `${precise(count / 1e9)} GB`;
}

function precise(value: number): string {
  return value < 10 ? value.toFixed(1) : String(Math.round(value));
}

/** `0:07`, `12:30`, `1:02:30`. */
function clockText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  const rest = two(seconds % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

function roughly(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 55) return `${Math.max(5, Math.ceil(seconds / 5) * 5)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${precise(seconds / 3600)} h`;
}

import type { PendingCode } from '../core/outcome.ts';
import { html, type Html } from './html.ts';
import type { ReportedClip } from './report.ts';

/** What a person can do about a clip that is not done. */
interface Advice {
  readonly text: string;
  /** A command that does it, the run's id left out; none when a hand is needed first. */
  readonly command?: 'resume' | 'retry' | 'retry --repay';
}

const PENDING: Readonly<Record<PendingCode, string>> = {
  interrupted: 'Nothing is lost: go on where it stopped.',
  auth: 'The key was refused. Look at it with rbgv doctor, then go on.',
  credits: 'The account is out of credits. Top it up, then go on.',
  unavailable: 'The service could not be reached. Go on once it answers.',
  timeout:
    'The job is paid and still at work at the service. Its output is fetched when you go on.',
  unclear_start: 'Nobody can tell yet whether it was started. rbgv asks again before it pays.',
  busy: 'Another run was at work on the same clip. Go on once that has ended.',
  disk: 'There was too little room for the output. Make some, then go on.',
  invisible: 'The job belongs to another API key. Go on with that one.',
  broken_contract:
    'The service did what its pages rule out. Look with rbgv doctor before you go on.',
};

const BAD_OUTPUT: Advice = {
  text: 'The output is not what was paid for. It is fetched again without paying; if it stays so, show the job id to the service.',
  command: 'retry',
};

const FAILED: Readonly<Record<string, Advice>> = {
  job_failed: {
    text: 'The service could not do it. Another try is paid again; another model may do better.',
    command: 'retry --repay',
  },
  lost_remote: { text: 'The service no longer knows the job. Show it the job id.' },
  source_changed: {
    text: 'The file changed or went away meanwhile. Nothing was charged.',
    command: 'retry',
  },
  upload_incomplete: { text: 'The upload broke off. Nothing was charged.', command: 'retry' },
  empty_output: BAD_OUTPUT,
  wrong_container: BAD_OUTPUT,
  undecodable: BAD_OUTPUT,
  wrong_duration: BAD_OUTPUT,
  all_opaque: BAD_OUTPUT,
  all_clear: BAD_OUTPUT,
  audio_missing: BAD_OUTPUT,
};

function adviceFor({ status, code = '' }: ReportedClip): Advice {
  switch (status) {
    case 'done':
      return { text: '' };
    case 'open':
      return { text: 'The run ended before it was done with it.', command: 'resume' };
    case 'pending':
      return { text: PENDING[code as PendingCode], command: 'resume' };
    case 'rejected':
      return { text: 'It was not sent. rbgv estimate names the command that mends the file.' };
    case 'failed':
      return FAILED[code] ?? { text: 'It can be tried again.', command: 'retry' };
  }
}

/** Clips that are named under one piece of advice; the table has them all. */
const MOST_NAMES = 12;

/** What to do about the clips that are not done, the same advice once; nothing when all are. */
export function adviceSection(clips: readonly ReportedClip[], runId: string): Html | undefined {
  const groups = new Map<string, ReportedClip[]>();
  for (const clip of clips) {
    if (clip.status === 'done') continue;
    const group = `${clip.status} ${clip.code ?? ''}`;
    const known = groups.get(group);
    if (known === undefined) groups.set(group, [clip]);
    else known.push(clip);
  }
  if (groups.size === 0) return undefined;
  return html`<section aria-labelledby="todo">
    <h2 id="todo">What to do</h2>
    <ul class="advice">
      ${[...groups.values()].map((group) => adviceItem(group, runId))}
    </ul>
  </section>`;
}

function adviceItem(group: readonly ReportedClip[], runId: string): Html {
  const [first] = group;
  if (first === undefined) return html``;
  const { text, command } = adviceFor(first);
  const count = group.length === 1 ? '1 clip' : `${group.length} clips`;
  const status = first.status === 'open' ? 'not finished' : first.status;
  const more = group.length - MOST_NAMES;
  return html`<li>
    <p><strong>${count} ${status}.</strong> ${text}</p>
    ${command === undefined ? undefined : commandLine(command, runId)}
    <ul>
      ${group
        .slice(0, MOST_NAMES)
        .map(({ name, reason }) => html`<li><bdi>${name}</bdi>${reasonOf(reason)}</li>`)}
      ${more > 0 ? html`<li>and ${more} more, in the table below</li>` : undefined}
    </ul>
  </li>`;
}

function commandLine(command: string, runId: string): Html {
  const [verb, ...flags] = command.split(' ');
  return html`<p><code>${['rbgv', verb, runId, ...flags].join(' ')}</code></p>`;
}

function reasonOf(reason: string | undefined): Html | undefined {
  return reason === undefined ? undefined : html`: ${reason}`;
}

import { ACCEPTABLE, percent } from '../../core/comparison.ts';
import { exitStatusHelp } from '../exitCodes.ts';
import { jsonLinesText } from './jsonEvents.ts';

interface Topic {
  readonly title: string;
  readonly text: string;
}

/** What `rbgv help <topic>` tells, and the manual page after its commands. At most 80 columns. */
export const TOPICS: Readonly<Record<string, Topic>> = {
  credits: {
    title: 'what a run costs, and what keeps the bill down',
    text: `Credits are duration x rate of the model, for the picture's length. How the
service rounds billed time is documented nowhere: \`rbgv estimate --verbose\`
shows exact time, started seconds and started minutes. A budget counts started
minutes until three bills of the service have shown how it rounds.

  rbgv estimate ./clips                    every model, nothing is sent
  rbgv run --max-credits 50 ./clips        never beyond 50, at worst
  rbgv run --max-credits 50 --fit ./clips  starts what fits
  rbgv run --max-credits-day 200 ./clips   all runs; also --max-credits-month
  rbgv config set max-credits-day 200      the same for good
  rbgv credits add 1000 --expires 90d      a wallet of what you bought
  rbgv usage --reconcile                   bills beside estimates, job by job
  rbgv run --wait-credits ./clips          pauses while the account is empty

At 50, 80 and 95 % (--alert-at) of a budget or of the wallet rbgv says so, once.
Of the wallet that is the share used up of what it held when it last grew: by a
lot, a plan's renewal or a correction upwards.

The same bytes with the same settings are paid once, whatever the file is called
and wherever it lies. A job that failed is paid again only with --repay.`,
  },
  resume: {
    title: 'going on after a kill, a power cut or an empty account',
    text: `Every step is on disk before the next begins. Run the same command again, or

  rbgv resume           goes on with the latest run
  rbgv retry            takes up its failed clips; charged ones with --repay
  rbgv status --watch   shows where each clip stands
  rbgv report           a page about it, with what to do about its failures
  rbgv verify           reads every published output again
  rbgv adopt            rebuilds a lost ledger from the service, paying nothing

After a start whose answer was lost rbgv asks the service before it acts. When
nobody can tell, the clip stays pending and is not started a second time.`,
  },
  keys: {
    title: 'API keys and profiles',
    text: `Without a key rbgv works in its own sandbox. With one, in \`production\`.

  rbgv init                                 asks, checks, stores
  rbgv config set-key < key.txt             stores the key for production
  rbgv config set-profile staging https://staging.example.com
  rbgv config set-key staging < key.txt
  rbgv run --profile staging ./clips

A key is read from RBGV_API_KEY_FILE, REMOVEBGVIDEO_API_KEY or the stored
profile, never from a flag: command lines are public. It goes to the profile's
own address and nowhere else, and appears in no log, ledger or report.
Settings: flag, then environment, then project file, then stored, then default.`,
  },
  formats: {
    title: 'output formats and which carry transparency',
    text: `  webm           VP9 with alpha; browsers, OBS, most players. Default
  mov            ProRes 4444 with alpha; editors
  png_sequence   one PNG with alpha per frame; compositing
  webp, gif      animated; GIF has no half-transparent pixels
  mp4            no alpha: give a --background

Every output is decoded to its last frame before it is published: duration,
alpha and sound are checked. ffmpeg reads the alpha of WebM only with
\`-c:v libvpx-vp9\` before \`-i\`; without it the video looks opaque.`,
  },
  sandbox: {
    title: 'trying things out without a key, a network or a bill',
    text: `  rbgv run --profile sandbox ./clips       the sandbox within rbgv
  rbgv sandbox                             the same service for any client
  rbgv sandbox --explain                   its knobs, each with its reason
  rbgv sandbox --faults faults.json        bad weather, from a script and a seed

Its engine knows coloured screens, subjects that move before a steady background
and subjects that stay put. Where nothing fits the job fails and says why.`,
  },
  json: {
    title: 'the lines of `rbgv run --json`, for programs',
    text: `One object a line on standard output (NDJSON), messages on standard error; so do
resume, retry and watch, which writes a plan and a summary for each batch.
\`type\` tells what a line is about, \`version\` in plan and summary is 1. Within
a version members and types are only ever added; what is not known is null.
The \`path\` of a clip is that of your own file; what --trim or --transcode-to-fit
made of it is under \`mended\`: {copy, converted, cut_seconds}, else null.

${jsonLinesText()}`,
  },
  watch: {
    title: 'a folder whose clips are worked as they come',
    text: `  rbgv watch --max-credits-day 100 ./inbox                 asks once
  rbgv watch --yes --max-credits-day 100 ./inbox           as a service
  rbgv watch --once --yes --max-credits-day 100 ./inbox    from cron

A file is taken up when its size and time of change have stayed the same for
--settle seconds and its container is whole; one that is not has ten times as
long. Folders below are searched too, the results folder and hidden names not.
Files that come while a batch is at work are taken up after it.

What would not fit into the day at worst waits for bills or for the next UTC
day. A bad file is told of once and written into rejected.jsonl in the results
folder; it stays where it is unless --quarantine names a folder on the same
disk. After a restart the ledger knows what is paid: nothing is paid twice.
Clips that stay pending are tried again after a minute; a refused key or an
empty account ends the watch (--wait-credits: it waits).`,
  },
  compare: {
    title: 'which model will do: figures, and when an output is acceptable',
    text: `  rbgv compare --sample 3s clip.mp4                 every model
  rbgv compare --models light,human clip.mp4        two of them, the whole clip

One run sends each clip through each model; its cost is shown and agreed to
first, and nothing is paid twice: a clip that was compared whole is already paid
for when rbgv run wants it with the same model, format and background. Outputs
lie in compare/<model>, and compare/report.html shows them side by side.

Measured beside the source, of at most the first 60 seconds:

  flicker    what alpha changes by from frame to frame where the picture does
             not change (by more than 4 of 255 levels), of the subject's area
  coverage   the share of the picture that is opaque, on the mean
  jump       its largest change from one frame to the next, of its largest
             value; cuts do not count
  edge       how wide the half-transparent rim is on the mean, of the picture's
             shorter side: hair and blur have wide ones, haze too wide ones

Acceptable: flicker up to ${percent(ACCEPTABLE.mostFlicker)}, jump up to ${percent(ACCEPTABLE.mostJump)}, edge up to ${percent(ACCEPTABLE.mostEdge)}, coverage from
${percent(ACCEPTABLE.leastCoverage)} to ${percent(ACCEPTABLE.mostCoverage)} and at least half the median of the clip's models. Of those the
cheapest is marked, of equally cheap ones that which flickers least. The figures
know nothing of what the subject is: look at the report before you choose.`,
  },
  ci: {
    title: 'a check for build servers: GitHub, GitLab and others',
    text: `  rbgv smoke --profile sandbox                   needs no key and no network
  rbgv smoke --max-credits 45 --junit smoke.xml  one second of video, for real

Exit 0 when all checks pass, 9 when one fails; never more than the ceiling.

GitHub, with the action of rbgv's repository:

  - uses: <owner>/rbgv/.github/actions/smoke@v1
    with:
      profile: production
      api-key: \${{ secrets.REMOVEBGVIDEO_API_KEY }}
      max-credits: 45

GitLab, with REMOVEBGVIDEO_API_KEY as a masked variable:

  background-removal:
    image: node:20
    script:
      - npm install --global rbgv
      - rbgv smoke --max-credits 45 --junit smoke.xml
    artifacts:
      when: always
      reports:
        junit: smoke.xml`,
  },
  'exit-codes': {
    title: 'what the number at the end means',
    text: `${exitStatusHelp().trim()}

When several apply, the one that a person must act on first wins:
130, 1, 7, 4, 5, 6, 8, 9, 3.`,
  },
};

/** The list of topics, for help's end. */
export function topicList(): string {
  const rows = Object.entries(TOPICS).map(([name, { title }]) => `  ${name.padEnd(12)} ${title}`);
  return `Topics, with \`rbgv help <topic>\`:\n${rows.join('\n')}`;
}

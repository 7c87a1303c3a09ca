/** A command line as typed after `rbgv`, and what it does. */
type Example = readonly [line: string, what: string];

/** What help leads with, by command; the key `''` is rbgv itself. */
export const EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  '': [
    ['estimate ./clips', 'what would each model cost?'],
    ['run --model human ./clips', 'remove the backgrounds, results in ./results'],
    ['run --yes --max-credits 50 *.mp4', 'unattended, with a budget'],
    ['usage --days 7', 'what was spent'],
  ],
  init: [
    ['init', 'asks for the key without showing it'],
    ['init ./clips < key.txt', 'from a file, with a first estimate'],
  ],
  estimate: [
    ['estimate ./clips', 'a table of clips and models'],
    ['estimate --csv ./clips > costs.csv', 'for a spreadsheet'],
    ["find . -name '*.mov' -print0 | rbgv estimate -", 'any list of files'],
  ],
  run: [
    ['run ./clips', 'shows the cost, asks, works'],
    ['run --canary 3 batch.csv', 'each clip as its row says, three of them first'],
    ['run --model human --format mov ./clips', 'ProRes 4444 for an editor'],
    ['run --background "#00b140" --format mp4 a.mp4', 'over a colour'],
    ['run --yes --max-credits 50 --json ./clips', 'unattended, one event a line'],
  ],
  compare: [
    ['compare --sample 3s clip.mp4', 'three seconds of it through every model'],
    ['compare --models light,human --max-credits 20 clip.mp4', 'the whole clip, with a budget'],
    ['compare --from 10s --sample 3s --models light,pro --prompt "red cap" clip.mp4', ''],
  ],
  watch: [
    ['watch --max-credits-day 100 ./inbox', 'asks once, then works what comes in'],
    ['watch --once --yes --max-credits-day 100 ./inbox', 'from cron'],
    ['watch --quarantine ./bad ./inbox', 'moves bad files away'],
  ],
  resume: [
    ['resume', 'the latest run'],
    ['resume 7f3a', 'a run by the beginning of its id'],
  ],
  retry: [
    ['retry', 'what was not charged'],
    ['retry --repay --max-credits 10', 'what was charged too, with a budget'],
  ],
  status: [
    ['status', 'the latest runs, and the clips of the last'],
    ['status --watch', 'until the run ends'],
  ],
  report: [
    ['report', 'the latest run, as report.html in its results folder'],
    ['report 7f3a --csv', 'its outputs with their checksums'],
  ],
  verify: [['verify', 'after a disk gave trouble']],
  adopt: [['adopt', 'after the state folder was lost']],
  forget: [['forget 7f3a', 'take a run out of the list']],
  usage: [
    ['usage --days 30', "a month, beside rbgv's own books"],
    ['usage --events 20 --json', 'every field of the last 20 events'],
    ['usage --by tag:customer --csv', 'whose money it was'],
    ['usage --fail-on-drift 5%', 'in CI: are bills what was estimated?'],
    ['usage --baseline 30', 'dearer, or failing more often, than before?'],
  ],
  credits: [
    ['credits', 'what is left, in the order of spending'],
    ['credits add 1000 --expires 90d --label "Starter, November"', ''],
    ['credits add 500 --monthly --rollover 5', 'a plan'],
    ['credits set 640', 'what the dashboard shows'],
    ['credits forecast', 'when they run out'],
  ],
  smoke: [
    ['smoke --profile sandbox', 'needs nothing'],
    ['smoke --max-credits 45', 'the real service, one second of video'],
  ],
  doctor: [
    ['doctor', 'costs nothing'],
    ['doctor --probe', 'asks the service what its pages leave open'],
  ],
  sandbox: [
    ['sandbox', 'on http://127.0.0.1:8787'],
    ['sandbox --explain', 'every knob and its reason'],
    ['sandbox --faults faults.json --seed 7', 'bad weather'],
  ],
  engine: [
    ['engine use model.onnx', 'a matting model of your own'],
    ['engine reset', 'back to the built-in engine'],
  ],
  config: [
    ['config set-key production < key.txt', 'store a key (asks when typed in a terminal)'],
    ['config set-profile staging https://staging.example.com', 'another service'],
    ['config set model human', 'a default'],
  ],
  completion: [
    ['completion bash >> ~/.bashrc', 'or zsh'],
    ['completion fish > ~/.config/fish/completions/rbgv.fish', ''],
  ],
};

/** The examples of a command as help prints them; empty for one that has none. */
export function exampleText(path: string): string {
  const examples = EXAMPLES[path] ?? [];
  if (examples.length === 0) return '';
  const lines = examples.map(([line, what]) => [
    line.includes('rbgv ') ? `  $ ${line}` : `  $ rbgv ${line}`,
    what,
  ]);
  const width = Math.max(...lines.map(([line = '']) => line.length));
  return `Examples:\n${lines.map(([line = '', what = '']) => `${line.padEnd(width)}  ${what}`.trimEnd()).join('\n')}\n`;
}

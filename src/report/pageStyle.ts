/** The report's only style sheet: system fonts, one accent, light and dark. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fcfcfa; --ink: #1b1f1e; --quiet: #59625e; --line: #dde1de; --fill: #f1f3f0;
  --accent: #0d6b5b; --soft: #9fb8b1;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #131716; --ink: #e4e8e6; --quiet: #9ba7a2; --line: #2b3230; --fill: #1b201e;
    --accent: #74d0ba; --soft: #4f6f67;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 76rem; padding: 3rem clamp(1rem, 4vw, 3rem) 5rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
h1 { margin: 0; font-size: clamp(1.7rem, 4.5vw, 2.6rem); font-weight: 600; line-height: 1.15; letter-spacing: -0.02em; text-wrap: balance; }
h2 { margin: 3.5rem 0 1rem; font-size: 1.15rem; font-weight: 600; letter-spacing: -0.01em; }
h3 { margin: 0 0 0.6rem; font-size: 0.95rem; font-weight: 600; }
p { margin: 0.4rem 0; max-width: 44rem; }
a { color: var(--accent); text-underline-offset: 0.2em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 2px; }
code, small { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { padding: 0.15em 0.45em; background: var(--fill); border-radius: 4px; font-size: 0.88em; }
.note, .about, footer { color: var(--quiet); font-size: 0.9rem; }
.about { display: flex; flex-wrap: wrap; gap: 0 1.6rem; max-width: none; margin-top: 0.7rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 1.2rem 2rem; margin: 2.2rem 0 0; padding: 1.4rem 0; border-block: 1px solid var(--line); }
.facts div { display: flex; flex-direction: column-reverse; justify-content: flex-end; }
.facts dt { color: var(--quiet); font-size: 0.85rem; }
.facts dd { margin: 0; font-size: 1.5rem; font-weight: 500; line-height: 1.25; letter-spacing: -0.01em; }

.advice { margin: 0; padding: 0; list-style: none; }
.advice > li { padding: 0 0 0.2rem 1.1rem; margin-bottom: 1.5rem; border-left: 3px solid var(--accent); }
.advice ul { margin: 0.3rem 0 0; padding: 0; list-style: none; color: var(--quiet); font-size: 0.9rem; }

figure { margin: 0; }
svg { display: block; width: 100%; background: var(--fill); border-radius: 4px; }
path.processing { fill: var(--soft); }
path.upload { fill: var(--ink); }
path.download { fill: var(--accent); }
.axis { display: flex; justify-content: space-between; max-width: none; color: var(--quiet); font-size: 0.8rem; }
.legend { display: flex; flex-wrap: wrap; gap: 0.2rem 1.8rem; margin: 0.6rem 0 0; padding: 0; list-style: none; font-size: 0.9rem; }
.legend i { display: inline-block; width: 1.4rem; margin-right: 0.5rem; vertical-align: middle; }
.legend .processing i { height: 0.8rem; background: var(--soft); }
.legend .upload i { height: 0.3rem; background: var(--ink); }
.legend .download i { height: 0.5rem; background: var(--accent); }

.choice { display: flex; flex-wrap: wrap; gap: 0.3rem 1.2rem; margin: 1.2rem 0; padding: 0; border: 0; }
.choice legend { float: left; margin-right: 1.2rem; padding: 0; color: var(--quiet); }
.choice label { display: inline-flex; align-items: center; gap: 0.4rem; min-height: 1.75rem; cursor: pointer; }
input[type="radio"] { width: 1.1rem; height: 1.1rem; margin: 0; accent-color: var(--accent); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 28rem), 1fr)); gap: 2.2rem 2.5rem; }
#models ~ article { margin-top: 1.6rem; }
.models { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 13rem), 1fr)); gap: 1.2rem; margin: 1rem 0 2.2rem; }
.model { padding: 0.6rem; border: 1px solid transparent; border-radius: 6px; }
.model.chosen { border-color: var(--accent); background: var(--fill); }
.verdict { font-size: 0.9rem; }
.chosen .verdict { color: var(--accent); font-weight: 600; }
.model dl { margin: 0.5rem 0 0; font-size: 0.88rem; }
.model dl div { display: flex; justify-content: space-between; gap: 1rem; }
.model dt { color: var(--quiet); }
.model dd { margin: 0; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0.5rem; }
:is(.pair, .model) :is(img, video) { display: block; width: 100%; aspect-ratio: 16 / 9; object-fit: contain; border-radius: 4px; background: var(--fill); }
:is(.pair, .model) figcaption { display: flex; gap: 0.9rem; align-items: center; min-height: 1.7rem; margin-top: 0.3rem; color: var(--quiet); font-size: 0.82rem; }
:is(.pair, .model) figcaption > :first-child:is(button, a) { margin-left: auto; }
.play { min-height: 1.6rem; min-width: 3.8rem; padding: 0 0.6rem; font-size: inherit; }
.after img, .after video { background: repeating-conic-gradient(#c9cdcb 0 25%, #fff 0 50%) 0 0 / 18px 18px; }
:root:has([value="white"]:checked) :is(.after img, .after video) { background: #fff; }
:root:has([value="black"]:checked) :is(.after img, .after video) { background: #000; }
article .note { margin: 0.3rem 0 0; }
@media (min-width: 1200px) { .cards { grid-template-columns: 1fr 1fr; } }

.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 0.93rem; }
th, td { padding: 0.55rem 1.2rem 0.55rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); font-weight: 400; }
thead th { padding-top: 0; color: var(--quiet); font-size: 0.82rem; vertical-align: bottom; }
:is(th, td):last-child { padding-right: 0; }
.number { text-align: right; }
td.number { white-space: nowrap; }
td:nth-child(2), .plain th { white-space: nowrap; }
#table tbody th { width: 36%; min-width: 12rem; }
#table td:last-child { min-width: 8rem; }
td.failed, td.pending, td.rejected, td.open { font-weight: 600; }
tbody th small { display: block; margin-top: 0.1rem; color: var(--quiet); font-size: 0.78rem; }
tbody th .reason { font-family: inherit; font-size: 0.85rem; }
.plain { width: auto; }

.tools { display: none; flex-wrap: wrap; align-items: end; gap: 0.8rem 1.2rem; margin: 0 0 1.4rem; max-width: none; }
.js .tools { display: flex; }
.tools label { display: grid; gap: 0.2rem; color: var(--quiet); font-size: 0.82rem; }
.tools input, .tools select, #more {
  min-height: 2.4rem; padding: 0 0.7rem; font-size: 0.95rem;
}
.tools input, .tools select, button {
  color: var(--ink); background: var(--paper);
  border: 1px solid var(--quiet); border-radius: 5px; font-family: inherit;
}
.tools input { width: 15rem; max-width: 100%; }
.tools output { margin-left: auto; padding-bottom: 0.5rem; color: var(--quiet); font-size: 0.9rem; }
button { cursor: pointer; }
button:hover { border-color: var(--accent); color: var(--accent); }
#table + .tools { margin-top: 1.4rem; }
footer { margin-top: 4rem; padding-top: 1.2rem; border-top: 1px solid var(--line); }

@media (max-width: 640px) {
  body { padding-top: 2rem; }
  #table, #table tbody { display: block; }
  #table thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  #table tr { display: flex; flex-wrap: wrap; gap: 0.1rem 1rem; padding: 0.8rem 0; border-bottom: 1px solid var(--line); }
  #table tr[hidden] { display: none; }
  #table :is(th, td) { padding: 0; border: 0; }
  #table tbody th { flex-basis: 100%; }
  #table td { color: var(--quiet); font-size: 0.88rem; }
  #table td:is(.done, .failed, .pending, .rejected, .open) { color: var(--ink); }
  #table td:nth-child(4)::after { content: " credits"; }
  .tools label, .tools input, .tools select { width: 100%; }
  .tools output { margin: 0; }
}
@media print { .tools, .choice { display: none !important; } article, tr { break-inside: avoid; } }
`;

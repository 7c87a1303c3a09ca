/**
 * The report's only script: filters, orders and pages the table that is there without it. Reads the
 * page alone, and asks nothing of a network.
 */
export const PAGE_SCRIPT = `
'use strict';
document.documentElement.classList.add('js');
addEventListener('DOMContentLoaded', () => {
  for (const button of document.querySelectorAll('.play')) {
    const video = button.closest('figure').querySelector('video');
    const name = button.getAttribute('aria-label').slice('Play '.length);
    const say = (word) => {
      button.textContent = word.toLowerCase();
      button.setAttribute('aria-label', word + ' ' + name);
    };
    video.addEventListener('play', () => say('Pause'));
    video.addEventListener('pause', () => say('Play'));
    video.addEventListener('error', () => {
      button.replaceWith('cannot be played here');
    });
    button.addEventListener('click', () => {
      if (video.paused) video.play().catch(() => {});
      else video.pause();
    });
    button.hidden = false;
  }

  const PAGE = 200;
  const form = document.querySelector('form.tools');
  const body = document.querySelector('#table tbody');
  const more = document.querySelector('#more');
  const count = document.querySelector('#count');
  const rows = [...body.rows].map((row, order) => ({
    row,
    order,
    name: row.cells[0].querySelector('bdi').textContent,
    ...row.dataset,
  }));
  const byName = new Intl.Collator(undefined, { numeric: true }).compare;
  const orders = {
    order: () => 0,
    unrest: (a, b) => b.unrest - a.unrest,
    name: (a, b) => byName(a.name, b.name),
    status: (a, b) => byName(a.status, b.status),
    credits: (a, b) => b.credits - a.credits,
    seconds: (a, b) => b.seconds - a.seconds,
  };
  let shown = PAGE;
  const show = () => {
    const name = form.elements.name.value.toLowerCase();
    const status = form.elements.status.value;
    const found = rows.filter(
      (row) => row.name.toLowerCase().includes(name) && (status === '' || row.status === status),
    );
    const visible = new Set(found.slice(0, shown));
    for (const each of rows) each.row.hidden = !visible.has(each);
    more.hidden = found.length <= shown;
    const of = found.length === rows.length ? '' : ' of ' + rows.length;
    const page = more.hidden ? '' : ', the first ' + shown + ' shown';
    count.textContent = found.length + of + (rows.length === 1 ? ' clip' : ' clips') + page;
  };
  const sort = () => {
    const compare = orders[form.elements.sort.value];
    rows.sort((a, b) => compare(a, b) || a.order - b.order);
    body.append(...rows.map((each) => each.row));
  };
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('input', (event) => {
    shown = PAGE;
    if (event.target.name === 'sort') sort();
    show();
  });
  more.addEventListener('click', () => {
    const last = rows.findLast((each) => !each.row.hidden).row;
    shown += PAGE;
    show();
    let next = last.nextElementSibling;
    while (next.hidden) next = next.nextElementSibling;
    next.querySelector('a')?.focus();
  });
  show();
});
`;

import { type Region, wholeGrid } from './region.ts';

/**
 * The two-way labelling of a grid with the lowest energy: the sum of what each pixel's label costs
 * and of what separates each pair of neighbours with different labels.
 */
export interface MinCut {
  /**
   * Finds the exact minimum; costs are rounded to integers, so that no rounding error can keep it
   * from ending.
   *
   * @param lean what it costs to call the pixel background less what it costs to call it
   *   foreground, times any scale; beyond ±1e6 it is cut off, and `NaN` counts as 0
   * @param links cost of a cut between a pixel and its right, lower left, lower and lower right
   *   neighbour, four planes, in the same scale, never negative
   * @param out written: 1 foreground, 0 background
   * @param region outside of which all is background, and nothing is read or written but `out`; a cut
   *   along its edge costs nothing
   */
  solve(lean: Float32Array, links: readonly Float32Array[], out: Uint8Array, region?: Region): void;
}

const FREE = 0;
const SOURCE = 1;
const SINK = 2;
/** Parents: 0..7 a direction, then: */
const TERMINAL = 8;
const NONE = 9;
const COST_LIMIT = 1e6;

/** The neighbours whose links are given; `d + 4` is the opposite of direction `d`. */
const FORWARD = [
  [1, 0],
  [-1, 1],
  [0, 1],
  [1, 1],
] as const;

/**
 * Boykov and Kolmogorov's maximum flow ("An experimental comparison of min-cut/max-flow
 * algorithms", PAMI 2004) on an 8-connected grid: two trees grow from the terminals, and what an
 * augmentation cuts off is adopted again. A frame of unreachable pixels spares all border tests.
 */
export function createMinCut(width: number, height: number): MinCut {
  const stride = width + 2;
  const size = stride * (height + 2);
  const step = new Int32Array(8);
  for (const [d, [dx, dy]] of FORWARD.entries()) {
    step[d] = dy * stride + dx;
    step[d + 4] = -(dy * stride + dx);
  }
  const whole = wholeGrid(width, height);
  /** What can still flow, for each pixel to its eight neighbours, one after the other in memory. */
  const residual = new Int32Array(8 * size);
  const terminal = new Int32Array(size);
  const tree = new Uint8Array(size);
  const parent = new Uint8Array(size);
  const stamp = new Int32Array(size);
  const depth = new Int32Array(size);
  const active = new Int32Array(size);
  const isActive = new Uint8Array(size);
  let activeHead = 0;
  let activeCount = 0;
  let orphans = new Int32Array(1024);
  let orphanCount = 0;
  let time = 0;

  function activate(i: number): void {
    if (isActive[i] === 1) return;
    isActive[i] = 1;
    active[(activeHead + activeCount++) % size] = i;
  }

  function orphan(i: number): void {
    parent[i] = NONE;
    if (orphanCount === orphans.length) {
      const more = new Int32Array(2 * orphanCount);
      more.set(orphans);
      orphans = more;
    }
    orphans[orphanCount++] = i;
  }

  /** What can still flow from `i`'s neighbour in direction `d` to `i`. */
  function inflow(i: number, d: number): number {
    return residual[8 * (i + step[d]!) + (d ^ 4)]!;
  }

  /** Grows both trees from one pixel. @returns the direction in which they meet, or `NONE`. */
  function grow(i: number): number {
    const own = tree[i]!;
    for (let d = 0; d < 8; d++) {
      if ((own === SOURCE ? residual[8 * i + d]! : inflow(i, d)) === 0) continue;
      const j = i + step[d]!;
      if (tree[j] === FREE) {
        tree[j] = own;
        parent[j] = d ^ 4;
        stamp[j] = stamp[i]!;
        depth[j] = depth[i]! + 1;
        activate(j);
      } else if (tree[j] !== own) {
        return d;
      } else if (stamp[j]! <= stamp[i]! && depth[j]! > depth[i]!) {
        parent[j] = d ^ 4;
        stamp[j] = stamp[i]!;
        depth[j] = depth[i]! + 1;
      }
    }
    return NONE;
  }

  /** Sends as much as fits from the source over `s`, in direction `d`, to the sink. */
  function augment(s: number, d: number): void {
    const t = s + step[d]!;
    let flow = residual[8 * s + d]!;
    let i = s;
    for (; parent[i] !== TERMINAL; i += step[parent[i]!]!) {
      flow = Math.min(flow, inflow(i, parent[i]!));
    }
    flow = Math.min(flow, terminal[i]!);
    for (i = t; parent[i] !== TERMINAL; i += step[parent[i]!]!) {
      flow = Math.min(flow, residual[8 * i + parent[i]!]!);
    }
    flow = Math.min(flow, -terminal[i]!);

    push(s, d, flow);
    for (i = s; parent[i] !== TERMINAL;) {
      const up = parent[i]!;
      const next = i + step[up]!;
      push(next, up ^ 4, flow);
      if (residual[8 * next + (up ^ 4)] === 0) orphan(i);
      i = next;
    }
    terminal[i] = terminal[i]! - flow;
    if (terminal[i] === 0) orphan(i);
    for (i = t; parent[i] !== TERMINAL;) {
      const up = parent[i]!;
      const next = i + step[up]!;
      push(i, up, flow);
      if (residual[8 * i + up] === 0) orphan(i);
      i = next;
    }
    terminal[i] = terminal[i]! + flow;
    if (terminal[i] === 0) orphan(i);
  }

  function push(from: number, d: number, flow: number): void {
    const there = 8 * from + d;
    const back = 8 * (from + step[d]!) + (d ^ 4);
    residual[there] = residual[there]! - flow;
    residual[back] = residual[back]! + flow;
  }

  /** @returns pixels from `i` up to a terminal, or -1 when its branch hangs in the air. */
  function distance(i: number): number {
    let total = 0;
    for (let j = i; ; j += step[parent[j]!]!) {
      if (stamp[j] === time) {
        total += depth[j]!;
        break;
      }
      if (parent[j] === NONE) return -1;
      total++;
      if (parent[j] === TERMINAL) {
        stamp[j] = time;
        depth[j] = 1;
        break;
      }
    }
    let left = total;
    for (let j = i; stamp[j] !== time; j += step[parent[j]!]!) {
      stamp[j] = time;
      depth[j] = left--;
    }
    return total;
  }

  /** Finds an orphan a new parent, or sets it and its children free. */
  function adopt(i: number): void {
    const own = tree[i]!;
    const feeds = (d: number): boolean =>
      (own === SOURCE ? inflow(i, d) : residual[8 * i + d]!) > 0;
    let best = NONE;
    let nearest = Infinity;
    for (let d = 0; d < 8; d++) {
      const j = i + step[d]!;
      if (tree[j] !== own || !feeds(d)) continue;
      const far = distance(j);
      if (far < 0 || far >= nearest) continue;
      best = d;
      nearest = far;
    }
    if (best !== NONE) {
      parent[i] = best;
      stamp[i] = time;
      depth[i] = nearest + 1;
      return;
    }
    for (let d = 0; d < 8; d++) {
      const j = i + step[d]!;
      if (tree[j] !== own) continue;
      if (feeds(d)) activate(j);
      if (parent[j] === (d ^ 4)) orphan(j);
    }
    tree[i] = FREE;
  }

  function load(
    lean: Float32Array,
    links: readonly Float32Array[],
    { left, top, right, bottom }: Region,
  ): void {
    activeHead = activeCount = time = 0;
    // With the pixels around the region, whose trees and links are of another picture.
    for (let y = top; y < bottom + 2; y++) {
      const from = y * stride + left;
      const to = y * stride + right + 2;
      residual.fill(0, 8 * from, 8 * to);
      tree.fill(FREE, from, to);
      stamp.fill(0, from, to);
      isActive.fill(0, from, to);
    }
    for (let y = top; y < bottom; y++) {
      const row = (y + 1) * stride + 1;
      for (let x = left; x < right; x++) {
        const i = row + x;
        const flow = Math.max(
          -COST_LIMIT,
          Math.min(COST_LIMIT, Math.round(lean[y * width + x]!) || 0),
        );
        terminal[i] = flow;
        if (flow === 0) continue;
        tree[i] = flow > 0 ? SOURCE : SINK;
        parent[i] = TERMINAL;
        depth[i] = 1;
        activate(i);
      }
    }
    for (const [d, [dx, dy]] of FORWARD.entries()) {
      const link = links[d]!;
      const offset = step[d]!;
      const from = dx < 0 ? left + 1 : left;
      const to = dx > 0 ? right - 1 : right;
      for (let y = top; y < bottom - dy; y++) {
        const row = (y + 1) * stride + 1;
        for (let x = from; x < to; x++) {
          const cost = link[y * width + x]! + 0.5;
          const i = row + x;
          // Written so that `NaN` costs nothing.
          residual[8 * i + d] = residual[8 * (i + offset) + d + 4] =
            cost < COST_LIMIT ? cost : cost >= COST_LIMIT ? COST_LIMIT : 0;
        }
      }
    }
  }

  return {
    solve(lean, links, out, region = whole) {
      load(lean, links, region);
      while (activeCount > 0) {
        const i = active[activeHead]!;
        const d = tree[i] === FREE ? NONE : grow(i);
        if (d === NONE) {
          isActive[i] = 0;
          activeHead = (activeHead + 1) % size;
          activeCount--;
          continue;
        }
        time++;
        if (tree[i] === SOURCE) augment(i, d);
        else augment(i + step[d]!, d ^ 4);
        for (let n = 0; n < orphanCount; n++) adopt(orphans[n]!);
        orphanCount = 0;
      }
      out.fill(0);
      for (let y = region.top; y < region.bottom; y++) {
        const row = (y + 1) * stride + 1;
        for (let x = region.left; x < region.right; x++) {
          if (tree[row + x] === SOURCE) out[y * width + x] = 1;
        }
      }
    },
  };
}

// qr.ts: a QR code (ISO/IEC 18004): bytes, error correction level M, versions 1 to 10.
//
//     const dark = qr("jatai:enroll?…");            // dark[y][x], without the quiet zone; throws when it is too long
//
// In it: finder, timing and alignment patterns; data and its Reed-Solomon code, interleaved; the mask that looks
// least like a pattern; format and version information.

interface Form { data: number; correction: number; blocks: number; align: number[] }

// Per version: bytes of data, bytes of correction per block, blocks, centres of the alignment patterns.
const forms: Form[] = [
  { data: 16, correction: 10, blocks: 1, align: [] },
  { data: 28, correction: 16, blocks: 1, align: [6, 18] },
  { data: 44, correction: 26, blocks: 1, align: [6, 22] },
  { data: 64, correction: 18, blocks: 2, align: [6, 26] },
  { data: 86, correction: 24, blocks: 2, align: [6, 30] },
  { data: 108, correction: 16, blocks: 4, align: [6, 34] },
  { data: 124, correction: 18, blocks: 4, align: [6, 22, 38] },
  { data: 154, correction: 22, blocks: 4, align: [6, 24, 42] },
  { data: 182, correction: 22, blocks: 5, align: [6, 26, 46] },
  { data: 216, correction: 26, blocks: 5, align: [6, 28, 50] },
];

// Product in GF(256) modulo x^8 + x^4 + x^3 + x^2 + 1.
function times(a: number, b: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; --bit) {
    product = (product << 1) ^ ((product >> 7) * 0x11d);
    product ^= ((b >> bit) & 1) * a;
  }
  return product & 0xff;
}

function generator(degree: number): number[] {
  let poly = [1];
  let root = 1;
  for (let i = 0; i < degree; ++i) {
    const next = [...poly, 0];
    poly.forEach((factor, at) => (next[at + 1] ^= times(factor, root)));
    poly = next;
    root = times(root, 2);
  }
  return poly.slice(1);
}

export function correction(data: number[], length: number): number[] {
  const divisor = generator(length);
  const rest = new Array<number>(length).fill(0);
  for (const byte of data) {
    const factor = byte ^ rest.shift()!;
    rest.push(0);
    divisor.forEach((d, i) => (rest[i] ^= times(d, factor)));
  }
  return rest;
}

function encoded(bytes: Uint8Array, version: number): number[] {
  const { data } = forms[version - 1];
  const bits: number[] = [];
  const push = (value: number, length: number) => {
    for (let i = length - 1; i >= 0; --i) bits.push((value >> i) & 1);
  };
  push(4, 4); // bytes
  push(bytes.length, version < 10 ? 8 : 16);
  bytes.forEach((byte) => push(byte, 8));
  push(0, Math.min(4, 8 * data - bits.length));
  push(0, (8 - (bits.length % 8)) % 8);
  const words: number[] = [];
  for (let i = 0; i < bits.length; i += 8) words.push(parseInt(bits.slice(i, i + 8).join(""), 2));
  for (let pad = 0xec; words.length < data; pad ^= 0xfd) words.push(pad);
  return words;
}

// Blocks side by side: first bytes of all, second bytes of all … then their corrections the same way.
function interleaved(words: number[], { correction: length, blocks }: Form): number[] {
  const small = Math.floor(words.length / blocks);
  const large = words.length % blocks;
  const parts: number[][] = [];
  for (let i = 0, at = 0; i < blocks; ++i) {
    const size = small + (i >= blocks - large ? 1 : 0);
    parts.push(words.slice(at, at + size));
    at += size;
  }
  const codes = parts.map((part) => correction(part, length));
  const weave = (rows: number[][], size: number) =>
    Array.from({ length: size }, (_, i) => rows.filter((row) => i < row.length).map((row) => row[i])).flat();
  return [...weave(parts, small + 1), ...weave(codes, length)];
}

class Grid {
  readonly size: number;
  readonly dark: boolean[][];
  readonly fixed: boolean[][];

  constructor(readonly version: number) {
    this.size = 17 + 4 * version;
    const empty = () => Array.from({ length: this.size }, () => new Array<boolean>(this.size).fill(false));
    this.dark = empty();
    this.fixed = empty();
  }

  set(x: number, y: number, dark: boolean) {
    if (x < 0 || y < 0 || x >= this.size || y >= this.size) return;
    this.dark[y][x] = dark;
    this.fixed[y][x] = true;
  }

  // Rings around a centre: dark where `ring` says so of the distance.
  square(cx: number, cy: number, reach: number, ring: (distance: number) => boolean) {
    for (let y = -reach; y <= reach; ++y)
      for (let x = -reach; x <= reach; ++x) this.set(cx + x, cy + y, ring(Math.max(Math.abs(x), Math.abs(y))));
  }
}

function patterns(grid: Grid) {
  const { size, version } = grid;
  for (let i = 0; i < size; ++i) {
    grid.set(6, i, i % 2 === 0);
    grid.set(i, 6, i % 2 === 0);
  }
  for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]]) grid.square(x, y, 4, (d) => d !== 2 && d !== 4);
  const centres = forms[version - 1].align;
  const end = centres.length - 1;
  centres.forEach((x, i) => centres.forEach((y, j) => {
    const finder = (i === 0 && j === 0) || (i === 0 && j === end) || (i === end && j === 0);
    if (!finder) grid.square(x, y, 2, (d) => d !== 1);
  }));
  write_format(grid, 0);
  write_version(grid);
}

// Level M and the mask, with ten bits of BCH code, twice.
function write_format(grid: Grid, mask: number) {
  let rest = mask;
  for (let i = 0; i < 10; ++i) rest = (rest << 1) ^ ((rest >> 9) * 0x537);
  const bits = ((mask << 10) | rest) ^ 0x5412;
  const { size } = grid;
  const bit = (i: number) => ((bits >> i) & 1) === 1;
  for (let i = 0; i < 15; ++i) {
    grid.set(8, i < 6 ? i : i < 8 ? i + 1 : size - 15 + i, bit(i));
    grid.set(i < 8 ? size - 1 - i : i === 8 ? 7 : 14 - i, 8, bit(i));
  }
  grid.set(8, size - 8, true);
}

function write_version(grid: Grid) {
  const { version, size } = grid;
  if (version < 7) return;
  let rest = version;
  for (let i = 0; i < 12; ++i) rest = (rest << 1) ^ ((rest >> 11) * 0x1f25);
  const bits = (version << 12) | rest;
  for (let i = 0; i < 18; ++i) {
    const dark = ((bits >> i) & 1) === 1;
    const a = size - 11 + (i % 3), b = Math.floor(i / 3);
    grid.set(a, b, dark);
    grid.set(b, a, dark);
  }
}

// Two columns at a time from the right, up and down in turn, around what is fixed.
function lay(grid: Grid, words: number[]) {
  let at = 0;
  const { size } = grid;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right = 5;
    const up = ((right + 1) & 2) === 0;
    for (let step = 0; step < size; ++step) {
      const y = up ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (grid.fixed[y][x]) continue;
        grid.dark[y][x] = at < 8 * words.length && ((words[at >> 3] >> (7 - (at & 7))) & 1) === 1;
        ++at;
      }
    }
  }
}

const masks: ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

function flip(grid: Grid, mask: number) {
  grid.dark.forEach((row, y) => row.forEach((_, x) => {
    if (!grid.fixed[y][x] && masks[mask](x, y)) row[x] = !row[x];
  }));
}

function runs(line: string): number {
  const long = line.match(/1{5,}|0{5,}/g) ?? [];
  const finders = line.match(/(?=10111010000|00001011101)/g) ?? [];
  return long.reduce((sum, run) => sum + run.length - 2, 0) + 40 * finders.length;
}

function penalty({ dark, size }: Grid): number {
  const rows = dark.map((row) => row.map(Number).join(""));
  const columns = dark.map((_, x) => dark.map((row) => Number(row[x])).join(""));
  let sum = [...rows, ...columns].reduce((all, line) => all + runs(line), 0);
  for (let y = 1; y < size; ++y)
    for (let x = 1; x < size; ++x)
      if (new Set([dark[y][x], dark[y - 1][x], dark[y][x - 1], dark[y - 1][x - 1]]).size === 1) sum += 3;
  const share = dark.flat().filter(Boolean).length / (size * size);
  return sum + 10 * Math.floor(Math.abs(20 * share - 10));
}

function mask_best(grid: Grid) {
  const tried = masks.map((_, mask) => {
    write_format(grid, mask);
    flip(grid, mask);
    const score = penalty(grid);
    flip(grid, mask);
    return score;
  });
  const best = tried.indexOf(Math.min(...tried));
  write_format(grid, best);
  flip(grid, best);
}

export function qr(words: string): boolean[][] {
  const bytes = new TextEncoder().encode(words);
  const version = 1 + forms.findIndex((form, i) => bytes.length + (i < 9 ? 2 : 3) <= form.data);
  if (version === 0) throw new RangeError(`qr: ${bytes.length} bytes, expected at most 213`);
  const grid = new Grid(version);
  patterns(grid);
  lay(grid, interleaved(encoded(bytes, version), forms[version - 1]));
  mask_best(grid);
  return grid.dark;
}

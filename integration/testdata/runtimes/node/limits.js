// Says what Node.js believes it may use, and stays. With the arguments fill
// SECONDS CAP_MB it first fills some three quarters of that, at most CAP_MB, and
// keeps replacing what it holds, for as long as it runs.
'use strict';
const v8 = require('node:v8');

const MB = 1 << 20;
const limit = v8.getHeapStatistics().heap_size_limit / MB;
console.log(`node ${process.versions.node}: limit ${Math.round(limit)} MB, MEMORY_LIMIT ${process.env.MEMORY_LIMIT}`);

// Each copy is an array of numbers on V8's own heap, 16 KB large. A typed array
// would not count against the limit.
const numbers = Array.from({ length: 2048 }, (_, i) => i + 0.5);

const [fill, seconds, cap] = process.argv.slice(2);
if (fill === 'fill') {
  churn(grow(Math.floor(Math.min(share(), cap))));
} else {
  setInterval(() => {}, 1 << 30);
}

// share is how much can be held, in MB: V8 gives up where it finds more than four
// fifths of its limit in use, some of which is the program's own, and some what it
// has not collected yet. A limit that was
// set is one for old objects; the one that V8 reports has the young generation in
// it, too.
function share() {
  const options = [process.env.NODE_OPTIONS, ...process.execArgv].join(' ');
  const old = [...options.matchAll(/--max[-_]old[-_]space[-_]size[= ](\d+)/g)].at(-1);
  return 0.75 * (old ? Number(old[1]) : limit) - 8;
}

function grow(megabytes) {
  const held = [];
  while (held.length < megabytes * 64) held.push(numbers.slice());
  console.log(`node is full at ${megabytes} MB`);
  return held;
}

function churn(held) {
  const end = Date.now() + seconds * 1000;
  let survived = false;
  setInterval(() => {
    for (let i = 0; i < 32; i++) held[Math.floor(Math.random() * held.length)] = numbers.slice();
    if (!survived && Date.now() >= end) {
      survived = true;
      console.log(`node has survived ${seconds} s`);
    }
  }, 50);
}
